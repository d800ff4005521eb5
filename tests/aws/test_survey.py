"""What lies below a prefix: told by few requests, whatever the layout and however many objects there are."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.aws.s3 import S3Store
from flowsql.aws.survey import survey
from flowsql.errors import SourceError
from flowsql.sample.writer import write_sample

FIRST = datetime(2026, 10, 31, 22, tzinfo=UTC)
OTHER = gzip.compress(b"end start srcaddr\n1 2 10.0.0.1\n", mtime=0)


@pytest.mark.parametrize("style", ["default", "hive"])
@pytest.mark.parametrize("hourly", [False, True])
@pytest.mark.parametrize("prefix", ["", "team/net"])
def test_every_layout(bucket: Any, style: Any, hourly: bool, prefix: str) -> None:
    for account in ("123456789012", "000000000012"):
        bucket.slots(FIRST, 5, style=style, hourly=hourly, prefix=prefix, account=account)
    found = survey(S3Store(f"s3://flow-logs/{prefix}"))
    assert [(item.account, item.region, item.flow_log) for item in found] == [
        ("000000000012", "us-east-1", "fl-0a1b2c3d4e5f60718"),
        ("123456789012", "us-east-1", "fl-0a1b2c3d4e5f60718"),
    ]
    item = found[0]
    assert (item.style, item.hourly, item.file_format, item.kind) == (style, hourly, "text", "vpc")
    assert item.first == (FIRST if hourly else datetime(2026, 10, 31, tzinfo=UTC))
    assert item.newest == datetime(2026, 11, 1, 2 if hourly else 0, tzinfo=UTC)
    assert item.columns[:2] == ("version", "account_id")
    assert item.folder.endswith("aws-region=us-east-1/" if style == "hive" else "/vpcflowlogs/us-east-1/")
    assert item.example.startswith(f"s3://flow-logs/{prefix}")


def test_years_of_objects_take_few_requests(bucket: Any, calls: Any) -> None:
    bucket.slots(datetime(2024, 3, 1, tzinfo=UTC), 700, timedelta(days=1), hourly=True)
    store = S3Store("s3://flow-logs/")
    count = calls(store)
    (item,) = survey(store)
    assert item.first == datetime(2024, 3, 1, tzinfo=UTC)
    assert count.count["ListObjectsV2"] < 25


def test_flow_logs_in_one_folder_are_told_apart(bucket: Any) -> None:
    bucket.slots(FIRST, 30, timedelta(minutes=5))
    for key in bucket.slots(FIRST, 30, timedelta(minutes=5), flow_log="fl-0b"):
        bucket.put(key, OTHER)
    found = survey(S3Store("s3://flow-logs/AWSLogs/123456789012/"))
    assert [(item.flow_log, len(item.columns)) for item in found] == [("fl-0a1b2c3d4e5f60718", 14), ("fl-0b", 3)]


def test_a_flow_log_that_is_gone_is_not_current(bucket: Any) -> None:
    bucket.slots(FIRST, 3, flow_log="fl-0a")
    bucket.slots(FIRST + timedelta(days=2), 3, flow_log="fl-0b")
    assert {item.flow_log: item.current for item in survey(S3Store("s3://flow-logs/"))} == {
        "fl-0a": False,
        "fl-0b": True,
    }


@pytest.mark.parametrize("hourly", [False, True])
@pytest.mark.parametrize("style", ["default", "hive"])
def test_the_last_day_of_a_flow_log_that_is_gone(bucket: Any, style: Any, hourly: bool) -> None:
    bucket.slots(FIRST, 8, timedelta(days=1), style=style, hourly=hourly, flow_log="fl-0a")
    bucket.slots(
        FIRST + timedelta(days=7, hours=1), 40, timedelta(days=1), style=style, hourly=hourly, flow_log="fl-0b"
    )
    ended = {item.flow_log: item.ended for item in survey(S3Store("s3://flow-logs/"))}
    assert ended == {"fl-0a": datetime(2026, 11, 7, tzinfo=UTC), "fl-0b": None}


def test_parquet(bucket: Any, tmp_path: Path) -> None:
    write_sample(tmp_path / "logs", until=FIRST, hours=1, rate=0.01, file_format="parquet", version=3)
    for path in (tmp_path / "logs").rglob("*.parquet"):
        bucket.put(path.relative_to(tmp_path / "logs").as_posix(), path.read_bytes())
    (item,) = survey(S3Store("s3://flow-logs/"))
    assert item.file_format == "parquet"
    assert item.columns[-1] == "pkt_dstaddr"


def test_nothing_there(bucket: Any) -> None:
    bucket.put("data/2026/other.csv", b"a,b\n1,2\n")
    with pytest.raises(SourceError, match="there are no flow logs below s3://flow-logs/data/"):
        survey(S3Store("s3://flow-logs/data/"))


def test_awslogs_of_several_prefixes_in_one_bucket(bucket: Any) -> None:
    for prefix in ("", "net/prod", "teama"):
        bucket.slots(FIRST, 1, prefix=prefix)
    found = sorted(item.folder for item in survey(S3Store("s3://flow-logs/")))
    assert [folder.partition("AWSLogs/")[0] for folder in found] == [
        "s3://flow-logs/",
        "s3://flow-logs/net/prod/",
        "s3://flow-logs/teama/",
    ]
