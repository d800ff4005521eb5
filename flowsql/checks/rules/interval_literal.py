"""An interval is not written as Athena reads it.

Why: Athena reads INTERVAL '1' DAY: the number in single quotes, the unit behind them as a word in the singular, of
YEAR, MONTH, DAY, HOUR, MINUTE and SECOND.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE start_time < TIMESTAMP '2026-01-01 00:00:00' + INTERVAL 1 HOUR

Right:

    SELECT srcaddr FROM {{ flows }} WHERE start_time < TIMESTAMP '2026-01-01 00:00:00' + INTERVAL '1' HOUR
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ310", "interval-literal", "error", needs="sql")

_SAID = {
    "interval-number": ("the number of an interval stands without quotes", "INTERVAL {detail}"),
    "interval-unit": (
        "no unit Athena knows stands behind the text of this interval",
        "INTERVAL '1' DAY: the unit behind the quotes, in the singular: YEAR, MONTH, DAY, HOUR, MINUTE or SECOND",
    ),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
