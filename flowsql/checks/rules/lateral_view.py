"""An array is opened with LATERAL VIEW.

Why: That is Hive. Athena opens an array in FROM with CROSS JOIN UNNEST, and gives the new columns names behind it.

Wrong:

    SELECT part FROM {{ flows }} LATERAL VIEW explode(split(srcaddr, '.')) parts AS part

Right:

    SELECT part FROM {{ flows }} CROSS JOIN UNNEST(SPLIT(srcaddr, '.')) AS parts (part)
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ317", "lateral-view", "error", needs="sql")

_SAID = {
    "lateral-view": ("Athena has no LATERAL VIEW", "CROSS JOIN UNNEST(array) AS t (element)"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
