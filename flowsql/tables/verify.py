"""Whether a table gives the right rows: its definition against the objects, then a question about the newest folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowsql.delivery import Delivery
from flowsql.errors import DamagedObject, EngineError, OverBudget
from flowsql.fields import column_type
from flowsql.layout import place
from flowsql.partitions import Partition
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.definition import GlueTable
from flowsql.tables.design import designs, make_table
from flowsql.units import human_bytes
from flowsql.window import Window

Ask = Callable[[str], list[dict[str, str | None]]]
"""Runs a SELECT over the table; its rows as text."""

Weigh = Callable[[Sequence[str], int], int]
"""The bytes below prefixes; it need not look further than at so many."""

MOST = 1_000_000_000
"""Bytes (half a cent) that proving a table may read."""

_HEADER = "skip.header.line.count"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    told: str
    """What was found."""
    property: str = ""
    """What to change, where it is not right."""
    right: str = ""
    """Its right value."""


def check_definition(table: Table, stored: GlueTable, found: Sequence[Delivery], now: datetime) -> Iterator[Check]:
    """The definition against what lies in S3; `found` are the deliveries below the table's location."""
    current = [delivery for delivery in found if delivery.current]
    yield _format(table, stored, current)
    yield _keys(table, found)
    yield from _places(table, current)
    yield _columns(table, current)
    yield from _ranges(table, found, now)


def check_rows(
    table: Table, found: Sequence[Delivery], ask: Ask, weigh: Weigh | None = None, most: int = MOST
) -> Iterator[Check]:
    """The rows of the newest folder: that there are some, that no column has shifted, how new they are.

    Raises OverBudget when that reads more than `most` bytes, as `weigh` tells: a LIMIT would bound rows, not bytes.
    """
    newest = max((delivery for delivery in found if delivery.newest), key=lambda item: item.newest or item.first)
    if newest.newest is None:
        return
    # The slots of the folder itself: what is filed later is in the next.
    window = Window(newest.newest, newest.newest + timedelta(seconds=1), timedelta(seconds=0))
    filters = Filters(account=(newest.account,), region=(newest.region,))
    predicate = table.partition_sql(window, filters)
    if weigh is not None and weigh(table.prefixes(window, filters), most) > most:
        whole = "" if predicate else "; without a partition of time every question reads all there is"
        raise OverBudget(
            f"a question about the newest folder would read more than {human_bytes(most)}; it was not asked",
            where=table.title,
            hint=f"--max-bytes allows more{whole}",
        )
    try:
        answered = ask(_question(table, predicate))
    except (EngineError, DamagedObject) as failure:
        damaged = isinstance(failure, DamagedObject)
        yield Check("rows", False, failure.message, "the types of the columns" if damaged else "")
        return
    row = answered[0] if answered else {"records": "0"}
    counts = {name: int(value or 0) for name, value in row.items() if name != "newest"}
    if not counts["records"]:
        told = f"no row comes back from {newest.folder} at {newest.newest:%Y-%m-%d %H}h"
        if _is_projected(table):
            yield Check("rows", False, told)
        else:
            yield Check("rows", False, told, "the listed partitions", "with that folder: ALTER TABLE … ADD PARTITION")
        return
    folder = f"hour, {newest.newest:%Y-%m-%d %H:00}" if newest.hourly else f"day, {newest.newest:%Y-%m-%d}"
    yield Check("rows", True, f"{counts['records']:,} in the newest {folder}")
    yield from _shifted(counts)
    seconds = row.get("newest")
    if seconds is not None:
        latest = datetime.fromtimestamp(int(float(seconds)), UTC)
        yield Check("newest record", True, f"ends {latest:%Y-%m-%d %H:%M:%S} UTC")


def _format(table: Table, stored: GlueTable, current: Sequence[Delivery]) -> Check:
    wrong = [delivery for delivery in current if delivery.file_format != table.file_format]
    if wrong:
        right = "STORED AS PARQUET" if table.file_format == "text" else "ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '"
        return Check("format", False, f"{wrong[0].example} is {wrong[0].file_format}", "the row format", right)
    if table.file_format == "parquet":
        return Check("format", True, "Parquet, as the objects are")
    delimiter = stored.serde_parameters.get("field.delim", stored.serde_parameters.get("separatorChar", " "))
    if "lazysimple" in stored.serde.lower() and delimiter != " ":
        return Check("format", False, f"fields end with {delimiter!r}", "FIELDS TERMINATED BY", "' '")
    if stored.parameters.get(_HEADER) != "1":
        told = f"{_HEADER} is {stored.parameters.get(_HEADER, 'not set')}, and every object begins with a header line"
        return Check("format", False, told, _HEADER, "1")
    return Check("format", True, "text with a header line, as the objects are")


def _keys(table: Table, found: Sequence[Delivery]) -> Check:
    """Whether the newest objects lie where the table looks for them."""
    for delivery in found:
        slot = place(delivery.example).slot
        if not delivery.current or slot is None:
            continue
        window = Window(slot, slot + timedelta(seconds=1), timedelta(seconds=0))
        known = Filters(account=(delivery.account,), region=(delivery.region,))
        if not delivery.example.startswith(table.prefixes(window, known)):
            return Check(
                "keys",
                False,
                f"{delivery.example} is in no folder of {table.template}",
                "storage.location.template" if _is_projected(table) else "the partitions' LOCATION",
                _right_template(table, delivery),
            )
    return Check("keys", True, "the newest objects lie where the table looks for them")


def _right_template(table: Table, delivery: Delivery) -> str:
    """The template of the delivery's keys with the table's own partition names."""
    (design,) = designs([delivery])
    right = make_table(design, ("", ""))
    template = right.template
    by_role = {partition.role: partition.name for partition in table.partitions}
    for partition in right.partitions:
        template = template.replace(f"${{{partition.name}}}", f"${{{by_role.get(partition.role, partition.name)}}}")
    return template


def _is_projected(table: Table) -> bool:
    return any(partition.type != "registered" for partition in table.partitions)


def _places(table: Table, current: Sequence[Delivery]) -> Iterator[Check]:
    """Accounts and regions that deliver, and the values the table knows."""
    seen = {
        "account": {delivery.account for delivery in current},
        "region": {delivery.region for delivery in current},
    }
    for partition in table.partitions:
        if partition.type != "enum" or partition.role not in seen:
            continue
        missing = sorted(seen[partition.role] - set(partition.values))
        blank = [value for value in partition.values if value != value.strip()]
        name = f"{partition.role}s"
        right = ",".join(sorted({*map(str.strip, partition.values), *missing}))
        if blank:
            told = f"blanks are part of the value {blank[0]!r}"
            yield Check(name, False, told, f"projection.{partition.name}.values", right)
        elif missing:
            told = f"{', '.join(missing[:_SHOWN])} delivers and is not read"
            yield Check(name, False, told, f"projection.{partition.name}.values", right)
        else:
            yield Check(name, True, ", ".join(partition.values))


def _columns(table: Table, current: Sequence[Delivery]) -> Check:
    """Text is read by position, so that one field more or less shifts all that follow."""
    for delivery in current if table.file_format == "text" else ():
        for number, column in enumerate(delivery.columns, 1):
            has = table.columns[number - 1] if number <= len(table.columns) else "none"
            if has != column:
                told = f"column {number} is {has}, and {delivery.flow_log} writes {column} there"
                return Check("columns", False, told, f"column {number}", f"{column} {_type(table, column)}")
    written = {column for delivery in current for column in delivery.columns}
    if table.file_format == "parquet" and (absent := sorted(set(table.columns) - written)):
        return Check("columns", True, f"{len(table.columns)}; not written, so NULL: {', '.join(absent[:_SHOWN])}")
    lacking = sorted(written - set(table.columns))
    more = f"; written and not read: {', '.join(lacking[:_SHOWN])}" if lacking else ""
    return Check("columns", True, f"{len(table.columns)} columns, as the objects have them{more}")


def _type(table: Table, column: str) -> str:
    return column_type(column, table.kind)


def _ranges(table: Table, found: Sequence[Delivery], now: datetime) -> Iterator[Check]:
    """Whether the projected dates hold the first object, and today."""
    first = min((delivery.first for delivery in found), default=now)
    for partition in table.partitions:
        if partition.range is None or partition.role not in ("date", "year"):
            continue
        name = f"projection.{partition.name}.range"
        begins, ends = partition.range
        if not _reaches(partition, ends, now):
            yield Check("range", False, f"ends at {ends}, before today", name, _right_range(partition, begins, now))
        elif _is_after(partition, begins, first):
            text = partition.texts(first)[0]
            told = f"begins at {begins}, after the first object ({text}): what is older is not read"
            yield Check("range", True, told, name, f"{text},{ends}")
        else:
            yield Check("range", True, f"{begins} to {ends} holds the first object and today")


def _right_range(partition: Partition, begins: str, now: datetime) -> str:
    return f"{begins},NOW" if partition.role == "date" else f"{begins},{now.year + 10}"


def _reaches(partition: Partition, ends: str, now: datetime) -> bool:
    if partition.role == "year":
        return ends.isdecimal() and int(ends) >= now.year
    if ends.upper().startswith("NOW"):
        return not ends.upper().replace(" ", "").startswith("NOW-")
    last = partition.pattern.parse(ends)
    return last is not None and last >= (partition.pattern.parse(partition.texts(now)[0]) or now)


def _is_after(partition: Partition, begins: str, first: datetime) -> bool:
    if partition.role == "year":
        return begins.isdecimal() and int(begins) > first.year
    start = partition.pattern.parse(begins)
    return start is not None and start > (partition.pattern.parse(partition.texts(first)[0]) or first)


def _question(table: Table, predicate: str) -> str:
    """One row of counts over the partitions of one folder."""
    counted = ["count(*) AS records", f"max({table.stored('end')}) AS newest"]
    tests = {"headers": ("account_id", "= 'account-id'"), "actions": ("action", "NOT IN ('ACCEPT', 'REJECT', '-')")}
    tests["statuses"] = ("log_status", "NOT IN ('OK', 'NODATA', 'SKIPDATA', '-')")
    for name, (column, test) in tests.items():
        if column in table.columns:
            counted.append(f"count_if(CAST({table.stored(column)} AS varchar) {test}) AS {name}")
    counted.append(f"count_if({table.stored('end')} IS NULL OR {table.stored('start')} IS NULL) AS timeless")
    counted.append(f"count_if({table.stored('end')} < {table.stored('start')}) AS backwards")
    where = f" WHERE {predicate}" if predicate else ""
    return f"SELECT {', '.join(counted)} FROM {table.qualified_name}{where}"


def _shifted(counts: dict[str, int]) -> Iterator[Check]:
    """What only a header read as a record, or columns in the wrong places, explain."""
    told = {
        "headers": ("header lines are read as records", _HEADER, "1"),
        "actions": ("records have an action that is none", "the columns", "in the order of the log format"),
        "statuses": ("records have a log-status that is none", "the columns", "in the order of the log format"),
        "backwards": ("records end before they start", "the columns", "in the order of the log format"),
        "timeless": ("records have no number as start or end", "the columns", "in the order of the log format"),
    }
    wrong = [name for name in told if counts.get(name)]
    for name in wrong:
        what, which, right = told[name]
        yield Check("values", False, f"{counts[name]:,} {what}", which, right)
    if not wrong:
        yield Check("values", True, "no column has shifted, and every type can be read")
