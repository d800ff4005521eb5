"""The proof of bounds against what a real Trino derives (EXPLAIN TYPE IO), live and recorded."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from flowsql.checks.bounds import scans
from flowsql.checks.bounds.keys import Range, TimeKey
from tests.checks.layouts import LAYOUTS, RELATIONS, first_and_last, glue_table, key_of, layout_of, storage
from tests.checks.statements import Maker
from tests.stack.aws import Stack

RECORDED = Path(__file__).parent / "data" / "domains.ndjson"
CORNERS = RECORDED.with_name("corners.ndjson")
"""Statements written by hand to look bounded, or to be so in unusual ways."""
LIVE = 150

Extent = tuple[str, str] | None
"""The first and last value of the column of time that Trino would read; None where nothing limits it."""


def proved(sql: str) -> dict[str, list[Range | None]]:
    """Table → what is proved of each of its scans."""
    found: dict[str, list[Range | None]] = defaultdict(list)
    for scan in scans(sqlglot.parse_one(sql, read="athena"), RELATIONS):
        found[scan.table.name].append(scan.range)
    return found


def extents(plan: dict[str, Any]) -> dict[str, list[Extent]]:
    """Table → the extent of each of its scans in Trino's plan."""
    found: dict[str, list[Extent]] = defaultdict(list)
    for each in plan["inputTableColumnInfos"]:
        name = each["table"]["schemaTable"]["table"]
        columns = {
            column["columnName"]: column["domain"]["ranges"] for column in each["constraint"]["columnConstraints"]
        }
        ranges = columns.get(key_of(name).name)
        ends = (ranges[0]["low"].get("value"), ranges[-1]["high"].get("value")) if ranges else (None, None)
        found[name].append((ends[0], ends[1]) if ends[0] and ends[1] else None)
    return found


def is_closed(table: str, extent: Extent) -> bool:
    """Whether Trino leaves out the first and the last partitions there are; no literal comes near them."""
    first, last = first_and_last(table)
    return extent is not None and first < extent[0] and extent[1] < last


def is_inside(key: TimeKey, extent: Extent, ranges: Iterable[Range | None]) -> bool:
    """Whether what Trino reads lies in the range that was proved."""
    assert extent is not None
    spans = [key.span(int(value) if key.sql_type == "int" else value) for value in extent]
    closed = [each for each in ranges if each]
    return all(
        span and min(first for first, _ in closed) <= span[0] and span[1] <= max(last for _, last in closed)
        for span in spans
    )


def compare(sql: str, engine: dict[str, list[Extent]], tally: Counter[str]) -> None:
    """Fail where the proof says more than Trino does; count where it says less."""
    ours = proved(sql)
    assert not set(engine) - set(ours), f"a scan was missed: {sql}"
    for table, read in engine.items():
        bounded = all(ours[table])
        closed = all(is_closed(table, extent) for extent in read)
        if closed and not bounded and any(text in sql for text in _REFUSED):
            tally["refused by design"] += 1
            continue
        tally[f"{'bounded' if bounded else 'open'}, Trino {'closed' if closed else 'open'}"] += 1
        assert closed or not bounded, f"{table} is open: {sql}"
        if bounded:
            for extent in read:
                assert is_inside(key_of(table), extent, ours[table]), f"{table} reads {extent}: {sql}"


_REFUSED = ("substr(", "CAST(", "IN ((", "LIKE '%")
"""What Trino can test partition by partition and the proof refuses by design: the column is hidden from the index."""


def report(tally: Counter[str]) -> str:
    """How often the proof says open where Trino's domain is closed."""
    closed = tally["bounded, Trino closed"] + tally["open, Trino closed"]
    share = f"{tally['open, Trino closed'] / closed:.1%}" if closed else "none"
    return f"{dict(tally)}: of {closed} closed scans {share} are called open"


def recorded(path: Path, tally: Counter[str]) -> None:
    """Compare with what Trino 476 said of statements over these tables."""
    for line in path.read_text("utf-8").splitlines():
        item = json.loads(line)
        compare(
            item["sql"], {name: [tuple(e) if e else None for e in read] for name, read in item["io"].items()}, tally
        )


def test_the_proof_is_never_bounded_where_the_recorded_domain_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()
    recorded(RECORDED, tally)
    with capsys.disabled():
        print(f"\nrecorded domains: {report(tally)}")
    assert tally["open, Trino closed"] < 0.1 * tally["bounded, Trino closed"]


def test_the_proof_is_never_bounded_where_a_statement_only_looks_so() -> None:
    tally: Counter[str] = Counter()
    recorded(CORNERS, tally)
    assert tally["open, Trino closed"] < 0.15 * tally["bounded, Trino closed"]


@pytest.mark.trino
def test_the_proof_is_never_bounded_where_trinos_domain_is_open(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    database = stack.database("bounds")
    make_tables(stack, database)
    maker, tally = Maker(date.today().toordinal()), Counter[str]()
    for _ in range(LIVE):
        sql = maker.statement()
        compare(sql, extents(stack.io(sql, database)), tally)
    with capsys.disabled():
        print(f"\n{LIVE} statements, seed {maker.seed}: {report(tally)}")


def make_tables(stack: Stack, database: str) -> None:
    """Three tables of every layout, and the partitions of those that list theirs."""
    glue = stack.client("glue")
    for table in (f"{layout}_{number}" for layout in LAYOUTS for number in (1, 2, 3)):
        glue.create_table(DatabaseName=database, TableInput=glue_table(table))
        if LAYOUTS[layout_of(table)][0].type != "registered":
            continue
        first, last = map(date.fromisoformat, first_and_last(table))
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        for at in range(0, len(days), 100):
            partitions = [
                {"Values": [f"{day}"], "StorageDescriptor": storage(table, f"{day}/")} for day in days[at : at + 100]
            ]
            glue.batch_create_partition(DatabaseName=database, TableName=table, PartitionInputList=partitions)
