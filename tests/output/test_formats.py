"""One nasty answer in every format, byte for byte; what is written reads back.

`FLOWSQL_WRITE_GOLDEN=1 pytest tests/output` writes the golden files anew, to be read before they are kept.
"""

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from flowsql.errors import UsageError
from flowsql.output.formats import FORMATS, format_for, render, write_atomically
from flowsql.output.text import Terminal

GOLDEN = Path(__file__).parents[1] / "golden" / "output"
unhurried = settings(deadline=None)
MOMENT = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.string())
FLOWS = pa.table(
    {
        "srcaddr": ["10.0.1.5", "2001:db8:85a3:8d3:1319:8a2e:370:7348", None, "", "172.16.0.9"],
        "note": [
            'comma, "quote" | pipe \\ backslash & <b>_bold_</b>',
            "two\nlines\tand a tab\rreturn",
            "日本語 and e\u0301, \u202ereversed",
            "\x1b[31mred\x1b[0m\x00",
            "  =SUM(A1)  ",
        ],
        "bytes": pa.array([0, 2**63 - 1, -(2**63), None, 9007199254740993]),
        "share": [0.1, 1e-300, float("nan"), float("-inf"), None],
        "accepted": [True, False, None, True, False],
        "first_seen": pa.array(
            [datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC), None] * 2,
            MOMENT,
        )[:5],
        "last_seen": pa.array(
            [datetime(2026, 11, 22, 10, 0, 0, 500000, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC), None] * 2,
            MOMENT,
        )[:5],
        "services": pa.array([["S3", "EC2"], [], None, ["a|b", None], ["日本"]], TEXTS),
    }
)
FILES = {
    "table": "flows.txt",
    "csv": "flows.csv",
    "tsv": "flows.tsv",
    "json": "flows.json",
    "jsonl": "flows.jsonl",
    "markdown": "flows.md",
    "html": "flows.html",
    "parquet": "flows.parquet",
}
TERMINALS = {
    "terminal-wide.txt": Terminal(300, color=False, unicode=True),
    "terminal-color.txt": Terminal(300, color=True, unicode=True),
    "terminal-ascii.txt": Terminal(300, color=False, unicode=False),
    "terminal-folded.txt": Terminal(175, color=False, unicode=True),
    "terminal-blocks.txt": Terminal(72, color=False, unicode=True),
    "terminal-narrow.txt": Terminal(30, color=False, unicode=True),
}


def golden(name: str, made: bytes) -> bytes:
    path = GOLDEN / name
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        write_atomically(path, made)
    return path.read_bytes()


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "parquet"])
def test_each_format_is_its_golden_file(name: str) -> None:
    made = render(FLOWS, name)
    assert made == golden(FILES[name], made)


def test_parquet_keeps_every_value_and_type() -> None:
    made = render(FLOWS, "parquet")
    for data in (made, golden(FILES["parquet"], made)):
        file = pa.parquet.ParquetFile(io.BytesIO(data))
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
        back = file.read()
        assert back.schema == FLOWS.schema
        # Compared as text, where NaN is itself.
        assert render(back, "csv") == render(FLOWS, "csv")


@pytest.mark.parametrize("name", TERMINALS)
def test_each_terminal_is_its_golden_file(name: str) -> None:
    made = render(FLOWS, "table", terminal=TERMINALS[name])
    assert made == golden(name, made)


def test_there_is_a_golden_file_for_each_format_and_its_name_leads_back_to_it() -> None:
    assert set(FILES) == set(FORMATS)
    assert {format_for(Path(file)): file for file in FILES.values()} == FILES


def test_golden_files_have_lf_on_disk() -> None:
    texts = [path for path in GOLDEN.iterdir() if path.suffix != ".parquet"]
    assert len(texts) == len(FILES) - 1 + len(TERMINALS)
    for path in texts:
        data = path.read_bytes()
        assert b"\r\n" not in data
        assert data.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table", "srcaddr  bytes\n-------  -----\n"),
        ("csv", "srcaddr,bytes\n"),
        ("tsv", "srcaddr\tbytes\n"),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("markdown", "| srcaddr | bytes |\n| --- | ---: |\n"),
    ],
)
def test_no_rows_still_show_their_columns(name: str, expected: str) -> None:
    assert render(FLOWS.select(["srcaddr", "bytes"])[:0], name).decode() == expected


def test_no_rows_on_a_terminal_show_their_columns() -> None:
    empty = FLOWS[:0]
    assert render(empty, "table", terminal=Terminal(20, color=False, unicode=True)).decode().split() == [
        *FLOWS.column_names
    ]
    assert render(empty, "parquet").startswith(b"PAR1")


def test_a_name_near_a_format_is_suggested() -> None:
    with pytest.raises(UsageError, match=r"(?s)'md' is not .*markdown\? It is one of table, csv, tsv"):
        render(FLOWS, "md")
    with pytest.raises(UsageError, match=r"hint: parquet\?"):
        render(FLOWS, "parket")
    with pytest.raises(UsageError, match="hint: one of table"):
        render(FLOWS, "xlsx")


@pytest.mark.parametrize("name", ["json", "jsonl", "parquet"])
def test_columns_of_one_name_are_refused_where_one_would_be_lost(name: str) -> None:
    twins = pa.table([pa.array([1]), pa.array([2])], names=["bytes", "bytes"])
    with pytest.raises(UsageError, match="two columns are named 'bytes'"):
        render(twins, name)
    assert render(twins, "csv") == b"bytes,bytes\n1,2\n"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.CSV", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.htm", "html"),
        ("a.csv.gz", None),
        ("a", None),
        (".csv", None),
    ],
)
def test_a_format_is_guessed_from_a_files_name(file: str, name: str | None) -> None:
    assert format_for(Path(file)) == name


TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(list('",\n\r\t\\|-N ')), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=True),
        st.none() | st.booleans(),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | st.lists(st.none() | TEXT, max_size=3),
    ),
    max_size=5,
)
TYPES = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), MOMENT, TEXTS)


def answer_of(names: list[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(TYPES)]
    return pa.table(columns, names=names)


def same(cell: str | None, value: Any) -> bool:
    """Whether the text of a cell reads back as the value it was made of."""
    if value is None or cell is None:
        return cell is None and value is None
    match value:
        case bool():
            return cell == str(value).lower()
        case float():
            return float(cell) == value or (math.isnan(value) and cell == "nan")
        case datetime():
            return datetime.fromisoformat(cell) == value
        case list():
            return cell == " ".join("-" if item is None else item for item in value)
        case _:
            return cell == str(value)


NAMES = st.lists(TEXT, min_size=6, max_size=6, unique=True)


@unhurried
@given(NAMES, ROWS)
def test_csv_reads_back_to_the_same_cells(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    data = render(answer_of(names, rows), "csv")
    header, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    assert header == names
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        for cell, value in zip(line, row, strict=True):
            assert same(cell, value) or (value is None and cell == "")


@unhurried
@given(st.lists(st.tuples(st.none() | TEXT, st.none() | TEXT), min_size=1, max_size=5))
def test_csv_tells_null_from_the_empty_text(rows: list[tuple[str | None, str | None]]) -> None:
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate("ab")}
    back = pa.csv.read_csv(
        io.BytesIO(render(pa.table(columns), "csv")),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types={"a": pa.string(), "b": pa.string()},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    assert back.to_pydict() == {name: column.to_pylist() for name, column in columns.items()}


def test_a_null_alone_in_its_csv_line_is_not_an_empty_line_that_readers_skip() -> None:
    assert render(pa.table({"a": ["x", None]}), "csv") == b'a\nx\n""\n'


@unhurried
@given(NAMES, ROWS)
def test_tsv_reads_back_to_the_same_cells(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    meanings = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
    lines = render(answer_of(names, rows), "tsv").decode().removesuffix("\n").split("\n")
    header, *cells = [
        [
            None if cell == r"\N" else re.sub(r"\\.", lambda escape: meanings[escape[0]], cell)
            for cell in line.split("\t")
        ]
        for line in lines
    ]
    assert header == names
    assert len(cells) == len(rows)
    for line, row in zip(cells, rows, strict=True):
        assert all(map(same, line, row))


@unhurried
@given(NAMES, ROWS)
def test_json_and_jsonl_read_back_to_the_same_values(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    def in_json(value: Any) -> Any:
        if isinstance(value, datetime):
            return value
        return None if isinstance(value, float) and not math.isfinite(value) else value

    answer = answer_of(names, rows)
    records = json.loads(render(answer, "json"), parse_constant=pytest.fail)
    assert records == [json.loads(line) for line in render(answer, "jsonl").decode().split("\n")[:-1]]
    assert len(records) == len(rows)
    for record, row in zip(records, rows, strict=True):
        assert list(record) == names
        if record[names[4]] is not None:
            record[names[4]] = datetime.fromisoformat(record[names[4]])
        expected = [in_json(value) for value in row]
        assert list(record.values()) == expected
        assert [type(value) for value in record.values()] == [type(value) for value in expected]


class Cells(HTMLParser):
    """The texts of a table's cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "br":
            self.rows[-1][-1] += "\n"
        else:
            assert tag in ("table", "thead", "tbody")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@unhurried
@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"], include_characters="\n ")), max_size=4))
def test_no_value_leaves_its_html_cell(values: list[str]) -> None:
    reader = Cells()
    reader.feed(render(pa.table({"<a>": pa.array(values, pa.string())}), "html").decode())
    assert [[cell.rstrip("\n") for cell in row] for row in reader.rows] == [
        ["<a>"],
        *([value.rstrip("\n")] for value in values),
    ]


@unhurried
@given(NAMES, ROWS, st.sampled_from(["table", "markdown", "html"]))
def test_nothing_read_by_people_has_a_control_character(
    names: list[str], rows: list[tuple[Any, ...]], name: str
) -> None:
    shown = render(answer_of(names, rows), name).decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@unhurried
@given(NAMES, ROWS)
def test_a_markdown_line_has_one_cell_for_each_column(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    lines = render(answer_of(names, rows), "markdown").decode().removesuffix("\n").split("\n")
    assert len(lines) == len(rows) + 2
    for line in lines:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == len(names) + 1


@unhurried
@given(ROWS, st.integers(30, 200))
def test_a_terminal_is_never_overrun(rows: list[tuple[Any, ...]], width: int) -> None:
    answer = answer_of(["srcaddr", "bytes", "share", "ok", "first_seen", "max_aggregation_interval"], rows)
    shown = render(answer, "table", terminal=Terminal(width, color=False, unicode=True)).decode()
    assert all(cell_len(line) <= width for line in shown.split("\n"))


def test_ascii_alone_needs_no_rich_and_nothing_needs_pandas() -> None:
    program = """
import sys
from flowsql.output.formats import FORMATS, render
assert "pyarrow" not in sys.modules
import io
import pyarrow.csv
# Not pa.table({...}): pyarrow itself imports pandas for it.
answer = pyarrow.csv.read_csv(io.BytesIO(b"srcaddr,share,start\\n10.0.0.1,0.5,2026-11-22T10:00:00Z\\n"))
for name in FORMATS:
    render(answer, name)
assert not {"rich", "pandas"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_bytes_are_pairs_of_digits_where_text_is_written() -> None:
    answer = pa.table({"bin": pa.array([b"\x00\xff", b"", None], pa.binary()), "list": pa.array([[b"\x01"], [], None])})
    assert render(answer, "csv") == b'bin,list\n00 ff,"[""01""]"\n"",[]\n,\n'
    assert json.loads(render(answer, "json")) == [
        {"bin": "00 ff", "list": ["01"]},
        {"bin": "", "list": []},
        {"bin": None, "list": None},
    ]
    assert render(answer, "table").decode().splitlines()[2].split() == ["00", "ff", '["01"]']
    assert pa.parquet.read_table(io.BytesIO(render(answer, "parquet"))).equals(answer)
