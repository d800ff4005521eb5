"""What a table does not read of a window is told: by Athena and by Trino, before and after, never silently."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flowsql.cases import Case, objects
from flowsql.fields import DEFAULT_FORMAT
from flowsql.questions import adhoc
from flowsql.window import Window
from tests.engines.conftest import Place

pytestmark = pytest.mark.trino
SINCE, UNTIL = datetime(2026, 11, 21, 23, tzinfo=UTC), datetime(2026, 11, 22, 1, tzinfo=UTC)
NIGHT = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
COLUMNS = tuple(name.replace("-", "_") for name in DEFAULT_FORMAT)
STARTS = ("2026-11-21T23:10:00Z", "2026-11-22T00:10:00Z")
RECORDS = tuple({"srcport": str(40000 + number), "start": start} for number in range(3) for start in STARTS)
COUNT = "SELECT COUNT(*) AS n FROM {{ flows }}"
FOLDER = "AWSLogs/123456789012/vpcflowlogs/us-east-1"


@pytest.fixture
def table(place: Place) -> str:
    """Three records before midnight and three after it."""
    name = place.stack.fresh_name("night").replace("-", "_")
    case = Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS, (), (), ())
    place.table(name, COLUMNS, objects(case, RECORDS))
    return name


def redefine(place: Place, name: str, **parameters: str) -> None:
    found: dict[str, Any] = place.glue.get_table(DatabaseName=place.database, Name=name)["Table"]
    keys = ("Name", "TableType", "StorageDescriptor", "PartitionKeys", "Parameters")
    made = {key: found[key] for key in keys}
    made["Parameters"] |= {key.replace("_", ".").replace("..", "_"): value for key, value in parameters.items()}
    place.glue.update_table(DatabaseName=place.database, TableInput=made)


def test_a_day_beyond_the_projection(place: Place, table: str) -> None:
    whole = place.athena(table).sql(COUNT, **NIGHT)
    assert (whole["n"].tolist(), whole.receipt.complete) == ([6], True)
    redefine(place, table, projection_day_range="2026/11/22,NOW")
    flows = (place.athena(table), place.trino(table))
    for half in (each.sql(COUNT, **NIGHT) for each in flows):
        assert (half["n"].tolist(), half.receipt.complete) == ([3], False)
        assert "does not read 2026-11-21, where an object of the window lies" in half.receipt.notes[0]
        assert half.receipt.notes[0].endswith("projection.day.range is 2026/11/22,NOW")
        assert f"{FOLDER}/2026/11/21/" in half.receipt.notes[0]
    redefine(place, table, projection_day_range="2026/11/01,NOW")
    # The incomplete result is not given again for the complete one.
    assert place.athena(table).sql(COUNT, **NIGHT)["n"].tolist() == [6]


def test_a_day_that_nobody_registered(place: Place, table: str) -> None:
    redefine(place, table, projection_enabled="false")
    found = place.glue.get_table(DatabaseName=place.database, Name=table)["Table"]["StorageDescriptor"]
    location = f"{found['Location']}{FOLDER}/2026/11/21/"
    place.glue.create_partition(
        DatabaseName=place.database,
        TableName=table,
        PartitionInput={
            "Values": ["123456789012", "us-east-1", "2026/11/21"],
            "StorageDescriptor": {**found, "Location": location},
        },
    )
    for flows in (place.athena(table, explains=True), place.trino(table, explains=True)):
        half = flows.sql(COUNT, **NIGHT)
        assert (half["n"].tolist(), half.receipt.complete) == ([3], False)
        assert "2026-11-22" in half.receipt.notes[0]
        assert half.receipt.notes[0].endswith("no partition is registered for it")
        none = flows.sql("SELECT srcport FROM {{ flows }}", since="2026-11-22T00:00Z", until="2026-11-22T01:00Z")
        assert none.receipt.why_empty.startswith("the table reads nothing of the window")
    estimate = place.athena(table).estimate(adhoc(COUNT), **NIGHT)
    assert (estimate.objects, len(estimate.unread)) == (1, 1)


def deliver(place: Place, table: str, account: str, region: str) -> None:
    """The table's objects once more, as those of another account and region."""
    pages = place.s3.get_paginator("list_objects_v2").paginate(
        Bucket=place.bucket, Prefix=f"{table}/AWSLogs/123456789012/"
    )
    for item in [item for page in pages for item in page["Contents"]]:
        key = item["Key"].replace("123456789012", account).replace("us-east-1", region)
        place.s3.copy_object(Bucket=place.bucket, Key=key, CopySource={"Bucket": place.bucket, "Key": item["Key"]})


def test_an_account_and_a_region_that_the_table_does_not_name(place: Place, table: str) -> None:
    deliver(place, table, "123456789012", "eu-west-1")
    deliver(place, table, "210987654321", "us-east-1")
    for flows in (place.athena(table), place.trino(table)):
        half = flows.sql(COUNT, **NIGHT)
        assert (half["n"].tolist(), half.receipt.complete) == ([6], False)
        told = [note for note in half.receipt.notes if "INCOMPLETE" in note]
        assert [note.rpartition(": ")[2] for note in told] == [
            "projection.aws_region.values has no eu-west-1",
            "projection.acct.values has no 210987654321",
        ]
        assert "does not read 123456789012 in eu-west-1, where objects of the window lie, the first in s3://" in told[0]
        assert "/AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/11/21/: " in told[0]
        assert flows.sql(COUNT, **NIGHT, account="123456789012", region="us-east-1").receipt.complete
        assert flows.sql(COUNT, since="2026-11-20T10:00Z", until="2026-11-20T11:00Z").receipt.complete
    assert len(place.athena(table).estimate(adhoc(COUNT), **NIGHT).unread) == 2
    redefine(
        place,
        table,
        projection_acct_values="123456789012,210987654321",
        projection_aws__region_values="us-east-1,eu-west-1",
    )
    assert place.athena(table).sql(COUNT, **NIGHT).receipt.complete


def test_an_account_of_which_nothing_is_registered(place: Place, table: str) -> None:
    redefine(place, table, projection_enabled="false")
    deliver(place, table, "210987654321", "us-east-1")
    found = place.glue.get_table(DatabaseName=place.database, Name=table)["Table"]["StorageDescriptor"]
    for day in ("2026/11/21", "2026/11/22"):
        place.glue.create_partition(
            DatabaseName=place.database,
            TableName=table,
            PartitionInput={
                "Values": ["123456789012", "us-east-1", day],
                "StorageDescriptor": {**found, "Location": f"{found['Location']}{FOLDER}/{day}/"},
            },
        )
    for flows in (place.athena(table), place.trino(table)):
        half = flows.sql(COUNT, **NIGHT)
        assert (half["n"].tolist(), half.receipt.complete) == ([6], False)
        assert "does not read 210987654321 in us-east-1, where" in half.receipt.notes[0]
        assert half.receipt.notes[0].endswith("no partition is registered for it")
        assert flows.sql(COUNT, **NIGHT, account="123456789012").receipt.complete


def test_what_the_names_of_objects_tell_is_told_and_the_rest_said_to_be_uncounted(place: Place, table: str) -> None:
    wide = NIGHT | {"since": "2026-11-21T21:00Z"}
    for flows in (place.athena(table, explains=True), place.trino(table, explains=True)):
        receipt = flows.sql(COUNT, **wide).receipt
        assert receipt.objects_listed == 2
        assert receipt.newest_slot == datetime(2026, 11, 22, 0, 10, tzinfo=UTC)
        assert [hour.hour for hour in receipt.hours_without_records] == [21, 22]
        assert "no object was filed in 2 hours of the window: 2026-11-21 21h, 2026-11-21 22h (UTC)" in receipt.notes
        assert receipt.records_in_window is None
        assert any("`flowsql run log-status --since 2026-11-21T21:00:00Z" in note for note in receipt.notes)
        assert receipt.lines()[2] == "newest record 2026-11-22T00:10 to 00:15Z · 2 objects in its partitions"
        # A look into no rows has counted them.
        none = flows.sql("SELECT srcport FROM {{ flows }} WHERE dstport = 9", **wide).receipt
        assert (none.records_in_window, none.statuses) == (6, {"OK": 6})
        assert not any("not counted" in note for note in none.notes)
