"""REJECT does not say which rule refused.

Why: A network ACL refuses as well as a security group, and a packet that comes after a connection was closed is
recorded as REJECT too; flow logs hold no rule id.

Wrong:

    SELECT srcaddr, 'security group' AS blocked_by FROM {{ flows }} WHERE action = 'REJECT'

Right:

    SELECT srcaddr, 'refused' AS verdict FROM {{ flows }} WHERE action = 'REJECT'
"""

import re
from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ704", "reject-is-no-rule", "warning")


_GROUP = re.compile(r"security[ _-]?group|(?:^|_)sg(?:$|_)", re.IGNORECASE)
_ACL = re.compile(r"\bacl\b|_acl|nacl", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Fault]:
    """Names and texts that speak of a security group in a query of refused traffic, and never of an ACL."""
    from sqlglot import exp

    literals = [node for node in subject.nodes(exp.Literal) if node.is_string]
    named = [item.args["alias"] for item in subject.nodes(exp.Alias)]
    if not any(node.name.upper() == "REJECT" for node in literals) or _ACL.search(subject.sql):
        return
    for node in (*literals, *named):
        if _GROUP.search(node.name):
            hint = "say refused: a network ACL or a late packet looks the same"
            yield subject.fault("REJECT does not say that a security group refused", node, hint)
