"""A table by its name in the Glue Data Catalog → Table."""

from flowsql.aws.glue import Catalogue
from flowsql.table import Table
from flowsql.tables.definition import GlueTable, Registered, glue_table, table_of

_SAMPLE = 25
"""Listed partitions looked at to tell what their columns stand for."""


def open_table(database: str, name: str, *, profile: str | None = None, region: str | None = None) -> Table:
    """The table of flow logs with this name; raises NotFound, SourceError."""
    catalogue = Catalogue(profile, region)
    return described(catalogue, glue_table(catalogue.table(database, name)))


def described(catalogue: Catalogue, found: GlueTable) -> Table:
    """A Glue table as a Table, some of its listed partitions looked at where it has such."""
    if found.projected or not found.partition_keys or found.is_view:
        return table_of(found)
    listed = [
        Registered(
            tuple(map(str, item.get("Values") or ())), str((item.get("StorageDescriptor") or {}).get("Location", ""))
        )
        for item in catalogue.partitions(*found.name, _SAMPLE)
    ]
    return table_of(found, listed)
