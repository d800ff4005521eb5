"""Whether a table gives the right rows: one question about its newest folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flowsql.dates import Unit, floor, following
from flowsql.delivery import Delivery
from flowsql.errors import DamagedObject, EngineError, OverBudget, QueryError
from flowsql.layout import day_prefixes
from flowsql.params import integer_literal
from flowsql.partitions import SERVICE, time_levels
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.ddl import add_partitions
from flowsql.tables.definition import GlueTable
from flowsql.tables.reach import reach, strangers
from flowsql.tables.registered import Registered
from flowsql.tables.verify import HEADER, Check, check_definition
from flowsql.units import human_bytes
from flowsql.window import AGGREGATION, DELIVERY, Window

Ask = Callable[[str], list[dict[str, str | None]]]
"""Runs a SELECT over the table; its rows as text."""

Weigh = Callable[[Sequence[str], int], int]
"""The bytes below prefixes; it need not look further than at so many."""

MOST = 1_000_000_000
"""Bytes (half a cent) that proving a table may read."""

_ORDER = ("the columns", "in the order of the log format")


def prove(
    table: Table,
    stored: GlueTable,
    found: Sequence[Delivery],
    listed: Sequence[Registered] | None,
    ask: Ask,
    weigh: Weigh,
    most: int,
) -> Iterator[Check]:
    """Everything about a table: its definition, then its rows, as far as the definition lets them be read.

    Raises OverBudget as `check_rows` does.
    """
    now = datetime.now(UTC)
    checks = list(check_definition(table, stored, found, now, listed))
    if not table.is_projected and listed is not None:
        checks += _unlisted(table, found, listed, now)
    yield from checks
    wrong = {check.name for check in checks if not check.ok}
    if any(delivery.current and delivery.file_format != table.file_format for delivery in found):
        return  # Bytes of one format read as another tell nothing more.
    for check in check_rows(table, found, ask, weigh, most):
        if check.name == "values" and wrong & {"columns", "types"}:
            continue  # It is said already what is wrong with them.
        if check.name == "times" and "interval" in wrong:
            continue  # What another interval leaves out is said already.
        if check.name == "rows" and "partitions" in wrong:
            check = replace(check, property="", right="")
        yield check


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
        answered = ask(_question(table, predicate, newest.newest))
    except (EngineError, DamagedObject, QueryError) as failure:
        damaged = isinstance(failure, DamagedObject)
        types = ("the types of the columns", "as `flowsql table ddl` writes them") if damaged else ("", "")
        yield Check("rows", False, failure.message, *types)
        return
    row = answered[0] if answered else {"records": "0"}
    counts = {name: int(value or 0) for name, value in row.items() if name != "newest"}
    if not counts["records"]:
        told = f"no row comes back from {newest.folder} at {newest.newest:%Y-%m-%d %H}h"
        if table.is_projected or not table.partitions:
            yield Check("rows", False, told)
        else:
            yield Check("rows", False, told, "the folder", f"a partition: {_added(table, newest, newest.newest)}")
        return
    grain = _grain(table)
    folder = f"{newest.newest:%Y-%m-%d %H:00}" if grain == "hour" else f"{newest.newest:%Y-%m-%d}"
    kept = f"in the newest {grain}, {folder}" if grain else "in the table"
    # What is asked is one folder's: a table of several accounts holds more of that day.
    placed = any(partition.role in ("account", "region") for partition in table.partitions)
    of = f", of {newest.account} in {newest.region}" if placed else ""
    yield Check("rows", True, f"{counts['records']:,} {kept}{of}")
    yield from _shifted(counts)
    yield from _strays(table, counts, folder)
    seconds = row.get("newest")
    if seconds is not None:
        latest = datetime.fromtimestamp(int(float(seconds)), UTC)
        yield Check("newest record", True, f"ends {latest:%Y-%m-%d %H:%M:%S} UTC")


def _unlisted(table: Table, found: Sequence[Delivery], listed: Sequence[Registered], now: datetime) -> Iterator[Check]:
    """The newest folder of each account and region that no listed partition reads."""
    told: set[str] = set()
    for delivery in found:
        newest = delivery.newest
        if newest is None or not delivery.current or delivery.folder in told:
            continue
        window = Window(newest, newest + timedelta(seconds=1), timedelta(seconds=0))
        places = Filters(account=(delivery.account,), region=(delivery.region,))
        reached = reach(table, window, places, now, lambda *_: listed)
        if any(gap.moments for gap in reached.gaps) or any(strangers(reached, (delivery.folder,), window)):
            told.add(delivery.folder)
            lacking = f"none is registered for {newest:%Y-%m-%d} in {delivery.folder}"
            yield Check("partitions", False, lacking, "the folder", f"a partition: {_added(table, delivery, newest)}")


def _added(table: Table, delivery: Delivery, moment: datetime) -> str:
    """The statement that registers a folder, on one line."""
    known = {"account": delivery.account, "region": delivery.region, "service": SERVICE}
    values = {
        partition.name: known.get(partition.role) or (partition.texts(moment)[0] if partition.grain else "…")
        for partition in table.partitions
    }
    folder = (day_prefixes(delivery.folder, Window(moment, moment + timedelta(seconds=1))) or [delivery.folder])[0]
    if delivery.hourly and _grain(table) == "hour":
        folder += f"{moment:hour=%H/}" if delivery.style == "hive" else f"{moment:%H/}"
    return " ".join(next(add_partitions(table, [(values, folder)])).split())


def _question(table: Table, predicate: str, newest: datetime) -> str:
    """One row of counts over the partitions of one folder."""
    start, end = table.value("start"), table.value("end")
    counted = ["count(*) AS records", f"max({end}) AS newest"]
    tests = {"actions": ("action", "NOT IN ('ACCEPT', 'REJECT', '-')")}
    tests["statuses"] = ("log_status", "NOT IN ('OK', 'NODATA', 'SKIPDATA', '-')")
    # A header line that is read as a record is wrong in every column, and told once.
    header = _header(table)
    record = f"NOT ({header}) AND " if header else ""
    if header:
        counted.append(f"count_if({header}) AS headers")
    for name, (column, test) in tests.items():
        if column in table.columns:
            counted.append(f"count_if({record}CAST({table.stored(column)} AS varchar) {test}) AS {name}")
    counted.append(f"count_if({record}({end} IS NULL OR {start} IS NULL)) AS timeless")
    counted.append(f"count_if({end} < {start}) AS backwards")
    if unit := _grain(table):
        late = AGGREGATION + DELIVERY
        first, last = floor(newest, unit) - late, following(floor(newest, unit), unit) + late
        outside = (
            f"{end} < {integer_literal(int(first.timestamp()))} OR {end} >= {integer_literal(int(last.timestamp()))}"
        )
        counted.append(f"count_if({outside}) AS strays")
    where = f" WHERE {predicate}" if predicate else ""
    return f"SELECT {', '.join(counted)} FROM {table.qualified_name}{where}"


def _header(table: Table) -> str:
    """The condition of a header line, by any column of text that is named after its field in it."""
    for column in ("account_id", "interface_id", "srcaddr", "action", "log_status", "tgw_id"):
        if column in table.columns and table.types.get(column, "string") == "string":
            name = column.replace("_", "-")
            return f"COALESCE({table.stored(column)} = '{name}', false)"
    return ""


def _grain(table: Table) -> Unit | None:
    """The finest unit of time that the partitions tell apart."""
    levels = time_levels(table.partitions)
    return levels[-1].grain if levels else None


def _shifted(counts: dict[str, int]) -> Iterator[Check]:
    """What only a header read as a record, or columns in the wrong places, explain."""
    told = {
        "headers": ("header line is read as a record", "header lines are read as records", HEADER, "1"),
        "actions": ("record has an action that is none", "records have an action that is none", *_ORDER),
        "statuses": ("record has a log-status that is none", "records have a log-status that is none", *_ORDER),
        "backwards": ("record ends before it starts", "records end before they start", *_ORDER),
        "timeless": ("record has no number as start or end", "records have no number as start or end", *_ORDER),
    }
    wrong = [name for name in told if counts.get(name)]
    for name in wrong:
        one, many, which, right = told[name]
        yield Check("values", False, f"{counts[name]:,} {one if counts[name] == 1 else many}", which, right)
    if not wrong:
        yield Check("values", True, "the records' own marks stand in their columns")


def _strays(table: Table, counts: dict[str, int], folder: str) -> Iterator[Check]:
    """Records of another time than their partition's: some are late, most are in the wrong folder."""
    strays = counts.get("strays", 0)
    if 2 * strays > counts["records"]:
        told = f"{strays:,} of {counts['records']:,} records in the partition of {folder} are of another time"
        which = "storage.location.template" if table.is_projected else "the partition's LOCATION"
        yield Check("times", False, told, which, f"the folder of {folder}")
