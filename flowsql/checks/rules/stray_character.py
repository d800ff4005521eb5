"""A character is none of SQL.

Why: Quotes made by a word processor, spaces that are none, dashes that are no minus come with copied text. Athena
reads plain quotes, spaces and signs; other letters stand in double quotes.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE action = ‘REJECT’

Right:

    SELECT srcaddr FROM {{ flows }} WHERE action = 'REJECT'
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ327", "stray-character", "error", needs="sql")

_SAID = {
    "stray-character": (
        "Athena does not know the character {text}",
        "plain quotes, spaces and signs; names of other letters in double quotes",
    ),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
