"""A comparison is written as another language writes it.

Why: Athena compares with a single =, tests a truth value by itself, and compares with NULL by IS [NOT] DISTINCT
FROM.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE action == 'REJECT'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE action = 'REJECT'
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ307", "foreign-comparison", "error", needs="sql")

_SAID = {
    "double-equals": ("Athena does not compare with ==", "a single ="),
    "null-safe-equals": ("Athena does not know <=>", "a IS NOT DISTINCT FROM b"),
    "is-true": (
        "Athena does not know IS {text}",
        "the condition itself, or NOT and the condition; COALESCE(x, false) when it may be NULL",
    ),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
