"""Listings kept on disk: of what is settled, for a while, and never in the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.aws import listings
from flowsql.aws.listings import Below, Listings
from flowsql.aws.results import Results
from flowsql.engines.base import Filed
from flowsql.engines.remote import Sizes
from flowsql.errors import SourceError
from flowsql.layout import object_key
from flowsql.partitions import Partition
from flowsql.query import Filters, Relation
from flowsql.table import Table
from flowsql.window import Window

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = (
    Partition("account", "account", "enum", values=("123456789012",)),
    Partition("region", "region", "enum", values=("us-east-1",)),
    Partition("day", "date", "date", format="yyyy/MM/dd"),
)


def table_at(place: str, partitions: tuple[Partition, ...] = DAYS) -> Table:
    template = f"{place}AWSLogs/${{account}}/vpcflowlogs/${{region}}/${{day}}/" if partitions else ""
    return Table(("start", "end"), partitions=partitions, location=place, template=template, name=("net", "logs"))


@pytest.fixture
def logs(bucket: Any) -> Callable[[int], str]:
    """Puts one object of some bytes for each of the days 20 to 24."""

    def put(size: int) -> str:
        for day in range(20, 25):
            slot = datetime(2026, 11, day, 10, tzinfo=UTC)
            bucket.put(object_key("123456789012", "us-east-1", "fl-0a", slot, "a"), b"x" * size)
        return f"s3://{bucket.name}/"

    return put


def of(place: str, kept: Listings | None, partitions: tuple[Partition, ...] = DAYS) -> tuple[int, int]:
    window = Window(datetime(2026, 11, 20, tzinfo=UTC), NOW)
    sizes = Sizes(Results(region="us-east-1"), kept, now=lambda: NOW)
    return sizes.of(Relation("flows", "flows", window), table_at(place, partitions), Filters())


def test_only_days_that_ended_long_ago_are_not_listed_again(logs: Callable[[int], str], tmp_path: Path) -> None:
    kept = Listings("here", tmp_path)
    assert of(logs(100), kept) == (5, 500)
    # Of the 20th, 21st and 22nd nothing is asked again; the 23rd and 24th have changed.
    assert of(logs(1000), kept) == (5, 2300)
    assert of(logs(1000), Listings("elsewhere", tmp_path)) == (5, 5000)
    assert of(logs(1000), None) == (5, 5000)


def test_an_empty_day_is_listed_again(logs: Callable[[int], str], bucket: Any, tmp_path: Path) -> None:
    kept, place = Listings("here", tmp_path), f"s3://{bucket.name}/"
    assert of(place, kept) == (0, 0)
    assert of(logs(100), kept) == (5, 500)


def test_a_table_without_time_is_listed_each_time(logs: Callable[[int], str], tmp_path: Path) -> None:
    kept = Listings("here", tmp_path)
    assert of(logs(100), kept, ()) == (5, 500)
    assert of(logs(1000), kept, ()) == (5, 5000)


def test_a_disk_or_file_that_is_no_good_costs_only_a_listing(logs: Callable[[int], str], tmp_path: Path) -> None:
    (tmp_path / "listings.sqlite").write_bytes(b"no database" * 100)
    assert of(logs(100), Listings("here", tmp_path)) == (5, 500)
    kept = Listings("here", tmp_path)
    assert of(logs(100), kept) == (5, 500)
    assert of(logs(1000), kept) == (5, 2300)
    (tmp_path / "file").write_text("")
    assert of(logs(100), Listings("here", tmp_path / "file")) == (5, 500)


def test_the_slots_in_names_tell_of_hours_and_of_the_newest(logs: Callable[[int], str], tmp_path: Path) -> None:
    kept, home = Listings("here", tmp_path), table_at(logs(1))
    window = Window(datetime(2026, 11, 21, 10, 2, tzinfo=UTC), datetime(2026, 11, 23, 9, 50, tzinfo=UTC))
    for _ in range(2):  # as listed, and as kept
        filed = Sizes(Results(region="us-east-1"), kept, now=lambda: NOW).filed(window, home, Filters())
        assert filed is not None
        assert (filed.objects, filed.newest) == (3, datetime(2026, 11, 23, 10, tzinfo=UTC))
        assert filed.hours == {int(datetime(2026, 11, day, 10, tzinfo=UTC).timestamp()) // 3600 for day in (21, 22, 23)}


def test_partitions_of_no_known_place_are_not_looked_for() -> None:
    window = Window(datetime(2026, 11, 20, tzinfo=UTC), NOW)
    table = Table(("start", "end"), partitions=DAYS, name=("net", "logs"))
    with pytest.raises(SourceError, match=r"where the partitions of net\.logs lie is not told"):
        Sizes(Results()).of(Relation("flows", "flows", window), table, Filters())


def test_names_without_a_slot_tell_nothing(bucket: Any) -> None:
    bucket.put("AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/21/merged.log.gz", b"x")
    filed = Sizes(Results(region="us-east-1")).filed(
        Window(datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)),
        table_at(f"s3://{bucket.name}/"),
        Filters(),
    )
    assert filed == Filed(1)


def test_what_is_kept_is_bounded_in_number_and_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "_MOST", 2)
    kept = Listings("here", tmp_path)
    for name in "abc":
        kept.keep({name: Below(1, 2, ((3, 4), (6, 6)))})
    assert kept.known("abc") == dict.fromkeys("bc", Below(1, 2, ((3, 4), (6, 6))))
    monkeypatch.setattr(listings, "_DAYS", 0)
    assert kept.known("abc") == {}


@given(
    st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1)),
    st.integers(1, 80 * 86400),
    st.sampled_from(["yyyy/MM/dd", "yyyy/MM", "yyyy"]),
)
def test_nothing_of_the_last_day_is_ever_settled(since: datetime, seconds: int, form: str) -> None:
    day = Partition("day", "date", "date", format=form, unit={"yyyy": "year", "yyyy/MM": "month"}.get(form, "day"))
    table = table_at("s3://logs/", (*DAYS[:2], day))
    begin = since.replace(tzinfo=UTC)
    settled = Sizes(Results(), None, now=lambda: NOW)._settled(
        Window(begin, begin + timedelta(seconds=seconds)), table, Filters()
    )
    for hours in range(-24, 24):
        key = object_key("123456789012", "us-east-1", "fl-0a", NOW + timedelta(hours=hours), "a")
        assert not any(f"s3://logs/{key}".startswith(prefix) for prefix in settled)
