"""What a table in Glue has that the one wanted has not: IF NOT EXISTS would hide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowsql.table import Table
from flowsql.tables.ddl import stored_columns, table_properties
from flowsql.tables.definition import GlueTable

_COMPARED = ("projection.", "storage.location.template", "skip.header.line.count")


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not alike; an empty text is one that is absent."""

    what: str
    existing: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.what}: there is {self.existing or 'none'}, wanted is {self.wanted or 'none'}"


def differences(existing: GlueTable, wanted: Table) -> list[Difference]:
    """Everything in which the table in Glue is not the one that the wanted one's DDL makes."""
    there = _facts(
        existing.columns, existing.partition_keys, existing.is_parquet, existing.location, existing.parameters
    )
    keys = tuple((partition.name, partition.sql_type) for partition in wanted.partitions)
    here = _facts(
        stored_columns(wanted), keys, wanted.file_format == "parquet", wanted.location, table_properties(wanted)
    )
    return [
        Difference(what, there.get(what, ""), here.get(what, ""))
        for what in dict.fromkeys((*here, *there))
        if there.get(what, "") != here.get(what, "")
    ]


def _facts(
    columns: Sequence[tuple[str, str]],
    keys: Sequence[tuple[str, str]],
    is_parquet: bool,
    location: str,
    parameters: Mapping[str, str],
) -> dict[str, str]:
    found = {"file format": "Parquet" if is_parquet else "text", "LOCATION": location.rstrip("/")}
    found |= {f"column {number}": f"{name} {kind}" for number, (name, kind) in enumerate(columns, 1)}
    found |= {f"partition {number}": f"{name} {kind}" for number, (name, kind) in enumerate(keys, 1)}
    found |= {key: value for key, value in parameters.items() if key.startswith(_COMPARED)}
    if is_parquet:
        found.pop("skip.header.line.count", None)  # It means nothing there, though AWS's own definitions have it.
    return found
