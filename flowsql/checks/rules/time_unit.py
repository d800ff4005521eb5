"""A unit of time that Athena does not know.

Why: date_trunc, date_add and date_diff take the unit as one of a few words, in the singular.

Wrong:

    SELECT date_trunc('hours', start_time) AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1

Right:

    SELECT date_trunc('hour', start_time) AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1
"""

from collections.abc import Iterator

from flowsql.checks.functions import first_argument
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import did_you_mean

RULE = Rule("FQ424", "time-unit", "error", needs="tokens")

_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


def check(subject: Subject) -> Iterator[Fault]:
    """Each unit that is none."""
    for name, token in first_argument(subject.tokens, ("date_trunc", "date_add", "date_diff")):
        if token.text.lower() not in _UNITS:
            hint = did_you_mean(token.text.lower(), _UNITS, f"units: {', '.join(_UNITS)}")
            yield subject.fault(f"{name} knows no unit '{token.text}'", token, hint)
