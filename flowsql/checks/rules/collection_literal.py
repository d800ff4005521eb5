"""A map, a struct or part of an array is written with brackets of another language.

Why: Athena makes maps with MAP, rows with ROW, and takes part of an array with SLICE.

Wrong:

    SELECT {'srcaddr': srcaddr} AS pair FROM {{ flows }}

Right:

    SELECT MAP(ARRAY['srcaddr'], ARRAY[srcaddr]) AS pair FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ319", "collection-literal", "error", needs="sql")

_SAID = {
    "braces": ("Athena does not know braces", "MAP(ARRAY['key'], ARRAY[value]), or ROW(a, b)"),
    "array-slice": ("Athena does not take part of an array with a colon", "SLICE(array, start, length)"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
