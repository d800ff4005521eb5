"""Text objects, gzip or plain, whole or damaged: what is used, what is counted, and what stops the run."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.errors import DamagedObject, SourceError
from flowsql.reading.inflate import pieces
from flowsql.reading.lines import LONGEST_LINE, blocks_of_lines

HEADER = b"version account-id srcaddr start end bytes log-status\n"
COUNT = 300
ROWS = [b"5 000000000042 10.0.0.%d %d %d %d OK\n" % (n % 250, 10**9 + n, 10**9 + 60 + n, n) for n in range(1, COUNT)]
TEXT = HEADER + b"".join(ROWS)
NAMES = ("srcaddr", "start", "end", "bytes", "log_status")


def archived(text: bytes) -> bytes:
    """A zip archive of one file."""
    with zipfile.ZipFile(stored := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.log", text)
    return stored.getvalue()


def tarred(text: bytes) -> bytes:
    """A tar archive of one file."""
    with tarfile.open(fileobj=(stored := io.BytesIO()), mode="w") as archive:
        info = tarfile.TarInfo("a.log")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    return stored.getvalue()


def sizes(reading: Any) -> list[int]:
    return [row["bytes"] for row in reading.rows]


@pytest.mark.parametrize("block", [1, 7, 100, 8 << 20])
@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("plain.log", TEXT),
        ("one member.gz", gzip.compress(TEXT, mtime=0)),
        ("members.gz", b"".join(map(gzip.compress, (TEXT[:40], b"", TEXT[40:4000], TEXT[4000:])))),
        ("padded.gz", gzip.compress(TEXT[:5000], mtime=0) + bytes(512) + gzip.compress(TEXT[5000:]) + bytes(3)),
        ("twice.gz", gzip.compress(gzip.compress(TEXT), mtime=0)),
        ("stored.gz", gzip.compress(TEXT, 0, mtime=0)),
        ("unpacked on the way.log.gz", TEXT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_same_text_in_any_wrapping(read: Any, name: str, stored: bytes, block: int) -> None:
    reading = read({name: stored}, NAMES, block=block)
    assert sizes(reading) == list(range(1, COUNT))
    assert (reading.tally.rows, reading.tally.headers, reading.tally.rejected) == (COUNT - 1, 1, 0)
    assert reading.tally.bytes == len(stored)


WHOLE = gzip.compress(TEXT, mtime=0)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 300))
def test_a_truncated_gzip_is_damaged_wherever_it_ends(cut: int, size: int) -> None:
    if cut > 1:
        with pytest.raises(DamagedObject, match=r"a\.gz: its gzip stream (ends early|is corrupt)"):
            list(pieces(WHOLE[:cut], "a.gz", size * 100))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_changes_a_value_unseen(read: Any, at: int, flip: int) -> None:
    stored = bytearray(WHOLE)
    stored[at] ^= flip
    reading = read({"a.gz": bytes(stored)}, NAMES, skip_damaged=True)
    if not reading.tally.damaged:
        assert sizes(reading) == list(range(1, COUNT)), "only the time and system in gzip's own header may differ"


@pytest.mark.parametrize(
    ("name", "stored", "reason"),
    [
        ("a.log.gz", b"", "it is empty: zero bytes"),
        ("a.log.parquet", b"", "it is empty: zero bytes"),
        ("a.log.gz", b"\x1f", "it does not begin like a gzip file"),
        ("a.log.gz", b"\0\0" + WHOLE[2:], "it does not begin like a gzip file"),
        ("a.log.gz", bz2.compress(b"2 1"), "it does not begin like a gzip file, it is compressed by bzip2"),
        ("a.log.gz", WHOLE[:5], "its gzip stream ends early"),
        ("a.log.gz", WHOLE[:-4], "its gzip stream ends early"),
        ("a.log.gz", WHOLE[:-8] + bytes(4) + WHOLE[-4:], "its gzip stream is corrupt"),
        ("a.log.gz", WHOLE + b"garbage", "bytes that are not gzip follow"),
        ("a.log.gz", WHOLE + WHOLE[:100], "its gzip stream ends early"),
        ("a.log.gz", gzip.compress(WHOLE[:-100], mtime=0), "its gzip stream ends early"),
        ("a.log.parquet", TEXT, "it does not begin like a Parquet file"),
        ("a.log", HEADER + b"x" * (LONGEST_LINE + 1), "a line is longer than 16 MiB"),
        ("a.log", b"\n" * (LONGEST_LINE + 1) + HEADER, "it begins with more than 16 MiB of blank lines"),
    ],
)  # fmt: skip
def test_a_damaged_object_stops_the_run_by_name_or_is_skipped_by_name(
    read: Any, name: str, stored: bytes, reason: str
) -> None:
    objects = {name: stored, "b.log": TEXT}
    with pytest.raises(DamagedObject, match=reason) as stopped:
        read(objects, NAMES)
    assert stopped.value.where == name
    assert stopped.value.hint is not None
    assert "--skip-damaged" in stopped.value.hint
    reading = read(objects, NAMES, skip_damaged=True)
    assert sizes(reading) == list(range(1, COUNT))
    assert len(reading.tally.damaged) == 1
    assert reading.tally.damaged[0].startswith(f"{name}: {reason}")
    assert (reading.tally.rows, reading.tally.headers, reading.tally.objects) == (COUNT - 1, 1, 2)


def test_the_rows_before_the_damage_are_not_used(read: Any) -> None:
    reading = read({"a.gz": WHOLE[:-8] + bytes(8)}, NAMES, skip_damaged=True, block=100)
    assert (reading.rows, reading.tally.rows, reading.tally.in_window, reading.tally.statuses) == ([], 0, 0, {})


@pytest.mark.parametrize(
    "stored", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), gzip.compress(b"\n\n", mtime=0)]
)
def test_an_object_without_lines_is_nothing(read: Any, stored: bytes) -> None:
    reading = read({"a.log": stored, "b.log": TEXT}, NAMES)
    assert len(reading.rows) == COUNT - 1
    assert (reading.tally.lines, reading.tally.foreign, reading.tally.damaged) == (COUNT, [], [])
    assert read({"a.log": stored}).columns == ()


def test_a_header_alone_is_a_header(read: Any) -> None:
    for stored in (HEADER, HEADER.strip(), b"\n\n" + HEADER + b"\n", gzip.compress(HEADER, mtime=0)):
        reading = read(stored)
        assert reading.columns == ("version", "account_id", "srcaddr", "start", "end", "bytes", "log_status")
        assert (reading.rows, reading.tally.headers, reading.tally.lines) == ([], 1, 1)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("block", [1, 10, 8 << 20])
def test_line_ends_and_byte_order_marks(read: Any, end: bytes, mark: bytes, block: int) -> None:
    stored = mark + (b"\n\n" + HEADER + b"\n" + b"".join(ROWS[:9]) + mark + b"".join(ROWS[9:20]) + b"bad\n").replace(
        b"\n", end
    )
    reading = read(stored, NAMES, block=block)
    assert sizes(reading) == list(range(1, 21))
    assert reading.rejects == [(25, "1 values where the log format has 7 fields")]


def test_a_mark_of_another_encoding_is_not_flow_logs(read: Any) -> None:
    with pytest.raises(SourceError, match="no flow logs at memory: logs/object is text in UTF-16") as refused:
        read(TEXT.decode().encode("utf-16"))
    assert "iconv" in str(refused.value.hint)


def test_a_repeated_header_is_a_header(read: Any) -> None:
    reading = read(TEXT + HEADER + ROWS[0] + HEADER, NAMES)
    assert sizes(reading) == [*range(1, COUNT), 1]
    assert (reading.tally.headers, reading.tally.rejected) == (3, 0)


@pytest.mark.parametrize("block", [30, 8 << 20])
def test_another_header_in_the_middle_decides_from_there(read: Any, block: int) -> None:
    """Objects that were joined by hand, each with its own order of columns."""
    other = (
        b"log-status bytes end start srcaddr version account-id\nOK 77 1000000077 1000000017 10.9.9.9 5 000000000042\n"
    )
    reading = read(TEXT + other + HEADER + ROWS[0], NAMES, block=block)
    assert sizes(reading) == [*range(1, COUNT), 77, 1]
    assert reading.rows[COUNT - 1]["srcaddr"] == "10.9.9.9"
    assert (reading.tally.headers, reading.tally.rejected) == (3, 0)


@pytest.mark.parametrize("block", [30, 8 << 20])
def test_transit_gateway_records_joined_to_others_are_rejected(read: Any, block: int) -> None:
    transit = b"version tgw-id srcaddr start end bytes log-status\n6 tgw-1 10.0.0.1 1000000000 1000000060 5 OK\n"
    reading = read(TEXT + transit + HEADER + ROWS[0], NAMES, block=block)
    assert sizes(reading) == [*range(1, COUNT), 1]
    [(line, reason)] = reading.rejects
    assert line == COUNT + 2
    assert "other record kind" in reason


def test_a_pure_text_format_still_knows_its_headers(read: Any) -> None:
    stored = b"srcaddr dstaddr\n10.0.0.1 10.0.0.2\nsrcaddr dstaddr\ndstaddr srcaddr\n10.0.0.2 10.0.0.1\n"
    reading = read(stored)
    assert reading.rows == [{"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2"}] * 2
    assert reading.tally.headers == 3


def test_a_format_of_one_column(read: Any) -> None:
    reading = read(b"srcaddr\n10.0.0.1\n\t\n \n10.0.0.2 x\n10.0.0.3")
    assert reading.rows == [{"srcaddr": "10.0.0.1"}, {"srcaddr": "10.0.0.3"}]
    assert reading.rejects == [(5, "2 values where the log format has 1 fields")]


@pytest.mark.parametrize("blank", [b"\t\n", b" \n", b"\t \n", b"\n"])
def test_a_line_of_space_alone_is_blank(read: Any, blank: bytes) -> None:
    reading = read(b"srcaddr\n10.0.0.1\n" + blank + b"10.0.0.3\n")
    assert (len(reading.rows), reading.tally.lines) == (2, 3)
    reading = read(HEADER + ROWS[0] + blank + ROWS[1], NAMES)
    assert (len(reading.rows), reading.tally.lines) == (2, 3)


def test_space_around_a_record_is_no_value(read: Any) -> None:
    reading = read(HEADER + b"".join(b" " + row.replace(b"\n", b" \t\n") for row in ROWS[:3]), NAMES)
    assert sizes(reading) == [1, 2, 3]


def test_an_empty_value_rejects_its_row(read: Any) -> None:
    """Two spaces and a value less look like a whole row, but some of its values are not where they belong."""
    reading = read(HEADER + ROWS[0] + ROWS[1].replace(b"10.0.0.2", b"") + ROWS[2], NAMES)
    assert sizes(reading) == [1, 3]
    assert reading.rejects == [(3, "srcaddr is empty")]
    text = read(b"srcaddr dstaddr action\n10.0.0.1  ACCEPT\n10.0.0.1 10.0.0.2 ACCEPT\n")
    assert (len(text.rows), text.rejects) == (1, [(2, "dstaddr is empty")])


@pytest.mark.parametrize("between", [b"", b"\n" + TEXT])
def test_a_header_that_names_a_field_twice_is_refused_by_name(read: Any, between: bytes) -> None:
    """Which of the two is meant cannot be told: the object is damaged, and not read by a guess."""
    objects = {"a.log": between + b"account-id start end account_id\n1 1000000000 1000000001 2\n", "b.log": TEXT}
    line = f"the header in line {COUNT + 2}" if between else "its header line"
    with pytest.raises(DamagedObject, match=rf"a\.log: {line} names account-id twice") as refused:
        read(objects, NAMES)
    assert "--skip-damaged" in str(refused.value.hint)
    reading = read(objects, skip_damaged=True)
    assert (sizes(reading), len(reading.tally.damaged)) == (list(range(1, COUNT)), 1)


def test_prose_that_says_a_word_twice_is_no_header(read: Any) -> None:
    reading = read(HEADER + ROWS[0] + b"the start of the end\n", NAMES)
    assert (sizes(reading), len(reading.rejects)) == ([1], 1)


def test_no_wanted_column_in_an_object_still_counts_its_rows(read: Any) -> None:
    names = ("tcp_flags", "start", "end")
    reading = read(b"version srcaddr\n5 10.0.0.1\nx 10.0.0.2\n5\n", names)
    assert (reading.tally.rows, reading.tally.timeless, reading.rows) == (1, 1, [])
    assert reading.rejects == [(3, "version is 'x', not a number"), (4, "1 values where the log format has 2 fields")]
    some = read({"a": b"version srcaddr\n5 10.0.0.1\n", "b": TEXT}, ("tcp_flags", "start", "end", "bytes"))
    assert {row["tcp_flags"] for row in some.rows} == {None}
    assert len(some.rows) == COUNT - 1


def test_what_is_not_asked_for_is_not_judged_but_counted(read: Any) -> None:
    stored = HEADER + b"x 1 10.0.0.1 1000000000 1000000060 NaN OK\n"
    assert read(stored, ("srcaddr", "start", "end")).tally.rows == 1
    assert read(stored, ("bytes", "start", "end")).rejects == [(2, "bytes is 'NaN', not a number")]


def test_rejects_are_kept_up_to_a_thousand_and_counted_beyond(read: Any) -> None:
    reading = read(HEADER + b"no\n" * 3000, NAMES)
    assert (reading.tally.rejected, len(reading.tally.rejects)) == (3000, 1000)
    several = read({str(n): HEADER + b"no\n" * 700 for n in range(3)}, NAMES)
    assert (several.tally.rejected, len(several.tally.rejects)) == (2100, 1000)
    assert len(read(HEADER + b"y" * 5000, NAMES).tally.rejects[0].text) == 200


def test_records_around_the_window(read: Any) -> None:
    """A flow is in the window when its `[start, end]` overlaps `[since, until)`."""
    from datetime import UTC, datetime

    from flowsql.window import Window

    window = Window(datetime.fromtimestamp(1000, UTC), datetime.fromtimestamp(2000, UTC))
    spans = [(900, 999), (900, 1000), (1000, 1000), (1999, 2599), (2000, 2000), (1, 5000), (1_500_000, 1_500_000)]
    stored = b"start end bytes log-status\n" + b"".join(b"%d %d %d OK\n" % (*span, n) for n, span in enumerate(spans))
    reading = read(stored, window=window)
    assert sizes(reading) == [1, 2, 3, 5]
    assert (reading.tally.rows, reading.tally.in_window, reading.tally.newest) == (7, 4, 1_500_000)
    assert reading.tally.hours == {0, 1}


def test_foreign_files_are_named_and_nothing_of_them_is_used(read: Any) -> None:
    objects = {
        "README.md": b"# Logs\n\nof our network\n",
        "a.log": TEXT,
        "archive.tar": bytes(range(256)) * 40,
        "archive.tar.gz": gzip.compress(bytes(range(256)) * 40),
        "page.json": b'{"message": "hello"}\n',
        "table.csv": b"start,end,bytes\n1,2,3\n",
    }
    reading = read(objects, NAMES)
    assert sorted(reading.tally.foreign) == sorted(set(objects) - {"a.log"})
    assert (len(reading.rows), reading.tally.rejected) == (COUNT - 1, 0)
    with pytest.raises(SourceError, match=r"no flow logs at memory: README\.md has no header line"):
        read({"README.md": objects["README.md"]})


OTHER_CONTENT = {
    "is compressed by bzip2": (bz2.compress(TEXT), "bunzip2"),
    "is compressed by xz": (lzma.compress(TEXT), "unxz"),
    "is compressed by Zstandard": (pa.compress(TEXT, "zstd", asbytes=True), "unzstd"),
    "is compressed by LZ4": (pa.compress(TEXT, "lz4", asbytes=True), "unlz4"),
    "is a zip archive": (archived(TEXT), "unzip"),
    "is a tar archive": (tarred(TEXT), "tar -xf"),
    "is text in UTF-16": (TEXT.decode().encode("utf-16"), "iconv"),
    "is not text": (bytes(range(256)), "plain text"),
}


@pytest.mark.parametrize("given", [None, ("version", "srcaddr")], ids=["", "log format given"])
@pytest.mark.parametrize("reason", OTHER_CONTENT)
def test_other_content_is_told_by_what_it_is(read: Any, reason: str, given: tuple[str, ...] | None) -> None:
    stored, helps = OTHER_CONTENT[reason]
    for content in (stored, gzip.compress(stored)):
        with pytest.raises(SourceError, match=f"no flow logs at memory: logs/object {reason}") as refused:
            read(content, log_format=given)
        assert "gzip, Parquet or plain text" in str(refused.value.hint)
        assert helps in str(refused.value.hint)
        assert read({"a.log": TEXT, "b.log": content}, NAMES).tally.foreign == ["b.log"]


DEFAULT = b"2 123456789012 eni-0a1b2c3d 10.0.0.1 10.0.0.2 443 49152 6 1 40 1000000000 1000000060 ACCEPT OK\n"


@pytest.mark.parametrize("given", [None, ("version", "srcaddr")], ids=["", "log format given"])
@pytest.mark.parametrize(
    ("separator", "named"),
    [(b",", "commas"), (b", ", "commas"), (b'","', "commas"), (b"\t", "tabs"), (b";", "semicolons")],
)
def test_fields_that_are_not_separated_by_spaces(
    read: Any, separator: bytes, named: str, given: tuple[str, ...] | None
) -> None:
    stored = (HEADER + ROWS[0]).replace(b" ", separator)
    quote = b'"' if b'"' in separator else b""
    for content in (quote + stored, b"\xef\xbb\xbf" + stored):
        told = f"logs/object separates the fields of its header line by {named}"
        with pytest.raises(SourceError, match=told) as refused:
            read(content, log_format=given)
        assert "one space" in str(refused.value.hint)
        assert read({"a.log": TEXT, "b.log": content}, NAMES).tally.foreign == ["b.log"]
    with pytest.raises(SourceError, match=f"logs/object separates the values of its records by {named}"):
        read(DEFAULT.replace(b" ", separator))


def test_a_header_of_tabs_among_records_is_rejected_with_what_follows(read: Any) -> None:
    reading = read(HEADER + ROWS[0] + (HEADER + ROWS[1]).replace(b" ", b"\t"), NAMES)
    assert (sizes(reading), [line for line, _ in reading.rejects]) == ([1], [3, 4])


def test_a_file_too_large_to_be_held_is_read_as_it_is_used(read: Any, tmp_path: Path) -> None:
    count = 20 * COUNT
    stored = gzip.compress(HEADER + b"".join(ROWS * 20))
    path = tmp_path / "a.log.gz"
    path.write_bytes(stored)
    for skip in (False, True):
        reading = read(tmp_path, NAMES, block=1000, held=2000, skip_damaged=skip)
        assert sizes(reading) == list(range(1, COUNT)) * 20
        assert (reading.tally.rows, reading.tally.objects, reading.tally.bytes) == (count - 20, 1, len(stored))
    path.write_bytes(stored[:-8] + bytes(8))
    with pytest.raises(DamagedObject, match="corrupt"):
        read(tmp_path, NAMES, block=1000, held=2000)
    reading = read(tmp_path, NAMES, block=1000, held=2000, skip_damaged=True)
    assert (reading.rows, reading.tally.rows, len(reading.tally.damaged)) == ([], 0, 1)


@given(st.lists(st.binary(max_size=12)))
def test_blocks_are_whole_lines_and_nothing_is_lost(source: list[bytes]) -> None:
    data = b"".join(source)
    blocks = list(blocks_of_lines(iter(source), "a"))
    assert b"".join(blocks) == data
    assert [line for block in blocks for line in block.splitlines()] == data.splitlines()


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50), st.integers(0, 9))
def test_gzip_in_pieces_of_any_size(members: list[bytes], size: int, level: int) -> None:
    packer = [zlib.compressobj(level, wbits=31) for _ in members]
    stored = b"".join(one.compress(data) + one.flush() for one, data in zip(packer, members, strict=True))
    inside = b"".join(members)
    if inside[:2] != b"\x1f\x8b":
        found = list(pieces(stored, "a.gz", size))
        assert b"".join(found) == inside
        assert all(len(piece) <= size for piece in found)


def test_a_file_named_gzip_that_is_none_is_damaged_wherever_it_lies(read: Any, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(TEXT)
    for wrong in (b"\x1f\x8c" + bytes(20), b"<html>not found</html>", b"words of another kind\n"):
        (tmp_path / "b.log.gz").write_bytes(wrong)
        with pytest.raises(DamagedObject, match=r"b\.log\.gz: it does not begin like a gzip file"):
            read(tmp_path)
        assert read(tmp_path, skip_damaged=True).tally.damaged
