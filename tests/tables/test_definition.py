"""Glue tables that anybody may have made, and what they are read as."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from flowsql.errors import SourceError
from flowsql.fields import DEFAULT_FORMAT, TGW_FIELDS, VPC_FIELDS, column_name
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.definition import glue_table, holds_flow_logs, table_of
from flowsql.tables.design import designs, make_table
from flowsql.tables.registered import Registered
from flowsql.window import Window

V2 = {column_name(name): "string" for name in DEFAULT_FORMAT}
V5 = {item.column: item.type for item in VPC_FIELDS if item.version <= 5}
BASE = "s3://logs/p/AWSLogs"
PROJECTED = {"projection.enabled": "true", "skip.header.line.count": "1"}
SINCE = datetime(2026, 11, 22, 23, 50, tzinfo=UTC)
WINDOW = Window(SINCE, datetime(2026, 11, 22, 23, 55, tzinfo=UTC))
DAYS = {"projection.day.type": "date", "projection.day.format": "yyyy/MM/dd", "projection.day.range": "2026/01/01,NOW"}


def raw(
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    location: str,
    parameters: Mapping[str, str] | None = None,
    serde: str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
) -> dict[str, Any]:
    return {
        "Name": "flow_logs",
        "DatabaseName": "net",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(parameters or {}),
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys.items()],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": location,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {"field.delim": " "}},
        },
    }


def read(made: dict[str, Any], *registered: Registered) -> Table:
    return table_of(glue_table(made), registered)


def predicate(table: Table, **filters: tuple[str, ...]) -> str:
    return table.partition_sql(WINDOW, Filters(**filters))


def test_awss_text_table_with_a_date_column() -> None:
    table = read(
        raw(V5, {"date": "date"}, f"{BASE}/123456789012/vpcflowlogs/us-east-1/"),
        Registered(("2026-11-22",), f"{BASE}/123456789012/vpcflowlogs/us-east-1/2026/11/22"),
    )
    assert predicate(table) == "\"date\" >= DATE '2026-11-22' AND \"date\" <= DATE '2026-11-23'"
    assert table.prefixes(WINDOW, Filters()) == (f"{BASE}/123456789012/vpcflowlogs/us-east-1/",)
    assert (table.file_format, table.kind, table.columns) == ("text", "vpc", tuple(V5))


def test_awss_projection_that_drops_the_region() -> None:
    columns = {name: kind for name, kind in V5.items() if name != "region"}
    parameters = (
        PROJECTED
        | DAYS
        | {
            "projection.accid.type": "enum",
            "projection.accid.values": "000000000012,123456789012",
            "projection.region.type": "enum",
            "projection.region.values": "us-east-1",
            "storage.location.template": f"{BASE}/${{accid}}/vpcflowlogs/${{region}}/${{day}}",
        }
    )
    table = read(raw(columns, {"accid": "string", "region": "string", "day": "string"}, f"{BASE}/", parameters))
    assert [part.role for part in table.partitions] == ["account", "region", "date"]
    assert predicate(table, region=("us-east-1",)) == (
        "\"region\" = 'us-east-1' AND \"day\" >= '2026/11/22' AND \"day\" <= '2026/11/23'"
    )
    assert table.prefixes(WINDOW, Filters(account=("000000000012",))) == (
        f"{BASE}/000000000012/vpcflowlogs/us-east-1/2026/11/22/",
        f"{BASE}/000000000012/vpcflowlogs/us-east-1/2026/11/23/",
    )


def test_awss_hive_parquet_table() -> None:
    names = ("aws-account-id", "aws-service", "aws-region", "year", "month", "day", "hour")
    values = ("123456789012", "vpcflowlogs", "us-east-1", "2026", "11", "22", "23")
    hive = "/".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
    table = read(
        raw(
            V5,
            dict.fromkeys(names, "string"),
            f"{BASE}/",
            {"EXTERNAL": "true", "skip.header.line.count": "1"},
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        ),
        Registered(values, f"{BASE}/{hive}/"),
    )
    assert table.file_format == "parquet"
    assert [part.role for part in table.partitions] == [
        *("account", "service", "region", "year", "month", "day", "hour"),
    ]
    assert predicate(table, account=("123456789012",)) == (
        "\"aws-account-id\" = '123456789012' AND \"aws-service\" = 'vpcflowlogs' AND "
        "((\"year\" = '2026' AND \"month\" = '11' AND \"day\" = '22' AND \"hour\" = '23') OR "
        "(\"year\" = '2026' AND \"month\" = '11' AND \"day\" = '23' AND \"hour\" IN ('00', '0')))"
    )
    assert table.prefixes(WINDOW, Filters(account=("123456789012",), region=("us-east-1",)))[0] == f"{BASE}/{hive}/"


def test_the_integration_templates_table() -> None:
    table = read(
        raw(V2, dict.fromkeys(("year", "month", "day"), "string"), f"{BASE}/123456789012/vpcflowlogs/us-east-1/"),
        Registered(("2026", "01", "22"), f"{BASE}/123456789012/vpcflowlogs/us-east-1/2026/01/22"),
    )
    assert table.template == f"{BASE}/123456789012/vpcflowlogs/us-east-1/${{year}}/${{month}}/${{day}}/"
    assert predicate(table) == "\"year\" = '2026' AND \"month\" = '11' AND \"day\" IN ('22', '23')"


def test_accounts_of_a_few_listed_partitions_are_not_all() -> None:
    """Only some partitions are looked at, so their accounts bound nothing."""
    table = read(
        raw(V2, {"account": "string", "dt": "string"}, f"{BASE}/"),
        Registered(("123456789012", "2026-11-22"), f"{BASE}/123456789012/vpcflowlogs/us-east-1/2026/11/22"),
    )
    assert table.partitions[0].values == ()
    assert table.prefixes(WINDOW, Filters()) == (f"{BASE}/",)


def test_a_parquet_projection_with_a_date_and_an_hour() -> None:
    parameters = PROJECTED | {
        "projection.date.type": "date",
        "projection.date.format": "yyyy/MM/dd",
        "projection.hour.type": "integer",
        "projection.hour.range": "00,23",
        "projection.hour.digits": "2",
        "storage.location.template": f"{BASE}/123456789012/vpcflowlogs/us-east-1/${{date}}/${{hour}}",
    }
    table = read(raw(V5, {"date": "string", "hour": "string"}, f"{BASE}/", parameters))
    assert predicate(table) == (
        "((\"date\" = '2026/11/22' AND \"hour\" = '23') OR (\"date\" = '2026/11/23' AND \"hour\" = '00'))"
    )


def test_hours_in_one_date() -> None:
    parameters = PROJECTED | {
        "projection.dt.type": "date",
        "projection.dt.format": "yyyy/MM/dd/HH",
        "projection.dt.interval": "1",
        "projection.dt.interval.unit": "HOURS",
        "projection.dt.range": "2026/01/01/00,NOW",
        "projection.account_id_p.type": "injected",
        "storage.location.template": f"{BASE}/${{account_id_p}}/vpcflowlogs/us-east-1/${{dt}}/",
    }
    table = read(raw(V5, {"account_id_p": "string", "dt": "string"}, f"{BASE}/", parameters))
    assert predicate(table, account=("123456789012",)) == (
        "\"account_id_p\" = '123456789012' AND \"dt\" >= '2026/11/22/23' AND \"dt\" <= '2026/11/23/00'"
    )


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "2026-11-22", "\"dt\" >= '2026-11-22' AND \"dt\" <= '2026-11-23'"),
        ("string", "20261122", "\"dt\" >= '20261122' AND \"dt\" <= '20261123'"),
        ("int", "20261122", '"dt" >= 20261122 AND "dt" <= 20261123'),
        ("string", "2026/11/22", "\"dt\" >= '2026/11/22' AND \"dt\" <= '2026/11/23'"),
        ("string", "2026-11-22-23", "\"dt\" >= '2026-11-22-23' AND \"dt\" <= '2026-11-23-00'"),
        ("varchar(10)", "2026-11", "\"dt\" = '2026-11'"),
        ("string", "last tuesday", ""),
    ],
)
def test_registered_dates(kind: str, value: str, expected: str) -> None:
    made = raw(V2, {"dt": kind}, f"{BASE}/1/vpcflowlogs/us-east-1/")
    assert predicate(read(made, Registered((value,), f"{BASE}/1/vpcflowlogs/us-east-1/2026/11/22"))) == expected


def test_renamed_columns() -> None:
    columns = {
        "version": "int",
        "account": "bigint",
        "interfaceid": "string",
        "sourceaddress": "string",
        "destinationaddress": "string",
        "numbytes": "bigint",
        "starttime": "int",
        "end_time": "int",
        "logstatus": "string",
    }
    table = read(raw(columns, {}, f"{BASE}/"))
    assert table.columns == (
        *("version", "account_id", "interface_id", "srcaddr", "dstaddr", "bytes", "start", "end", "log_status"),
    )
    assert table.renamed["end"] == "end_time"
    assert table.types["account_id"] == "bigint"
    assert "log_status" not in table.renamed.values()


def test_a_right_name_keeps_others_off_it() -> None:
    table = read(raw({**V2, "end_time": "timestamp", "team": "string"}, {}, f"{BASE}/"))
    assert "end" not in table.renamed
    assert "end_time" not in table.columns
    assert "team" in table.columns


def test_transit_gateways() -> None:
    assert read(raw({item.column: item.type for item in TGW_FIELDS}, {}, f"{BASE}/")).kind == "tgw"


def test_what_holds_no_flow_logs() -> None:
    made = raw({"eventtime": "string", "eventname": "string"}, {}, "s3://trail/")
    assert not holds_flow_logs(glue_table(made))
    with pytest.raises(
        SourceError, match=r"net.flow_logs does not hold flow logs: its columns are eventtime, eventname"
    ):
        read(made)


def test_a_view() -> None:
    with pytest.raises(SourceError, match="is a view"):
        read(raw(V2, {}, "") | {"TableType": "VIRTUAL_VIEW"})


@pytest.mark.parametrize(
    ("parameters", "reader", "kind"),
    [
        ({"table_type": "ICEBERG"}, "", "an Iceberg"),
        ({"Table_Type": "iceberg"}, "", "an Iceberg"),
        ({"spark.sql.sources.provider": "delta"}, "", "a Delta Lake"),
        ({"table_type": "DELTA"}, "", "a Delta Lake"),
        ({}, "org.apache.hudi.hadoop.HoodieParquetInputFormat", "a Hudi"),
        ({}, "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat", "a symbolic link"),
    ],
)
def test_a_table_whose_location_does_not_say_what_is_read(parameters: Any, reader: str, kind: str) -> None:
    made = raw(V2, {}, "s3://logs/")
    made["Parameters"] = {**made.get("Parameters", {}), **parameters}
    made["StorageDescriptor"] = {**made["StorageDescriptor"], "InputFormat": reader}
    with pytest.raises(SourceError, match=f"net.flow_logs is {kind} table: a list of its own, not its location"):
        read(made)


def test_next_to_nothing() -> None:
    assert not holds_flow_logs(glue_table({"Name": "x"}))


def test_days_of_a_month_beside_the_month_as_a_date() -> None:
    properties = {
        "projection.ym.type": "date",
        "projection.ym.format": "yyyy/MM",
        "projection.ym.range": "2026/01,NOW",
        "projection.day.type": "integer",
        "projection.day.range": "1,31",
        "projection.day.digits": "2",
        "storage.location.template": f"{BASE}/123456789012/vpcflowlogs/us-east-1/${{ym}}/${{day}}/",
    }
    table = read(raw(V2, {"ym": "string", "day": "string"}, BASE, PROJECTED | properties))
    assert [part.role for part in table.partitions] == ["date", "day"]
    assert predicate(table) == "\"ym\" = '2026/11' AND \"day\" IN ('22', '23')"


def test_a_short_log_format_is_that_of_flow_logs(as_stored: Any) -> None:
    from tests.tables.conftest import deliver

    (design,) = designs([deliver(columns=("srcaddr", "dstaddr", "start", "end"))])
    assert table_of(glue_table(as_stored(make_table(design, ("net", "logs"))))).columns[0] == "srcaddr"
