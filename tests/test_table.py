"""Tables: which columns a question needs, what is said of those that lack, and the relation behind `flows`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from flowsql.errors import MissingField, UsageError
from flowsql.fields import TGW_DEFAULT_FORMAT, VPC_FIELDS, column_name, parse_log_format
from flowsql.partitions import Partition
from flowsql.query import FILTER_OPTIONS, Filters, Relation
from flowsql.table import Table
from flowsql.window import Window

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
FLOWS = Relation("flows", "flows", WINDOW)
RECORDS = Relation("records", "records", WINDOW)
V2 = Table(parse_log_format("default"))
FULL = Table(tuple(field.column for field in VPC_FIELDS))


def test_needed_columns_come_in_the_order_of_the_table() -> None:
    assert V2.needed(["dstport", "srcaddr"], Filters()) == ("srcaddr", "dstport", "start", "end", "log_status")
    assert V2.needed(["start_time", "end_time"], Filters()) == ("start", "end", "log_status")
    assert V2.needed(["bytes"], Filters(interface=("eni-1",))) == (
        "interface_id",
        "bytes",
        "start",
        "end",
        "log_status",
    )


def test_without_log_status_another_column_tells_traffic() -> None:
    assert Table(("start", "end", "srcaddr", "packets")).needed([], Filters()) == ("start", "end", "packets")
    assert Table(("start", "end", "srcaddr")).needed([], Filters()) == ("start", "end", "srcaddr")
    assert Table(("start", "end", "region")).needed([], Filters()) == ("start", "end")


def test_a_field_the_logs_lack() -> None:
    with pytest.raises(MissingField) as raised:
        V2.needed(["tcp_flags", "srcaddr"], Filters())
    assert raised.value.message == (
        "these flow logs have no field 'tcp-flags' (it exists since version 3), "
        "so the question cannot be answered from them"
    )
    hint = str(raised.value.hint)
    assert hint.startswith("a flow log cannot be edited: create one with the log format\n  '${version} ${account-id} ")
    assert hint.endswith(" ${log-status} ${tcp-flags}'")


def test_a_column_that_is_no_field() -> None:
    with pytest.raises(UsageError) as raised:
        V2.needed(["srcadr"], Filters())
    assert str(raised.value) == "there is no column 'srcadr' in these flow logs\n  hint: did you mean 'srcaddr'?"
    with pytest.raises(UsageError, match=r"hint: columns: version, account_id, "):
        V2.needed(["zzzzz"], Filters())
    assert V2.is_unknown("srcadr")
    assert not V2.is_unknown("tcp_flags")
    assert not V2.is_unknown("start_time")


@pytest.mark.parametrize("option", FILTER_OPTIONS)
def test_every_filter_needs_its_field(option: str) -> None:
    filters = Filters(**{option: ("x",)})
    (column,) = filters.by_column()
    assert column in FULL.needed([], filters)
    with pytest.raises(MissingField, match=rf"so --{option} cannot narrow the answer"):
        Table(("start", "end", "srcaddr")).needed([], filters)


def test_a_region_may_also_be_told_by_the_keys() -> None:
    table = Table(("start", "end", "log_status"), keyed=("region",))
    assert table.needed([], Filters(region=("us-east-1",))) == ("start", "end", "log_status")
    sql = table.relation_sql(FLOWS, Filters(region=("us-east-1",)), "stored", table.columns)
    assert sql.endswith(" AND \"key_region\" IN ('us-east-1')")
    both = replace(table, columns=(*table.columns, "region"))
    sql = both.relation_sql(FLOWS, Filters(region=("us-east-1",)), "stored", both.columns)
    assert sql.endswith(' AND COALESCE("region", "key_region") IN (\'us-east-1\')')


def test_partitions_tell_account_and_region_of_records_without_the_field() -> None:
    parts = (Partition("acc", "account", sql_type="bigint"), Partition("place", "region"))
    table = Table(("start", "end", "account_id", "region"), name=("net", "t"), partitions=parts)
    filters = Filters(account=("000000000012",), region=("us-east-1",))
    assert table.filter_conditions(filters, remote=True) == {
        "--account": 'COALESCE(IF("account_id" <> \'-\', "account_id"), lpad(CAST("acc" AS varchar), 12, \'0\')) '
        "IN ('000000000012')",
        "--region": 'COALESCE(IF("region" <> \'-\', "region"), "place") IN (\'us-east-1\')',
    }
    bare = replace(table, columns=("start", "end"))
    assert not bare.filter_conditions(filters, remote=True)


def test_transit_gateway_fields_belong_to_their_own_table() -> None:
    table = Table(tuple(map(column_name, TGW_DEFAULT_FORMAT)), "tgw")
    assert "packets_lost_no_route" in table.needed(["packets_lost_no_route"], Filters())
    with pytest.raises(UsageError, match="these have no field 'action'"):
        table.needed(["action"], Filters())


ROWS = """
    (0, -61, -1, 'OK', 6), (1, -60, 0, 'OK', 6), (2, 0, 10, 'OK', 6), (3, 3599, 3700, 'OK', 6),
    (4, 3600, 3700, 'OK', 6), (5, 10, 20, 'NODATA', NULL), (6, 10, 20, 'SKIPDATA', NULL), (7, 10, 20, NULL, 6)
"""


def selected(table: Table, relation: Relation, filters: Filters | None = None) -> list[int]:
    names = ("packets", "start", "end", "log_status", "protocol")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f'CREATE TABLE stored AS SELECT id AS packets, s + {WINDOW.since_epoch} AS "start", '
            f'e + {WINDOW.since_epoch} AS "end", status AS log_status, protocol '
            f"FROM (VALUES {ROWS}) AS t (id, s, e, status, protocol)"
        )
        sql = table.relation_sql(relation, filters or Filters(), "stored", names)
        return sorted(row[0] for row in connection.execute(f"SELECT packets FROM ({sql})").fetchall())


def test_flows_are_the_traffic_that_overlaps_the_window() -> None:
    assert selected(V2, FLOWS) == [1, 2, 3, 7]
    assert selected(V2, RECORDS) == [1, 2, 3, 5, 6, 7]
    assert selected(Table(("start", "end", "protocol")), FLOWS) == [1, 2, 3, 7]


def test_the_relation_in_full() -> None:
    table = Table(("start", "end", "srcaddr", "vpc_id", "instance_tag", "log_status"))
    filters = Filters(vpc=("vpc-1", "it's"))
    assert table.relation_sql(FLOWS, filters, "stored", ("start", "end", "vpc_id", "instance_tag", "log_status")) == (
        'SELECT "start", "end", "vpc_id", url_decode("instance_tag") AS "instance_tag", "log_status", '
        'to_timestamp("start") AS start_time, to_timestamp("end") AS end_time FROM stored '
        f'WHERE "end" >= {WINDOW.since_epoch} AND "start" < {WINDOW.until_epoch} '
        "AND (log_status = 'OK' OR log_status IS NULL) AND \"vpc_id\" IN ('vpc-1', 'it''s')"
    )


def test_the_remote_relation_in_full() -> None:
    table = Table(
        ("account_id", "interface_id", "protocol", "start", "end", "instance_tag", "log_status"),
        name=("net", "flow_logs"),
        types={"account_id": "bigint", "protocol": "string", "start": "int"},
        partitions=(Partition("day", "date", "date", format="yyyy/MM/dd"),),
        renamed={"start": "start_time", "end": "end"},
    )
    filters = Filters(account=("000000000012",), interface=("eni-1", "it's"))
    assert table.remote_relation_sql(FLOWS, filters, table.columns) == (
        'SELECT lpad(CAST("account_id" AS varchar), 12, \'0\') AS "account_id", '
        'IF("interface_id" <> \'-\', "interface_id") AS "interface_id", '
        'TRY_CAST("protocol" AS integer) AS "protocol", '
        '"start_time" AS "start", "end" AS "end", '
        'COALESCE(TRY(url_decode(replace(IF("instance_tag" <> \'-\', "instance_tag"), '
        "'+', '%2B'))), IF(\"instance_tag\" <> '-', \"instance_tag\")) "
        'AS "instance_tag", '
        'IF("log_status" <> \'-\', "log_status") AS "log_status", '
        "from_unixtime(\"start_time\", 'UTC') AS start_time, from_unixtime(\"end\", 'UTC') AS end_time "
        'FROM "net"."flow_logs" '
        "WHERE \"day\" = '2026/11/22' "
        f'AND "end" >= {WINDOW.since_epoch} AND "start_time" < {WINDOW.until_epoch} '
        'AND (IF("log_status" <> \'-\', "log_status") = \'OK\' OR IF("log_status" <> \'-\', "log_status") IS NULL) '
        "AND lpad(CAST(\"account_id\" AS varchar), 12, '0') IN ('000000000012') "
        "AND IF(\"interface_id\" <> '-', \"interface_id\") IN ('eni-1', 'it''s')"
    )


def test_records_have_no_condition_on_status() -> None:
    table = Table(("start", "end", "log_status"), name=("net", "t"))
    assert table.remote_relation_sql(RECORDS, Filters(), ["end"]) == (
        'SELECT "end" AS "end", from_unixtime("start", \'UTC\') AS start_time, '
        'from_unixtime("end", \'UTC\') AS end_time FROM "net"."t" '
        f'WHERE "end" >= {WINDOW.since_epoch} AND "start" < {WINDOW.until_epoch}'
    )


def test_accounts_told_by_partitions_only() -> None:
    table = Table(("start", "end"), name=("net", "t"), partitions=(Partition("aws-account-id", "account"),))
    filters = Filters(account=("000000000012",))
    assert table.needed([], filters) == ("start", "end")
    sql = table.remote_relation_sql(RECORDS, filters, ["end"])
    assert 'WHERE "aws-account-id" = \'000000000012\' AND "end" >= ' in sql
    assert "account_id" not in sql


def test_no_table_in_the_catalogue() -> None:
    with pytest.raises(UsageError, match="no table stands for the flow logs"):
        V2.remote_relation_sql(RECORDS, Filters(), ["end"])


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("timestamp", 'CAST(to_unixtime("start") AS bigint)'),
        ("double", 'CAST("start" AS bigint)'),
        ("decimal(10,0)", 'CAST("start" AS bigint)'),
        ("varchar(20)", 'TRY_CAST("start" AS bigint)'),
        ("BIGINT", '"start"'),
    ],
)
def test_times_of_any_declared_type(declared: str, value: str) -> None:
    table = Table(("start", "end"), name=("net", "t"), types={"start": declared})
    assert f"{value} < {WINDOW.until_epoch}" in table.remote_relation_sql(RECORDS, Filters(), ["end"])
