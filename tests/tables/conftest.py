"""Deliveries of every kind, and a table as Glue would store it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from flowsql.delivery import Delivery
from flowsql.fields import DEFAULT_FORMAT, TGW_DEFAULT_FORMAT, column_name
from flowsql.layout import object_key
from flowsql.table import Table
from flowsql.tables.ddl import stored_columns, table_properties

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
SERDES = {
    "text": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}


def deliver(**how: Any) -> Delivery:
    """One delivery: those of a default flow log unless said otherwise."""
    kind = how.get("kind", "vpc")
    names = TGW_DEFAULT_FORMAT if kind == "tgw" else DEFAULT_FORMAT
    values: dict[str, Any] = {
        "account": "123456789012",
        "region": "us-east-1",
        "flow_log": "fl-0a1b2c3d4e5f60718",
        "columns": tuple(map(column_name, names)),
        "kind": kind,
        "file_format": "text",
        "style": "default",
        "hourly": False,
        "first": FIRST,
    } | how
    key = object_key(values["account"], values["region"], "fl-1", FIRST, "a", style=values["style"], prefix="p")
    time = "year=" if values["style"] == "hive" else f"{FIRST:%Y}/"
    return Delivery(folder=f"s3://logs/{key.partition(time)[0]}", **values)


def stored(table: Table) -> dict[str, Any]:
    """What GetTable would say of a table made by its DDL."""
    assert table.name is not None
    return {
        "DatabaseName": table.name[0],
        "Name": table.name[1],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **table_properties(table)},
        "PartitionKeys": [{"Name": part.name, "Type": part.sql_type} for part in table.partitions],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in stored_columns(table)],
            "Location": table.location,
            "SerdeInfo": {
                "SerializationLibrary": SERDES[table.file_format],
                "Parameters": {"field.delim": " ", "serialization.format": " "},
            },
        },
    }


@pytest.fixture
def delivery() -> Callable[..., Delivery]:
    return deliver


@pytest.fixture
def as_stored() -> Callable[[Table], dict[str, Any]]:
    return stored
