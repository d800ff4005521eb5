"""The Arrow schema a question reads into, and what each batch tells about coverage."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.fields import RecordKind, column_type
from flowsql.reading.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS: tuple[str, ...] = ("start", "end", "log_status")
"""Read for every question: the window and the coverage need them."""

RANGES: dict[str, int] = {"srcport": 65535, "dstport": 65535, "protocol": 255}
"""The largest legal value; anything above means that the row is damaged or its columns are shifted."""

_MILLISECONDS = 10**11
"""Seconds since 1970 stay below this until the year 5138; epochs in milliseconds have been above it since 1973."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read, their types, and the time hull outside of which records are dropped early."""

    names: tuple[str, ...]
    kind: RecordKind
    since: int
    """Unix seconds: records that end before are dropped."""
    until: int
    """Unix seconds: records that start at or after are dropped."""

    def schema(self) -> "pa.Schema":
        """The schema of every batch of this reading."""
        import pyarrow as pa

        return pa.schema([(name, arrow_type(name, self.kind)) for name in self.names])

    def fit(self, batch: "pa.RecordBatch", tally: Tally) -> "pa.RecordBatch":
        """Count what a batch of well-formed records covers, make its times seconds, drop what lies outside the hull."""
        import pyarrow as pa
        import pyarrow.compute as pc

        tally.rows += batch.num_rows
        if not batch.num_rows or "end" not in self.names or "start" not in self.names:
            return batch
        batch = self._in_seconds(batch, tally)
        ends, starts = batch.column("end"), batch.column("start")
        newest = pc.max(ends).as_py()
        if newest is None:
            return batch.slice(0, 0)
        tally.newest = max(tally.newest or 0, newest)
        if pc.min(ends).as_py() < self.since or pc.max(starts).as_py() >= self.until or ends.null_count:
            inside = pc.and_(
                pc.greater_equal(ends, pa.scalar(self.since, pa.int64())),
                pc.less(starts, pa.scalar(self.until, pa.int64())),
            )
            batch = batch.filter(inside)
            ends = batch.column("end")
        tally.in_window += batch.num_rows
        if "log_status" in self.names:
            for entry in pc.value_counts(batch.column("log_status")).to_pylist():
                tally.statuses[entry["values"] or "-"] += entry["counts"]
        tally.hours.update(pc.unique(pc.divide(ends, pa.scalar(3600, pa.int64()))).to_pylist())
        return batch

    def _in_seconds(self, batch: "pa.RecordBatch", tally: Tally) -> "pa.RecordBatch":
        import pyarrow as pa
        import pyarrow.compute as pc

        limit, thousand = pa.scalar(_MILLISECONDS, pa.int64()), pa.scalar(1000, pa.int64())
        for name in ("start", "end"):
            column = batch.column(name)
            largest = pc.max(column).as_py()
            if largest is not None and largest >= _MILLISECONDS:
                late = pc.greater_equal(column, limit)
                tally.milliseconds += (pc.sum(late).as_py() or 0) if name == "end" else 0
                shrunk = pc.if_else(late, pc.divide(column, thousand), column)
                batch = batch.set_column(batch.schema.get_field_index(name), name, shrunk)
        return batch


def arrow_type(column: str, kind: RecordKind) -> "pa.DataType":
    """The Arrow type a column is read as."""
    import pyarrow as pa

    return {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}[column_type(column, kind)]


def out_of_range(batch: "pa.RecordBatch") -> bool:
    """Whether a port or protocol number is one that cannot be."""
    import pyarrow.compute as pc

    for name, largest in RANGES.items():
        if name in batch.schema.names:
            span = pc.min_max(batch.column(name)).as_py()
            if span["max"] is not None and (span["max"] > largest or span["min"] < 0):
                return True
    return False
