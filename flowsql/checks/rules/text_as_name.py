"""A name stands in single quotes.

Why: Single quotes make a text. A name that needs quotes stands in double quotes.

Wrong:

    SELECT srcaddr AS 'source address' FROM {{ flows }}

Right:

    SELECT srcaddr AS "source address" FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ321", "text-as-name", "error", needs="sql")

_SAID = {
    "text-as-name": ("{text} is a text, where a name is expected", "double quotes around a name"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
