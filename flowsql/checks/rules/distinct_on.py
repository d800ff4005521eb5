"""The first row of each group is taken with DISTINCT ON.

Why: That is PostgreSQL. Athena takes the value that goes with the greatest or least of another with max_by and
min_by, or numbers rows.

Wrong:

    SELECT DISTINCT ON (srcaddr) srcaddr, dstaddr FROM {{ flows }} ORDER BY srcaddr, bytes DESC

Right:

    SELECT srcaddr, MAX_BY(dstaddr, bytes) AS dstaddr FROM {{ flows }} GROUP BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ315", "distinct-on", "error", needs="sql")

_SAID = {
    "distinct-on": ("Athena has no DISTINCT ON", "MAX_BY(column, by) with GROUP BY, or ROW_NUMBER() in a subquery"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
