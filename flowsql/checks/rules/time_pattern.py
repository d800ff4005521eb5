"""A pattern of another tool's is given to a function of time.

Why: date_format and date_parse read MySQL's patterns (%Y-%m-%d): without a % date_format gives the pattern itself back,
and date_parse fails. format_datetime and parse_datetime read Joda's (yyyy-MM-dd).

Wrong:

    SELECT date_format(start_time, 'yyyy-MM-dd') AS day, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1

Right:

    SELECT date_format(start_time, '%Y-%m-%d') AS day, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1
"""

import re
from collections.abc import Iterator

from flowsql.checks.functions import last_argument
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ423", "time-pattern", "error", needs="tokens")

_MYSQL = ("date_format", "date_parse")
_JODA = ("format_datetime", "parse_datetime")
_LETTERS = re.compile(r"[yYMdDHhms]{2,}")
_PERCENT = re.compile(r"%[a-zA-Z]")
_PARTS = (("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%i"), ("ss", "%s"))


def check(subject: Subject) -> Iterator[Fault]:
    """Each pattern in the other way of writing."""
    for name, token in last_argument(subject.tokens, (*_MYSQL, *_JODA)):
        pattern = token.text
        if name in _MYSQL and "%" not in pattern and _LETTERS.search(pattern):
            wanted = pattern
            for joda, mysql in _PARTS:
                wanted = wanted.replace(joda, mysql)
            yield subject.fault(f"{name} reads no pattern '{pattern}'", token, f"write '{wanted}'")
        elif name in _JODA and _PERCENT.search(pattern):
            wanted = pattern
            for joda, mysql in _PARTS:
                wanted = wanted.replace(mysql, joda)
            yield subject.fault(f"{name} reads no pattern '{pattern}'", token, f"write '{wanted}'")
