"""The text tables of cases: names in the first line, a row in each further one, each known by its line in the file."""

import itertools
import re
import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from flowsql.addresses import ADDRESS_COLUMNS, IPV4, IPV6
from flowsql.fields import column_name, record_kind
from flowsql.frontmatter import Document, Scalar
from flowsql.reading.columns import Columns
from flowsql.reading.screen import screened
from flowsql.reading.tally import Tally
from flowsql.units import counted

_RANGE = re.compile(r"\{(-?\d+)\.\.(-?\d+)(?:/(\d+))?\}")
_QUOTED = re.compile(r"[\"'\\]")
_MOST = 100_000
_ADDRESS = re.compile(rf"{IPV4}|{IPV6}|-")
_ALWAYS = 1 << 62
"""A moment beyond all records, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a text table."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A text table as written; empty for an empty text."""

    line: int
    """The line of its names."""
    names: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def cells(self) -> tuple[dict[str, str], ...]:
        """The rows without their lines."""
        return tuple(row.cells for row in self.rows)


def read_table(document: Document, text: Scalar) -> TextTable:
    """A text → its table; raises QueryError with the line of the row.

    `{1..50}` in a cell makes one row for each number, `{0..3600/300}` with a step; of two in a cell, one for each pair.
    """
    first = text.line + 1 if text.block else text.line
    lines = [
        (first + number if text.block else first, line)
        for number, line in enumerate(text.text.splitlines())
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        return TextTable(first)
    at, header = lines[0]
    names = tuple(column_name(name) for name in header.split())
    for number, name in enumerate(names):
        if name in names[:number]:
            raise document.error_at(at, f"{name!r} stands twice in: {header.strip()}")
    rows = (row for place, line in lines[1:] for row in _rows(document, place, line, names))
    return TextTable(at, names, tuple(rows))


def _rows(document: Document, at: int, line: str, names: tuple[str, ...]) -> Iterator[Row]:
    """The rows that a line stands for."""
    try:
        cells = shlex.split(line) if _QUOTED.search(line) else line.split()
    except ValueError as failure:
        raise document.error_at(at, f"a quote is not closed: {line.strip()}") from failure
    if len(cells) != len(names):
        told = f"{counted(len(cells), 'cell')} under {counted(len(names), 'column')}"
        raise document.error_at(at, f"{told}: {line.strip()}")
    spans = [_span(cell) for cell in cells]
    if not all(spans):
        what = f"a range of no numbers or of too many: {line.strip()}"
        raise document.error_at(at, what, hint="{1..50} or {0..3600/300}")
    count = max(len(span) for span in spans)
    for values in zip(*(itertools.cycle(span) for span in spans), range(count), strict=False):
        yield Row(at, dict(zip(names, values[:-1], strict=True)))


def _span(cell: str) -> list[str]:
    """The texts that a cell with ranges stands for, the last range running fastest; none for a range that cannot be."""
    found = _RANGE.search(cell)
    if not found:
        return [cell]
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if step == 0 or last - first >= _MOST * step:
        return []
    head, tails = cell[: found.start()], _span(cell[found.end() :])
    numbers = range(first, last + 1, step)
    if len(numbers) * len(tails) > _MOST:
        return []
    return [f"{head}{number}{tail}" for number in numbers for tail in tails]


def unfit(records: Collection[dict[str, str]], columns: tuple[str, ...]) -> tuple[int, str] | None:
    """The first of some records that reading would reject, by its number from 0, and why; None when all are records."""
    reading = Columns(columns, record_kind(columns), 0, _ALWAYS)
    lines = "\n".join(" ".join(record[name] for name in columns) for record in records)
    tally = Tally()
    screened(lines.encode(), columns, reading, tally, "", 0)
    rejected = next(((reject.line - 1, reject.reason) for reject in tally.rejects), None)
    addresses = [name for name in columns if name in ADDRESS_COLUMNS]
    for number, record in enumerate(records):
        if rejected is not None and rejected[0] == number:
            return rejected
        for name in addresses:
            if not _ADDRESS.fullmatch(record[name]):
                return number, f"{name} is {record[name]!r}, not an address"
    return None
