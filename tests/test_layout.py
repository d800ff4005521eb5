"""Object keys and what they say: every documented layout is read back, everything else is left open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.layout import SLOT, Place, day_prefixes, days, object_key, place
from flowsql.window import Window

NOON = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAME = "123456789012_vpcflowlogs_us-east-1_fl-0a1b2c3d_20261122T1205Z_4d5e6f70.log"
DEFAULT = "AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22/"
HIVE = "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=22/"

accounts = st.from_regex(r"\A[0-9]{12}\Z")
regions = st.sampled_from(
    ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "ap-southeast-7", "us-iso-east-1"]
)
slots = st.datetimes(datetime(2014, 1, 1), datetime(2199, 12, 31)).map(
    lambda moment: moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0, tzinfo=UTC)
)
prefixes = st.sampled_from(["", "logs", "/logs/", "a/b/c", "year=1999", "vpcflowlogs", "AWSLogs-copy", "2020/01/01"])
options = st.fixed_dictionaries(
    {
        "style": st.sampled_from(["default", "hive"]),
        "hourly": st.booleans(),
        "parquet": st.booleans(),
        "prefix": prefixes,
    }
)


@pytest.mark.parametrize(
    ("chosen", "key"),
    [
        ({}, DEFAULT + NAME + ".gz"),
        ({"hourly": True}, DEFAULT + "12/" + NAME + ".gz"),
        ({"style": "hive", "prefix": "/logs/"}, "logs/" + HIVE + NAME + ".gz"),
        ({"style": "hive", "hourly": True, "parquet": True}, HIVE + "hour=12/" + NAME + ".parquet"),
    ],
)
def test_keys_are_those_of_the_user_guide(chosen: dict[str, Any], key: str) -> None:
    assert object_key("123456789012", "us-east-1", "fl-0a1b2c3d", NOON, "4d5e6f70", **chosen) == key


@given(accounts, regions, slots, options)
def test_a_key_is_read_back(account: str, region: str, slot: datetime, chosen: dict[str, Any]) -> None:
    key = object_key(account, region, "fl-0a1b2c3d", slot, "4d5e6f70", **chosen)
    for written in (key, "/data/" + key, f"s3://bucket/{key}", key.replace("/", "\\")):
        found = place(written)
        assert (found.account, found.region, found.flow_log, found.slot) == (account, region, "fl-0a1b2c3d", slot)
        assert found.style == chosen["style"]
        assert found.interval() == (slot, slot + SLOT)


@given(accounts, regions, slots, options, slots, st.timedeltas(timedelta(minutes=1), timedelta(days=40)))
def test_every_folder_of_a_key_may_hold_what_the_key_may(
    account: str, region: str, slot: datetime, chosen: dict[str, Any], since: datetime, length: timedelta
) -> None:
    key = object_key(account, region, "fl-0a1b2c3d", slot, "4d5e6f70", **chosen)
    components = key.split("/")
    for window in (Window(since, since + length), Window(slot - length, slot), Window(slot, slot + length)):
        if place(key).may_hold(window, (account,), (region,)):
            for depth in range(len(components)):
                folder = "/".join(components[:depth])
                assert place(folder).may_hold(window, (account,), (region,)), folder
                assert place(folder + "/").may_hold(window, (account,), (region,)), folder


@pytest.mark.parametrize(
    ("folder", "account", "region", "parts"),
    [
        ("AWSLogs/", None, None, ()),
        ("AWSLogs/123456789012/", "123456789012", None, ()),
        ("AWSLogs/o-exampleorgid/", None, None, ()),
        ("AWSLogs/o-exampleorgid/123456789012/vpcflowlogs/us-east-1/2026/", "123456789012", "us-east-1", (2026,)),
        ("AWSLogs/123456789012/vpcflowlogs/", "123456789012", None, ()),
        (DEFAULT, "123456789012", "us-east-1", (2026, 11, 22)),
        (DEFAULT[:-1], "123456789012", "us-east-1", (2026, 11, 22)),
        (DEFAULT + "07", "123456789012", "us-east-1", (2026, 11, 22, 7)),
        (DEFAULT + "renamed.log.gz", "123456789012", "us-east-1", (2026, 11, 22)),
        ("AWSLogs/aws-account-id=123456789012/", "123456789012", None, ()),
        (HIVE, "123456789012", "us-east-1", (2026, 11, 22)),
        (HIVE + "hour=07/x.parquet", "123456789012", "us-east-1", (2026, 11, 22, 7)),
        (HIVE.replace("aws-service", "service"), "123456789012", "us-east-1", (2026, 11, 22)),
        # Folders that only look alike.
        ("/home/me/vpcflowlogs/logs/2026/11/22", None, None, ()),
        ("vpcflowlogs/us-east-1/2026/11/22", None, "us-east-1", (2026, 11, 22)),
        ("/srv/vpcflowlogs/us-east-1/2026/13/01", None, "us-east-1", (2026,)),
        ("x/123456789012/vpcflowlogs/us-east-1/2026/02/30/05", "123456789012", "us-east-1", (2026, 2)),
        ("x/123456789012/vpcflowlogs/us-east-1/0000/01", "123456789012", "us-east-1", ()),
        ("x/123456789012/vpcflowlogs/us-east-1/９９９９/01", "123456789012", "us-east-1", ()),
        ("aws-region=us-east-1/year=2026/month=1/day=22", None, "us-east-1", (2026,)),
        ("logs/2026/11/22/13", None, None, ()),
        ("a=b/c.log", None, None, ()),
        ("", None, None, ()),
    ],
)
def test_what_a_folder_says(folder: str, account: str | None, region: str | None, parts: tuple[int, ...]) -> None:
    found = place(folder)
    assert (found.account, found.region, found.parts, found.slot) == (account, region, parts, None)


@pytest.mark.parametrize(
    ("parts", "first", "last"),
    [
        ((2026,), datetime(2026, 1, 1), datetime(2027, 1, 1)),
        ((2026, 12), datetime(2026, 12, 1), datetime(2027, 1, 1)),
        ((2028, 2), datetime(2028, 2, 1), datetime(2028, 3, 1)),
        ((2026, 12, 31), datetime(2026, 12, 31), datetime(2027, 1, 1)),
        ((2026, 12, 31, 23), datetime(2026, 12, 31, 23), datetime(2027, 1, 1)),
    ],
)
def test_the_interval_of_a_folder(parts: tuple[int, ...], first: datetime, last: datetime) -> None:
    assert Place(parts=parts).interval() == (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))


def test_a_name_whose_slot_is_no_time_tells_nothing() -> None:
    for slot in ("20261322T1205", "99991231T2355", "00010101T0000"):
        found = place(NAME.replace("20261122T1205", slot))
        assert (found.slot, found.interval()) == (None, None)


def test_the_edges_of_a_window() -> None:
    """A record is filed by its end: up to ten minutes after its start, and as much later as delivery may take."""
    window = Window(NOON, NOON + HOUR)
    first, last = NOON, NOON + HOUR + timedelta(minutes=20) - SLOT

    def may_hold(slot: datetime) -> bool:
        return Place(slot=slot).may_hold(window)

    assert not may_hold(first - SLOT)
    assert may_hold(first)
    assert may_hold(last)
    assert not may_hold(last + SLOT)
    assert Place(slot=last + DAY).may_hold(Window(NOON, NOON + HOUR, slack=DAY + HOUR))


def test_accounts_and_regions() -> None:
    window = Window(NOON, NOON + HOUR)
    here = place(DEFAULT + NAME)
    assert here.may_hold(window, ("123456789012", "000000000042"), ("us-east-1",))
    assert not here.may_hold(window, ("000000000042",))
    assert not here.may_hold(window, (), ("eu-west-1",))
    assert place("bare.log").may_hold(window, ("000000000042",), ("eu-west-1",))
    unknown = place(DEFAULT + NAME.replace("123456789012", "unknown"))
    assert unknown.may_hold(window, ("000000000042",))


def test_a_hive_day_that_aws_did_not_write_may_be_of_any_zone() -> None:
    window = Window(NOON, NOON + HOUR)
    for day in (21, 22, 23):
        assert place(f"lake/year=2026/month=11/day={day}/part-0.parquet").may_hold(window)
    assert not place("lake/year=2026/month=11/day=25/part-0.parquet").may_hold(window)
    assert not place(HIVE.replace("day=22", "day=23") + "part-0.parquet").may_hold(window)


def test_firehose_names() -> None:
    name = "vpc-flows-1-2026-11-22-12-00-07-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    for key in (f"2026/11/22/12/{name}", f"p/2026/11/22/12/{name}.gz", f"2026/11/22/12/{name}.parquet"):
        found = place(key)
        assert (found.parts, found.arrival) == ((2026, 11, 22, 12), True)
    assert place(f"/data/copied/{name}.gz").interval() is None
    assert place(f"2026/11/32/12/{name}").parts == (2026, 11)


@given(slots, st.timedeltas(timedelta(minutes=1), timedelta(days=5)))
def test_day_prefixes_cover_the_window(since: datetime, length: timedelta) -> None:
    window = Window(since, since + length)
    folders = {
        "default": "p/AWSLogs/123456789012/vpcflowlogs/us-east-1/",
        "hive": "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/",
    }
    for style, folder in folders.items():
        found = day_prefixes(folder, window)
        assert found is not None
        assert found == sorted(found)
        assert len(found) == len(days(window))
        for prefix in found:
            assert place(prefix).may_hold(window)
        for moment in (since, since + length / 2, window.filed_until - timedelta(seconds=1)):
            slot = moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
            prefix = "p" if style == "default" else ""
            key = object_key("123456789012", "us-east-1", "fl-0a", slot, "0a", style=style, prefix=prefix)  # type: ignore[arg-type]
            assert key.startswith(tuple(found))


@pytest.mark.parametrize(
    "folder",
    [
        "",
        "AWSLogs/",
        "AWSLogs/123456789012/vpcflowlogs/",
        DEFAULT,
        HIVE,
        "vpcflowlogs/us-east-1",
        "x/us-east-1/",
        "year=2026/",
    ],
)
def test_day_prefixes_are_for_a_regions_folder_alone(folder: str) -> None:
    assert day_prefixes(folder, Window(NOON, NOON + HOUR)) is None


@given(st.text(max_size=60))
def test_any_text_is_a_key(key: str) -> None:
    found = place(key)
    found.interval()
    found.may_hold(Window(NOON, NOON + HOUR))


times = st.sampled_from(["0000", "9999", "2499", "2026", "13", "12", "31", "00", "24", "x", "", "-1", "٢٠٢٦"])


@given(st.lists(times, max_size=6), st.booleans())
def test_any_time_in_a_key_is_survived(texts: list[str], hive: bool) -> None:
    if hive:
        folders = [f"{name}={text}" for name, text in zip(("year", "month", "day", "hour"), texts, strict=False)]
        key = "/".join(["aws-region=us-east-1", *folders, "x"])
    else:
        key = "/".join(["vpcflowlogs", "us-east-1", *texts, "x"])
    place(key).interval()
