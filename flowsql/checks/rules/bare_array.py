"""An array is written in brackets alone.

Why: DuckDB and new versions of Trino read [1, 2]. Athena follows Trino at its own pace: ARRAY[1, 2] is read by all
of them.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE CONTAINS([22, 3389], dstport)

Right:

    SELECT srcaddr FROM {{ flows }} WHERE CONTAINS(ARRAY[22, 3389], dstport)
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ901", "bare-array", "warning", needs="sql")

_SAID = {
    "bare-array": ("not every version of Athena reads an array without its word", "ARRAY[…]"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
