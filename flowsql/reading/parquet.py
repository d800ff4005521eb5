"""Parquet records → Arrow batches: only the wanted columns of the row groups that may hold the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.fields import column_name
from flowsql.reading.casts import to_number, to_text
from flowsql.reading.columns import TIMES, Columns, backwards
from flowsql.reading.damage import damaged
from flowsql.reading.measured import Measured
from flowsql.reading.store import Bytes
from flowsql.reading.tally import Tally
from flowsql.reading.values import all_fit, misfit

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_ROWS = 1 << 17
"""Rows decoded at a time."""

_MILLISECONDS = 10**11
_TEXT = "BYTE_ARRAY"
"""Parquet's name of the only type that can be read as a dictionary."""


@dataclass(frozen=True, slots=True)
class ParquetObject:
    """A Parquet object whose footer has been read."""

    source: "pa.BufferReader"
    file: "pq.ParquetFile"
    stored: dict[str, str]
    """Each column's name in it by its underscored one: the first of two that read the same."""

    def coded(self, columns: Columns) -> "pq.ParquetFile":
        """The file, its text read as dictionaries, which is how it is stored, where columns are handed on as such."""
        import pyarrow.parquet as pq

        wanted = {self.stored[name] for name in columns.names if name in self.stored and columns.is_coded(name)}
        schema = self.file.schema
        text = {leaf.path for leaf in map(schema.column, range(len(schema))) if leaf.physical_type == _TEXT}
        if not wanted & text:
            return self.file
        return pq.ParquetFile(
            self.source, metadata=self.file.metadata, page_checksum_verification=True, read_dictionary=wanted & text
        )


def open_parquet(data: Bytes, name: str) -> ParquetObject:
    """Read the footer of an object; raises DamagedObject."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names: dict[str, str] = {}
    source = pa.BufferReader(pa.py_buffer(data))
    with _readable("it is not a whole Parquet file", name):
        file = pq.ParquetFile(source, page_checksum_verification=True)
        for stored in file.schema_arrow.names:
            names.setdefault(column_name(stored), stored)
    return ParquetObject(source, file, names)


def parquet_batches(
    whole: ParquetObject, columns: Columns, tally: Tally, name: str, *, timed: bool = False
) -> Iterator["pa.RecordBatch"]:
    """The row groups of one object that may hold the window → batches; raises DamagedObject.

    Every row of a row group that is read is used or counted as rejected with its number, from 1. `timed` says that
    the object's name has told that it may hold the window: then its statistics have nothing to add for its only group.
    """
    stored = whole.stored
    with _readable("it is not a whole Parquet file", name):
        file = whole.coded(columns)
    passed = 0
    for group in range(file.num_row_groups):
        with _readable(f"its row group {group} is corrupt", name):
            wanted = (timed and file.num_row_groups == 1) or _may_hold(file, group, stored, columns)
            rows = file.metadata.row_group(group).num_rows
        row = passed + 1
        for part in _parts(file, group, rows, stored, columns, name) if wanted else ():
            yield columns.fit(_records(part, stored, columns, tally, name, row), tally)
            row += part.num_rows
        passed += rows
        if wanted and row != passed + 1:
            raise damaged(f"its row group {group} is corrupt: not all of its rows are there", name)


@contextmanager
def _readable(otherwise: str, name: str) -> Iterator[None]:
    """Turn what Arrow says of broken bytes into DamagedObject."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as failure:
        lines = str(failure).splitlines() or [type(failure).__name__]
        raise damaged(f"{otherwise}: {lines[0]}", name) from failure


def _may_hold(file: "pq.ParquetFile", group: int, stored: dict[str, str], columns: Columns) -> bool:
    """Whether the statistics of a row group leave room for a record of the window.

    Only the times are looked at, and no statistics of another type than the schema's: Arrow ends the whole program
    where a damaged footer contradicts itself. What does is told when the row group is read, and so its first row is
    read before: there Arrow tells of size statistics that contradict the schema.
    """
    times = [stored[name] for name in TIMES if name in stored]
    next(file.iter_batches(1, row_groups=[group], columns=times, use_threads=False), None)
    meta, schema = file.metadata.row_group(group), file.metadata.schema
    spans: dict[str, tuple[int, int]] = {}
    for index in range(meta.num_columns):
        if (name := column_name(schema.column(index).path)) in TIMES:
            chunk = meta.column(index)
            if chunk.physical_type != schema.column(index).physical_type:
                return True
            statistics = chunk.statistics
            if statistics is not None and statistics.has_min_max and isinstance(statistics.max, int):
                spans.setdefault(name, (statistics.min, statistics.max))
    if len(spans) < len(TIMES) or max(spans["end"][1], spans["start"][1]) >= _MILLISECONDS:
        return True
    return spans["end"][1] >= columns.since and spans["start"][0] < columns.until


def _parts(
    file: "pq.ParquetFile", group: int, rows: int, stored: dict[str, str], columns: Columns, name: str
) -> Iterator["pa.RecordBatch"]:
    """The wanted columns of a row group as they are stored, a part at a time."""
    import pyarrow as pa

    present = [stored[column] for column in columns.names if column in stored]
    if not present:
        yield pa.record_batch([pa.nulls(rows)], names=["@"])
        return
    with _readable(f"its row group {group} is corrupt", name):
        yield from file.iter_batches(_ROWS, row_groups=[group], columns=present, use_threads=False)


def _records(
    part: "pa.RecordBatch", stored: dict[str, str], columns: Columns, tally: Tally, name: str, first_row: int
) -> Measured:
    """The rows that are records, in the schema of `columns`; the others are rejected."""
    import pyarrow as pa

    schema = columns.schema()
    arrays = []
    reasons: dict[int, str] = {}
    for field in schema:
        if field.name not in stored:
            arrays.append(pa.nulls(part.num_rows, field.type))
            continue
        array = part.column(stored[field.name])
        try:
            if columns.is_number(field.name):
                converted, bad = to_number(array, field.type)
                reasons = {row: _no_number(field.name, _shown(array[row])) for row in bad} | reasons
            else:
                converted, bad = to_text(array, field.name)
                reasons = dict.fromkeys(bad, f"{field.name} is not UTF-8") | reasons
        except pa.ArrowNotImplementedError as failure:
            raise damaged(f"its column {field.name} is {array.type}, which cannot be read", name) from failure
        except pa.ArrowIndexError as failure:
            raise damaged(f"its column {field.name} is corrupt: it names values that are not there", name) from failure
        arrays.append(converted)
    batch = pa.RecordBatch.from_arrays(arrays, names=schema.names)
    measured = Measured(batch)
    if not reasons and columns.are_legal(measured):
        return measured
    reasons = _illegal(measured, stored, columns) | reasons
    for row in sorted(reasons):
        tally.reject(name, first_row + row, reasons[row], " ".join(_shown(column[row]) for column in part.columns))
    if not reasons:
        return measured
    return Measured(batch.filter(pa.array([row not in reasons for row in range(batch.num_rows)])))


def _illegal(measured: Measured, stored: dict[str, str], columns: Columns) -> dict[int, str]:
    """The rows with a value that cannot be, and why."""
    import pyarrow.compute as pc

    batch = measured.batch
    reasons: dict[int, str] = {}
    for name in batch.schema.names:
        array = batch.column(name)
        if name in TIMES and name in stored:
            for row in pc.indices_nonzero(pc.is_null(array)).to_pylist():
                reasons.setdefault(row, f"{name} is missing, so it cannot be placed in time")
        if columns.is_number(name):
            outside = pc.or_(pc.less(array, 0), pc.greater(array, columns.largest(name)))
            for row in pc.indices_nonzero(outside).to_pylist():
                reasons.setdefault(row, f"{name} is {array[row]}, out of range")
        elif name in stored and not all_fit(name, array):
            for row, value in enumerate(array.to_pylist()):
                if value is not None and (reason := misfit(name, value)):
                    reasons.setdefault(row, reason)
    if all(name in stored and name in batch.schema.names for name in TIMES):
        for row in pc.indices_nonzero(backwards(measured)).to_pylist():
            start, end = (batch.column(name)[row] for name in TIMES)
            reasons.setdefault(row, f"start {start} is after end {end}")
    return reasons


def _no_number(column: str, shown: str) -> str:
    """Why a value cannot be read as a number of its column."""
    whole = shown.isascii() and shown.lstrip("-").isdecimal()
    return f"{column} is {shown}, {'out of range' if whole else 'not a number'}"


def _shown(value: "pa.Scalar") -> str:
    """A stored value as a person reads it."""
    try:
        return "-" if value.as_py() is None else str(value.as_py())
    except UnicodeDecodeError:
        return "?"
