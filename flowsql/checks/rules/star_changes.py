"""Columns are taken out of a star.

Why: Athena has no EXCLUDE, EXCEPT or REPLACE behind *; naming the columns also costs less.

Wrong:

    SELECT * EXCLUDE (version) FROM {{ flows }}

Right:

    SELECT srcaddr, dstaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ313", "star-changes", "error", needs="sql")

_SAID = {
    "star-changes": ("Athena knows no {text} behind *", "name the columns that are wanted"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
