"""The DDL of every kind of flow log; `FLOWSQL_WRITE_GOLDEN=1 pytest tests/tables` writes the golden files anew."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from flowsql.delivery import Delivery
from flowsql.errors import UsageError
from flowsql.fields import TGW_FIELDS, VPC_FIELDS
from flowsql.layout import object_key, place
from flowsql.partitions import Partition
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.ddl import add_partitions, create_database, create_table, repair_table, table_properties
from flowsql.tables.definition import glue_table, table_of
from flowsql.tables.design import designs, make_table
from flowsql.tables.finding import told
from flowsql.window import Window

GOLDEN = Path(__file__).parents[1] / "golden" / "ddl"
NAME = ("net", "flow_logs")
CELLS = list(product(("text", "parquet"), ("default", "hive"), (False, True), ("vpc", "tgw")))
DELIVER = Callable[..., Delivery]


def made(*deliveries: Delivery, **how: Any) -> Table:
    (design,) = designs(deliveries)
    return make_table(design, NAME, **how)


def compare(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.sql"
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize(("file_format", "style", "hourly", "kind"), CELLS)
def test_every_cell(delivery: DELIVER, as_stored: Any, file_format: str, style: str, hourly: bool, kind: str) -> None:
    table = made(
        delivery(file_format=file_format, style=style, hourly=hourly, kind=kind),
        delivery(file_format=file_format, style=style, hourly=hourly, kind=kind, account="000000000012"),
    )
    ddl = create_table(table)
    compare(f"{kind}-{file_format}-{style}-{'hourly' if hourly else 'daily'}", ddl)
    tree = sqlglot.parse_one(ddl, read="athena")
    assert isinstance(tree, exp.Create)
    # What Glue then stores is read as the same table.
    again = table_of(glue_table(as_stored(table)))
    assert again.partitions == table.partitions
    assert again == replace(table, regions=())


@pytest.mark.parametrize(("file_format", "style", "hourly", "kind"), CELLS)
@pytest.mark.parametrize("registered", [False, True])
def test_real_keys_fit_the_template(
    delivery: DELIVER, file_format: str, style: Any, hourly: bool, kind: str, registered: bool
) -> None:
    table = made(delivery(file_format=file_format, style=style, hourly=hourly, kind=kind), registered=registered)
    slot = datetime(2026, 11, 22, 23, 55, tzinfo=UTC)
    window = Window(slot + timedelta(minutes=1), slot + timedelta(minutes=2), timedelta(seconds=1))
    key = object_key("123456789012", "us-east-1", "fl-1", slot, "a", style=style, hourly=hourly, prefix="p")
    assert f"s3://logs/{key}".startswith(table.prefixes(window, Filters())[0])
    assert key.startswith(table.location.removeprefix("s3://logs/"))
    assert not registered or not any(name.startswith("projection") for name in table_properties(table))


FIELDS = {"vpc": [item.column for item in VPC_FIELDS], "tgw": [item.column for item in TGW_FIELDS]}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["vpc", "tgw"]), cell=st.sampled_from(CELLS), registered=st.booleans())
def test_any_log_format(data: Any, kind: str, cell: tuple[str, Any, bool, str], registered: bool) -> None:
    from tests.tables.conftest import deliver

    drawn = tuple(data.draw(st.permutations(FIELDS[kind])))
    kept = data.draw(st.integers(0, len(FIELDS[kind])))
    # Without start and end there is no table.
    columns = tuple(name for number, name in enumerate(drawn) if number < kept or name in ("start", "end"))
    table = made(
        deliver(columns=columns, file_format=cell[0], style=cell[1], hourly=cell[2], kind=kind), registered=registered
    )
    ddl = create_table(table)
    body, _, rest = ddl.partition("PARTITIONED BY")
    # All fields, in their order, and none of their names taken by a partition.
    assert tuple(re.findall(r"^    `([^`]+)` ", body, re.MULTILINE)) == columns
    partitions = re.findall(r"^    `([^`]+)` (\w+)", rest.partition(")")[0], re.MULTILINE)
    assert not {name for name, _ in partitions} & set(columns)
    assert {kind for _, kind in partitions} == {"string"}


def test_the_region_is_a_column_and_a_partition(delivery: DELIVER) -> None:
    table = made(delivery(columns=("srcaddr", "region", "account_id", "start", "end")))
    ddl = create_table(table)
    assert ddl.count("`region` string") == 1
    assert [part.name for part in table.partitions] == ["aws_account", "aws_region", "day"]


def test_a_column_named_like_a_partition(delivery: DELIVER) -> None:
    table = made(delivery(columns=("day", "hour", "aws_region", "start", "end"), hourly=True))
    assert [part.name for part in table.partitions] == [
        *("aws_account", "partition_aws_region", "partition_day", "partition_hour"),
    ]
    assert "${partition_day}/${partition_hour}/" in create_table(table)


def test_properties_that_lose_rows_silently(delivery: DELIVER) -> None:
    table = made(delivery(), delivery(region="eu-west-1"))
    properties = table_properties(table)
    assert properties["skip.header.line.count"] == "1"
    # Blanks would be part of the values, dates are those of the folders, and a range that ends today never grows.
    assert properties["projection.aws_region.values"] == "eu-west-1,us-east-1"
    assert properties["projection.day.format"] == "yyyy/MM/dd"
    assert properties["projection.day.range"] == "2026/11/01,NOW"
    template = properties["storage.location.template"]
    assert template.endswith("/")
    assert {f"${{{part.name}}}" in template for part in table.partitions} == {True}
    assert {f"projection.{part.name}.type" in properties for part in table.partitions} == {True}
    assert table.location.endswith("/")
    assert "//" not in table.location.removeprefix("s3://")
    assert "IF NOT EXISTS" not in create_table(table)


def test_reserved_words_are_quoted(delivery: DELIVER) -> None:
    ddl = create_table(made(delivery()))
    for name in ("start", "end", "day"):
        assert not re.search(rf"(?<!`|\.|\{{)\b{name}\b(?!`|\.|\}})", re.sub(r"'[^']*'", "", ddl))


def test_injected_accounts(delivery: DELIVER) -> None:
    table = made(delivery(), injected={"account"})
    assert "'projection.aws_account.type' = 'injected'" in create_table(table)
    assert "projection.aws_account.values" not in create_table(table)


def test_dates_begin_where_a_person_says(delivery: DELIVER) -> None:
    table = made(delivery(), since=datetime(2026, 11, 20, tzinfo=UTC))
    assert table_properties(table)["projection.day.range"] == "2026/11/20,NOW"
    hive = made(delivery(style="hive"))
    assert table_properties(hive)["projection.year.range"] == "2026,2036"
    assert table_properties(hive)["projection.month.digits"] == "2"
    assert table_properties(hive)["projection.month.range"] == "01,12"


def test_registered_partitions(delivery: DELIVER) -> None:
    table = made(delivery(), registered=True)
    folder = "s3://logs/p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22/"
    values = {"aws_account": "123456789012", "aws_region": "us-east-1", "day": "2026/11/22"}
    compare("registered-default", create_table(table))
    (statement,) = add_partitions(table, [(values, folder)])
    compare("registered-default-partitions", statement)
    assert len(list(add_partitions(table, [(values, folder)] * 250))) == 3
    hive = made(delivery(style="hive", hourly=True), registered=True)
    compare("registered-hive", create_table(hive))
    assert [part.name for part in hive.partitions] == [
        *("aws-account-id", "aws-service", "aws-region", "year", "month", "day", "hour"),
    ]
    assert repair_table(hive) == "MSCK REPAIR TABLE `net`.`flow_logs`"


def test_names_are_quoted(delivery: DELIVER) -> None:
    assert create_database("it`s") == "CREATE DATABASE IF NOT EXISTS `it``s`"
    table = replace(made(delivery()), location="s3://b/it's\\/")
    assert "LOCATION 's3://b/it\\'s\\\\/'" in create_table(table)
    with pytest.raises(UsageError, match="is not a type"):
        create_table(replace(table, types={"version": "int) --"}))
    with pytest.raises(UsageError, match="the table has no name"):
        create_table(replace(table, name=None))


def test_flow_logs_that_read_alike_make_one_table(delivery: DELIVER) -> None:
    found = designs(
        [delivery(), delivery(region="eu-west-1"), delivery(account="000000000012"), delivery(style="hive")]
    )
    assert [(design.accounts, design.regions) for design in found] == [
        (("000000000012", "123456789012"), ("eu-west-1", "us-east-1")),
        (("123456789012",), ("us-east-1",)),
    ]


def test_parquet_of_other_fields_makes_one_table(delivery: DELIVER) -> None:
    one = delivery(file_format="parquet", columns=("start", "end", "srcaddr"))
    other = delivery(file_format="parquet", columns=("end", "start", "dstaddr"), flow_log="fl-2")
    assert made(one, other).columns == ("start", "end", "srcaddr", "dstaddr")


def test_daily_and_hourly_folders_are_read_by_day(delivery: DELIVER) -> None:
    table = made(delivery(), delivery(hourly=True, flow_log="fl-2"))
    assert table.template.endswith("/${day}/")


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ({"columns": ("end", "start", "srcaddr")}, "with other fields, so columns would shift"),
        ({"file_format": "parquet"}, "and one is text, the other Parquet"),
        ({"kind": "tgw"}, "and one is of a transit gateway, the other of a VPC"),
    ],
)
def test_what_no_table_can_read(delivery: DELIVER, beside: dict[str, Any], message: str) -> None:
    first, second = designs([delivery(), delivery(flow_log="fl-2", **beside)])
    with pytest.raises(UsageError) as raised:
        make_table(first, NAME)
    assert message in raised.value.message
    assert "deliver one of them to another prefix" in str(raised.value.hint)
    with pytest.raises(UsageError):
        make_table(second, NAME)


def test_an_old_format_makes_a_table_begin_later(delivery: DELIVER) -> None:
    found = designs([delivery(), delivery(flow_log="fl-2", columns=("end", "start"), current=False)])
    with pytest.raises(UsageError, match="--since DAY begins the table after that"):
        make_table(found[0], NAME)
    assert make_table(found[0], NAME, since=datetime(2026, 11, 20, tzinfo=UTC))


def test_a_template_keeps_what_is_odd_about_the_keys(delivery: DELIVER) -> None:
    odd = replace(
        delivery(style="hive"),
        folder="s3://b/AWSLogs/aws-account-id=123456789012/service=vpcflowlogs/aws-region=us-east-1/",
    )
    assert made(odd).template.startswith(
        "s3://b/AWSLogs/aws-account-id=${aws_account}/service=vpcflowlogs/aws-region=${aws_region}/year=${year}/"
    )
    assert made(odd, registered=True).partitions[1] == Partition("service", "service")


def test_columns_that_are_no_names(delivery: DELIVER) -> None:
    assert made(delivery(columns=("start", "@2", "end"))).columns == ("start", "field_2", "end")


def test_the_folder_of_a_key_is_that_of_its_delivery(delivery: DELIVER) -> None:
    assert place(delivery(style="hive").folder).region == "us-east-1"


def test_a_table_without_times_is_not_made(delivery: Callable[..., Delivery]) -> None:
    (design,) = designs([delivery(columns=("srcaddr", "dstaddr", "bytes"))])
    assert dict(told(design))["LACKS"].startswith("start and end: without them no record has a time")
    with pytest.raises(UsageError, match="flow logs without start and end") as refused:
        make_table(design, NAME)
    assert "'${srcaddr} ${dstaddr} ${bytes} ${start} ${end}'" in str(refused.value.hint)


def test_a_flow_log_that_ended_says_from_when_a_table_can_read_the_next(delivery: Callable[..., Delivery]) -> None:
    day = datetime(2026, 11, 10, tzinfo=UTC)
    old = delivery(flow_log="fl-old", columns=("start", "end", "bytes"), current=False, ended=day)
    before, after = designs([old, delivery(flow_log="fl-new")])
    # Of the older one no table can be made: none ends where the next begins.
    assert (len(before.conflicts), before.changes) == (1, ())
    assert (after.conflicts, after.after) == ((), datetime(2026, 11, 11, tzinfo=UTC))
    assert "fl-old until 2026-11-10 delivered to the same folder as fl-new" in dict(told(after))["before"]
    assert "(--since 2026-11-11)" in dict(told(after))["before"]
    with pytest.raises(UsageError) as refused:
        make_table(after, NAME, since=day)
    assert refused.value.hint == "--since 2026-11-11 begins the table after that"
    assert make_table(after, NAME, since=datetime(2026, 11, 11, tzinfo=UTC))
