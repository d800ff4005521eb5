"""Rows are filtered by a window function with QUALIFY.

Why: Athena has no QUALIFY: number the rows in a subquery and filter outside of it.

Wrong:

    SELECT srcaddr, bytes FROM {{ flows }} QUALIFY ROW_NUMBER() OVER (PARTITION BY srcaddr ORDER BY bytes DESC) = 1

Right:

    SELECT srcaddr, bytes
    FROM (
        SELECT srcaddr, bytes, ROW_NUMBER() OVER (PARTITION BY srcaddr ORDER BY bytes DESC) AS place FROM {{ flows }}
    )
    WHERE place = 1
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ311", "qualify", "error", needs="sql")

_SAID = {
    "qualify": (
        "Athena has no QUALIFY",
        "number the rows in a subquery, and filter by the number in the WHERE outside",
    ),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
