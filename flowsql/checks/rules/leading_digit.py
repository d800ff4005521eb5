"""A name begins with a digit.

Why: Athena reads digits at the start of a word as a number, and refuses what follows; in double quotes any name
will do.

Wrong:

    SELECT COUNT(*) AS 24h_total FROM {{ flows }}

Right:

    SELECT COUNT(*) AS "24h_total" FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ303", "leading-digit", "error", needs="sql")

_SAID = {
    "leading-digit": ("the name {text} begins with a digit", '"{text}" in double quotes'),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
