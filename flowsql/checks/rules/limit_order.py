"""LIMIT and OFFSET stand in the order of another engine.

Why: Athena reads OFFSET before LIMIT, and knows neither TOP nor LIMIT with two numbers.

Wrong:

    SELECT srcaddr FROM {{ flows }} ORDER BY srcaddr LIMIT 10 OFFSET 20

Right:

    SELECT srcaddr FROM {{ flows }} ORDER BY srcaddr OFFSET 20 LIMIT 10
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ305", "limit-order", "error", needs="sql")

_SAID = {
    "limit-before-offset": ("LIMIT stands before OFFSET", "OFFSET 20 LIMIT 10: Athena reads them in this order"),
    "limit-comma": ("LIMIT with two numbers is not of Athena", "OFFSET 20 LIMIT 10 for LIMIT 20, 10"),
    "top": ("Athena has no TOP", "LIMIT at the end of the query"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
