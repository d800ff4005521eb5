"""Parquet objects of any writer give the same rows as text, with every odd value accounted for."""

import gzip
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsql.errors import DamagedObject, SourceError
from flowsql.layout import place
from flowsql.reading.casts import to_text
from flowsql.reading.columns import Columns
from flowsql.reading.parquet import open_parquet, parquet_batches
from flowsql.reading.scan import ReadOptions, Scan
from flowsql.reading.store import MemoryStore, StoredObject
from flowsql.reading.tally import Tally
from flowsql.reading.values import all_fit
from flowsql.window import Window

START = 1795341600


def stored(columns: dict[str, Any], **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue().to_pybytes()


def times(count: int) -> dict[str, Any]:
    return {
        "start": pa.array([START + n for n in range(count)], pa.int64()),
        "end": pa.array([START + n + 60 for n in range(count)], pa.int64()),
    }


def column(read: Any, name: str, array: Any, **options: Any) -> Any:
    """One column beside times that are right."""
    return read({"a.log.parquet": stored({name: array} | times(len(array)))}, (name, "start", "end"), **options)


def test_as_aws_writes_it(read: Any) -> None:
    data = stored(
        {
            "version": pa.array([5, 5, 5], pa.int32()),
            "account_id": ["000000000042", "unknown", "-"],
            "srcaddr": ["10.0.0.1", "2001:db8::1", "-"],
            "dstport": pa.array([443, 65535, None], pa.int32()),
            "bytes": pa.array([1, 2**62, None], pa.int64()),
            "instance_tag": ["a%20b", "None", "-"],
            "log_status": ["OK", "OK", "NODATA"],
        }
        | times(3)
    )
    reading = read({"a.log.parquet": data})
    assert reading.columns[:3] == ("version", "account_id", "srcaddr")
    rows = [tuple(row.values())[1:7] for row in reading.rows]
    assert rows == [
        ("000000000042", "10.0.0.1", 443, 1, "a%20b", "OK"),
        ("unknown", "2001:db8::1", 65535, 2**62, "None", "OK"),
        (None, None, None, None, None, "NODATA"),
    ]
    assert reading.tally.statuses == {"OK": 2, "NODATA": 1}
    assert read({"a.parquet.gz": gzip.compress(data, mtime=0)}).rows == reading.rows
    assert read({"named otherwise": data}).rows == reading.rows


PORTS = [443, None, 80]
NUMBERS = {
    "int8": pa.array([44, None, 80], pa.int8()),
    "uint16": pa.array(PORTS, pa.uint16()),
    "int64": pa.array(PORTS, pa.int64()),
    "uint64": pa.array(PORTS, pa.uint64()),
    "double": pa.array([443.0, float("nan"), 80.0]),
    "float": pa.array(PORTS, pa.float32()),
    "decimal": pa.array([Decimal(443), None, Decimal(80)]),
    "text": pa.array(["443", "-", "80"]),
    "text of floats": pa.array(["443.0", "nan", "80.0"]),
    "text with None": pa.array(["443", "None", "80"]),
    "large text": pa.array(["443", "", "80"], pa.large_string()),
    "text view": pa.array(["443", "<NA>", "80"], pa.string_view()),
    "bytes": pa.array([b"443", b"-", b"80"]),
    "dictionary": pa.array(["443", "-", "80"]).dictionary_encode(),
    "dictionary of large text": pa.array(["443", None, "80"], pa.large_string()).dictionary_encode(),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_port_of_any_type(read: Any, kind: str) -> None:
    reading = column(read, "dstport", NUMBERS[kind])
    assert [row["dstport"] for row in reading.rows] == [44 if kind == "int8" else 443, None, 80]
    assert reading.tally.rejected == 0


TEXTS = {
    "large text": pa.array(["10.0.0.1", None, "-"], pa.large_string()),
    "dictionary": pa.array(["10.0.0.1", None, "-"]).dictionary_encode(),
    "bytes": pa.array([b"10.0.0.1", None, b"-"]),
    "large bytes": pa.array([b"10.0.0.1", None, b"-"], pa.large_binary()),
    "view": pa.array(["10.0.0.1", None, "-"], pa.string_view()),
    "None": pa.array(["10.0.0.1", "None", "nan"]),
    "empty": pa.array(["10.0.0.1", "", "null"]),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_an_address_of_any_type(read: Any, kind: str) -> None:
    assert [row["srcaddr"] for row in column(read, "srcaddr", TEXTS[kind]).rows] == ["10.0.0.1", None, None]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([42, 123456789012, None], pa.int64()),
        pa.array([42.0, 123456789012.0, float("nan")]),
        pa.array(["000000000042", "123456789012", "-"]),
        pa.array([42, 123456789012, None], pa.int64()).dictionary_encode(),
    ],
    ids=str,
)
def test_an_account_keeps_or_gets_back_its_zeros(read: Any, array: Any) -> None:
    accounts = [row["account_id"] for row in column(read, "account_id", array).rows]
    assert accounts == ["000000000042", "123456789012", None]


MOMENTS = [datetime.fromtimestamp(START + n, UTC) for n in (0, 60)]


@pytest.mark.parametrize(
    "array",
    [
        pa.array(MOMENTS, pa.timestamp("s")),
        pa.array(MOMENTS, pa.timestamp("ms", "UTC")),
        pa.array(MOMENTS, pa.timestamp("us", "Europe/Berlin")),
        pa.array(MOMENTS, pa.timestamp("ns")),
        pa.array([START, START + 60], pa.uint32()),
        pa.array([START * 1000, START * 1000 + 60999], pa.int64()),
        pa.array([float(START), START + 60.0]),
        pa.array([str(START), str(START + 60)]),
    ],
    ids=lambda array: str(array.type),
)
def test_times_of_any_type_are_seconds(read: Any, array: Any) -> None:
    data = stored({"start": array, "end": array, "bytes": pa.array([1, 2])})
    window = Window(datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(START + 1, UTC))
    assert [row["end"] for row in read({"a": data}).rows] == [START, START + 60]
    assert [row["bytes"] for row in read({"a": data}, window=window).rows] == [1]


def test_a_wrong_value_rejects_its_row_with_number_and_reason(read: Any) -> None:
    data = stored(
        {
            "srcport": ["80", "NaN ", "443.5", "65536", "-1", "٤", "80"],
            "protocol": pa.array([6.0, 17.5, 6.0, 6.0, 6.0, 6.0, 256.0]),
            "srcaddr": [*(f"10.0.0.{n}" for n in range(6)), "-"],
        }
        | times(7)
    )
    reading = read({"a.log.parquet": data})
    assert [row["srcaddr"] for row in reading.rows] == ["10.0.0.0"]
    assert reading.rejects == [
        (2, "srcport is NaN , not a number"),
        (3, "srcport is 443.5, not a number"),
        (4, "srcport is 65536, out of range"),
        (5, "srcport is -1, out of range"),
        (6, "srcport is ٤, not a number"),
        (7, "protocol is 256, out of range"),
    ]
    assert reading.tally.rejects[0].text.startswith("NaN  17.5 10.0.0.1 ")
    assert reading.tally.lines == 7


def test_a_value_that_cannot_be_rejects_its_row(read: Any) -> None:
    addresses = column(read, "srcaddr", pa.array(["10.0.0.1", "10.0.0.1/8", "-", "::1", "unknown"]))
    assert [row["srcaddr"] for row in addresses.rows] == ["10.0.0.1", None, "::1"]
    assert addresses.rejects == [
        (2, "srcaddr is '10.0.0.1/8', not an address"),
        (5, "srcaddr is 'unknown', not an address"),
    ]
    verdicts = column(read, "action", pa.array(["ACCEPT", "MAYBE", "-", "None"]))
    assert verdicts.rejects == [(2, "action is 'MAYBE', not ACCEPT or REJECT")]
    backwards = {"start": pa.array([START, START + 1]), "end": pa.array([START, START])}
    assert read({"a": stored(backwards)}).rejects == [(2, f"start {START + 1} is after end {START}")]


def test_text_that_is_not_utf8_rejects_its_row(read: Any) -> None:
    reading = column(read, "srcaddr", pa.array([b"10.0.0.1", b"\xff", b"10.0.0.2"]))
    assert [row["srcaddr"] for row in reading.rows] == ["10.0.0.1", "10.0.0.2"]
    assert reading.rejects == [(2, "srcaddr is not UTF-8")]
    claimed = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.array([0, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"::\xff")]
    )
    assert column(read, "srcaddr", claimed).rejects == [(2, "srcaddr is not UTF-8")]
    assert column(read, "srcport", claimed).tally.rejected == 2


@pytest.mark.parametrize("missing", ["start", "end"])
def test_a_time_that_is_missing(read: Any, missing: str) -> None:
    columns = times(3) | {"bytes": pa.array([1, 2, 3])}
    columns[missing] = pa.array([START + 30, None, START + 30], pa.int64())
    reading = read({"a": stored(columns)})
    assert reading.rejects == [(2, f"{missing} is missing, so it cannot be placed in time")]
    del columns[missing]
    reading = read({"a": stored(columns)}, ("bytes", "start", "end"))
    assert (reading.rows, reading.tally.rows, reading.tally.timeless) == ([], 3, 3)


def test_no_wanted_column_still_counts_the_rows(read: Any) -> None:
    reading = read({"a": stored({"srcaddr": ["a", "b"], "x.y": [1, 2]})}, ("tcp_flags", "start", "end"))
    assert (reading.tally.rows, reading.tally.timeless, reading.rows) == (2, 2, [])


def test_a_type_that_cannot_be_one_is_damage(read: Any) -> None:
    nested = pa.array([["10.0.0.1"], ["10.0.0.2"]])
    with pytest.raises(DamagedObject, match=r"a\.log\.parquet: its column srcaddr is list<.*>, which cannot be read"):
        column(read, "srcaddr", nested)
    with pytest.raises(DamagedObject, match="its column bytes is date32"):
        column(read, "bytes", pa.array([date(2026, 11, 22)]))
    assert len(column(read, "srcaddr", nested, skip_damaged=True).tally.damaged) == 1


def test_only_row_groups_of_the_window_are_read(read: Any) -> None:
    data = stored(times(1000) | {"bytes": pa.array(range(1000))}, row_group_size=100)
    window = Window(datetime.fromtimestamp(START + 500, UTC), datetime.fromtimestamp(START + 510, UTC))
    reading = read({"a": data}, window=window)
    assert [row["bytes"] for row in reading.rows] == list(range(440, 510))
    assert reading.tally.rows == 200
    late = stored({"start": pa.array([START * 1000]), "end": pa.array([START * 1000 + 500])})
    assert len(read({"a": late}, window=Window(MOMENTS[0], MOMENTS[1])).rows) == 1


def test_row_numbers_hold_across_row_groups_and_parts(read: Any) -> None:
    count = 300_000
    ports = [80] * count
    bad = [0, 1, 131_071, 131_072, 200_000, count - 1]
    for row in bad:
        ports[row] = 70_000
    data = stored({"dstport": pa.array(ports, pa.int32())} | times(count), row_group_size=180_000)
    reading = read({"a": data}, ("dstport",))
    assert [line for line, _ in reading.rejects] == [row + 1 for row in bad]
    assert reading.tally.lines == count


def test_names_are_matched_whatever_their_dashes_and_case(read: Any) -> None:
    data = stored({"log-status": ["OK"], "Log_Status": ["x"], "SRCADDR": ["10.0.0.1"], "other": [1]} | times(1))
    reading = read({"a": data})
    assert reading.columns == ("log_status", "srcaddr", "other", "start", "end")
    assert (reading.rows[0]["log_status"], reading.rows[0]["srcaddr"], reading.rows[0]["other"]) == (
        "OK",
        "10.0.0.1",
        "1",
    )


def test_text_and_parquet_of_both_kinds_in_one_folder(read: Any, tmp_path: Path) -> None:
    text = b"end start tcp-flags log-status\n%d %d 2 OK\n" % (START + 60, START)
    transit = {"tgw_id": ["tgw-1"], "bytes": pa.array([9])}
    (tmp_path / "a.log.parquet").write_bytes(stored(times(1) | {"bytes": pa.array([5])}))
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(text, mtime=0))
    (tmp_path / "c.log.parquet").write_bytes(stored(times(1) | transit))
    (tmp_path / "d.parquet").write_bytes(stored({"Quarter": ["Q1"], "Revenue": [5]}))
    reading = read(tmp_path)
    assert reading.columns == ("start", "end", "bytes", "tcp_flags", "log_status")
    assert [(row["bytes"], row["tcp_flags"]) for row in reading.rows] == [(5, None), (None, 2)]
    assert (reading.tally.other_kind, len(reading.tally.foreign)) == (1, 1)
    assert [row["tgw_id"] for row in read(tmp_path, kind="tgw").rows] == ["tgw-1"]
    with pytest.raises(SourceError, match="no flow logs"):
        read(tmp_path / "d.parquet")


WHOLE = stored(
    times(500) | {"srcaddr": [f"10.0.{n // 250}.{n % 250}" for n in range(500)]},
    row_group_size=100,
    write_page_checksum=True,
)


@settings(max_examples=60, deadline=None)
@given(st.integers(4, len(WHOLE) - 1))
def test_a_truncated_parquet_is_damaged_wherever_it_ends(read: Any, cut: int) -> None:
    with pytest.raises(DamagedObject, match=r"a\.log\.parquet: it is not a whole Parquet file"):
        read({"a.log.parquet": WHOLE[:cut]}, ("srcaddr", "start", "end"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) // 2), st.integers(1, 255))
def test_a_flipped_byte_is_damage_or_harmless(read: Any, at: int, flip: int) -> None:
    data = bytearray(WHOLE)
    data[at] ^= flip
    reading = read({"a.log.parquet": bytes(data)}, ("srcaddr", "start", "end"), skip_damaged=True)
    assert len(reading.rows) in (0, 500)
    assert bool(reading.rows) != bool(reading.tally.damaged)


@pytest.mark.parametrize("layout", ["dictionary pages", "plain pages"])
def test_text_of_parquet_is_handed_on_as_a_dictionary(layout: str) -> None:
    """It is looked at once a distinct value, not once a row; `-` among its values is no value."""
    addresses = pa.array(["10.0.0.1", "-", "10.0.0.1", None])
    data = stored({"srcaddr": addresses} | times(4), use_dictionary=layout == "dictionary pages")
    store = MemoryStore({"a.parquet": data})
    columns = Columns(("srcaddr", "start", "end"), "vpc", 0, 10**10, coded=True)
    (batch,) = Scan(store, [StoredObject("a.parquet", len(data), place("a.parquet"))], columns, ReadOptions()).batches()
    assert batch.schema.field("srcaddr").type == pa.dictionary(pa.int32(), pa.string())
    assert batch.column("srcaddr").to_pylist() == ["10.0.0.1", None, "10.0.0.1", None]


def test_a_footer_that_contradicts_itself_does_not_end_the_program(tmp_path: Path) -> None:
    """The type of a column chunk is none there is: Arrow itself would abort when its statistics are looked at."""
    footer = len(WHOLE) - 8 - int.from_bytes(WHOLE[-8:-4], "little")
    type_of_first_chunk = WHOLE.index(b"\x15\x04\x19", footer + 60)
    data = bytearray(WHOLE)
    data[type_of_first_chunk + 1] = 0x50
    (tmp_path / "a.log.parquet").write_bytes(data)
    question = ("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", "--on", "2026-11-22", "--logs", str(tmp_path))
    command = [sys.executable, "-c", "from flowsql.cli.app import main; main()", *question]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 4, ended.stderr
    assert "row group 0 is corrupt" in ended.stderr


def test_addresses_that_are_missing_leave_nothing_odd_behind() -> None:
    written = pa.array(["10.0.0.1", "-", "fd00::1"]).dictionary_encode()
    read, broken = to_text(written, "srcaddr")
    assert not broken
    assert read.to_pylist() == ["10.0.0.1", None, "fd00::1"]
    assert all_fit("srcaddr", read)
    assert not all_fit("srcaddr", pa.array(["10.0.0.1", "ten"]).dictionary_encode())


_EVERY_BYTE = """
import sys
from flowsql.errors import DamagedObject
from flowsql.reading.columns import Columns
from flowsql.reading.parquet import open_parquet, parquet_batches
from flowsql.reading.tally import Tally

whole = sys.stdin.buffer.read()
columns = Columns(("start", "end"), "vpc", 0, 10**10)
for at in range(len(whole) - 8 - int.from_bytes(whole[-8:-4], "little"), len(whole) - 8):
    for value in (0x00, 0x16, 0x26):
        try:
            damaged = whole[:at] + bytes([value]) + whole[at + 1 :]
            list(parquet_batches(open_parquet(damaged, "a"), columns, Tally(), "a", timed=sys.argv[1] == "timed"))
        except DamagedObject:
            pass
print("every byte")
"""


@pytest.mark.parametrize("timed", ["timed", "untold"])
def test_no_byte_of_a_footer_ends_the_program(timed: str) -> None:
    """Size statistics that contradict the schema do, where Arrow is asked for a column chunk before it is read."""
    data = stored(times(30))
    command = [sys.executable, "-c", _EVERY_BYTE, timed]
    ended = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (0, b"every byte\n"), ended.stderr.decode()[-500:]


def test_a_page_that_names_values_its_dictionary_lacks_is_damage() -> None:
    """Without compression nothing but the index itself tells."""
    whole = stored({"srcaddr": ["10.0.0.1", "10.0.0.2", "10.0.0.3"] * 10} | times(30), compression="none")
    columns = Columns(("srcaddr", "start", "end"), "vpc", 0, 10**10, coded=True)
    told = set()
    for at in range(4, len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")):
        flipped = whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :]
        try:
            list(parquet_batches(open_parquet(flipped, "a"), columns, Tally(), "a", timed=True))
        except DamagedObject as failure:
            told.add(failure.message)
    assert any("its column srcaddr is corrupt" in message for message in told)


def test_a_status_of_rejected_rows_alone_is_not_counted(read: Any) -> None:
    reading = read({"a.parquet": stored({"log_status": ["OK", "ok", "NODATA"]} | times(3))})
    assert dict(reading.tally.statuses) == {"OK": 1, "NODATA": 1}


@pytest.mark.parametrize(
    ("written", "statuses"),
    [
        (pa.array([b"OK", b"NODATA", b"OK"], pa.binary()), {"OK": 2, "NODATA": 1}),
        (pa.array([b"OK", b"OK", b"OK"], pa.binary(2)), {"OK": 3}),
        (pa.nulls(3), {"-": 3}),
        (pa.array([b"OK", b"\xffK", b"OK"], pa.binary()).cast(pa.string(), safe=False), {"OK": 2}),
    ],
    ids=["bytes", "bytes of one length", "null type", "not UTF-8"],
)
def test_statuses_of_any_type_are_counted(read: Any, written: Any, statuses: dict[str, int]) -> None:
    reading = read({"a.parquet": stored({"log_status": written} | times(3))})
    assert dict(reading.tally.statuses) == statuses
