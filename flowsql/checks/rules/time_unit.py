"""A unit of time that Athena does not know.

Why: date_trunc, date_add and date_diff take the unit as one of a few words, in the singular and in quotes.

Wrong:

    SELECT date_trunc('hours', start_time) AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1

Right:

    SELECT date_trunc('hour', start_time) AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1
"""

from collections.abc import Iterator

from flowsql.checks.functions import first_argument, first_words
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import did_you_mean

RULE = Rule("FQ424", "time-unit", "error", needs="tokens")

_CALLS = ("date_trunc", "date_add", "date_diff")
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


def check(subject: Subject) -> Iterator[Fault]:
    """Each unit that is none, or stands without quotes."""
    for name, token in first_argument(subject.tokens, _CALLS):
        if token.text.lower() not in _UNITS:
            hint = did_you_mean(token.text.lower(), _UNITS, f"units: {', '.join(_UNITS)}")
            yield subject.fault(f"{name} knows no unit '{token.text}'", token, hint)
    for name, token in first_words(subject.tokens, _CALLS):
        if (unit := token.text.lower().removesuffix("s")) in _UNITS:
            yield subject.fault(f"{name} takes its unit in quotes", token, f"'{unit}'")
