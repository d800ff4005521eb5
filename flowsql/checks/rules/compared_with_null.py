"""Something is compared with NULL.

Why: the comparison is neither true nor false, so no row passes it, whatever it holds.

Wrong:

    SELECT srcaddr FROM {{ records }} WHERE srcaddr = NULL AND log_status = 'OK'

Right:

    SELECT srcaddr FROM {{ records }} WHERE srcaddr IS NULL AND log_status = 'OK'
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ422", "compared-with-null", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each comparison of which a side is NULL."""
    from sqlglot import exp

    for node in subject.nodes(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE):
        if isinstance(node.left, exp.Null) or isinstance(node.right, exp.Null):
            yield subject.fault("no row passes a comparison with NULL", node, "IS NULL, or IS NOT NULL")
