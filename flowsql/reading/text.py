"""Text records → Arrow batches, the quick way: whole blocks, only the wanted columns, no look at single lines.

Where a block does not fit it is cut into small pieces, and only those that do not fit are looked at line by line.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.fields import record_kind
from flowsql.reading.columns import Columns
from flowsql.reading.container import HEADER_LINE, Format
from flowsql.reading.damage import damaged
from flowsql.reading.lines import after_first_line, is_blank, is_utf8, normal
from flowsql.reading.measured import Measured
from flowsql.reading.screen import screened
from flowsql.reading.tally import Tally
from flowsql.reading.values import is_empty_anywhere

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE = 1 << 16
"""Bytes looked at line by line around a line that does not fit."""


def text_batches(
    blocks: Iterator[bytes], form: Format, columns: Columns, tally: Tally, name: str
) -> Iterator["pa.RecordBatch"]:
    """Blocks of whole lines of one object → batches in the schema of `columns`, every line counted in `tally`."""
    parser = _Parser(form.columns, columns, tally, name)
    passed = 0
    header = form.header
    before = b""
    for raw in blocks:
        # Most objects are one block: its lines are counted only when another follows.
        passed += before.count(b"\n")
        before = body = normal(raw)
        begin = skipped = 0
        if header:
            if is_blank(body):
                continue
            begin, skipped = after_first_line(body)
            header = False
            tally.headers += 1
        yield from parser.batches(body, begin, passed + skipped)


class _Parser:
    """Parses blocks of one object by the header seen last."""

    def __init__(self, names: tuple[str, ...], columns: Columns, tally: Tally, name: str) -> None:
        self._columns, self._tally, self._name = columns, tally, name
        self._schema = columns.schema()
        self._read_by(names)

    def _read_by(self, names: tuple[str, ...]) -> None:
        """Read what follows by the columns of a header."""
        import pyarrow.csv as csv

        columns = self._columns
        included = columns.among(names)
        self._names = names
        # Of a single column Arrow would take a line of tabs for a value.
        self._quick = len(names) > 1 and record_kind(names) == columns.kind
        self._shows_headers = any(columns.is_number(name) for name in included)
        """Whether a header among the records fails to parse."""
        self._convert = csv.ConvertOptions(
            column_types={name: columns.arrow_type(name) for name in included},
            include_columns=included,
            null_values=["-"],
            strings_can_be_null=True,
            check_utf8=False,
        )

    def batches(self, body: bytes, begin: int, passed: int) -> Iterator["pa.RecordBatch"]:
        """The records of the whole lines from `begin` on; `passed` lines went before. Counted, fitted to the window."""
        import pyarrow as pa

        if begin == len(body) or is_blank(body):
            return
        shaped = (self._shaped(table) for table in self._tables(body, begin, passed))
        batches = [self._columns.fit(Measured(batch), self._tally) for table in shaped for batch in table.to_batches()]
        # A block read in small pieces is one batch again.
        yield from pa.Table.from_batches(batches).combine_chunks().to_batches() if len(batches) > 1 else batches

    def _tables(self, body: bytes, begin: int, passed: int) -> Iterator["pa.Table"]:
        if (table := self._parsed(body, begin)) is not None:
            yield table
            return
        at = begin
        while at < len(body):
            end = body.find(b"\n", at + _PIECE) + 1 or len(body)
            piece = body[at:end]
            if (table := self._parsed(piece)) is not None:
                yield table
            else:
                yield from self._screened(piece, passed)
            passed += piece.count(b"\n")
            at = end

    def _screened(self, piece: bytes, passed: int) -> Iterator["pa.Table"]:
        import pyarrow as pa

        for run in screened(piece, self._names, self._columns, self._tally, self._name, passed):
            if run.names != self._names:
                self._read_by(run.names)
            if run.lines:
                try:
                    yield self._arrow(b"\n".join(run.lines))
                except pa.ArrowInvalid as failure:
                    raise damaged(f"a line after line {passed} cannot be parsed: {failure}", self._name) from failure

    def _parsed(self, body: bytes, begin: int = 0) -> "pa.Table | None":
        """The wanted columns of the whole lines from `begin` on; None when any line does not fit."""
        import pyarrow as pa

        if not self._quick or is_blank(body) or b"\0" in body or not is_utf8(body):
            return None
        if not self._shows_headers and HEADER_LINE.search(body, begin):
            return None
        try:
            table = self._arrow(body, begin)
        except pa.ArrowInvalid:
            return None
        texts = (table.column(name) for name in table.schema.names if not self._columns.is_number(name))
        legal = self._columns.are_legal(Measured(table)) and not any(map(is_empty_anywhere, texts))
        return table if legal else None

    def _arrow(self, body: bytes, begin: int = 0) -> "pa.Table":
        """The wanted columns of whole lines; raises ArrowInvalid for lines of another length and wrong numbers."""
        import pyarrow as pa
        import pyarrow.csv as csv

        return csv.read_csv(
            # Not a slice of the bytes, which would be a copy of megabytes.
            pa.py_buffer(body).slice(begin),
            csv.ReadOptions(use_threads=False, column_names=self._names, block_size=len(body) + 1),
            csv.ParseOptions(delimiter=" ", quote_char=False, escape_char=False),
            self._convert,
        )

    def _shaped(self, table: "pa.Table") -> "pa.Table":
        """The columns of the schema in its order, absent ones NULL."""
        import pyarrow as pa

        present = table.schema.names
        columns = [
            table.column(field.name) if field.name in present else pa.nulls(table.num_rows, field.type)
            for field in self._schema
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)
