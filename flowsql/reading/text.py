"""Text records → Arrow batches: only the wanted columns are parsed; a bad row is rejected with line and reason.

The quick way parses whole blocks. Only a block in which something does not fit is looked at line by line.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.fields import column_type
from flowsql.reading.columns import RANGES, Columns, out_of_range
from flowsql.reading.container import Format, header_columns
from flowsql.reading.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

_LIMITS = {"int": 2**31, "bigint": 2**63}


def text_batches(
    blocks: Iterator[bytes], form: Format, columns: Columns, tally: Tally, name: str
) -> Iterator["pa.RecordBatch"]:
    """Blocks of whole lines of one object → batches in the schema of `columns`, every line counted in `tally`."""
    lines_before, header = 0, form.header
    for raw in blocks:
        block = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in raw else raw
        body = block
        if header:
            body, header, skipped = _without_header(block)
            lines_before += skipped
            tally.headers += not header
            if header:
                continue
        table = _parse(body, form.columns, columns)
        if table is None:
            good = _screen(body, form.columns, columns, tally, name, lines_before)
            table = _parse(good, form.columns, columns, strict=True)
        lines_before += _line_count(body)
        if table is not None:
            for batch in table.to_batches():
                yield columns.fit(_shaped(batch, columns), tally)


def _without_header(block: bytes) -> tuple[bytes, bool, int]:
    """The block after its first line that is not blank; whether the header is still to come; lines passed."""
    at, lines = 0, 0
    while at < len(block):
        end = block.find(b"\n", at)
        end = len(block) if end < 0 else end + 1
        lines += 1
        if block[at:end].strip():
            return block[end:], False, lines
        at = end
    return b"", True, lines


def _line_count(body: bytes) -> int:
    return body.count(b"\n")


def _parse(
    body: bytes, names: tuple[str, ...], columns: Columns, *, strict: bool = False
) -> "pa.Table | None":
    """The wanted columns of a block; None when it is empty or, unless `strict`, when any line does not fit."""
    import pyarrow as pa
    import pyarrow.csv as csv

    present = [name for name in columns.names if name in names]
    if not body.strip():
        return None
    misfits: list[object] = []

    def misfit(row: object) -> str:
        misfits.append(row)
        return "skip"

    schema = columns.schema()
    # A column nobody wants stands in when no wanted one is there, so that rows are still counted.
    included = present or [names[0]]
    try:
        table = csv.read_csv(
            pa.py_buffer(body),
            csv.ReadOptions(use_threads=False, column_names=list(names), block_size=max(len(body) + 1, 1 << 16)),
            csv.ParseOptions(
                delimiter=" ", quote_char=False, escape_char=False, invalid_row_handler=misfit
            ),
            csv.ConvertOptions(
                column_types={name: schema.field(name).type for name in present},
                include_columns=included,
                null_values=["-"],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        if strict:
            raise
        return None
    if misfits or any(out_of_range(batch) for batch in table.to_batches()):
        return None
    return table


def _shaped(batch: "pa.RecordBatch", columns: Columns) -> "pa.RecordBatch":
    """The batch with the columns of the schema in its order, absent ones NULL."""
    import pyarrow as pa

    schema = columns.schema()
    arrays = [
        batch.column(field.name) if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    if not arrays:
        return batch
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _screen(
    body: bytes, names: tuple[str, ...], columns: Columns, tally: Tally, name: str, lines_before: int
) -> bytes:
    """The lines of a block that are records; the others are counted as headers or rejected with their reason."""
    numeric = [
        (names.index(column), column) for column in columns.names if column in names and _is_number(column, columns)
    ]
    good = []
    for number, raw in enumerate(body.split(b"\n"), lines_before + 1):
        line = raw.strip(b" \t")
        if not line:
            continue
        text = line.decode("utf-8", "replace")
        values = text.split(" ")
        if header_columns(text):
            tally.headers += 1
            continue
        reason = _misfit(line, values, names) or _bad_number(values, numeric, columns)
        if reason:
            tally.reject(name, number, reason, text)
        else:
            good.append(line)
    return b"\n".join(good)


def _is_number(column: str, columns: Columns) -> bool:
    return column_type(column, columns.kind) != "string"


def _misfit(line: bytes, values: list[str], names: tuple[str, ...]) -> str | None:
    if len(values) != len(names):
        return f"{len(values)} values where the log format has {len(names)} fields"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    return None


def _bad_number(values: list[str], numeric: list[tuple[int, str]], columns: Columns) -> str | None:
    for index, column in numeric:
        value = values[index]
        if value == "-":
            continue
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()):
            return f"{column} is {value!r}, not a number"
        number, limit = int(value), _LIMITS[column_type(column, columns.kind)]
        if not -limit <= number < limit or not 0 <= number <= RANGES.get(column, number):
            return f"{column} is {value}, out of range"
    return None
