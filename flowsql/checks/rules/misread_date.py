"""A date that is not written as the partition column has it, or that is none.

Why: dates in partitions are text, compared letter by letter, so '2026-01-02' or '2026/1/2' matches no partition that is
called 2026/01/02: the answer is empty or lacks days, without an error.

Wrong:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE year = '2026' AND month = '1' AND day = '02'

Right:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE year = '2026' AND month = '01' AND day = '02'
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.bounds import Scan
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.checks.variants import WINDOW
from flowsql.checks.written import is_prefix, misses, unpadded, written

if TYPE_CHECKING:
    from flowsql.checks.bounds import TimeKey
    from flowsql.checks.bounds.conditions import Condition

RULE = Rule("FQ502", "misread-date", "error")

_ONE_DIGIT = re.compile(r"(?<!\d)\d(?!\d)")
_PARTS = ("month", "day", "hour")
_RANGES = {"month": (1, 12), "day": (1, 31), "hour": (0, 23)}
_PART_DIGITS = 2
_BEHIND = re.compile(r"(?:T.*|\s+)$")
_DAYS = ("day", "date", "event_date", "log_date")
"""Columns that end with the day, where their table is not known."""


def check(subject: Subject) -> Iterator[Fault]:
    """Constants compared with a partition column of time that it cannot hold, or that sort otherwise than they read."""
    for scan in subject.scans:
        for condition in scan.conditions:
            for leaf in condition.leaves():
                yield from _in(subject, scan, leaf)
        for key in scan.keys:
            if key.is_guessed:
                yield from _mixed(subject, scan, key)


def _in(subject: Subject, scan: Scan, leaf: "Condition") -> Iterator[Fault]:
    name = leaf.column[1] if leaf.column else ""
    key = next((key for key in scan.keys if key.name == name), None)
    is_exact = leaf.hull.values is not None
    shown = unpadded(leaf.node)
    if shown is not None and _is_padded(subject, scan, name, key):
        message = f"months, days and hours have two digits, which {shown!r} does not write"
        yield subject.fault(message, leaf.node, "%m, %d and %H of date_format; MM, dd and HH of format_datetime")
        return
    for value in leaf.hull.constants:
        if is_exact and (fault := _no_part(subject, scan, leaf, value)) is not None:
            yield fault
        if not isinstance(value, str) or not value.isprintable():
            continue
        padded = _ONE_DIGIT.sub(r"0\g<0>", value)
        is_one_digit = len(value) == 1 and value.isdigit() and not is_prefix(leaf)
        if key is not None and not key.is_guessed and not key.fits(value):
            example = key.example(WINDOW.since)
            yield subject.fault(f"{name} is written as {key.shown}, not {value!r}", leaf.node, f"such as '{example}'")
        elif name in _two_digits(subject, scan) and is_one_digit:
            yield subject.fault(f"{name} has two digits, not {value!r}", leaf.node, f"'0{value}'")
        elif key is not None and not key.fits(value) and key.span(value) and padded != value:
            yield subject.fault(f"months and days have two digits, not as in {value!r}", leaf.node, f"{padded!r}")
        elif key is not None and key.span(value) and key.is_no_day(value, exact=is_exact):
            yield subject.fault(f"there is no day {value!r}", leaf.node, f"{name} is written year, month, day")
        elif key is not None and (found := _incomplete(key, leaf, value)) is not None:
            yield subject.fault(found[0], leaf.node, found[1])


def _incomplete(key: "TimeKey", leaf: "Condition", value: str) -> tuple[str, str] | None:
    """What is wrong with a text that is not all of a value, and what to write; None where it compares as it reads."""
    told, span = written(key, value), key.span(value)
    if span is None or is_prefix(leaf):
        return None
    if told is None:
        stripped = _BEHIND.sub("", value)
        is_longer = key.is_guessed and key.name in _DAYS and stripped != value and key.fits(stripped)
        return (f"{key.name} ends with the day, not as {value!r}", f"'{stripped}'") if is_longer else None
    if told.is_cut:
        padded = _ONE_DIGIT.sub(r"0\g<0>", value)
        hint = f"'{padded}'" if padded != value else f"written {told.pattern.pattern}"
        return f"months, days and hours have two digits, not as in {value!r}", hint
    if leaf.hull.values is not None and value and not value[-1].isalnum():
        return f"no value of {key.name} ends as {value!r}", f"{key.name} LIKE '{value}%'"
    if not told.is_short:
        return None
    if leaf.hull.values is not None:
        return f"{key.name} tells more than the {told.units[-1]}, so none is {value!r}", f"{key.name} LIKE '{value}%'"
    if not misses(leaf, value):
        return None
    following = told.pattern.render(span[1])[: len(value)]
    if leaf.hull.high == value:
        return f"what lies in {value!r} sorts after it and is left out", f"{key.name} < '{following}'"
    return f"what lies in {value!r} sorts after it and is not left out", f"{key.name} >= '{following}'"


def _no_part(subject: Subject, scan: Scan, leaf: "Condition", value: object) -> Fault | None:
    """A month, day or hour of its own that no calendar has."""
    name = leaf.column[1] if leaf.column else ""
    known = subject.known(scan.table)
    partitions = known.table.partitions if known is not None and known.table is not None else None
    unit = name if partitions is None else next((each.role for each in partitions if each.name == name), "")
    text = str(value)
    if unit not in _RANGES or not (text.isascii() and text.isdigit() and len(text) <= _PART_DIGITS):
        return None
    first, last = _RANGES[unit]
    if first <= int(text) <= last:
        return None
    ends = (f"'{first:02}'", f"'{last}'") if isinstance(value, str) else (str(first), str(last))
    return subject.fault(f"there is no {unit} {value!r}", leaf.node, f"from {ends[0]} to {ends[1]}")


def _is_padded(subject: Subject, scan: Scan, name: str, key: "TimeKey | None") -> bool:
    if name in _two_digits(subject, scan):
        return True
    return key is not None and key.sql_type == "string" and all(each.is_ordered for each in key.patterns)


def _mixed(subject: Subject, scan: Scan, key: "TimeKey") -> Iterator[Fault]:
    """The first date that is written in another way than those before it, where the table is not known."""
    first, ways = "", frozenset[str]()
    leaves = [leaf for each in scan.conditions for leaf in each.leaves()]
    for leaf in (leaf for leaf in leaves if leaf.column and leaf.column[1] == key.name):
        for value in leaf.hull.constants:
            if not isinstance(value, str) or not value.isprintable() or not key.fits(value):
                continue
            if first and not ways & key.ways(value):
                message = f"{key.name} is written in two ways, {first!r} and {value!r}: one of them matches nothing"
                yield subject.fault(message, leaf.node, "write both as the partitions are called")
                return
            first, ways = first or value, (ways & key.ways(value)) if first else key.ways(value)


def _two_digits(subject: Subject, scan: Scan) -> tuple[str, ...]:
    """The columns of parts of a date that are known, or usual, to have two digits."""
    known = subject.known(scan.table)
    if known is not None and known.table is not None:
        partitions = known.table.partitions
        return tuple(each.name for each in partitions if each.digits == 2 and each.sql_type == "string")
    said = {ref[1] for each in scan.conditions for ref in each.refs if ref}
    return _PARTS if "year" in said else ()
