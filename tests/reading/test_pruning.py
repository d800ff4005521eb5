"""Only objects that can hold the window are opened, and no flow of it is lost: filed as AWS does, at every layout."""

import gzip
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowsql.layout import SLOT, object_key, place
from flowsql.reading.store import LocalStore, MemoryStore, Wanted
from flowsql.window import Window

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
ACCOUNTS = ("000000000012", "123456789012", "210987654321")
REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1")
NAMES = ("start", "end", "bytes", "account_id", "region")
HEADER = "version account-id region start end bytes log-status"


@dataclass(frozen=True)
class Flow:
    """One record; times in seconds around the turn of a year, so that folders of all levels change."""

    start: int
    length: int
    late: int
    account: str
    region: str

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Layout:
    style: str
    hourly: bool
    prefix: str
    parquet: bool


seconds = st.integers(-2 * 86400, 2 * 86400).map(lambda offset: int(NEW_YEAR.timestamp()) + offset)
flows = st.builds(
    Flow, seconds, st.integers(0, 600), st.integers(0, 600), st.sampled_from(ACCOUNTS), st.sampled_from(REGIONS)
)
layouts = st.builds(
    Layout,
    st.sampled_from(["default", "hive"]),
    st.booleans(),
    st.sampled_from(["", "logs", "a/b=c/", "vpcflowlogs/2020"]),
    st.booleans(),
)
windows = st.builds(
    lambda since, length, micro: Window(
        datetime.fromtimestamp(since, UTC) + timedelta(microseconds=micro),
        datetime.fromtimestamp(since + length, UTC),
        timedelta(seconds=600),
    ),
    seconds,
    st.one_of(st.integers(1, 600), st.integers(1, 3 * 86400)),
    st.sampled_from([0, 0, 1]),
)


def written(flows: list[Flow], layout: Layout) -> dict[str, bytes]:
    """The flows as AWS would have filed them: by their end, or as much later as they came."""
    filed: dict[tuple[str, str, int], list[tuple[int, Flow]]] = defaultdict(list)
    for number, flow in enumerate(flows):
        filed[flow.account, flow.region, (flow.end + flow.late) // 300].append((number, flow))
    objects = {}
    for (account, region, slot), records in filed.items():
        moment = datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)
        key = object_key(
            account,
            region,
            "fl-0123456789abcdef0",
            moment,
            "1a2b3c4d",
            style=layout.style,
            hourly=layout.hourly,
            parquet=layout.parquet,
            prefix=layout.prefix,
        )
        objects[key] = parquet(records) if layout.parquet else text(records)
    return objects


def text(records: list[tuple[int, Flow]]) -> bytes:
    lines = [f"5 {flow.account} {flow.region} {flow.start} {flow.end} {number} OK" for number, flow in records]
    return gzip.compress("\n".join([HEADER, *lines, ""]).encode(), 1)


def parquet(records: list[tuple[int, Flow]]) -> bytes:
    rows = [
        {"account_id": flow.account, "region": flow.region, "start": flow.start, "end": flow.end, "bytes": number}
        for number, flow in records
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(flows, max_size=25),
    layouts,
    windows,
    st.sets(st.sampled_from(ACCOUNTS), max_size=2).map(sorted).map(tuple),
    st.sets(st.sampled_from(REGIONS), max_size=2).map(sorted).map(tuple),
)
@example(
    # The last second of a window, delivered as late as it may be, in the next year.
    [Flow(int(NEW_YEAR.timestamp()) - 1, 600, 600, ACCOUNTS[0], REGIONS[0])],
    Layout("hive", True, "", False),
    Window(NEW_YEAR - timedelta(hours=1), NEW_YEAR, timedelta(seconds=600)),
    (),
    (),
)
def test_no_flow_of_the_window_is_lost_and_none_outside_returned(
    read: Any, flows: list[Flow], layout: Layout, window: Window, accounts: tuple[str, ...], regions: tuple[str, ...]
) -> None:
    objects = written(flows, layout)
    expected = [
        number
        for number, flow in enumerate(flows)
        if flow.end >= window.since_epoch
        and flow.start < window.until_epoch
        and flow.account in (accounts or ACCOUNTS)
        and flow.region in (regions or REGIONS)
    ]
    wanted = Wanted((window,), accounts, regions)
    with tempfile.TemporaryDirectory() as directory:
        for key, data in objects.items():
            path = Path(directory, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        reading = read(Path(directory), NAMES, window=window, wanted=wanted)
        local = LocalStore(directory).listing(wanted)
    assert sorted(row["bytes"] for row in reading.rows) == expected
    assert {row["account_id"] for row in reading.rows} <= set(accounts or ACCOUNTS)
    memory = MemoryStore(objects).listing(wanted)
    assert [Path(item.name).name for item in local.objects] == [Path(item.name).name for item in memory.objects]
    assert local.listed <= memory.listed == len(objects)


@settings(max_examples=60, deadline=None)
@given(st.lists(flows, min_size=1, max_size=25), layouts, windows)
def test_objects_of_slots_outside_the_window_are_not_opened(flows: list[Flow], layout: Layout, window: Window) -> None:
    opened = MemoryStore(written(flows, layout)).listing(Wanted((window,))).objects
    for item in opened:
        slot = item.place.slot
        assert slot is not None
        assert window.since - SLOT < slot < window.until + timedelta(seconds=1200)


def test_folders_outside_the_window_are_not_entered(tmp_path: Path, read: Any) -> None:
    start = int(NEW_YEAR.timestamp())
    flows = [Flow(start + 3600 * hour, 60, 0, account, "us-east-1") for hour in range(48) for account in ACCOUNTS]
    for key, data in written(flows, Layout("default", True, "logs", False)).items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    window = Window(NEW_YEAR + timedelta(hours=5), NEW_YEAR + timedelta(hours=6))
    listing = LocalStore(str(tmp_path)).listing(Wanted((window,), accounts=(ACCOUNTS[1],)))
    assert {item.place.account for item in listing.objects} == {ACCOUNTS[1]}
    assert listing.listed == 2, "the hours 5 and, for what came late, 6"
    newest = LocalStore(str(tmp_path)).newest()
    assert newest is not None
    assert newest.place.slot == NEW_YEAR + timedelta(hours=47)


@pytest.mark.parametrize("hour", range(24))
def test_firehose_folders_of_any_time_zone_are_opened(hour: int) -> None:
    """Firehose files by the time of arrival, in a zone its owner chose."""
    arrival = NEW_YEAR + timedelta(hours=hour)
    key = f"logs/{arrival:%Y/%m/%d/%H}/flows-1-{arrival:%Y-%m-%d-%H-%M-%S}-0a1b2c3d-1111-2222-3333-444455556666.gz"
    window = Window(NEW_YEAR + timedelta(hours=11), NEW_YEAR + timedelta(hours=12))
    assert place(key).may_hold(window)
    days = timedelta(days=3)
    assert not place(key).may_hold(Window(window.since - days, window.until - days))
    assert not place(key).may_hold(Window(window.since + days, window.until + days))
