"""The S3 store against a local S3: what it finds, what it asks for, and what it says when S3 refuses."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowsql.aws.s3 import S3Store
from flowsql.errors import SourceError
from flowsql.layout import object_key, place
from flowsql.reading.store import LocalStore, StoredObject, Wanted
from flowsql.window import Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAYOUTS = [
    pytest.param({"style": style, "hourly": hourly}, id=f"{style}-{'hourly' if hourly else 'daily'}")
    for style in ("default", "hive")
    for hourly in (False, True)
]


def hours(since: datetime, count: int = 1, **filters: Any) -> Wanted:
    return Wanted((Window(since, since + count * HOUR),), **filters)


def keys(found: list[StoredObject]) -> list[str]:
    return [item.name.removeprefix("s3://flow-logs/") for item in found]


def wanted_of(all_keys: list[str], wanted: Wanted) -> list[str]:
    return sorted(key for key in all_keys if wanted.may_be_in(place(key)))


# --- listing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_window_is_listed(bucket: Any, calls: Any, layout: dict[str, Any]) -> None:
    put = bucket.slots(NOON - 405 * DAY, 60, 10 * DAY, **layout) + bucket.slots(NOON - 12 * HOUR, 24, HOUR, **layout)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    found = store.listing(hours(NOON))
    assert keys(found.objects) == wanted_of(put, hours(NOON))
    assert len(found.objects) == 2  # the slot of 12:00, and 13:00 for what is delivered late
    assert {place(key).slot.date() for key in seen.keys} == {NOON.date()}
    assert seen.count["ListObjectsV2"] <= 8
    assert seen.count["GetObject"] == 0
    if layout["hourly"]:
        assert len(seen.keys) == found.listed == 2


def test_names_sizes_and_places_are_those_of_the_objects(bucket: Any) -> None:
    bucket.put(key := object_key("123456789012", "eu-west-1", "fl-1", NOON, "ab"), b"12345")
    (item,) = S3Store("s3://flow-logs/").listing(hours(NOON)).objects
    assert (item.name, item.size, item.place) == (f"s3://flow-logs/{key}", 5, place(key))


WHOLE = "team/net/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22/"
FILE = "123456789012_vpcflowlogs_us-east-1_fl-0a1b2c3d4e5f60718_20261122T1200Z_00000000.log.gz"
CUTS = [WHOLE[:end] for end in range(len(WHOLE) + 1) if end == len(WHOLE) or WHOLE[end] == "/" or WHOLE[end - 1] == "/"]


@pytest.mark.parametrize("prefix", [*CUTS, "team/n", WHOLE[:24], f"{WHOLE[:-2]}", f"{WHOLE}123456789012_vpc"])
def test_a_location_may_end_anywhere_in_the_layout(bucket: Any, calls: Any, prefix: str) -> None:
    put = bucket.slots(NOON, 1, prefix="team/net") + bucket.slots(NOON - 40 * DAY, 3, prefix="team/net")
    bucket.slots(NOON, 1, prefix="other")
    store = S3Store(f"s3://flow-logs/{prefix}")
    seen = calls(store)
    found = keys(store.listing(hours(NOON)).objects)
    assert [key for key in found if key.startswith("team")] == [put[0]]
    assert prefix == "" or found == [put[0]]
    assert not set(seen.keys) & set(put[1:])


def test_a_location_may_be_one_object_whatever_its_time(bucket: Any, calls: Any) -> None:
    key, later = bucket.slots(NOON - 40 * DAY, 1)[0], bucket.slots(NOON, 1)[0]
    bucket.put(f"{key}.copy")
    store = S3Store(f"s3://flow-logs/{key}")
    assert keys(store.listing(hours(NOON)).objects) == [key]
    assert store.newest().name == f"s3://flow-logs/{key}"
    assert later not in keys(store.listing(hours(NOON)).objects)


def test_a_folder_wins_over_names_that_begin_alike(bucket: Any) -> None:
    mine = bucket.slots(NOON, 1, prefix="net")
    bucket.slots(NOON, 1, prefix="net-old")
    assert keys(S3Store("s3://flow-logs/net").listing(hours(NOON)).objects) == mine


def test_files_beside_awslogs_are_not_listed(bucket: Any, calls: Any) -> None:
    put = bucket.slots(NOON, 1)
    for n in range(30):
        bucket.put(f"0a1b{n:04}.csv", b"athena")
        bucket.put(f"athena-results/{n}/x.csv", b"athena")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    found = store.listing(hours(NOON))
    assert keys(found.objects) == put
    assert len(seen.keys) == len(put) + 60  # one page of each folder tells what lies beside
    assert found.aside[0] == "s3://flow-logs/0a1b0000.csv"
    assert found.aside[-1] == "s3://flow-logs/athena-results/9/"


def test_every_awslogs_of_a_bucket_is_listed(bucket: Any) -> None:
    put = [
        bucket.put(object_key("123456789012", "us-east-1", "fl-1", NOON, "ab", prefix=prefix))
        for prefix in ("", "net/prod", "teama", "teamb", "teamb/east")
    ]
    for n in range(1001):
        bucket.put(f"0a1b{n:04}.csv", b"athena")
    found = S3Store("s3://flow-logs").listing(hours(NOON))
    assert keys(found.objects) == [put[0]]  # a bucket of so many files names its folders only after them
    assert found.aside[-1].startswith("what comes after s3://flow-logs/0a1b0")
    for n in range(1001):
        bucket.delete(f"0a1b{n:04}.csv")
    found = S3Store("s3://flow-logs").listing(hours(NOON))
    assert keys(found.objects) == sorted(put)
    assert found.aside == []
    assert S3Store("s3://flow-logs").newest() is not None


def test_other_services_of_an_account_are_not_listed(bucket: Any, calls: Any) -> None:
    put = bucket.slots(NOON, 1) + bucket.slots(NOON, 1, style="hive")
    for service in ("CloudTrail", "elasticloadbalancing", "Config"):
        bucket.put(f"AWSLogs/123456789012/{service}/us-east-1/2026/11/22/x.gz")
        bucket.put(f"AWSLogs/aws-account-id=123456789012/aws-service={service}/aws-region=us-east-1/year=2026/x.gz")
    bucket.put("AWSLogs/o-exampleorg/123456789012/CloudTrail/us-east-1/2026/11/22/x.gz")
    for location in ("s3://flow-logs", "s3://flow-logs/AWSLogs/123456789012", "s3://flow-logs/AWSLogs/"):
        store = S3Store(location)
        seen = calls(store)
        assert set(keys(store.listing(hours(NOON)).objects)) <= set(put)
        assert set(seen.keys) <= set(put)


def test_the_service_may_be_called_service_in_hive_keys(bucket: Any) -> None:
    key = object_key("123456789012", "us-east-1", "fl-1", NOON, "ab", style="hive").replace("aws-service=", "service=")
    bucket.put(key)
    assert keys(S3Store("s3://flow-logs").listing(hours(NOON)).objects) == [key]


def test_accounts_and_regions_that_were_not_asked_for_are_not_listed(bucket: Any, calls: Any) -> None:
    put = [
        key
        for account in range(111111111111, 111111111119)
        for region in ("us-east-1", "eu-west-1", "us-gov-west-1")
        for style in ("default", "hive")
        for key in bucket.slots(NOON, 1, account=str(account), region=region, style=style)
    ]
    store = S3Store("s3://flow-logs")
    assert keys(store.listing(hours(NOON)).objects) == sorted(put)
    seen = calls(store)
    asked = hours(NOON, accounts=("111111111113",), regions=("us-gov-west-1",))
    found = keys(store.listing(asked).objects)
    assert found == sorted(seen.keys) == wanted_of(put, asked)
    assert len(found) == 2
    assert seen.count["ListObjectsV2"] <= 9


def test_a_record_near_midnight_is_found_in_the_next_day(bucket: Any) -> None:
    late = datetime(2026, 11, 22, 23, 50, tzinfo=UTC)
    put = bucket.slots(late, 4, timedelta(minutes=5))
    wanted = Wanted((Window(late, late + timedelta(minutes=5)),))
    assert keys(S3Store("s3://flow-logs").listing(wanted).objects) == put


def test_several_windows_are_listed_at_once(bucket: Any, calls: Any) -> None:
    put = bucket.slots(NOON - 30 * DAY, 31, DAY)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    wanted = Wanted((Window(NOON, NOON + HOUR), Window(NOON - 7 * DAY, NOON - 7 * DAY + HOUR)))
    assert keys(store.listing(wanted).objects) == [put[23], put[30]] == sorted(seen.keys)


def test_a_window_of_years_asks_which_days_exist(bucket: Any, calls: Any) -> None:
    put = bucket.slots(NOON - 900 * DAY, 10, 100 * DAY)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert keys(store.listing(Wanted((Window(NOON - 3000 * DAY, NOON),))).objects) == put
    assert seen.count["ListObjectsV2"] <= 30


def test_a_day_of_many_pages_is_listed_only_around_the_window(bucket: Any, calls: Any) -> None:
    put = []
    for flow_log in ("fl-0aaa", "fl-0bbb"):
        for minutes in range(0, 1440, 5):
            for n in range(5):
                slot = NOON.replace(hour=0) + timedelta(minutes=minutes)
                put.append(bucket.put(object_key("123456789012", "us-east-1", flow_log, slot, f"{n:08x}"), b"x"))
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    wanted = Wanted((Window(NOON, NOON + HOUR), Window(NOON + 8 * HOUR, NOON + 9 * HOUR)))
    assert keys(store.listing(wanted).objects) == wanted_of(put, wanted)
    assert len(put) == 2880
    assert seen.count["ListObjectsV2"] <= 3 + 6
    assert len(set(seen.keys)) == len(seen.keys)


@pytest.mark.parametrize("prefix", ["vpcflowlogs", "logs/vpcflowlogs", "a/vpcflowlogs/b"])
def test_a_prefix_that_looks_like_the_layout_is_no_account_or_region(bucket: Any, prefix: str) -> None:
    put = bucket.slots(NOON, 1, prefix=prefix)
    wanted = hours(NOON, accounts=("123456789012",), regions=("us-east-1",))
    for location in ("s3://flow-logs", f"s3://flow-logs/{prefix}", f"s3://flow-logs/{prefix}/"):
        assert keys(S3Store(location).listing(wanted).objects) == put


def test_keys_of_firehose_are_listed_by_arrival(bucket: Any, calls: Any) -> None:
    put = []
    for moment in [NOON - 300 * DAY, NOON - 40 * DAY, *(NOON + n * HOUR for n in range(-100, 100, 5))]:
        name = f"flows-1-{moment:%Y-%m-%d-%H-%M-%S}-0a1b2c3d-1111-2222-3333-444455556666.gz"
        put.append(bucket.put(f"firehose/{moment:%Y/%m/%d/%H}/{name}"))
    store = S3Store("s3://flow-logs/firehose")
    seen = calls(store)
    found = keys(store.listing(hours(NOON)).objects)
    assert found == sorted(seen.keys) == wanted_of(put, hours(NOON))
    assert len(found) == 11  # 26 hours either way: the time zone of arrival is not known


def test_dated_folders_that_are_not_firehose_are_all_read(bucket: Any) -> None:
    export = "2026/01/05/0a1b2c3d-0000-1111-2222-333344445555/eni-1-all/000000.gz"
    plain = "2025/12/31/records.log.gz"
    for key in (export, plain):
        bucket.put(f"archive/{key}")
    found = keys(S3Store("s3://flow-logs/archive/").listing(hours(NOON)).objects)
    assert found == [f"archive/{plain}", f"archive/{export}"]


def test_an_export_of_cloudwatch_logs_is_listed_at_once(bucket: Any, calls: Any) -> None:
    task = "exportedlogs/0a1b2c3d-0000-1111-2222-333344445555"
    put = sorted(bucket.put(f"{task}/eni-{n:017x}-all/00000{m}.gz") for n in range(40) for m in range(2))
    bucket.put("exportedlogs/aws-logs-write-test", b"Permission Check Successful")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert keys(store.listing(hours(NOON)).objects) == put
    assert seen.count["ListObjectsV2"] <= 4


def test_markers_of_folders_and_hidden_names_are_no_objects(bucket: Any) -> None:
    put = bucket.put("logs/mine.log.gz")
    for marker in ("logs/", "logs/sub/", "logs/_SUCCESS", "logs/.keep", "logs/sub_$folder$", "logs/_temporary/x.gz"):
        bucket.empty(marker)
    found = S3Store("s3://flow-logs/logs").listing(hours(NOON))
    assert (keys(found.objects), found.listed) == ([put], 1)


def test_odd_characters_in_keys_are_kept(bucket: Any) -> None:
    put = bucket.put("läger/a b+c&d=e%20/ü ~.log.gz", b"x")
    (item,) = (store := S3Store("s3://flow-logs/läger")).listing(hours(NOON)).objects
    assert keys([item]) == [put]
    assert store.read(item)[:] == b"x"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    objects=st.lists(
        st.tuples(
            st.integers(-3 * 288, 3 * 288),
            st.sampled_from(["default", "hive"]),
            st.booleans(),
            st.sampled_from(["111111111111", "222222222222"]),
            st.sampled_from(["us-east-1", "ap-southeast-2"]),
            st.sampled_from(["", "net/prod"]),
        ),
        min_size=1,
        max_size=12,
    ),
    windows=st.lists(st.tuples(st.integers(-4000, 4000), st.integers(1, 3000)), min_size=1, max_size=3),
    accounts=st.sampled_from([(), ("111111111111",)]),
    regions=st.sampled_from([(), ("ap-southeast-2",)]),
)
def test_no_window_misses_an_object(
    bucket: Any,
    objects: list[tuple[int, Any, bool, str, str, str]],
    windows: list[tuple[int, int]],
    accounts: tuple[str, ...],
    regions: tuple[str, ...],
) -> None:
    for key in list(bucket.keys()):
        bucket.delete(key)
    put = [
        bucket.put(
            object_key(
                account,
                region,
                "fl-0abc",
                NOON + n * timedelta(minutes=5),
                f"{at:08x}",
                style=style,
                hourly=hourly,
                prefix=prefix,
            )
        )
        for at, (n, style, hourly, account, region, prefix) in enumerate(objects)
    ]
    moments = [(NOON + timedelta(minutes=start), timedelta(minutes=length)) for start, length in windows]
    wanted = Wanted(tuple(Window(since, since + length) for since, length in moments), accounts, regions)
    assert keys(S3Store("s3://flow-logs").listing(wanted).objects) == wanted_of(put, wanted)


def test_it_finds_what_the_local_store_finds(bucket: Any, tmp_path: Path) -> None:
    put = bucket.slots(NOON - 2 * DAY, 100, HOUR) + bucket.slots(NOON - DAY, 30, HOUR, style="hive", hourly=True)
    for key in put:
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"x")
    for since in (NOON - 3 * DAY, NOON - DAY, NOON):
        local = LocalStore(str(tmp_path)).listing(hours(since, 6)).objects
        remote = S3Store("s3://flow-logs").listing(hours(since, 6)).objects
        assert keys(remote) == [Path(item.name).relative_to(tmp_path).as_posix() for item in local]


@pytest.mark.parametrize("location", ["s3://flow-logs/AWSLogs/", "s3://flow-logs/no/such", "s3://flow-logs/AWSLogs/no"])
def test_a_place_without_anything_is_an_error(bucket: Any, location: str) -> None:
    with pytest.raises(SourceError, match="there is nothing at"):
        S3Store("s3://flow-logs").listing(hours(NOON))
    bucket.empty("AWSLogs/")
    with pytest.raises(SourceError, match="there is nothing at"):
        S3Store(location).listing(hours(NOON))


def test_a_pattern_is_called_one(bucket: Any) -> None:
    bucket.slots(NOON, 1)
    with pytest.raises(SourceError, match="a prefix, not a pattern"):
        S3Store("s3://flow-logs/AWSLogs/*/vpcflowlogs").listing(hours(NOON))


def test_a_place_with_other_days_is_no_error(bucket: Any) -> None:
    bucket.slots(NOON - 100 * DAY, 3)
    found = S3Store("s3://flow-logs").listing(hours(NOON))
    assert (found.objects, found.listed) == ([], 0)


# --- newest ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_newest_is_found_with_few_requests(bucket: Any, calls: Any, layout: dict[str, Any]) -> None:
    put = bucket.slots(NOON - 900 * DAY, 90, 10 * DAY, **layout)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert store.newest().name == f"s3://flow-logs/{put[-1]}"
    assert seen.count["ListObjectsV2"] <= 10
    assert seen.keys == [put[-1]]


def test_the_newest_of_several_regions_and_styles(bucket: Any) -> None:
    for n, region in enumerate(("us-east-1", "eu-west-1", "ap-south-1")):
        bucket.slots(NOON - n * DAY, 3, region=region)
        bucket.slots(NOON - 9 * DAY, 3, region=region, style="hive")
    (newest,) = bucket.slots(NOON + 5 * HOUR, 1, region="eu-west-1", account="222222222222", style="hive")
    assert S3Store("s3://flow-logs/").newest().name.endswith(newest)


def test_the_newest_of_firehose(bucket: Any, calls: Any) -> None:
    for moment in (NOON + n * 7 * DAY for n in range(-50, 1)):
        name = f"flows-1-{moment:%Y-%m-%d-%H-%M-%S}-0a1b2c3d-1111-2222-3333-444455556666.gz"
        newest = bucket.put(f"{moment:%Y/%m/%d/%H}/{name}")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert store.newest().name.endswith(newest)
    assert seen.count["ListObjectsV2"] <= 6


def test_the_newest_of_a_day_of_many_pages(bucket: Any, calls: Any) -> None:
    for flow_log, last in (("fl-0aaa", 1300), ("fl-0bbb", 1200)):
        for minutes in range(0, last + 1, 5):
            for n in range(6):
                slot = NOON.replace(hour=0) + timedelta(minutes=minutes)
                newest = bucket.put(object_key("123456789012", "us-east-1", flow_log, slot, f"{n:08x}"), b"x")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert place(store.newest().name).slot == NOON.replace(hour=0) + timedelta(minutes=1300)
    assert "fl-0bbb" in newest
    assert seen.count["ListObjectsV2"] <= 20


def test_finding_the_newest_is_bounded(bucket: Any, calls: Any) -> None:
    for n in range(100):
        bucket.slots(NOON - n * DAY, 1, account=f"{n:012}")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    assert store.newest() is not None
    assert seen.count["ListObjectsV2"] <= 66


def test_there_is_no_newest_without_times(bucket: Any) -> None:
    bucket.put("logs/mine.log.gz")
    assert S3Store("s3://flow-logs/logs").newest() is None


# --- reading -----------------------------------------------------------------------------------------------------


def one(store: S3Store) -> StoredObject:
    (item,) = store.listing(hours(NOON)).objects
    return item


def test_objects_are_read_whole_and_their_heads_by_range(bucket: Any, calls: Any) -> None:
    data = bytes(range(256)) * 1000
    bucket.put(object_key("123456789012", "us-east-1", "fl-1", NOON, "ab"), data)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    item = one(store)
    assert store.head(item, 1000) == data[:1000]
    assert store.read(item)[:] == data
    assert seen.ranges == ["bytes=0-999", None]
    assert store.head(item, 1000) == data[:1000]  # from the cache now
    assert store.head(item, 1 << 20) == data
    assert seen.count["GetObject"] == 2


def test_a_small_object_is_fetched_once_for_head_and_reading(bucket: Any, calls: Any) -> None:
    bucket.put(object_key("123456789012", "us-east-1", "fl-1", NOON, "ab"), b"small")
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    item = one(store)
    assert (store.head(item, 5), store.read(item)[:]) == (b"small", b"small")
    assert seen.count["GetObject"] == 1


def test_an_empty_object_needs_no_request(bucket: Any, calls: Any) -> None:
    bucket.empty(object_key("123456789012", "us-east-1", "fl-1", NOON, "ab"))
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    item = one(store)
    assert (store.head(item, 3), store.read(item)[:]) == (b"", b"")
    assert seen.count["GetObject"] == 0


def test_another_run_reads_from_the_cache_until_the_object_changes(bucket: Any, calls: Any) -> None:
    bucket.put(key := object_key("123456789012", "us-east-1", "fl-1", NOON, "ab"), b"first")
    store = S3Store("s3://flow-logs")
    store.read(one(store))
    again = S3Store("s3://flow-logs")
    seen = calls(again)
    assert again.read(one(again))[:] == b"first"
    assert seen.count["GetObject"] == 0
    bucket.put(key, b"other")
    assert again.read(one(again))[:] == b"other"
    assert seen.count["GetObject"] == 1


def test_without_a_cache_every_reading_is_a_request(bucket: Any, calls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWSQL_CACHE_BYTES", "0")
    bucket.slots(NOON, 1)
    store = S3Store("s3://flow-logs")
    seen = calls(store)
    item = one(store)
    assert store.read(item)[:] == store.read(item)[:]
    assert seen.count["GetObject"] == 2


def test_threads_may_share_a_store_from_its_first_request(bucket: Any) -> None:
    put = [bucket.put(f"logs/{n}.log.gz", str(n).encode()) for n in range(40)]
    items = [StoredObject(f"s3://flow-logs/{key}", 1, place(key)) for key in put]
    store = S3Store("s3://flow-logs/logs")
    with ThreadPoolExecutor(16) as pool:
        assert [bytes(data) for data in pool.map(store.read, items)] == [str(n).encode() for n in range(40)]


def test_boto3_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, flowsql.aws.s3 as s; s.S3Store('s3://b-1/x'); sys.exit('boto3' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent by signal")
def test_an_interrupt_does_not_wait_for_requests_under_way(tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(
        textwrap.dedent(
            """\
            from datetime import UTC, datetime, timedelta
            from flowsql.aws.s3 import S3Store
            from flowsql.reading.store import Wanted
            from flowsql.window import Window

            now = datetime(2026, 11, 22, tzinfo=UTC)
            window = Window(now, now + timedelta(days=30))
            S3Store("s3://flow-logs/AWSLogs/1/vpcflowlogs/us-east-1/").listing(Wanted((window,)))
            """
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = dict(os.environ, AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{silent.getsockname()[1]}")
        process = subprocess.Popen([sys.executable, str(script)], env=environment, stderr=subprocess.PIPE, text=True)
        connection, _ = silent.accept()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        connection.close()
    assert time.monotonic() - began < 5
    assert "KeyboardInterrupt" in errors
