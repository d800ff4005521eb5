"""The text of a literal is no value of its kind.

Why: Athena refuses the query for a date that does not exist, an address that is none, or an interval that its unit
cannot hold.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE start_time >= DATE '2026-02-30'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE start_time >= DATE '2026-02-28'
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from ipaddress import ip_address, ip_interface
from itertools import pairwise

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ328", "bad-value", "error", needs="tokens")

_DATE = re.compile(r"\s*[-+]?(\d{4,})-(\d{1,2})-(\d{1,2})\s*", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?\s*(?:[+-]\d\d:\d\d)?", re.ASCII)
_TIMESTAMP = re.compile(
    r"([-+]?\d{4,}-\d{1,2}-\d{1,2})(?: (?:(\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?))?\s*(?:\S.*)?)?", re.ASCII
)
_YEARS = range(1, 10000)
_COUNT = re.compile(r"\s*[-+]?\d+\s*", re.ASCII)
_SECONDS = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*", re.ASCII)


def check(subject: Subject) -> Iterator[Fault]:
    """Each text behind the name of its kind, or behind INTERVAL."""
    tokens = subject.tokens
    for at, (name, text) in enumerate(pairwise(tokens), 2):
        kind = name.text.upper()
        if kind not in _NAMES or text.token_type.name != "STRING" or subject.sql[name.start] == '"':
            continue
        following = [token.text.upper() for token in tokens[at : at + 2]]
        fits, hint = _interval(following) if kind == "INTERVAL" else _KINDS[kind]
        if not fits(text.text):
            yield subject.fault(f"{kind} '{text.text}' is no {_NAMES[kind]}", name, hint)


def _interval(following: list[str]) -> tuple[Callable[[str], bool], str]:
    """What the text before a unit must be; anything where two units or none follow."""
    unit = following[0] if following else ""
    if unit not in _UNITS or following[1:] == ["TO"]:
        return lambda text: True, ""
    pattern = _SECONDS if unit == "SECOND" else _COUNT
    return lambda text: bool(pattern.fullmatch(text)), f"a number in quotes and the unit behind: INTERVAL '1' {unit}"


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if not found:
        return False
    year, month, day = (int(part) for part in found.groups())
    try:
        date(year if year in _YEARS else 2000, month, day)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if not found:
        return False
    try:
        hour, minute, second = (int(part or 0) for part in found.groups())
        time(hour, minute, second)
    except ValueError:
        return False
    return True


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    return bool(found) and _is_date(found[1]) and (found[2] is None or _is_time(found[2]))  # type: ignore[index]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_prefix(text: str) -> bool:
    address, slash, bits = text.partition("/")
    try:
        ip_interface(text)
    except ValueError:
        return False
    return bool(address and slash and bits.isdigit())


_UNITS = frozenset(("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"))
_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "DATE": (_is_date, "a day that exists, such as DATE '2026-01-31'"),
    "TIME": (_is_time, "such as TIME '23:59:00'"),
    "TIMESTAMP": (_is_timestamp, "a moment that exists, such as TIMESTAMP '2026-01-31 23:59:00'"),
    "IPADDRESS": (_is_address, "such as IPADDRESS '10.0.0.1' or IPADDRESS '2001:db8::1'"),
    "IPPREFIX": (_is_prefix, "such as IPPREFIX '10.0.0.0/8'"),
}
_NAMES = {
    "DATE": "date",
    "TIME": "time of day",
    "TIMESTAMP": "timestamp",
    "IPADDRESS": "address",
    "IPPREFIX": "prefix",
    "INTERVAL": "length of time",
}
