"""A date that is not written as the partition column has it.

Why: dates in partitions are text, compared letter by letter, so '2026-01-02' or '2026/1/2' matches no partition that is
called 2026/01/02: the answer is empty or lacks days, without an error.

Wrong:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE year = '2026' AND month = '1' AND day = '02'

Right:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE year = '2026' AND month = '01' AND day = '02'
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.bounds import Scan, scans_of
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.checks.variants import WINDOW

if TYPE_CHECKING:
    from flowsql.checks.bounds.conditions import Condition

RULE = Rule("FQ502", "misread-date", "error")

_PARTS = ("month", "day", "hour")


def check(subject: Subject) -> Iterator[Fault]:
    """Constants compared with a partition column of time that no value of it begins with."""
    for scan in scans_of(subject):
        for condition in scan.conditions:
            yield from _in(subject, scan, condition)


def _in(subject: Subject, scan: Scan, condition: "Condition") -> Iterator[Fault]:
    for part in condition.parts:
        yield from _in(subject, scan, part)
    if condition.column is None:
        return
    name, hull = condition.column[1], condition.hull
    for value in sorted(hull.values or (), key=str) or (hull.low, hull.high):
        if not isinstance(value, str) or not value.isprintable():
            continue
        key = next((key for key in scan.keys if key.name == name), None)
        if key is not None and not key.is_guessed and not key.fits(value):
            example = key.example(WINDOW.since)
            yield subject.fault(
                f"{name} is written as {key.shown}, not {value!r}", condition.node, f"such as '{example}'"
            )
        elif name in _two_digits(subject, scan) and len(value) == 1 and value.isdigit():
            yield subject.fault(f"{name} has two digits, not {value!r}", condition.node, f"'0{value}'")


def _two_digits(subject: Subject, scan: Scan) -> tuple[str, ...]:
    """The columns of parts of a date that are known, or usual, to have two digits."""
    if subject.table is not None and subject.table.name:
        partitions = subject.table.partitions
        return tuple(each.name for each in partitions if each.digits == 2 and each.sql_type == "string")
    said = {ref[1] for each in scan.conditions for ref in each.refs if ref}
    return _PARTS if "year" in said else ()
