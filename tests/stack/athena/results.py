"""A query's result: kept in pages for GetQueryResults, written to S3 as Athena writes it."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from tests.stack.athena.errors import ApiError

Row = Sequence[str | None]

MOST_ROWS = 1000
"""Rows in a page of GetQueryResults at most, the header row included."""


class Result:
    """The rows of one execution, in a file of their own: the memory they take does not grow with them."""

    def __init__(self, folder: Path, query_id: str, *, header: bool) -> None:
        """`header`: whether the first row names the columns, as it does for a SELECT and not for DDL."""
        self._rows = folder / f"{query_id}.rows"
        self.file = folder / f"{query_id}.result"
        self.columns: list[dict[str, Any]] = []
        self.header = header
        self.update_count: int | None = None
        self.output_bytes = 0
        self._kept: IO[str] | None = None
        self._written: IO[str] | None = None

    def start(self, columns: list[dict[str, Any]]) -> None:
        """Begin, with what the columns are."""
        self.columns = columns
        self._kept = self._rows.open("w", encoding="utf-8")
        self._written = self.file.open("w", encoding="utf-8", newline="")
        if self.header:
            self.add([[column["Name"] for column in columns]])

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows of Athena's text, None for NULL."""
        assert self._kept is not None
        assert self._written is not None
        line = csv_line if self.header else _text_line
        for row in rows:
            self._kept.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._written.write(line(row))

    def end(self) -> None:
        """Close the files; a result that never started is empty."""
        if self._kept is None:
            self._rows.write_text("")
            self.file.write_text("")
        for file in (self._kept, self._written):
            if file is not None:
                file.close()
        self.output_bytes = self.file.stat().st_size

    def page(self, most: int, token: str | None) -> dict[str, Any]:
        """A GetQueryResults answer of at most `most` rows from where `token` points."""
        with self._rows.open("rb") as file:
            file.seek(_offset(token))
            lines = [line for line in (file.readline() for _ in range(most)) if line]
            place, more = file.tell(), bool(file.readline())
        answer: dict[str, Any] = {
            "UpdateCount": self.update_count or 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(cell) for cell in json.loads(line)]} for line in lines],
                "ResultSetMetadata": {"ColumnInfo": self.columns},
            },
        }
        if more:
            answer["NextToken"] = base64.b64encode(f"row@{place}".encode()).decode()
        return answer


def csv_line(row: Row) -> str:
    """All values quoted, quotes doubled, NULL nothing at all."""
    return ",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row) + "\n"


def _text_line(row: Row) -> str:
    return "\t".join(cell or "" for cell in row) + "\n"


def _datum(cell: str | None) -> dict[str, str]:
    return {} if cell is None else {"VarCharValue": cell}


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        kind, offset = base64.b64decode(token, validate=True).decode().split("@")
        if kind == "row":
            return int(offset)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("InvalidRequestException", "Invalid pagination token")
