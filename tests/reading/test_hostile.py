"""Whatever bytes stand in a text object, every line is accounted for, just as a naive reader in Python does it."""

import gzip
import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowsql.fields import TGW_FIELDS, VPC_FIELDS

HEADER = b"account-id start bytes srcport end protocol instance-tag log-status"
OTHER = b"version end start log-status srcaddr dstaddr bytes tcp-flags"
TRANSIT = b"version tgw-id start end bytes packets tgw-src-eni log-status"
PLAIN = b"srcaddr dstaddr action"
NAMES = ("srcaddr", "start", "bytes", "srcport", "end", "protocol", "instance_tag", "log_status", "action")

TYPES = {field.column: field.type for field in VPC_FIELDS}
FIELDS = {field.name for field in (*VPC_FIELDS, *TGW_FIELDS)}
LARGEST = {"srcport": 65535, "dstport": 65535, "protocol": 255, "start": 10**14 - 1, "end": 10**14 - 1}

WORDS = {"action": ("ACCEPT", "REJECT"), "log_status": ("OK", "NODATA", "SKIPDATA")}


def is_address(text: str) -> bool:
    return not set(text) - set("0123456789abcdefABCDEF.:")


@dataclass
class Naive:
    """Reads a text object line by line, as simply as can be."""

    wanted: tuple[str, ...]
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    headers: int = 0
    used: int = 0

    def read(self, data: bytes) -> "Naive":
        names: list[str] = []
        for number, line in enumerate(data.splitlines(), 1):
            line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip(b" \t"):
                continue
            if header := self.header(line):
                self.headers += 1
                names = header
            elif (row := self.row(line, names)) is None:
                self.rejected.append(number)
            else:
                self.used += 1
                if {"start", "end"} <= row.keys():
                    row |= {name: row[name] // (1000 if row[name] >= 10**11 else 1) for name in ("start", "end")}
                    if row["start"] < 7_258_118_400:  # the year 2200, where the window of these readings ends
                        self.rows.append({name: row.get(name) for name in self.wanted})
        return self

    def header(self, line: bytes) -> list[str] | None:
        tokens = re.split(rb"[ \t]+", line.strip(b" \t"))
        if not all(re.fullmatch(rb"[a-z][a-z0-9_-]*", token) for token in tokens):
            return None
        names = [token.decode().replace("-", "_") for token in tokens]
        return names if {name.replace("_", "-") for name in names} & FIELDS else None

    def row(self, line: bytes, names: list[str]) -> dict[str, Any] | None:
        if "tgw_id" in names or b"\0" in line:
            return None
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return None
        for values in (text.split(" "), text.strip(" \t").split(" ")):
            if len(values) == len(names):
                break
        else:
            return None
        needed = [name for name in names if name in self.wanted] or names[:1]
        row = {name: self.value(name, value) for name, value in zip(names, values, strict=True) if name in needed}
        if any(value is ... for value in row.values()):
            return None
        if {"start", "end"} <= row.keys():
            start, end = (row[name] // (1000 if row[name] >= 10**11 else 1) for name in ("start", "end"))
            if start > end:
                return None
        return row

    def value(self, name: str, text: str) -> Any:
        if text == "-":
            return ... if name in ("start", "end") else None
        if name in WORDS:
            return text if text in WORDS[name] else ...
        if name in ("srcaddr", "dstaddr"):
            return text if text and is_address(text) else ...
        if TYPES[name] == "string":
            return text or ...
        text = text.strip("\t")
        bits = 64 if TYPES[name] == "bigint" else 32
        if re.fullmatch(r"-?[0-9]+", text):
            number = int(text)
        elif re.fullmatch(rf"0[xX][0-9a-fA-F]{{1,{bits // 4}}}", text):
            number = int(text, 16)
        else:
            return ...
        return number if 0 <= number <= LARGEST.get(name, 2 ** (bits - 1) - 1) else ...


addresses = st.one_of(
    st.sampled_from(["-", "10.0.0.1", "999.1.1.1", "unknown", "eni-0a", "10.0.0.1\t", "١٠.0.0.1", "::ffff:1.2.3.4"]),
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded.upper()),
)
words = st.sampled_from(
    [
        "-",
        "eni-1",
        "a%20b",
        '"',
        '"x',
        "x\ty",
        "\t",
        "é",
        "日本",
        "'",
        ",",
        "\\",
    ]
)
ODD_NUMBERS = (
    "- NaN 1.5 1e3 +5 007 -0 0x1F 0xFFFFFFFF 0x00000001F 0x 1_0 ٤ 256 65536 1764000000123 99999999999999 "
    "100000000000000 9223372036854775807 9223372036854775808"
)
numbers = st.one_of(
    st.integers(0, 300).map(str),
    st.integers(1_760_000_000, 1_770_000_000).map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from([*ODD_NUMBERS.split(" "), "5\t", "\t5", ""]),
)


def records(header: bytes) -> st.SearchStrategy[bytes]:
    """Records under a header, most of them right."""
    names = [name.decode().replace("-", "_") for name in header.split()]
    starts, ends = (st.integers(10**9 + late, 10**9 + late + 10**6).map(str) for late in (0, 10**6 - 10**4))
    small = st.integers(0, 255).map(str)

    def value(name: str) -> st.SearchStrategy[str]:
        if name in WORDS:
            return st.sampled_from([*WORDS[name], "-"])
        if name in ("srcaddr", "dstaddr"):
            return addresses
        return words if TYPES.get(name) == "string" else {"start": starts, "end": ends}.get(name, small)

    def odd(name: str) -> st.SearchStrategy[str]:
        return st.one_of(value(name), words if TYPES.get(name) == "string" else numbers)

    good, spoiled = (st.tuples(*(kind(name) for name in names)) for kind in (value, odd))
    return st.one_of(good, good, good, spoiled).map(lambda values: " ".join(values).encode())


@st.composite
def wounded(draw: st.DrawFn, lines: st.SearchStrategy[bytes]) -> bytes:
    """A line with something put in, taken out or cut off."""
    line = draw(lines)
    at = draw(st.integers(0, len(line)))
    wounds = [b"\xff", b"\0", b" ", b"  ", b"\t", b"\x0c", b" x", b"\xef\xbb\xbf", b"\xc3", b"cut", b"long"]
    wound = draw(st.sampled_from(wounds))
    if wound == b"cut":
        return line[:at]
    if wound == b"long":
        return line[:at] + b"x" * draw(st.integers(1000, 100_000)) + line[at:]
    return line[:at] + wound + line[at:]


ends = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\n\n"])
under = st.one_of(records(HEADER), records(HEADER), records(OTHER), records(PLAIN))
spaced = b"  " + HEADER.replace(b" ", b" \t") + b" "
headers = st.sampled_from([HEADER, HEADER, OTHER, TRANSIT, PLAIN, spaced])
blank = st.sampled_from([b"", b" ", b"\t ", b"       "])
lines = st.one_of(under, under, under, wounded(under), headers, blank, st.binary(max_size=40))


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """A text object that begins with a header, perhaps after a byte order mark and blank lines."""
    parts = [draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\n \r\n"])), draw(st.sampled_from([HEADER, OTHER, PLAIN]))]
    parts.append(draw(ends))
    for line in draw(st.lists(lines, max_size=12)):
        parts += [line, draw(ends)]
    return b"".join(parts[: len(parts) - draw(st.booleans())])


wanted = st.sets(st.sampled_from(NAMES)).map(lambda names: (*sorted(names - {"start", "end"}), "start", "end"))


def same(reading: Any, naive: Naive) -> None:
    assert reading.tally.headers == naive.headers
    assert [line for line, _ in reading.rejects] == naive.rejected
    assert reading.tally.rows == naive.used
    assert reading.rows == naive.rows
    assert reading.tally.rejected == len(naive.rejected)


_MIXED_UNITS = (
    HEADER
    + b"\n"
    + b" ".join({b"start": b"100000001", b"end": b"100000000000"}.get(name, b"-") for name in HEADER.split())
)
"""It starts in seconds, and ends before that in milliseconds."""


@settings(max_examples=250, deadline=None)
@given(objects(), wanted, st.integers(1, 200), st.booleans())
@example(_MIXED_UNITS, ("start", "end"), 1, False)
def test_every_line_is_used_or_rejected_or_a_header(
    read: Any, data: bytes, names: tuple[str, ...], block: int, zipped: bool
) -> None:
    naive = Naive(names).read(data)
    stored = gzip.compress(data, 1, mtime=0) if zipped else data
    for size in (block, 8 << 20):
        reading = read(stored, names, block=size)
        same(reading, naive)
        lines = sum(bool(line.removeprefix(b"\xef\xbb\xbf").strip(b" \t")) for line in data.splitlines())
        assert reading.tally.lines == lines


@pytest.mark.parametrize("block", [1 << 12, 1 << 17, 1 << 18, 8 << 20])
def test_a_few_bad_lines_in_a_large_object(read: Any, block: int) -> None:
    rng = random.Random(20261122)
    lines = [HEADER]
    bad = [b"", b"half a line", HEADER, b"1 2 3 4 5 6 7 \xff", b"-" * 70_000, b"123456789012 1 1 443 1 6 - O K"]
    for number in range(12_000):
        lines.append(b"123456789012 %d %d 443 %d 6 - OK" % (10**9 + number, rng.randrange(10**6), 10**9 + number + 60))
        if rng.random() < 0.002:
            lines.append(rng.choice(bad))
    data = b"\r\n".join(lines)
    names = ("account_id", "start", "bytes", "srcport", "end", "log_status")
    naive = Naive(names).read(data)
    assert naive.rejected
    same(read(gzip.compress(data, 1, mtime=0), names, block=block), naive)
