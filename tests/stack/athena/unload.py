"""UNLOAD: a SELECT's rows as files at a place on S3, and the manifest that lists them."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.stack.athena.errors import USER, Failure
from tests.stack.athena.statements import with_parameters
from tests.stack.trino import UNLOAD_CATALOG

if TYPE_CHECKING:
    from tests.stack.athena.execution import Execution

SCHEMA = f"{UNLOAD_CATALOG}.files"
"""Where the tables are by which Trino writes the files."""

_OPENING = re.compile(r"^(?:\s|--[^\n]*\n|/\*.*?\*/)*UNLOAD\s*\(", re.IGNORECASE | re.DOTALL)
_TARGET = re.compile(
    r"^\s*TO\s+'(?P<target>(?:[^']|'')*)'\s*(?:WITH\s*\((?P<options>.*)\))?\s*$", re.IGNORECASE | re.DOTALL
)
_OPTION = re.compile(r"\s*(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|\d+)\s*(?:,|$)", re.IGNORECASE)
_FORMATS = ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE")
_CODECS = {"PARQUET": "GZIP", "ORC": "ZLIB", "AVRO": "GZIP", "JSON": "GZIP", "TEXTFILE": "GZIP"}
"""What each format is compressed with when nothing is said."""


@dataclass(frozen=True, slots=True)
class Unload:
    """An UNLOAD statement, taken apart."""

    select: str
    line: int
    """How many lines of the statement lie before the SELECT."""
    target: str
    format: str
    compression: str
    partitioned_by: str | None

    @classmethod
    def parse(cls, sql: str) -> "Unload":
        """Take apart; raises Failure."""
        opening = _OPENING.match(sql)
        end = _closing(sql, opening.end()) if opening else -1
        ending = _TARGET.match(sql[end + 1 :]) if opening and end >= 0 else None
        if opening is None or ending is None:
            raise Failure(
                "SYNTAX_ERROR: line 1:1: mismatched input. Expecting: UNLOAD (SELECT …) TO '…' WITH (…)", USER, 1006
            )
        options = {key.lower(): value for key, value in _OPTION.findall(ending["options"] or "")}
        form = options.get("format", "").strip("'").upper()
        if form not in _FORMATS:
            raise Failure(f"INVALID_TABLE_PROPERTY: Unsupported UNLOAD format: {form or 'none given'}", USER, 1101)
        return cls(
            select=sql[opening.end() : end],
            line=sql[: opening.end()].count("\n"),
            target=ending["target"].replace("''", "'").rstrip("/") + "/",
            format=form,
            compression=options.get("compression", _CODECS[form]).strip("'").upper(),
            partitioned_by=options.get("partitioned_by"),
        )

    @property
    def place(self) -> tuple[str, str]:
        """Bucket and prefix of the target."""
        bucket, _, prefix = self.target.removeprefix("s3://").partition("/")
        return bucket, prefix

    def check_target(self, s3: Any) -> None:
        """Athena never overwrites: raises Failure when something is there."""
        bucket, prefix = self.place
        if s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("KeyCount"):
            raise Failure(
                f"HIVE_PATH_ALREADY_EXISTS: Target directory for table 'unload' already exists: {self.target}. You "
                f"may need to manually clean the data at location '{self.target}' before retrying. Athena will not "
                "delete data in your account.",
                USER,
                1000,
            )

    def statement(self, query_id: str, parameters: list[str]) -> str:
        """The CREATE TABLE AS by which Trino writes the same files."""
        properties = [f"external_location = '{self.target}'", f"format = '{self.format}'"]
        if self.partitioned_by:
            properties.append(f"partitioned_by = {self.partitioned_by}")
        # The SELECT keeps its own lines, so that an error's line is the statement's.
        sql = f"CREATE TABLE {SCHEMA}.{_table(query_id)} WITH ({', '.join(properties)}) AS (" + "\n" * self.line
        sql += self.select + ")"
        return with_parameters(sql, parameters)

    def session(self) -> dict[str, str]:
        """The session property by which Trino compresses as asked."""
        return {f"{UNLOAD_CATALOG}.compression_codec": "NONE" if self.compression == "NONE" else self.compression}

    def finish(self, execution: "Execution", s3: Any) -> str | None:
        """List the files that were written; where the list is."""
        bucket, prefix = self.place
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        if execution.location is None:
            return None
        manifest = f"{execution.location}-manifest.csv"
        home, _, key = manifest.removeprefix("s3://").partition("/")
        body = "".join(f"s3://{bucket}/{each}\n" for each in keys)
        s3.put_object(Bucket=home, Key=key, Body=body.encode())
        return manifest


def _table(query_id: str) -> str:
    return f"u_{query_id.replace('-', '_')}"


def _closing(sql: str, start: int) -> int:
    """Where the parenthesis closes that opened before `start`, quotes and comments passed over; -1 when nowhere."""
    depth = 1
    for found in re.finditer(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[()]""", sql[start:], re.DOTALL):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return start + found.start()
    return -1
