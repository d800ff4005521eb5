"""A query begins with FROM.

Why: DuckDB and others read FROM t SELECT a, or FROM t alone; Athena begins with SELECT.

Wrong:

    FROM {{ flows }} SELECT srcaddr

Right:

    SELECT srcaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ314", "from-first", "error", needs="sql")

_SAID = {
    "from-first": ("the query begins with FROM", "SELECT columns FROM …"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
