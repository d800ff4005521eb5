"""A type is none of Athena.

Why: STRING, TEXT, FLOAT and DATETIME are types of DDL or of other engines: in a query Athena has varchar, double,
real and timestamp. A letter before a text, as in E, is read as a type too.

Wrong:

    SELECT CAST(dstport AS string) AS port FROM {{ flows }}

Right:

    SELECT CAST(dstport AS varchar) AS port FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ322", "unknown-type", "error", needs="sql")

_SAID = {
    "unknown-type": ("Athena has no type {text}", "{detail}"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
