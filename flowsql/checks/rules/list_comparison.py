"""A value is compared with a list as another engine does it.

Why: ANY and ALL compare with the rows of a subquery only; LIKE takes one pattern; an empty list is none.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE srcaddr LIKE ANY ('10.%', '192.168.%')

Right:

    SELECT srcaddr FROM {{ flows }} WHERE srcaddr LIKE '10.%' OR srcaddr LIKE '192.168.%'
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ324", "list-comparison", "error", needs="sql")

_SAID = {
    "any-of-list": (
        "Athena compares {text} with a subquery only",
        "IN (a, b), CONTAINS(array, x), or one LIKE for each pattern joined by OR",
    ),
    "empty-in": ("the list of IN is empty", "a condition that is false, or at least one value"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
