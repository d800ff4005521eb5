"""Table → the statements that make it in Athena, from the SQL templates in `flowsql/ddl/`.

Athena User Guide, "CREATE TABLE", "Set up partition projection", "ALTER TABLE ADD PARTITION".
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from flowsql.errors import UsageError
from flowsql.fields import column_type
from flowsql.macros import Sql
from flowsql.params import hive_identifier, hive_text
from flowsql.partitions import Partition
from flowsql.table import Table
from flowsql.template import packaged

_TOGETHER = 100
"""Partitions added by one statement, which may have 262,144 bytes."""

_TYPE = re.compile(r"[a-z][a-z0-9_(),<>: ]*")
_COMMA, _NOTHING = Sql(","), Sql("")


def create_database(database: str) -> str:
    """CREATE DATABASE IF NOT EXISTS."""
    return packaged("create_database", name=_identifier(database))


def create_table(table: Table) -> str:
    """CREATE EXTERNAL TABLE, without IF NOT EXISTS, which would hide a table that is defined otherwise."""
    properties = [{"key": _text(key), "value": _text(value)} for key, value in table_properties(table).items()]
    return packaged(
        "create_table",
        name=_name(table),
        columns=[_column(*column) for column in stored_columns(table)],
        partitions=[_column(partition.name, partition.sql_type) for partition in table.partitions],
        text=table.file_format == "text",
        location=_text(table.location),
        properties=properties,
        comma=_COMMA,
        nothing=_NOTHING,
    )


def add_partitions(table: Table, found: Iterable[tuple[Mapping[str, str], str]]) -> Iterator[str]:
    """ALTER TABLE ADD PARTITION, some partitions a statement; each is its values by column, and its location."""
    listed = list(found)
    for first in range(0, len(listed), _TOGETHER):
        partitions = [
            {
                "spec": Sql(", ".join(f"{hive_identifier(key)} = {hive_text(value)}" for key, value in values.items())),
                "location": _text(location),
            }
            for values, location in listed[first : first + _TOGETHER]
        ]
        yield packaged("add_partitions", name=_name(table), partitions=partitions)


def repair_table(table: Table) -> str:
    """MSCK REPAIR TABLE, which finds partitions whose folders are named `column=value`."""
    return packaged("repair_table", name=_name(table))


def stored_columns(table: Table) -> list[tuple[str, str]]:
    """The columns as they stand in the catalogue: name and type, in order."""
    return [
        (table.renamed.get(column, column), table.types.get(column, column_type(column, table.kind)))
        for column in table.columns
    ]


def table_properties(table: Table) -> dict[str, str]:
    """The TBLPROPERTIES: header lines, and the projection unless partitions are registered."""
    found = {"skip.header.line.count": "1"} if table.file_format == "text" else {"classification": "parquet"}
    projected = [partition for partition in table.partitions if partition.type != "registered"]
    if not projected:
        return found
    found["projection.enabled"] = "true"
    for partition in projected:
        found.update(_projection(partition))
    found["storage.location.template"] = table.template
    return found


def _projection(partition: Partition) -> Iterator[tuple[str, str]]:
    prefix = f"projection.{partition.name}"
    yield f"{prefix}.type", partition.type
    match partition.type:
        case "enum":
            # Blanks would be part of the values.
            yield f"{prefix}.values", ",".join(partition.values)
        case "date":
            yield f"{prefix}.format", partition.format
        case _:
            pass
    if partition.range:
        yield f"{prefix}.range", ",".join(partition.range)
    if partition.type == "integer" and partition.digits:
        yield f"{prefix}.digits", str(partition.digits)
    if partition.type == "date":
        # Obligatory where the format is finer than a day, and the default for days.
        yield f"{prefix}.interval", str(partition.interval)
        yield f"{prefix}.interval.unit", f"{(partition.grain or 'day').upper()}S"


def _name(table: Table) -> Sql:
    if table.name is None:
        raise UsageError("the table has no name", hint="--table database.table")
    return Sql(".".join(map(_identifier, table.name)))


def _identifier(name: str) -> Sql:
    return Sql(hive_identifier(name))


def _text(text: str) -> Sql:
    return Sql(hive_text(text))


def _column(name: str, kind: str) -> dict[str, Sql]:
    if not _TYPE.fullmatch(kind):
        raise UsageError(f"column {name}: {kind!r} is not a type", hint="string, int, bigint, date …")
    return {"name": _identifier(name), "type": Sql(kind)}
