"""A join is of a kind Athena does not have.

Why: LEFT SEMI and ANTI joins are Hive, STRAIGHT_JOIN MySQL, ASOF DuckDB; a NATURAL JOIN is read but refused.

Wrong:

    SELECT f.srcaddr FROM {{ flows }} AS f LEFT SEMI JOIN {{ records }} AS r ON f.srcaddr = r.dstaddr

Right:

    SELECT f.srcaddr FROM {{ flows }} AS f WHERE f.srcaddr IN (SELECT r.dstaddr FROM {{ records }} AS r)
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ316", "foreign-join", "error", needs="sql")

_SAID = {
    "foreign-join": (
        "Athena has no {text} join",
        "WHERE x IN (SELECT …) or EXISTS (SELECT …), with NOT for the rows without a match",
    ),
    "natural-join": ("Athena has no NATURAL JOIN", "JOIN … USING (column)"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
