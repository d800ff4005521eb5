"""One reading of many objects: their order, what a look at them tells, and how a reading ends early."""

import gzip
import subprocess
import sys
import threading
from dataclasses import dataclass
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
    objects |= keyed([gzip.compress(b"end start tcp-flags\n")], "fl-0b")
    objects |= {"bare.log": b"start end bytes vpc-id\n"}
    counting = Counting(objects)
    found = look(counting, counting.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert found.columns == ("start", "end", "bytes", "log_status", "tcp_flags", "vpc_id")
    assert len(counting.heads) == 3


@pytest.mark.parametrize("first", [b"", gzip.compress(b""), text(1)[:30][:-5], b"\x1f\x8bnothing"])
def test_an_empty_or_damaged_object_does_not_hide_the_fields_of_its_flow_log(first: bytes) -> None:
    store = MemoryStore(keyed([first, text(2)]))
    found = look(store, store.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert found.columns == ("start", "end", "bytes", "log_status")


def test_a_vpc_question_never_reads_transit_gateway_records() -> None:
    transit = gzip.compress(f"start end bytes tgw-id\n{EPOCH} {EPOCH + 60} 9 tgw-1\n".encode())
    store = MemoryStore(keyed([text(1), text(2)]) | keyed([transit], "fl-0b") | {"bare": transit})
    found = look(store, store.listing(EVERYTHING).objects, OPTIONS, "vpc")
    assert (found.kinds, "tgw_id" in found.columns) == (("vpc", "tgw"), False)
    scan = scan_of(store)
    assert numbers(scan) == [1, 2]
    assert (scan.tally.other_kind, scan.tally.rows, scan.tally.objects) == (2, 2, 4)


@dataclass(slots=True)
class Counting(MemoryStore):
    """Notes which objects are opened."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        object.__setattr__(self, "objects", objects)
        object.__setattr__(self, "location", "memory")
        object.__setattr__(self, "heads", [])
        object.__setattr__(self, "reads", [])


def test_damage_stops_the_run_and_what_was_not_begun_is_not_read() -> None:
    pass
