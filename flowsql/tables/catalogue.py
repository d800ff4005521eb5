"""A table by its name in the Glue Data Catalog → Table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowsql.aws.glue import Catalogue
from flowsql.errors import SourceError
from flowsql.partitions import Term
from flowsql.table import Table
from flowsql.tables.definition import GlueTable, glue_table, table_of
from flowsql.tables.registered import Registered

_SAMPLE = 25
"""Listed partitions looked at to tell what their columns stand for."""

_MOST = 20_000
"""Listed partitions looked through for one window; they come a thousand at a time."""

_LONGEST = 2048
"""Characters of an expression (AWS Glue Web API Reference, GetPartitions)."""


def open_table(catalogue: Catalogue, database: str, name: str) -> Table:
    """The table of flow logs with this name; raises NotFound, SourceError."""
    return described(catalogue, glue_table(catalogue.table(database, name)))


def any_table(database: str, name: str, *, profile: str | None = None, region: str | None = None) -> Table | None:
    """The table of flow logs with this name; None for one without flow logs and partitions.

    Raises NotFound, and SourceError for a view and for other tables with partitions.
    """
    catalogue = Catalogue(profile, region)
    found = glue_table(catalogue.table(database, name))
    return None if found.is_plain else described(catalogue, found)


def described(catalogue: Catalogue, found: GlueTable) -> Table:
    """A Glue table as a Table, some of its listed partitions looked at where it has such."""
    if found.projected or not found.partition_keys or found.is_view or found.kind:
        return table_of(found)
    return table_of(found, _registered(catalogue.partitions(*found.name, _SAMPLE)))


def listed_partitions(catalogue: Catalogue, table: Table, terms: Sequence[Term]) -> Sequence[Registered] | None:
    """The partitions that Glue lists for a table and that may fit terms; None where it does not tell, or has too many.

    Nothing is scanned or billed.
    """
    database, name = (table.name or ("", ""))[-2:]
    try:
        found = catalogue.partitions(database, name, _MOST + 1, expression(terms))
    except SourceError:
        return None
    return _registered(found) if len(found) <= _MOST else None


def expression(terms: Sequence[Term]) -> str:
    """Terms of time as the expression that GetPartitions takes; empty where Glue would not take it."""
    alternatives = [" AND ".join(condition.listed() for condition in term) for term in terms]
    text = " OR ".join(f"({alternative})" for alternative in alternatives) if all(alternatives) else ""
    return text if len(text) <= _LONGEST else ""


def _registered(raw: Iterable[Mapping[str, Any]]) -> list[Registered]:
    return [
        Registered(
            tuple(map(str, item.get("Values") or ())), str((item.get("StorageDescriptor") or {}).get("Location", ""))
        )
        for item in raw
    ]
