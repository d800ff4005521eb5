"""One reading of many objects: their order, what a look at them tells, and how a reading ends early."""

import gzip
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.errors import DamagedObject, SourceError
from flowsql.layout import object_key
from flowsql.reading.columns import Columns
from flowsql.reading.scan import ReadOptions, Scan, look
from flowsql.reading.store import Bytes, MemoryStore, StoredObject, Wanted
from flowsql.window import Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = int(NOON.timestamp())
EVERYTHING = Wanted((Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)),))
COLUMNS = Columns(("bytes", "start", "end"), "vpc", 0, 10**10)
OPTIONS = ReadOptions(threads=3)


def text(*numbers: int) -> bytes:
    rows = [f"{EPOCH} {EPOCH + 60} {number} OK" for number in numbers]
    return gzip.compress("\n".join(["start end bytes log-status", *rows]).encode())


def scan_of(store: Any, options: ReadOptions = OPTIONS) -> Scan:
    return Scan(store, store.listing(EVERYTHING).objects, COLUMNS, options)


def numbers(scan: Scan) -> list[int]:
    return [number for batch in scan.batches() for number in batch.column("bytes").to_pylist()]


def keyed(objects: list[bytes], flow_log: str = "fl-0a") -> dict[str, bytes]:
    slots = (NOON + timedelta(minutes=5 * number) for number in range(len(objects)))
    return {
        object_key("000000000042", "us-east-1", flow_log, slot, "0a0a0a0a"): data
        for slot, data in zip(slots, objects, strict=True)
    }


def test_rows_come_in_name_order_whatever_the_threads() -> None:
    store = MemoryStore({f"{number:03}": text(*range(number * 10, number * 10 + 10)) for number in range(40)})
    for threads in (1, 2, 7):
        assert numbers(scan_of(store, ReadOptions(threads=threads))) == list(range(400))


def test_progress_is_told_in_stored_bytes() -> None:
    store = MemoryStore({"a": text(1), "b": text(2), "c": b""})
    told: list[tuple[int, int]] = []
    numbers(scan_of(store, ReadOptions(threads=1, progress=lambda done, total: told.append((done, total)))))
    total = sum(map(len, store.objects.values()))
    assert told == [(len(store.objects["a"]), total), (total, total), (total, total)]


def test_the_reader_is_a_stream_with_the_schema_even_of_nothing() -> None:
    table = scan_of(MemoryStore({"a": text(1, 2)})).reader().read_all()
    assert table.schema == COLUMNS.schema()
    assert table.column("bytes").to_pylist() == [1, 2]
    assert scan_of(MemoryStore({})).reader().read_all().schema == COLUMNS.schema()


def test_one_object_of_a_flow_log_is_looked_at_and_the_union_told() -> None:
    objects = keyed([text(1), text(2), text(3)])
    objects |= keyed([gzip.compress(b"end start tcp-flags\n", mtime=0)], "fl-0b")
    objects |= {"bare.log": b"start end bytes vpc-id\n"}
    counting = Watched(objects)
    found = look(counting, counting.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert found.columns == ("start", "end", "bytes", "log_status", "tcp_flags", "vpc_id")
    assert len(counting.heads) == 3


@pytest.mark.parametrize(
    "first",
    [b"", gzip.compress(b"", mtime=0), text(1)[:20], b"\x1f\x8bnothing"],
    ids=["empty", "empty gzip", "cut", "broken"],
)
def test_an_empty_or_damaged_object_does_not_hide_the_fields_of_its_flow_log(first: bytes) -> None:
    store = MemoryStore(keyed([first, text(2)]))
    found = look(store, store.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert found.columns == ("start", "end", "bytes", "log_status")


def test_a_vpc_question_never_reads_transit_gateway_records() -> None:
    transit = gzip.compress(f"start end bytes tgw-id\n{EPOCH} {EPOCH + 60} 9 tgw-1\n".encode(), mtime=0)
    store = MemoryStore(keyed([text(1), text(2)]) | keyed([transit], "fl-0b") | {"bare": transit})
    found = look(store, store.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert (found.kinds, "tgw_id" in found.columns) == (("vpc", "tgw"), False)
    scan = scan_of(store)
    assert numbers(scan) == [1, 2]
    assert (scan.tally.other_kind, scan.tally.rows, scan.tally.objects) == (2, 2, 4)


def test_damage_stops_the_run_by_the_name_of_the_first_and_later_objects_are_not_begun() -> None:
    objects = {f"{number:03}.gz": text(number) for number in range(50)}
    objects["003.gz"] = objects["003.gz"][:-4]
    store = Watched(objects)
    scan = scan_of(store)
    with pytest.raises(DamagedObject) as stopped:
        numbers(scan)
    assert stopped.value.where == "003.gz"
    assert scan.failure is stopped.value
    with pytest.raises(DamagedObject):
        scan.check()
    assert len(store.reads) < 20


def test_skipped_damage_leaves_all_the_others_and_says_so() -> None:
    objects = {f"{number:03}.gz": text(number) for number in range(20)}
    objects |= {"003.gz": objects["003.gz"][:-4], "007.gz": b""}
    scan = scan_of(MemoryStore(objects), ReadOptions(threads=3, skip_damaged=True))
    assert numbers(scan) == [number for number in range(20) if number not in (3, 7)]
    assert scan.tally.damaged == ["003.gz: its gzip stream ends early", "007.gz: it is empty: zero bytes"]
    assert (scan.tally.rows, scan.tally.objects) == (18, 20)
    scan.check()


def test_a_reading_that_is_stopped_ends() -> None:
    store = Watched({f"{number:03}": text(number) for number in range(50)})
    scan = scan_of(store)
    batches = scan.batches()
    next(batches)
    scan.stop()
    with pytest.raises(CancelledError):
        list(batches)
    assert len(store.reads) < 20
    with pytest.raises(KeyboardInterrupt):
        scan.check()


def test_a_consumer_that_leaves_early_leaves_no_thread_behind() -> None:
    store = Watched({f"{number:03}": text(number) for number in range(50)})
    batches = scan_of(store).batches()
    next(batches)
    batches.close()
    late = time.monotonic() + 5
    while (left := readers()) and time.monotonic() < late:
        time.sleep(0.01)
    assert not left
    assert len(store.reads) < 20


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("flowsql-reading")]


def test_a_large_object_stops_in_its_middle() -> None:
    scan = scan_of(MemoryStore({"a": text(*range(5000))}), ReadOptions(threads=2, block=1000, held=2000))
    batches = scan.batches()
    next(batches)
    scan.stop()
    with pytest.raises(CancelledError):
        list(batches)
    assert scan.tally.rows == 0, "what was read of it does not count"


def test_a_store_that_fails_ends_the_run_with_its_error() -> None:
    store = Watched({"a": text(1), "b": text(2)}, failing="b")
    with pytest.raises(SourceError, match="b: cannot be read: gone"):
        numbers(scan_of(store))


class Watched:
    """Objects in memory; notes which are opened, and fails at one."""

    def __init__(self, objects: dict[str, bytes], failing: str = "") -> None:
        self._store = MemoryStore(objects)
        self._failing = failing
        self.location = "memory"
        self.listing = self._store.listing
        self.newest = self._store.newest
        self.heads: list[str] = []
        self.reads: list[str] = []

    def read(self, item: StoredObject) -> Bytes:
        self.reads.append(item.name)
        if item.name == self._failing:
            raise OSError("gone")
        return self._store.read(item)

    def head(self, item: StoredObject, count: int) -> bytes:
        self.heads.append(item.name)
        return self._store.head(item, count)


MEASURE = """
import resource, sys
from flowsql.reading.columns import Columns
from flowsql.reading.scan import ReadOptions, Scan
from flowsql.reading.store import LocalStore, Wanted
from flowsql.window import parse_window
import isal.isal_zlib, pyarrow, pyarrow.compute, pyarrow.csv

store = LocalStore(sys.argv[1])
objects = store.listing(Wanted((parse_window(),))).objects
columns = Columns(("srcaddr", "dstaddr", "bytes", "start", "end", "log_status"), "vpc", 0, 10**10)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scan = Scan(store, objects, columns, ReadOptions(threads=2, skip_damaged=sys.argv[2] == "skip"))
rows = sum(batch.num_rows for batch in scan.batches())
print(rows, scan.tally.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux alone")
@pytest.mark.parametrize("damage", ["stop", "skip"])
def test_a_large_object_is_never_in_memory_whole(tmp_path: Path, damage: str) -> None:
    """160 MiB of text in one object: its records alone would take more than twice what is allowed here."""
    header = b"version srcaddr dstaddr bytes start end log-status\n"
    lines = b"".join(
        b"5 10.0.%d.%d 10.1.0.9 %d %d %d OK\n" % (n % 9, n % 251, n, EPOCH, EPOCH + 60) for n in range(1 << 16)
    )
    copies = (160 << 20) // len(lines)
    member = gzip.compress(lines, 1, mtime=0)
    (tmp_path / "large.log.gz").write_bytes(gzip.compress(header, mtime=0) + member * copies)
    command = [sys.executable, "-c", MEASURE, str(tmp_path), damage]
    rows, counted, grown = map(int, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert rows == counted == copies << 16
    assert grown < 120 << 10, f"{grown >> 10} MiB"
