"""How an answer reads as text: the words of one value, and the table for people.

Nothing is cut. A table too wide for its terminal folds its names over several lines, then says the day that all
times of a column share in its name, then folds its texts; when even that does not fit, each record becomes a block.
Numbers keep every digit and get no separators: they may be ports and ids.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_GAP = "  "
_NULL = "-"
"""What AWS itself writes for a field without a value."""
_RESOURCE_ID = 24
"""Cells of `subnet-` and its 17 digits: folding starts above, so ids and IPv4 addresses stay in one piece."""
_NAME = 12
"""Cells a column's name may be folded to when its values are narrower still."""
_VALUE = 16
"""Cells a value gets in a block, however narrow the terminal is."""
_PUNCTUATION = "_-/,;:."
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that reorder a line or take no place: a cell must not rewrite its row."""
_NOT_ASCII = re.compile("[^\x20-\x7e]")
_DAY, _YEAR = len("2026-11-22"), len("2026")
_BOLD, _DIM = "1", "2"


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the place a table is shown in can do."""

    width: int
    """Cells in one line."""
    color: bool
    unicode: bool
    """False: characters outside ASCII are spelled `\\xe9`."""


@dataclass(frozen=True, slots=True)
class _Column:
    cells: list[str | None]
    """The name first, then one for each row."""
    name: int
    """Cells of a line that the name takes."""
    values: int
    """Cells that the widest value takes."""
    right: bool
    foldable: bool
    """Whether its values, too, may be folded."""


def is_number(kind: "pa.DataType") -> bool:
    """Whether values of this type are lined up on their right."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def as_text(column: "pa.ChunkedArray", *, people: bool = False) -> list[str | None]:
    """The exact words of each value; None for NULL.

    Times are ISO 8601 in UTC with a fraction only where there is one; for `people` they have a blank between
    date and time, and as many digits as the most exact of the column, and numbers four decimals. Lists are joined
    by a blank; a NULL in one is `-`. Maps, rows and lists of other than texts are JSON. Bytes are pairs of hex digits.
    """
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        return _moments(column, people)
    if pa.types.is_floating(column.type):
        return [None if value is None else _decimal(value, people) for value in column.to_pylist()]
    if is_nested(column.type):
        return [
            None if value is None else json.dumps(value, default=_word, ensure_ascii=False) for value in plain(column)
        ]
    if pa.types.is_list(column.type):
        return [
            None if value is None else " ".join(_NULL if item is None else item for item in value)
            for value in column.to_pylist()
        ]
    if pa.types.is_binary(column.type):
        return [None if value is None else _word(value) for value in column.to_pylist()]
    cells: list[str | None] = column.cast(pa.string()).to_pylist()
    return cells


def _word(value: object) -> str:
    """A value that JSON has no like of; bytes as Athena writes them: `00 ff`."""
    return value.hex(" ") if isinstance(value, bytes) else str(value)


def is_nested(kind: "pa.DataType") -> bool:
    """Whether a type is a map, a row, or a list of other than texts."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return not (pa.types.is_string(kind.value_type) or pa.types.is_null(kind.value_type))
    return bool(pa.types.is_map(kind) or pa.types.is_struct(kind))


def plain(column: "pa.ChunkedArray") -> list[Any]:
    """Nested values as lists and dicts."""
    import pyarrow as pa

    values: list[Any] = column.to_pylist()
    if pa.types.is_map(column.type):
        return [None if items is None else dict(items) for items in values]
    return values


def _decimal(value: float, people: bool) -> str:
    if people and 0.001 <= abs(value) < 1e15:
        whole, _, decimals = f"{value:.4f}".partition(".")
        return f"{whole}.{decimals.rstrip('0') or '0'}"
    if people and 1e-9 <= abs(value) < 0.001:
        return f"{Decimal(repr(value)):f}"
    return repr(value)


def _moments(column: "pa.ChunkedArray", people: bool) -> list[str | None]:
    import pyarrow as pa

    unit = next(unit for unit in ("s", "ms", "us") if unit == "us" or _is_whole(column, unit))
    cells = column.cast(pa.timestamp(unit)).cast(pa.string()).to_pylist()
    if people:
        return [None if cell is None else f"{cell}Z" for cell in cells]
    if unit != "s":
        cells = [cell and cell.rstrip("0").rstrip(".") for cell in cells]
    return [None if cell is None else f"{cell.replace(' ', 'T')}Z" for cell in cells]


def _is_whole(column: "pa.ChunkedArray", unit: str) -> bool:
    """Whether no time of the column has a digit below `unit`."""
    import pyarrow as pa

    try:
        column.cast(pa.timestamp(unit))
    except pa.ArrowInvalid:
        return False
    return True


def visible(cells: Sequence[str | None], *, unicode: bool = True) -> list[str | None]:
    r"""The cells with what cannot be seen spelled out: `\x1b`, `\n`, `\u202e`.

    Without `unicode` all but ASCII is spelled out too.
    """
    everything = "".join(cell for cell in cells if cell)
    if everything.isprintable() and (unicode or everything.isascii()):
        return list(cells)
    pattern = _UNSEEN if unicode else _NOT_ASCII
    return [None if cell is None else pattern.sub(_spelled, cell) for cell in cells]


def _spelled(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def table(answer: "pa.Table", terminal: Terminal | None = None) -> str:
    """The table for people, each line ended by a newline; the header alone when there are no rows.

    Without a `terminal` it is as wide as its values and has no colour, for files and pipes.
    """
    unicode = terminal is None or terminal.unicode
    columns = [_column(name, column, unicode) for name, column in zip(answer.column_names, answer.columns, strict=True)]
    if terminal is None:
        lines = _grid(columns, [max(column.name, column.values) for column in columns], None)
    else:
        lines = _fitted(columns, [column.type for column in answer.columns], terminal)
    return "".join(f"{line}\n" for line in lines)


def _column(name: str, column: "pa.ChunkedArray", unicode: bool) -> _Column:
    import pyarrow as pa

    cells = visible([name, *as_text(column, people=True)], unicode=unicode)
    name_width, *widths = map(_width, cells)
    return _Column(
        cells,
        name=name_width,
        values=max(widths, default=0),
        right=is_number(column.type),
        foldable=bool(pa.types.is_string(column.type) or pa.types.is_list(column.type)),
    )


def _width(cell: str | None) -> int:
    """How many cells of a terminal a text takes; rich is asked only about what is not ASCII."""
    if cell is None:
        return len(_NULL)
    if cell.isascii():
        return len(cell)
    from rich.cells import cell_len

    return cell_len(cell)


def _fitted(columns: list[_Column], kinds: list["pa.DataType"], terminal: Terminal) -> Iterator[str]:
    """The lines of a table in a terminal: what is given up depends on how wide they are.

    Names are folded first, since they cost a line once; then what all times of a column share moves into its name;
    then texts are folded; at last each record becomes a block.
    """
    import pyarrow as pa

    if widths := _names_folded(columns, terminal.width):
        return _grid(columns, widths, terminal)
    shorter = [
        _shared_moved(column) if pa.types.is_timestamp(kind) else column
        for column, kind in zip(columns, kinds, strict=True)
    ]
    if widths := _names_folded(shorter, terminal.width) or _texts_folded(shorter, terminal.width):
        return _grid(shorter, widths, terminal)
    return _blocks(columns, terminal)


def _room(columns: list[_Column], width: int) -> int:
    return width - len(_GAP) * (len(columns) - 1)


def _names_folded(columns: list[_Column], width: int) -> list[int]:
    """A width for each column so that a line fits with names folded, the widest first; empty when there are none."""
    room = _room(columns, width)
    for cap in range(room, _NAME - 1, -1):
        widths = [max(column.values, min(column.name, cap)) for column in columns]
        if sum(widths) <= room:
            pieces = [_folded(column.cells[0] or "", width) for column, width in zip(columns, widths, strict=True)]
            return [max(column.values, *map(_width, names)) for column, names in zip(columns, pieces, strict=True)]
    return []


def _texts_folded(columns: list[_Column], width: int) -> list[int]:
    """A width for each column so that a line fits with names and texts folded; empty when there are none."""
    room = _room(columns, width)
    for cap in range(room, _RESOURCE_ID - 1, -1):
        widths = [
            max(min(column.values, cap) if column.foldable else column.values, min(column.name, _NAME))
            for column in columns
        ]
        if sum(widths) <= room:
            return widths
    return []


def _shared_moved(column: _Column) -> _Column:
    """A column of times whose name says the day, or at least the year, that all of them have."""
    name, *moments = column.cells
    days = {moment[:_DAY] for moment in moments if moment is not None}
    years = {day[:_YEAR] for day in days}
    if len(days) == 1:
        shared, size = days.pop(), _DAY
    elif len(years) == 1:
        shared, size = years.pop(), _YEAR
    else:
        return column
    named = f"{name} {shared}"
    cells = [named, *(None if moment is None else moment[size + 1 :] for moment in moments)]
    return replace(column, cells=cells, name=_width(named), values=max(map(_width, cells[1:])))


def _folded(cell: str, width: int) -> list[str]:
    """The cell in pieces of at most `width` cells, broken after a blank or punctuation where one is near."""
    if not cell.isascii():
        from rich.cells import chop_cells

        return chop_cells(cell, width) if _width(cell) > width else [cell]
    pieces = []
    start = 0
    while len(cell) - start > width:
        end = start + width
        blank = cell.rfind(" ", start + width // 4, end)
        mark = max(cell.rfind(mark, start + width // 4, end) for mark in _PUNCTUATION)
        end = blank + 1 or mark + 1 or end
        pieces.append(cell[start:end])
        start = end
    return [*pieces, cell[start:]]


def _grid(columns: list[_Column], widths: list[int], terminal: Terminal | None) -> Iterator[str]:
    """The header, a rule under it and the rows, each on as many lines as its most folded cell."""
    folded: dict[int, list[list[str]]] = {}
    """Row → for each column what did not fit on the row's first line."""
    padded = []
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        cells = column.cells
        if max(column.name, column.values) > width:
            cells = cells.copy()
            for row, cell in enumerate(column.cells):
                if cell is not None and _width(cell) > width:
                    cells[row], *rest = _folded(cell, width)
                    folded.setdefault(row, [[] for _ in columns])[place] = rest
        padded.append(_padded(cells, width, column.right, terminal))
    for row, line in enumerate(zip(*padded, strict=True)):
        lines = [line]
        if row in folded:
            lines += [
                tuple(map(_pad, pieces, widths, (column.right for column in columns)))
                for pieces in zip_longest(*folded[row], fillvalue="")
            ]
        first, *rest = (_GAP.join(line).rstrip(" ") for line in lines)
        texts = [first, *filter(None, rest)]
        if row:
            yield from texts
        else:
            yield from (_styled(text, _BOLD, terminal) for text in texts)
            dash = "─" if terminal and terminal.unicode else "-"
            yield _styled(_GAP.join(dash * width for width in widths), _DIM, terminal)


def _padded(cells: list[str | None], width: int, right: bool, terminal: Terminal | None) -> list[str]:
    null = _pad(_NULL, width, right).replace(_NULL, _styled(_NULL, _DIM, terminal))
    return [null if cell is None else _pad(cell, width, right) for cell in cells]


def _pad(cell: str, width: int, right: bool = False) -> str:
    if cell.isascii():
        return cell.rjust(width) if right else cell.ljust(width)
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _blocks(columns: list[_Column], terminal: Terminal) -> Iterator[str]:
    """Lines of `name  value`, an empty one between two records; without records the names alone."""
    margin = min(max(column.name for column in columns), max(_NAME, terminal.width - len(_GAP) - _VALUE))
    room = max(_VALUE, terminal.width - len(_GAP) - margin)
    names, *records = zip(*(column.cells for column in columns), strict=True)
    folded_names = [_folded(name or "", margin) for name in names]
    if not records:
        yield from chain.from_iterable(folded_names)
    labels = [[_styled(_pad(piece, margin), _BOLD, terminal) for piece in pieces] for pieces in folded_names]
    for place, record in enumerate(records):
        if place:
            yield ""
        for label, cell in zip(labels, record, strict=True):
            value = [_styled(_NULL, _DIM, terminal)] if cell is None else _folded(cell, room)
            for left, right in zip_longest(label, value):
                yield _GAP.join((left or " " * margin, right or "")).rstrip(" ")


def _styled(text: str, style: str, terminal: Terminal | None) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if terminal and terminal.color else text
