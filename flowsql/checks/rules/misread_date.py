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

if TYPE_CHECKING:
    from flowsql.checks.bounds import TimeKey
    from flowsql.checks.bounds.conditions import Condition

RULE = Rule("FQ502", "misread-date", "error")

_ONE_DIGIT = re.compile(r"(?<!\d)\d(?!\d)")
_PARTS = ("month", "day", "hour")


def check(subject: Subject) -> Iterator[Fault]:
    """Constants compared with a partition column of time that no value of it begins with, or that are no day."""
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
    for value in leaf.hull.constants:
        if not isinstance(value, str) or not value.isprintable():
            continue
        padded = _ONE_DIGIT.sub(r"0\g<0>", value)
        if key is not None and not key.is_guessed and not key.fits(value):
            example = key.example(WINDOW.since)
            yield subject.fault(f"{name} is written as {key.shown}, not {value!r}", leaf.node, f"such as '{example}'")
        elif name in _two_digits(subject, scan) and len(value) == 1 and value.isdigit():
            yield subject.fault(f"{name} has two digits, not {value!r}", leaf.node, f"'0{value}'")
        elif key is not None and not key.fits(value) and key.span(value) and padded != value:
            yield subject.fault(f"months and days have two digits, not as in {value!r}", leaf.node, f"{padded!r}")
        elif key is not None and key.span(value) and key.is_no_day(value, exact=leaf.hull.values is not None):
            yield subject.fault(f"there is no day {value!r}", leaf.node, f"{name} is written year, month, day")


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
