"""The slow way through a few lines of text: which are records, which headers, and why the others are rejected.

It accepts exactly what the quick way accepts, so that an answer does not depend on how an object is cut into blocks.
"""

import re
from dataclasses import dataclass

from flowsql.fields import record_kind
from flowsql.reading.columns import TIMES, Columns, in_seconds
from flowsql.reading.container import check_header, header_columns
from flowsql.reading.lines import is_blank, is_utf8
from flowsql.reading.tally import Tally
from flowsql.reading.values import misfit

_NUMBER = re.compile(r"[ \t]*(?:(?P<sign>-?)0*(?P<digits>[0-9]+)|0[xX](?P<hex>[0-9a-fA-F]+))[ \t]*")
"""What Arrow reads as a whole number."""

_LONGEST_NUMBER = 19


@dataclass(frozen=True, slots=True)
class Run:
    """Records that follow each other under one header."""

    names: tuple[str, ...]
    lines: list[bytes]


def screened(piece: bytes, names: tuple[str, ...], columns: Columns, tally: Tally, name: str, passed: int) -> list[Run]:
    """Whole lines, of which `passed` went before → the records, one run for each header met; the last one holds on."""
    runs = [Run(names, [])]
    for number, line in enumerate(piece.split(b"\n"), passed + 1):
        if is_blank(line):
            continue
        text = line.decode("utf-8", "replace")
        if header := header_columns(text):
            check_header(header, f"the header in line {number}", name)
            tally.headers += 1
            if header != runs[-1].names:
                runs.append(Run(header, []))
            continue
        record, reason = _judged(line, text, runs[-1].names, columns)
        if reason:
            tally.reject(name, number, reason, text)
        else:
            runs[-1].lines.append(record)
    return runs


def _judged(line: bytes, text: str, names: tuple[str, ...], columns: Columns) -> tuple[bytes, str | None]:
    """A line as a record, without space around it where that is what it takes, and why it is none."""
    if record_kind(names) != columns.kind:
        return line, "it stands under a header of the other record kind (VPC or transit gateway)"
    if b"\0" in line:
        return line, "it holds a zero byte"
    if not is_utf8(line):
        return line, "it is not UTF-8"
    values = text.split(" ")
    if len(values) != len(names):
        line = line.strip(b" \t")
        values = line.decode().split(" ")
    if len(values) != len(names):
        return line, f"{len(values)} values where the log format has {len(names)} fields"
    wanted = columns.among(names)
    record = {name: value for name, value in zip(names, values, strict=True) if name in wanted}
    reasons = (_misfit(name, value, columns) for name, value in record.items())
    return line, next(filter(None, reasons), None) or _backwards(record)


def _misfit(column: str, value: str, columns: Columns) -> str | None:
    """Why a value cannot be one of a column."""
    if value == "-":
        return f"{column} is -, so it cannot be placed in time" if column in TIMES else None
    if not columns.is_number(column):
        return misfit(column, value) if value else f"{column} is empty"
    largest = columns.largest(column)
    number = _NUMBER.fullmatch(value)
    if number is None:
        return f"{column} is {value!r}, not a number"
    if (digits := number["hex"]) is not None:
        legal = len(digits) <= columns.bits(column) // 4 and int(digits, 16) <= largest
    else:
        legal = len(number["digits"]) <= _LONGEST_NUMBER and int(number["digits"]) <= (0 if number["sign"] else largest)
    return None if legal else f"{column} is {value}, out of range"


def _backwards(record: dict[str, str]) -> str | None:
    """Why the times of a record cannot both be right, when each of them can."""
    if not all(name in record for name in TIMES):
        return None
    start, end = (int(record[name], 16 if "x" in record[name].lower() else 10) for name in TIMES)
    return f"start {start} is after end {end}" if in_seconds(start) > in_seconds(end) else None
