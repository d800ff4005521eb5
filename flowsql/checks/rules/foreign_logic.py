"""Conditions are joined by signs instead of words.

Why: Athena joins conditions with AND, OR and NOT; || joins texts.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = 22 && protocol = 6

Right:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = 22 AND protocol = 6
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ308", "foreign-logic", "error", needs="sql")

_SAID = {
    "and-sign": ("Athena does not know &&", "AND"),
    "not-sign": ("Athena does not know ! before a condition", "NOT"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
