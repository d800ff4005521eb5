"""What verify says of tables that are right, and of those that are wrong in one thing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from flowsql.delivery import Delivery
from flowsql.errors import DamagedObject, QueryError
from flowsql.layout import object_key
from flowsql.table import Table
from flowsql.tables.definition import GlueTable, glue_table, table_of
from flowsql.tables.design import designs, make_table
from flowsql.tables.difference import differences
from flowsql.tables.proving import check_rows, prove
from flowsql.tables.registered import Registered
from flowsql.tables.verify import Check, check_definition

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = {
    "records": "10",
    "newest": "1795348799",
    "headers": "0",
    "actions": "0",
    "statuses": "0",
    "timeless": "0",
    "backwards": "0",
}


@pytest.fixture
def one(delivery: Callable[..., Delivery]) -> Callable[..., Delivery]:
    """A delivery with a newest object."""

    def make(**how: Any) -> Delivery:
        made = delivery(**how, newest=DAY)
        key = object_key(
            made.account, made.region, made.flow_log, DAY, "a", style=made.style, hourly=made.hourly, prefix="p"
        )
        return replace(made, example=f"s3://logs/{key}")

    return make


def changed(table: Table, as_stored: Any, parameters: dict[str, str | None], **storage: Any) -> GlueTable:
    """The table with other properties."""
    raw = as_stored(table)
    raw["Parameters"] = {key: value for key, value in (raw["Parameters"] | parameters).items() if value is not None}
    raw["StorageDescriptor"] |= storage
    return glue_table(raw)


def wrong(stored: GlueTable, found: list[Delivery]) -> list[Check]:
    return [check for check in check_definition(table_of(stored), stored, found, NOW) if not check.ok]


def made(found: list[Delivery]) -> Table:
    return make_table(designs(found)[0], ("net", "logs"))


@pytest.mark.parametrize("style", ["default", "hive"])
@pytest.mark.parametrize("file_format", ["text", "parquet"])
@pytest.mark.parametrize("hourly", [False, True])
def test_a_table_that_is_right(one: Any, as_stored: Any, style: str, file_format: str, hourly: bool) -> None:
    found = [one(style=style, file_format=file_format, hourly=hourly)]
    assert wrong(glue_table(as_stored(made(found))), found) == []


WRONG = [
    ({"skip.header.line.count": None}, "skip.header.line.count", "1"),
    ({"projection.aws_account.values": "000000000012"}, "projection.aws_account.values", "000000000012,123456789012"),
    ({"projection.aws_region.values": " us-east-1"}, "projection.aws_region.values", "us-east-1"),
    ({"projection.day.range": "2026/11/01,2026/11/21"}, "projection.day.range", "2026/11/01,NOW"),
    ({"projection.day.range": "2026/11/01,NOW-1DAYS"}, "projection.day.range", "2026/11/01,NOW"),
    (
        {"storage.location.template": "s3://logs/p/AWSLogs/${aws_account}/vpcflowlogs/${aws_region}/${day}/00/"},
        "storage.location.template",
        "s3://logs/p/AWSLogs/${aws_account}/vpcflowlogs/${aws_region}/${day}/",
    ),
    (
        {"projection.day.format": "yyyy-MM-dd", "projection.day.range": "2026-11-01,NOW"},
        "projection.day.format",
        "yyyy/MM/dd",
    ),
    ({"projection.day.range": "2026-11-01,NOW"}, "projection.day.range", "2026/11/01,NOW"),
    ({"projection.day.interval": "2", "projection.day.interval.unit": "DAYS"}, "projection.day.interval", "1"),
    (
        {"projection.day.interval": "1", "projection.day.interval.unit": "WEEKS"},
        "projection.day.interval and projection.day.interval.unit",
        "1 and DAYS",
    ),
    (
        {"projection.day.interval": "1", "projection.day.interval.unit": "MONTHS"},
        "projection.day.interval and projection.day.interval.unit",
        "1 and DAYS",
    ),
    ({"projection.enabled": "false"}, "projection.enabled", "true"),
    ({"projection.enabled": None}, "projection.enabled", "true"),
    (
        {"storage.location.template": "s3://logs/p/AWSLogs/${aws_account}/vpcflowlogs/us-east-1/${day}/"},
        "storage.location.template",
        "s3://logs/p/AWSLogs/${aws_account}/vpcflowlogs/${aws_region}/${day}/",
    ),
]


@pytest.mark.parametrize(("parameters", "which", "right"), WRONG)
def test_one_property_that_is_wrong(one: Any, as_stored: Any, parameters: Any, which: str, right: str) -> None:
    found = [one()]
    judged = wrong(changed(made(found), as_stored, parameters), found)
    assert (which, right) in [(check.property, check.right) for check in judged]


def test_the_right_template_has_only_partitions_of_the_table(one: Any, as_stored: Any) -> None:
    found = [one()]
    table = made(found)
    day = table.partitions[-1]
    home = "s3://logs/p/AWSLogs/123456789012/vpcflowlogs"
    alone = replace(table, partitions=(day,), template=f"{home}/eu-west-1/${{day}}/")
    (check,) = wrong(glue_table(as_stored(alone)), found)
    assert (check.property, check.right) == ("storage.location.template", f"{home}/us-east-1/${{day}}/")
    dashed = replace(day, format="yyyy-MM-dd", range=("2026-11-01", "NOW"))
    (check,) = wrong(
        glue_table(as_stored(replace(alone, partitions=(dashed,), template=f"{home}/us-east-1/${{day}}/"))), found
    )
    assert (check.property, check.right) == ("projection.day.format", "yyyy/MM/dd")


def test_projected_parts_of_a_date_have_the_digits_and_the_range_of_folders(one: Any, as_stored: Any) -> None:
    found = [one(style="hive")]
    stored = changed(
        made(found),
        as_stored,
        {"projection.month.digits": None, "projection.day.digits": "1", "projection.day.range": "1,30"},
    )
    assert [(check.property, check.right) for check in wrong(stored, found)] == [
        ("projection.month.digits", "2"),
        ("projection.day.digits", "2"),
        ("projection.day.range", "01,31"),
    ]


@pytest.mark.parametrize(
    ("column", "kind", "right"),
    [
        ("srcport", "smallint", "int"),
        ("account_id", "int", "string"),
        ("bytes", "int", "bigint"),
        ("bytes", "float", "bigint"),
        ("packets", "decimal(9,2)", "bigint"),
        ("start", "timestamp", "bigint"),
        ("protocol", "tinyint", "int"),
        ("srcaddr", "bigint", "string"),
        ("srcport", "bigint", ""),
        ("bytes", "double", ""),
        ("bytes", "string", ""),
        ("start", "int", ""),
        ("account_id", "bigint", ""),
        ("packets", "decimal(20,0)", ""),
        ("version", "tinyint", ""),
    ],
)
def test_types_that_lose_values(one: Any, as_stored: Any, column: str, kind: str, right: str) -> None:
    found = [one()]
    table = made(found)
    narrow = glue_table(as_stored(replace(table, types={**table.types, column: kind})))
    told = [(check.property, check.right) for check in wrong(narrow, found)]
    assert told == ([(f"column {column}", right)] if right else [])


def test_text_is_no_type_for_numbers_in_parquet(one: Any, as_stored: Any) -> None:
    found = [one(file_format="parquet")]
    table = made(found)
    stored = glue_table(as_stored(replace(table, types={**table.types, "bytes": "string"})))
    assert [check.right for check in wrong(stored, found)] == ["bigint"]


def test_hours_need_an_interval(one: Any, as_stored: Any) -> None:
    found = [one(hourly=True)]
    table = made(found)
    home = "s3://logs/p/AWSLogs/123456789012/vpcflowlogs/us-east-1/${hour}/"
    hour = replace(
        table.partitions[2], name="hour", format="yyyy/MM/dd/HH", range=("2026/11/01/00", "NOW"), unit="hour"
    )
    dated = replace(table, partitions=(hour,), template=home)
    assert wrong(glue_table(as_stored(dated)), found) == []
    bare = changed(dated, as_stored, {"projection.hour.interval": None, "projection.hour.interval.unit": None})
    (check,) = wrong(bare, found)
    assert (check.property, check.right) == (
        "projection.hour.interval and projection.hour.interval.unit",
        "1 and HOURS",
    )


def test_parquet_is_read_by_name(one: Any, as_stored: Any) -> None:
    found = [one(file_format="parquet")]
    table = made(found)
    renamed = replace(table, renamed={"srcaddr": "source_address"})
    (check,) = wrong(glue_table(as_stored(renamed)), found)
    assert (check.property, check.right) == ("column source_address", "srcaddr string")
    raw = as_stored(renamed)
    raw["StorageDescriptor"]["SerdeInfo"]["Parameters"]["parquet.column.index.access"] = "true"
    assert wrong(glue_table(raw), found) == []


def test_a_date_that_is_written_otherwise_in_folders(one: Any, as_stored: Any) -> None:
    found = [one()]
    table = made(found)
    day = replace(table.partitions[-1], sql_type="date")
    dated = replace(table, partitions=(*table.partitions[:-1], day))
    asked: list[str] = []

    def ask(sql: str) -> list[dict[str, str | None]]:
        asked.append(sql)
        return [dict(GOOD)]

    assert wrong(glue_table(as_stored(dated)), found) == []
    assert all(check.ok for check in check_rows(dated, found, ask))
    assert asked[0].endswith("AND \"day\" = DATE '2026-11-22'")


def test_listed_partitions_lie_at_the_folders_of_their_time(one: Any, as_stored: Any) -> None:
    found = [one()]
    table = make_table(designs(found)[0], ("net", "logs"), registered=True)
    stored = glue_table(as_stored(table))
    home = "s3://logs/p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11"
    place = ("123456789012", "us-east-1")
    listed = [Registered((*place, "2026/11/21"), f"{home}/22"), Registered((*place, "2026/11/22"), f"{home}/22/")]
    (check,) = [
        check for check in check_definition(table_of(stored, listed), stored, found, NOW, listed) if not check.ok
    ]
    assert (check.property, check.right) == ("its LOCATION", f"{home}/21/")
    assert check.told == f"aws_account = 123456789012, aws_region = us-east-1, day = 2026/11/21 reads {home}/22"


def test_the_newest_folder_of_a_place_that_nobody_registered(one: Any, as_stored: Any) -> None:
    found = [one(), one(region="eu-west-1"), one(account="210987654321")]
    table = make_table(designs(found)[0], ("net", "logs"), registered=True)
    stored = glue_table(as_stored(table))
    home = "s3://logs/p/AWSLogs"
    listed = [
        Registered(
            ("123456789012", "us-east-1", "2026/11/22"), f"{home}/123456789012/vpcflowlogs/us-east-1/2026/11/22/"
        ),
        Registered(
            ("123456789012", "eu-west-1", "2026/11/21"), f"{home}/123456789012/vpcflowlogs/eu-west-1/2026/11/21/"
        ),
    ]
    checks = prove(table_of(stored, listed), stored, found, listed, lambda sql: [GOOD], lambda *_: 0, 1)
    lacking = [check for check in checks if not check.ok]
    assert [check.told for check in lacking] == [
        f"none is registered for 2026-11-22 in {home}/123456789012/vpcflowlogs/eu-west-1/",
        f"none is registered for 2026-11-22 in {home}/210987654321/vpcflowlogs/us-east-1/",
    ]
    assert lacking[0].right.startswith("a partition: ALTER TABLE `net`.`logs` ADD IF NOT EXISTS PARTITION")
    assert lacking[0].right.endswith(f"LOCATION '{home}/123456789012/vpcflowlogs/eu-west-1/2026/11/22/'")


def test_a_table_without_partitions_is_told_to_be_read_whole(one: Any, as_stored: Any) -> None:
    found = [one()]
    table = replace(made(found), partitions=(), template="")
    checks = list(check_definition(table, glue_table(as_stored(table)), found, NOW))
    assert [check.told for check in checks if check.name == "partitions"] == [
        "none, so that every question reads the whole table and pays for it"
    ]
    assert next(check_rows(table, found, lambda sql: [dict(GOOD)])).told == "10 in the table"


def test_a_shifted_column(one: Any, as_stored: Any) -> None:
    found = [one()]
    table = made(found)
    shorter = replace(table, columns=(*table.columns[:3], *table.columns[4:]))
    (check,) = wrong(glue_table(as_stored(shorter)), found)
    assert (check.property, check.right) == ("column 4", "srcaddr string")
    assert check.told == "column 4 is dstaddr, and fl-0a1b2c3d4e5f60718 writes srcaddr there"


def test_the_wrong_format(one: Any, as_stored: Any) -> None:
    stored = glue_table(as_stored(made([one()])))
    judged = wrong(stored, [one(file_format="parquet")])
    assert ("the row format", "STORED AS PARQUET") in [(check.property, check.right) for check in judged]


def test_rows(one: Any) -> None:
    found = [one()]
    asked: list[str] = []

    def ask(sql: str) -> list[dict[str, str | None]]:
        asked.append(sql)
        return [dict(GOOD)]

    checks = list(check_rows(made(found), found, ask))
    assert [check.ok for check in checks] == [True, True, True]
    assert checks[-1].told == "ends 2026-11-22 11:59:59 UTC"
    assert asked[0].endswith(
        'FROM "net"."logs" WHERE "aws_account" = \'123456789012\' AND "aws_region" = \'us-east-1\' '
        "AND \"day\" = '2026/11/22'"
    )


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"headers": "3"}, "3 header lines are read as records"),
        ({"actions": "2"}, "2 records have an action that is none"),
        ({"statuses": "1000"}, "1,000 records have a log-status that is none"),
        ({"backwards": "1"}, "1 record ends before it starts"),
        ({"strays": "6"}, "6 of 10 records in the partition of 2026-11-22 are of another time"),
        ({"timeless": "1"}, "1 record has no number as start or end"),
        ({"records": "0", "newest": None}, "no row comes back from s3://logs/p/AWSLogs/"),
    ],
)
def test_rows_that_tell_of_a_mistake(one: Any, counts: dict[str, str | None], told: str) -> None:
    checks = list(check_rows(made([one()]), [one()], lambda sql: [GOOD | counts]))
    assert any(not check.ok and told in check.told for check in checks)


def test_a_partition_that_nobody_registered(one: Any) -> None:
    found = [one()]
    table = make_table(designs(found)[0], ("net", "logs"), registered=True)
    (check,) = check_rows(table, found, lambda sql: [GOOD | {"records": "0", "newest": None}])
    assert (check.ok, check.property) == (False, "the folder")
    assert check.right == (
        "a partition: ALTER TABLE `net`.`logs` ADD IF NOT EXISTS "
        "PARTITION (`aws_account` = '123456789012', `aws_region` = 'us-east-1', `day` = '2026/11/22') "
        "LOCATION 's3://logs/p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22/'"
    )


def test_a_statement_that_is_refused_is_no_end_of_the_proof(one: Any) -> None:
    def ask(sql: str) -> list[dict[str, str | None]]:
        raise QueryError("Athena refuses the query: Cannot apply operator: bigint < timestamp(3)")

    (check,) = check_rows(made([one()]), [one()], ask)
    assert not check.ok


@pytest.mark.parametrize("change", [{"file_format": "parquet"}, {"types": {"start": "timestamp"}}])
def test_what_is_said_once_is_not_said_again(one: Any, as_stored: Any, change: dict[str, Any]) -> None:
    found = [one()]
    table = replace(made(found), **change)
    checks = prove(
        table, glue_table(as_stored(table)), found, None, lambda sql: [GOOD | {"timeless": "10"}], lambda *_: 0, 1
    )
    assert [check.name for check in checks if not check.ok] == ["format" if "file_format" in change else "types"]


def test_rows_that_an_interval_leaves_out_are_not_said_to_lie_elsewhere(one: Any, as_stored: Any) -> None:
    found = [one()]
    stored = changed(made(found), as_stored, {"projection.day.interval": "2"})
    checks = list(prove(table_of(stored), stored, found, None, lambda sql: [GOOD | {"strays": "10"}], lambda *_: 0, 1))
    assert [(check.property, check.right) for check in checks if not check.ok] == [("projection.day.interval", "1")]


def test_types_that_cannot_be_read(one: Any) -> None:
    def ask(sql: str) -> list[dict[str, str | None]]:
        raise DamagedObject("Field srcport's type INT64 in parquet file is incompatible")

    (check,) = check_rows(made([one()]), [one()], ask)
    assert (check.ok, check.property) == (False, "the types of the columns")


def test_a_table_that_is_defined_otherwise(one: Any, as_stored: Any) -> None:
    table = made([one()])
    assert differences(glue_table(as_stored(table)), table) == []
    other = changed(table, as_stored, {"projection.day.range": "2020/01/01,NOW"}, Location="s3://elsewhere/")
    assert [str(item) for item in differences(other, table)] == [
        "LOCATION: there is s3://elsewhere, wanted is s3://logs/p/AWSLogs",
        "projection.day.range: there is 2020/01/01,NOW, wanted is 2026/11/01,NOW",
    ]
    (first, *_) = differences(glue_table(as_stored(replace(table, columns=table.columns[1:]))), table)
    assert str(first) == "column 1: there is account_id string, wanted is version int"
