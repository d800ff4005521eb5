"""The Arrow schema a question reads into, which values are legal, and what each batch tells about coverage."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.fields import RecordKind, column_type
from flowsql.layout import Place
from flowsql.query import key_name
from flowsql.reading.constants import whole
from flowsql.reading.counting import any_true, counts
from flowsql.reading.measured import Measured
from flowsql.reading.tally import Tally
from flowsql.reading.values import all_fit

if TYPE_CHECKING:
    import pyarrow as pa

TIMES: tuple[str, ...] = ("start", "end")
"""Without these a record cannot be placed in a window."""

_MILLISECONDS = 10**11
"""Seconds since 1970 stay below this until the year 5138; epochs in milliseconds have been above it since 1973."""

_LARGEST: dict[str, int] = {
    "srcport": 65535,
    "dstport": 65535,
    "protocol": 255,
    "start": _MILLISECONDS * 1000 - 1,
    "end": _MILLISECONDS * 1000 - 1,
}
_BITS = {"int": 32, "bigint": 64}

_FEW = ("log_status", "action")
"""Columns of so few values that a dictionary serves them, however they are stored."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read, their types, and the time hull outside of which records are dropped early."""

    names: tuple[str, ...]
    kind: RecordKind
    since: int
    """Unix seconds: records that end before are dropped."""
    until: int
    """Unix seconds: records that start at or after are dropped."""
    counted: tuple[int, int] | None = None
    """The part of the hull whose records count as in the window, Unix seconds; all of it when None."""
    narrowed: tuple[str, ...] = ()
    """The columns that the question's common options narrow by."""
    keys: tuple[str, ...] = ()
    """Those of them that are handed on once more, as `key_name` says, with what the key of the object tells."""
    coded: bool = False
    """Whether text is handed on as dictionaries, which is how Parquet stores it; else only columns of few values."""

    def schema(self) -> "pa.Schema":
        """The schema of every batch of this reading."""
        import pyarrow as pa

        return pa.schema([(name, self.arrow_type(name)) for name in self.names])

    def arrow_type(self, column: str) -> "pa.DataType":
        """The type a column is handed on as."""
        import pyarrow as pa

        types = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
        kind = types[column_type(column, self.kind)]
        return pa.dictionary(pa.int32(), kind) if self.is_coded(column) else kind

    def is_coded(self, column: str) -> bool:
        """Whether a column is handed on as a dictionary."""
        return column in _FEW or (self.coded and not self.is_number(column))

    def handed_schema(self) -> "pa.Schema":
        """The schema of what is handed on: that of the records, then what keys tell."""
        import pyarrow as pa

        schema = self.schema()
        for column in self.keys:
            schema = schema.append(pa.field(key_name(column), _key_type()))
        return schema

    def handed(self, batch: "pa.RecordBatch", place: Place) -> "pa.RecordBatch":
        """A batch of an object at a place as it is handed on: its text in other types, and what the key tells."""
        import pyarrow as pa

        schema = self.handed_schema()
        if batch.schema.equals(schema):
            return batch
        told = [_constant(place.told(column), batch.num_rows) for column in self.keys]
        arrays = [_as(column, field.type) for column, field in zip((*batch.columns, *told), schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def among(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The wanted columns of an object; when it has none, its first one stands in, so that rows are counted."""
        return tuple(name for name in self.names if name in names) or names[:1]

    def is_number(self, column: str) -> bool:
        """Whether a column is read as a number."""
        return column_type(column, self.kind) != "string"

    def largest(self, column: str) -> int:
        """The largest legal value of a number; the smallest is 0. Others mean a damaged or shifted row."""
        return _LARGEST.get(column, (1 << self.bits(column) - 1) - 1)

    def bits(self, column: str) -> int:
        """The width of a number."""
        return _BITS[column_type(column, self.kind)]

    def are_legal(self, measured: Measured) -> bool:
        """Whether all values are ones that a record can have; judges the columns of this reading in the batch."""
        batch = measured.batch
        for name in batch.schema.names:
            column = batch.column(name)
            if name in TIMES and column.null_count:
                return False
            if not self.is_number(name):
                if not all_fit(name, column):
                    return False
            elif (span := measured.span(name)) and not 0 <= span[0] <= span[1] <= self.largest(name):
                return False
        return not all(name in batch.schema.names for name in TIMES) or not any_true(backwards(measured))

    def fit(self, measured: Measured, tally: Tally) -> "pa.RecordBatch":
        """Count what a batch of well-formed records covers, make its times seconds, drop what lies outside the hull.

        `start` and `end` are NULL in all records of a batch, or in none.
        """
        batch = measured.batch
        tally.rows += batch.num_rows
        if not batch.num_rows or not all(name in self.names for name in TIMES):
            tally.in_window += batch.num_rows
            return batch
        if any(batch.column(name).null_count for name in TIMES):
            tally.timeless += batch.num_rows
            return batch.slice(0, 0)
        measured = self._in_seconds(measured, tally)
        tally.newest = max(tally.newest or 0, _span(measured, "end")[1])
        measured = _within(measured, self.since, self.until)
        self._count(measured, tally)
        return measured.batch

    def _count(self, measured: Measured, tally: Tally) -> None:
        import pyarrow.compute as pc

        if self.counted is not None:
            measured = _within(measured, *self.counted)
        batch = measured.batch
        tally.in_window += batch.num_rows
        if "log_status" in self.names:
            for status, count in counts(batch.column("log_status")):
                tally.statuses[status or "-"] += count
        span = measured.span("end")
        if span and span[0] // 3600 == span[1] // 3600:
            tally.hours.add(span[0] // 3600)
        else:
            tally.hours.update(pc.unique(pc.divide(batch.column("end"), whole(3600))).to_pylist())

    def _in_seconds(self, measured: Measured, tally: Tally) -> Measured:
        import pyarrow.compute as pc

        limit, thousand = whole(_MILLISECONDS), whole(1000)
        batch = measured.batch
        for name in TIMES:
            if _span(measured, name)[1] >= _MILLISECONDS:
                column = batch.column(name)
                late = pc.greater_equal(column, limit)
                tally.milliseconds += pc.sum(late).as_py() if name == "end" else 0
                shrunk = pc.if_else(late, pc.divide(column, thousand), column)
                batch = batch.set_column(batch.schema.get_field_index(name), name, shrunk)
        return measured if batch is measured.batch else Measured(batch)


def _key_type() -> "pa.DataType":
    import pyarrow as pa

    return pa.dictionary(pa.int32(), pa.string())


def _constant(text: str | None, rows: int) -> "pa.Array":
    """One text, or none, in every row."""
    import pyarrow as pa

    if text is None:
        return pa.nulls(rows, _key_type())
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([text]))


def in_seconds(epoch: int) -> int:
    """A time in seconds or milliseconds since 1970 as seconds."""
    return epoch // 1000 if epoch >= _MILLISECONDS else epoch


def backwards(measured: Measured) -> "pa.BooleanArray | pa.ChunkedArray":
    """Which records start after they end, whatever unit each of the times is in."""
    import pyarrow.compute as pc

    limit, thousand = whole(_MILLISECONDS), whole(1000)
    start, end = (measured.batch.column(name) for name in TIMES)
    later = pc.greater(start, end)
    # An end in milliseconds may come before a start in seconds, though its number is larger.
    if not any_true(later) and (measured.span("end") or (0, 0))[1] < _MILLISECONDS:
        return later
    start, end = (pc.if_else(pc.greater_equal(time, limit), pc.divide(time, thousand), time) for time in (start, end))
    return pc.greater(start, end)


def _span(measured: Measured, name: str) -> tuple[int, int]:
    """The span of a column that holds a number at least."""
    span = measured.span(name)
    assert span is not None
    return span


def _within(measured: Measured, since: int, until: int) -> Measured:
    """The records that overlap `[since, until)`, Unix seconds; the batch itself where all of them do."""
    import pyarrow.compute as pc

    ends, starts = measured.span("end"), measured.span("start")
    if ends is None or starts is None or (ends[0] >= since and starts[1] < until):
        return measured
    batch = measured.batch
    late, early = pc.greater_equal(batch.column("end"), whole(since)), pc.less(batch.column("start"), whole(until))
    return Measured(batch.filter(pc.and_(late, early)))


def _as(column: "pa.Array", kind: "pa.DataType") -> "pa.Array":
    """A column with its dictionary put on or off."""
    import pyarrow as pa

    if column.type == kind:
        return column
    return column.dictionary_encode() if pa.types.is_dictionary(kind) else column.dictionary_decode()
