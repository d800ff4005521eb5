"""A clause is of another engine.

Why: MINUS is EXCEPT in Athena; SORT BY, CLUSTER BY and DISTRIBUTE BY are Hive; there is no PIVOT.

Wrong:

    SELECT srcaddr FROM {{ flows }} MINUS SELECT dstaddr FROM {{ flows }}

Right:

    SELECT srcaddr FROM {{ flows }} EXCEPT SELECT dstaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ318", "foreign-clause", "error", needs="sql")

_SAID = {
    "minus": ("Athena has no MINUS", "EXCEPT"),
    "hive-order": ("Athena has no SORT BY, CLUSTER BY or DISTRIBUTE BY", "ORDER BY"),
    "inline-function": (
        "Athena documents no functions of a statement's own",
        "write the expression where it is called",
    ),
    "pivot": ("Athena has no PIVOT", "one aggregate a column, each with FILTER (WHERE …)"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
