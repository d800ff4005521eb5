"""Parquet records → Arrow batches, whatever types their writer chose."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowsql.errors import DamagedObject
from flowsql.fields import column_name
from flowsql.reading.columns import RANGES, Columns, out_of_range
from flowsql.reading.store import Bytes
from flowsql.reading.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_MISSING = ("-", "", "None", "nan", "NaN", "null")
"""Texts that stand for a missing number in files other tools wrote; AWS writes `-`."""

_HINT = "--skip-damaged answers without it, and says so"


def parquet_columns(data: Bytes, name: str) -> tuple[str, ...]:
    """The columns of a Parquet object, underscored; raises DamagedObject."""
    return tuple(column_name(column) for column in _open(data, name).schema_arrow.names)


def _open(data: Bytes, name: str) -> "pq.ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(pa.BufferReader(pa.py_buffer(data)))
    except (pa.ArrowException, OSError) as failure:
        raise DamagedObject(f"not a whole Parquet file: {_first_line(failure)}", where=name, hint=_HINT) from failure


def _first_line(failure: Exception) -> str:
    return str(failure).splitlines()[0] if str(failure) else type(failure).__name__


def parquet_batches(data: Bytes, columns: Columns, tally: Tally, name: str) -> Iterator["pa.RecordBatch"]:
    """The row groups of one object that may hold the window → batches; raises DamagedObject.

    Every row of a row group that is read is used or counted as rejected with its number, from 1.
    """
    import pyarrow as pa

    file = _open(data, name)
    stored = {column_name(column): column for column in file.schema_arrow.names}
    present = [stored[column] for column in columns.names if column in stored] or [*stored.values()][:1]
    first_row = 0
    for group in range(file.num_row_groups):
        meta = file.metadata.row_group(group)
        if _may_hold(meta, stored, columns):
            try:
                table = file.read_row_group(group, columns=present, use_threads=False)
            except (pa.ArrowException, OSError) as failure:
                reason = f"row group {group} is corrupt: {_first_line(failure)}"
                raise DamagedObject(reason, where=name, hint=_HINT) from failure
            for batch in _converted(table, stored, columns, tally, name, first_row):
                yield columns.fit(batch, tally)
        first_row += meta.num_rows


def _may_hold(meta: Any, stored: dict[str, str], columns: Columns) -> bool:
    """Whether the statistics of a row group leave room for a record of the window."""
    spans = {}
    for index in range(meta.num_columns):
        chunk = meta.column(index)
        name = column_name(chunk.path_in_schema)
        if name in ("start", "end") and name in stored and chunk.physical_type == "INT64":
            statistics = chunk.statistics
            if statistics is not None and statistics.has_min_max and isinstance(statistics.max, int):
                spans[name] = (statistics.min, statistics.max)
    if len(spans) < 2 or max(spans["end"][1], spans["start"][1]) >= 10**11:
        return True
    return bool(spans["end"][1] >= columns.since and spans["start"][0] < columns.until)


def _converted(
    table: "pa.Table", stored: dict[str, str], columns: Columns, tally: Tally, name: str, first_row: int
) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    schema = columns.schema()
    arrays, reasons = [], {}
    for field in schema:
        if field.name not in stored:
            arrays.append(pa.nulls(table.num_rows, field.type))
            continue
        column = table.column(stored[field.name]).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, field.type)
        array, bad = _cast(column, field)
        arrays.append(array)
        for row in bad:
            reasons.setdefault(row, f"{field.name} is {column[row].as_py()!r}, not a number")
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    if out_of_range(batch):
        for row, values in enumerate(batch.select([c for c in RANGES if c in schema.names]).to_pylist()):
            for key, value in values.items():
                if value is not None and not 0 <= value <= RANGES[key]:
                    reasons.setdefault(row, f"{key} is {value}, out of range")
    if reasons:
        for row in sorted(reasons):
            tally.reject(name, first_row + row + 1, reasons[row], str(table.slice(row, 1).to_pylist()[0]))
        batch = batch.take(pa.array([row for row in range(batch.num_rows) if row not in reasons], pa.int64()))
    yield batch


def _cast(array: "pa.Array", field: "pa.Field") -> tuple["pa.Array", list[int]]:
    """An array in the wanted type, with the rows whose value is not one (they become NULL)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_string(field.type):
        if field.name == "account_id" and pa.types.is_integer(array.type):
            array = pc.utf8_lpad(array.cast(pa.string()), 12, "0")
        array = array.cast(pa.string())
        dashes = pc.equal(array, "-")
        return (pc.if_else(dashes, pa.scalar(None, pa.string()), array) if pc.any(dashes).as_py() else array), []
    if pa.types.is_timestamp(array.type):
        return pc.cast(array, pa.timestamp("s"), safe=False).cast(pa.int64()).cast(field.type), []
    if array.type == field.type:
        return array, []
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        missing = pc.is_in(array, pa.array(_MISSING, array.type))
        array = pc.if_else(missing, pa.scalar(None, array.type), array)
    try:
        return array.cast(field.type), []
    except pa.ArrowInvalid:
        return _cast_each(array, field)


def _cast_each(array: "pa.Array", field: "pa.Field") -> tuple["pa.Array", list[int]]:
    import pyarrow as pa

    bits = field.type.bit_width
    values: list[int | None] = []
    bad = []
    for row, value in enumerate(array.to_pylist()):
        try:
            number = None if value is None or value != value else int(value)
            if number is not None and not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
                raise ValueError
            values.append(number)
        except (ValueError, TypeError):
            values.append(None)
            bad.append(row)
    return pa.array(values, field.type), bad
