"""Partitions: no flow of the window lies outside those selected, and none is selected for nothing."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsql.dates import floor, following
from flowsql.errors import UsageError
from flowsql.layout import SLOT, object_key
from flowsql.partitions import Partition, PartitionType
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.window import Window

ACCOUNTS = ("000000000012", "123456789012")
REGIONS = ("eu-west-1", "us-east-1")
HIVE = "s3://logs/p/AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${place}/"
DEFAULT = "s3://logs/p/AWSLogs/${account}/vpcflowlogs/${place}/"
PLACES = (
    Partition("account", "account", "enum", values=ACCOUNTS),
    Partition("place", "region", "enum", values=REGIONS),
)


def parts(*names: str, **how: object) -> tuple[Partition, ...]:
    roles = {"y": "year", "m": "month", "d": "day", "h": "hour"}
    return tuple(Partition(name, roles[name], **how) for name in names)  # type: ignore[arg-type]


def number(digits: int | None, sql_type: str = "string") -> dict[str, object]:
    return {"type": "integer", "digits": digits, "sql_type": sql_type}


SHAPES: dict[str, tuple[str, bool, bool, tuple[Partition, ...]]] = {
    # template below the region, hive, hourly, partitions of time
    "slashes": ("${day}/", False, False, (Partition("day", "date", "date", format="yyyy/MM/dd"),)),
    "slashes and hours": (
        "${day}/",
        False,
        True,
        (Partition("day", "date", "date", format="yyyy/MM/dd/HH", unit="hour"),),
    ),
    "day and hour": (
        "${day}/${h}/",
        False,
        True,
        (Partition("day", "date", "date", format="yyyy/MM/dd"), *parts("h", type="integer", digits=2)),
    ),
    "month and days": (
        "${ym}/${d}/",
        False,
        False,
        (Partition("ym", "date", "date", format="yyyy/MM"), *parts("d", **number(2))),
    ),
    "only months": ("${ym}/", False, False, (Partition("ym", "date", "date", format="yyyy/MM"),)),
    "parts": ("year=${y}/month=${m}/day=${d}/", True, False, parts("y", "m", "d", **number(2))),
    "parts in disorder": ("${y}/${m}/${d}/", False, False, parts("d", "m", "y", **number(2))),
    "parts and hours": ("year=${y}/month=${m}/day=${d}/hour=${h}/", True, True, parts("y", "m", "d", "h", **number(2))),
    "registered parts": ("${y}/${m}/${d}/${h}/", False, True, parts("y", "m", "d", "h")),
    "integers": ("${y}/${m}/${d}/", False, False, parts("y", "m", "d", **number(2, "int"))),
    "registered integers": ("${y}/${m}/${d}/", False, False, parts("y", "m", "d", sql_type="int")),
    "quoted literals": (
        "${when}/",
        True,
        False,
        (Partition("when", "date", "date", format="'year='yyyy'/month='MM'/day='dd"),),
    ),
    "a gap": ("${y}/", False, False, parts("y", "d", **number(2))),
    "no time": ("", False, False, ()),
}


def value_of(partition: Partition, key: str, slot: datetime, template: str) -> str:
    """What the key's folder says for a partition: read from the key, not from the code under test."""
    pattern = re.sub(r"\\\$\\\{(\w+)\\\}", lambda found: f"(?P<{found[1]}>.+?)", re.escape(template))
    pattern = re.sub(r"\(\?P<(day|ym|when)>\.\+\?\)", lambda found: f"(?P<{found[1]}>{{{found[1]}}})", pattern)
    wide = {"day": r"\d{4}/\d\d/\d\d(?:/\d\d(?=/))?", "ym": r"\d{4}/\d\d", "when": r"year=\d{4}/month=\d\d/day=\d\d"}
    for name, expression in wide.items():
        pattern = pattern.replace(f"{{{name}}}", expression)
    if "${h}" in template:
        pattern = pattern.replace("(?:/\\d\\d(?=/))?", "")
    found = re.match(pattern, f"s3://logs/{key}")
    assert found is not None, (pattern, key)
    if partition.name not in found.groupdict():
        return f"{getattr(slot, partition.role):02d}"
    return found[partition.name]


def selected(table: Table, window: Window, filters: Filters, rows: Sequence[Sequence[str]]) -> list[int]:
    """The rows of partition values that the predicate lets through, as a database judges it."""
    predicate = table.partition_sql(window, filters) or "TRUE"
    kinds = {"int": "INTEGER", "date": "DATE"}
    columns = ", ".join(f'"{part.name}" {kinds.get(part.sql_type, "VARCHAR")}' for part in table.partitions)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE p (n INTEGER, {columns})")
        marks = ", ".join("?" * (len(table.partitions) + 1))
        connection.executemany(f"INSERT INTO p VALUES ({marks})", [[n, *row] for n, row in enumerate(rows)])
        return [row[0] for row in connection.execute(f"SELECT n FROM p WHERE {predicate} ORDER BY n").fetchall()]


MOMENTS = st.one_of(
    st.datetimes(datetime(2023, 12, 20), datetime(2027, 1, 10)),
    st.sampled_from(
        [
            datetime(2024, 2, 28, 23, 50),
            datetime(2025, 12, 31, 23, 45),
            datetime(2026, 2, 28, 23, 40),
            datetime(2026, 3, 1),
        ]
    ),
)
LENGTHS = st.one_of(
    st.integers(1, 7200),
    st.integers(1, 86400 * 4),
    st.integers(86400 * 25, 86400 * 70),
    st.integers(86400 * 300, 86400 * 500),
).map(lambda seconds: timedelta(seconds=seconds))


@settings(max_examples=150, deadline=None)
@given(
    shape=st.sampled_from(sorted(SHAPES)),
    since=MOMENTS,
    length=LENGTHS,
    slack=st.sampled_from([timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)]),
    seed=st.lists(st.floats(-0.2, 1.2), min_size=5, max_size=20),
    accounts=st.sampled_from([(), ACCOUNTS[:1], ACCOUNTS]),
    regions=st.sampled_from([(), REGIONS[1:]]),
)
def test_selected_partitions_are_those_that_can_hold_the_window(
    shape: str,
    since: datetime,
    length: timedelta,
    slack: timedelta,
    seed: list[float],
    accounts: tuple[str, ...],
    regions: tuple[str, ...],
) -> None:
    below, hive, hourly, timed = SHAPES[shape]
    template = (HIVE if hive else DEFAULT) + below
    table = Table(("start", "end"), partitions=(*PLACES, *timed), template=template, name=("net", "logs"))
    begin = since.replace(tzinfo=UTC)
    window = Window(begin, begin + length, slack)
    edges = [begin, window.until, window.filed_until]
    edges += [moment + timedelta(minutes=5) * step for moment in tuple(edges) for step in (-2, -1, 1, 2)]
    moments = [begin + length * share for share in seed] + edges
    rows, wanted, keys = [], [], []
    for number_, moment in enumerate(moments):
        slot = datetime.fromtimestamp(moment.timestamp() // 300 * 300, UTC)
        account, region = ACCOUNTS[number_ % 2], REGIONS[number_ // 2 % 2]
        style = "hive" if hive else "default"
        key = object_key(account, region, "fl-1", slot, "a", style=style, hourly=hourly, prefix="p")
        keys.append(key)
        rows.append([value_of(partition, key, slot, template) for partition in table.partitions])
        chosen = (not accounts or account in accounts) and (not regions or region in regions)
        holds = slot + SLOT > window.since and slot < window.filed_until
        grain = {"only months": "month", "a gap": "year", "no time": None}.get(shape, "hour" if hourly else "day")
        inside = grain is None or (
            following(floor(slot, grain), grain) > floor(window.since, grain)
            and floor(slot, grain) < window.filed_until
        )
        wanted.append((chosen and holds, chosen and inside))
    filters = Filters(account=accounts, region=regions)
    got = selected(table, window, filters, rows)
    must = [n for n, (holds, _) in enumerate(wanted) if holds]
    may = [n for n, (_, inside) in enumerate(wanted) if inside]
    assert set(must) <= set(got) <= set(may)
    places = table.prefixes(window, filters)
    assert len(set(places)) == len(places)
    listed = [n for n, key in enumerate(keys) if f"s3://logs/{key}".startswith(places)]
    assert set(must) <= set(listed) <= set(may)


WINDOW = Window(datetime(2026, 1, 31, 23, 30, tzinfo=UTC), datetime(2026, 2, 1, 0, 45, tzinfo=UTC))


@pytest.mark.parametrize(
    ("timed", "predicate"),
    [
        (SHAPES["slashes"][3], "\"day\" >= '2026/01/31' AND \"day\" <= '2026/02/01'"),
        (SHAPES["slashes and hours"][3], "\"day\" >= '2026/01/31/23' AND \"day\" <= '2026/02/01/01'"),
        (
            parts("y", "m", "d", **number(2)),
            "((\"y\" = '2026' AND \"m\" = '01' AND \"d\" = '31') OR "
            "(\"y\" = '2026' AND \"m\" = '02' AND \"d\" = '01'))",
        ),
        (
            parts("y", "m", "d", "h"),
            "((\"y\" = '2026' AND \"m\" IN ('01', '1') AND \"d\" = '31' AND \"h\" = '23') OR "
            "(\"y\" = '2026' AND \"m\" IN ('02', '2') AND \"d\" IN ('01', '1') AND \"h\" IN ('00', '0', '01', '1')))",
        ),
        (
            parts("y", "m", "d", sql_type="int"),
            '(("y" = 2026 AND "m" = 1 AND "d" = 31) OR ("y" = 2026 AND "m" = 2 AND "d" = 1))',
        ),
        (
            (Partition("date", "date", format="yyyy-MM-dd", sql_type="date"),),
            "\"date\" >= DATE '2026-01-31' AND \"date\" <= DATE '2026-02-01'",
        ),
        (
            (Partition("dt", "date", "date", format="dd-MM-yyyy"),),
            "\"dt\" IN ('31-01-2026', '01-02-2026')",
        ),
        (
            (Partition("dt", "date", "date", format="yyyyMMdd", sql_type="int"),),
            '"dt" >= 20260131 AND "dt" <= 20260201',
        ),
        (
            (Partition("dt", "date", "date", format="yyyy/MM/dd", interval=7),),
            "\"dt\" >= '2026/01/25' AND \"dt\" <= '2026/02/01'",
        ),
        ((Partition('it\'s "x"', "service"),), '"it\'s ""x""" = \'vpcflowlogs\''),
        ((), ""),
    ],
)
def test_predicates_are_constants(timed: tuple[Partition, ...], predicate: str) -> None:
    assert Table(("start", "end"), partitions=timed).partition_sql(WINDOW, Filters()) == predicate


def test_a_whole_year_is_told_by_few_constants() -> None:
    window = Window(datetime(2025, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, 5, tzinfo=UTC))
    table = Table(("start", "end"), partitions=parts("y", "m", "d", "h", **number(2)))
    assert len(table.partition_sql(window, Filters())) < 1000


def test_folders_aws_did_not_name_may_be_of_any_zone() -> None:
    table = Table(("start", "end"), partitions=SHAPES["slashes"][3], template="s3://b/firehose/${day}/")
    assert table.partition_sql(WINDOW, Filters()) == "\"day\" >= '2026/01/30' AND \"day\" <= '2026/02/02'"


def test_prefixes_end_where_a_value_is_not_known() -> None:
    timed = SHAPES["slashes"][3]
    table = Table(
        ("start", "end"), partitions=(Partition("account", "account"), *timed), template=f"{DEFAULT}${{day}}/"
    )
    assert table.prefixes(WINDOW, Filters()) == ("s3://logs/p/AWSLogs/",)
    assert table.prefixes(WINDOW, Filters(account=ACCOUNTS)) == (
        "s3://logs/p/AWSLogs/000000000012/vpcflowlogs/",
        "s3://logs/p/AWSLogs/123456789012/vpcflowlogs/",
    )


INJECTED = Table(
    ("start", "end"),
    name=("net", "logs"),
    partitions=(Partition("a", "account", "injected"), Partition("r", "region", "injected")),
)


def test_an_injected_partition_needs_its_option() -> None:
    with pytest.raises(UsageError) as raised:
        INJECTED.partition_sql(WINDOW, Filters(region=("us-east-1",)))
    assert str(raised.value) == (
        "every question of net.logs must say its account (the projection of a is injected)\n"
        "  hint: --account 123456789012"
    )
    with pytest.raises(UsageError, match="hint: --region us-east-1"):
        INJECTED.partition_sql(WINDOW, Filters(account=ACCOUNTS))
    assert INJECTED.partition_sql(WINDOW, Filters(account=ACCOUNTS, region=("us-east-1",))) == (
        "\"a\" IN ('000000000012', '123456789012') AND \"r\" = 'us-east-1'"
    )
    with pytest.raises(UsageError, match="at most 1000 values of a, not 1001"):
        INJECTED.partition_sql(WINDOW, Filters(account=tuple(f"{n:012}" for n in range(1001))))


def test_an_injected_partition_of_no_known_meaning() -> None:
    table = Table(("start", "end"), name=("net", "logs"), partitions=(Partition("team", "other", "injected"),))
    with pytest.raises(UsageError, match="must say the value of partition team"):
        table.partition_sql(WINDOW, Filters())


def test_a_format_that_cannot_be_read() -> None:
    table = Table(("start", "end"), partitions=(Partition("day", "date", "date", format="EEE"),))
    with pytest.raises(UsageError, match="the dates of partition day cannot be told"):
        table.partition_sql(WINDOW, Filters())


@pytest.mark.parametrize("kind", ["enum", "injected", "integer"])
def test_a_day_whose_projection_says_no_format(kind: PartitionType) -> None:
    with pytest.raises(UsageError, match=f"its projection is {kind}, which says no format") as failure:
        _ = Partition("day", "date", kind, values=("2026/11/22",)).pattern
    assert "projection.day.type has to be date" in str(failure.value.hint)
