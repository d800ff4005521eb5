"""The Glue Data Catalog over HTTP: tables, their listed partitions, and what is said of those that are missing."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from flowsql.aws.glue import Catalogue
from flowsql.errors import NotFound, SourceError
from flowsql.query import Filters
from flowsql.tables.catalogue import open_table
from flowsql.window import parse_window

COLUMNS = ("srcaddr", "dstaddr", "bytes", "start", "end", "log_status")


@pytest.fixture
def glue(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.glue.models import glue_backends

    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    glue_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].reset()
    client = boto3.client("glue")
    client.create_database(DatabaseInput={"Name": "net"})
    client.create_table(
        DatabaseName="net",
        TableInput={
            "Name": "flow_logs",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "dt", "Type": "string"}],
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": "string"} for name in COLUMNS],
                "Location": "s3://logs/AWSLogs/123456789012/vpcflowlogs/us-east-1/",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
            },
        },
    )
    for day in range(1, 31):
        client.create_partition(
            DatabaseName="net",
            TableName="flow_logs",
            PartitionInput={
                "Values": [f"2026-11-{day:02}"],
                "StorageDescriptor": {"Location": f"s3://logs/AWSLogs/{day:02}/"},
            },
        )
    yield client
    client.close()


def test_a_table_by_its_name(glue: Any) -> None:
    table = open_table(Catalogue(), "net", "flow_logs")
    assert table.columns == COLUMNS
    window = parse_window(since="2026-11-22T10:00Z", until="2026-11-22T11:00Z")
    assert table.partition_sql(window, Filters()) == "\"dt\" = '2026-11-22'"


def test_no_such_table_or_database(glue: Any) -> None:
    with pytest.raises(NotFound) as raised:
        open_table(Catalogue(), "net", "flow_log")
    assert str(raised.value) == "there is no table 'flow_log' in database 'net'\n  hint: did you mean 'flow_logs'?"
    with pytest.raises(NotFound) as raised:
        open_table(Catalogue(), "netz", "flow_logs")
    assert str(raised.value) == ("there is no database 'netz' in the Glue Data Catalog\n  hint: did you mean 'net'?")


def test_listings(glue: Any) -> None:
    catalogue = Catalogue()
    assert catalogue.databases() == ["net"]
    assert [table["Name"] for table in catalogue.tables()] == ["flow_logs"]
    assert len(catalogue.partitions("net", "flow_logs", 7)) == 7


def test_no_region(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(SourceError, match="there is no AWS region"):
        open_table(Catalogue(), "net", "flow_logs")
