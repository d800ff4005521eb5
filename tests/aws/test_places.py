"""Accounts and regions below a prefix: folders alone are asked for, those of long ago once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.aws.listings import Listings
from flowsql.aws.places import Places, roots
from flowsql.aws.results import Results
from flowsql.layout import place
from flowsql.reading.store import Wanted
from flowsql.window import Window

NOON = datetime(2020, 11, 22, 12, tzinfo=UTC)
HOUR = Window(NOON, NOON + timedelta(hours=1))


def found(places: Places, start: str, **filters: Any) -> list[str]:
    return [
        f"{place(folder).account} {place(folder).region}"
        for folder in places.regions(start, Wanted((HOUR,), **filters))
    ]


@pytest.mark.parametrize("style", ["default", "hive"])
@pytest.mark.parametrize("hourly", [False, True])
def test_folders_of_accounts_and_regions(bucket: Any, style: str, hourly: bool) -> None:
    for account in ("111122223333", "444455556666"):
        bucket.slots(NOON, 1, account=account, style=style, hourly=hourly)
    bucket.slots(NOON - timedelta(days=1), 1, region="eu-west-1", account="111122223333", style=style, hourly=hourly)
    bucket.put("AWSLogs/111122223333/elasticloadbalancing/us-east-1/2020/11/22/some.log.gz")
    places, start = Places(Results(region="us-east-1")), f"s3://{bucket.name}/AWSLogs/"
    assert found(places, start) == ["111122223333 eu-west-1", "111122223333 us-east-1", "444455556666 us-east-1"]
    assert found(places, start, accounts=("444455556666",)) == ["444455556666 us-east-1"]
    assert found(places, start, regions=("eu-west-1",)) == ["111122223333 eu-west-1"]
    europe, america = places.regions(start, Wanted((HOUR,), ("111122223333",)))
    assert places.first_in(europe, HOUR) is None
    first = places.first_in(america, HOUR)
    assert first is not None
    assert place(first).slot == NOON
    assert places.first_in(america, Window(NOON + timedelta(hours=1), NOON + timedelta(hours=2))) is None


def test_folders_of_a_window_long_ago_are_asked_for_once(bucket: Any, tmp_path: Path) -> None:
    bucket.slots(NOON, 1, account="111122223333")
    kept, start = Listings("here", tmp_path), f"s3://{bucket.name}/AWSLogs/"
    assert found(Places(Results(region="us-east-1"), kept), start) == ["111122223333 us-east-1"]
    bucket.slots(NOON, 1, account="444455556666")
    assert found(Places(Results(region="us-east-1"), kept), start) == ["111122223333 us-east-1"]
    early = Places(Results(region="us-east-1"), Listings("there", tmp_path), now=lambda: NOON)
    assert len(found(early, start)) == 2
    bucket.slots(NOON, 1, account="777788889999")
    assert len(found(early, start)) == 3


@pytest.mark.parametrize(
    ("location", "prefix", "root"),
    [
        ("s3://b/", "s3://b/p/AWSLogs/111122223333/vpcflowlogs/", "s3://b/p/AWSLogs/"),
        (
            "s3://b/p/AWSLogs/111122223333/",
            "s3://b/p/AWSLogs/111122223333/vpcflowlogs/",
            "s3://b/p/AWSLogs/111122223333/",
        ),
        ("s3://b/p/", "s3://b/q/AWSLogs/111122223333/", None),
        ("s3://b/p/", "s3://b/p/2026/11/22/", None),
    ],
)
def test_where_accounts_lie(location: str, prefix: str, root: str | None) -> None:
    assert list(roots(location, [prefix, prefix])) == ([] if root is None else [root])
