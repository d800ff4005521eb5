"""The columns to group by are left to the engine.

Why: Athena wants them named: it reads GROUP BY ALL as a column called all, and has no WITH ROLLUP behind the list.

Wrong:

    SELECT srcaddr, SUM(bytes) AS bytes FROM {{ flows }} GROUP BY ALL

Right:

    SELECT srcaddr, SUM(bytes) AS bytes FROM {{ flows }} GROUP BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ312", "group-by-all", "error", needs="sql")

_SAID = {
    "group-by-all": ("Athena has no GROUP BY {text}", "name the columns, or their numbers: GROUP BY 1, 2"),
    "with-rollup": ("Athena has no WITH ROLLUP or WITH CUBE behind the list", "GROUP BY ROLLUP (a, b)"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
