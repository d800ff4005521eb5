"""A timestamp is cast to text.

Why: What the text looks like is the engine's own: 2026-01-01 00:00:00.000 UTC on Athena, with fewer digits or an
offset elsewhere. A format says it once for all.

Wrong:

    SELECT CAST(start_time AS varchar) AS at FROM {{ flows }}

Right:

    SELECT DATE_FORMAT(start_time, '%Y-%m-%d %H:%i:%s') AS at FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ905", "timestamp-as-text", "warning")

_COLUMNS = ("start_time", "end_time")


def check(subject: Subject) -> Iterator[Fault]:
    """CAST to varchar of what is a timestamp by its name or function."""
    from sqlglot import exp

    for cast in subject.nodes(exp.Cast):
        value = cast.this.unnest()
        named = isinstance(value, exp.Column) and value.name.lower() in _COLUMNS
        timed = isinstance(value, (exp.UnixToTime, exp.TimestampTrunc, exp.AtTimeZone, exp.CurrentTimestamp))
        if cast.to.this in exp.DataType.TEXT_TYPES and (named or timed):
            yield subject.fault(
                "how a timestamp looks as text differs between engines", cast, "DATE_FORMAT(x, '%Y-%m-%d %H:%i:%s')"
            )
