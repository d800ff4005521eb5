"""A literal holds what its kind cannot.

Why: A binary literal is X and pairs of hexadecimal digits; a unicode literal is U& with a backslash before four
digits, or before a plus and six.

Wrong:

    SELECT X'0AB' AS bytes FROM {{ flows }}

Right:

    SELECT X'00AB' AS bytes FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ326", "bad-literal", "error", needs="sql")

_SAID = {
    "bad-literal": ("{text} cannot be read", "{detail}"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
