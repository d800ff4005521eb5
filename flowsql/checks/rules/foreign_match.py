"""A text is matched with an operator Athena lacks.

Why: ILIKE, RLIKE, REGEXP and ~ belong to other engines. Athena has LIKE, which minds upper and lower case, and
regexp_like.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE interface_id RLIKE '^eni-0a'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE REGEXP_LIKE(interface_id, '^eni-0a')
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ309", "foreign-match", "error", needs="sql")

_SAID = {
    "ilike": ("Athena has no ILIKE", "LOWER(x) LIKE 'pattern in lower case'"),
    "regular-expression": ("Athena does not match with {text}", "REGEXP_LIKE(x, 'expression')"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
