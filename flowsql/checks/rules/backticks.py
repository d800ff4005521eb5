"""A name stands in backticks.

Why: Athena reads DDL with the grammar of Hive, where names are quoted with backticks, and SELECT with that of
Trino, where they are quoted with double quotes and a backtick is an error.

Wrong:

    SELECT srcaddr, `end` FROM vpc_flow_logs

Right:

    SELECT srcaddr, "end" FROM vpc_flow_logs
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ302", "backticks", "error", needs="sql")

_SAID = {
    "backticks": ("{text} stands in backticks, which only DDL reads", 'a name in double quotes, as "end"'),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
