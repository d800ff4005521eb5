"""Whether a table's definition fits what lies in S3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flowsql.delivery import Delivery
from flowsql.fields import column_type, known
from flowsql.layout import place
from flowsql.partitions import Partition
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.definition import GlueTable
from flowsql.tables.registered import Registered, right_location
from flowsql.tables.storing import holds
from flowsql.window import Window

HEADER = "skip.header.line.count"
"""The property of a table over text whose objects begin with a line of names."""

_ENABLED = "projection.enabled"
_TEMPLATE = "storage.location.template"
_FORMATS = (
    "yyyy/MM/dd",
    "yyyy/MM/dd/HH",
    "'year='yyyy'/month='MM'/day='dd",
    "'year='yyyy'/month='MM'/day='dd'/hour='HH",
)
"""What dates look like in the keys of flow logs."""

_WHOLE = {"month": (1, 12), "day": (1, 31), "hour": (0, 23)}
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


def check_definition(
    table: Table,
    stored: GlueTable,
    found: Sequence[Delivery],
    now: datetime,
    listed: Sequence[Registered] | None = None,
) -> Iterator[Check]:
    """The definition against what lies in S3.

    `found` are the deliveries below the table's location, `listed` the partitions in the catalogue, None when unknown.
    """
    current = [delivery for delivery in found if delivery.current]
    yield _format(table, stored, current)
    yield from _partitions(table, stored, listed)
    yield _keys(table, found)
    yield from _places(table, current)
    by_position = stored.serde_parameters.get("parquet.column.index.access", "").lower() == "true"
    yield _columns(table, current, by_position)
    yield from _types(table)
    yield from _ranges(table, found, now)
    yield from _parts(table)


def _partitions(table: Table, stored: GlueTable, listed: Sequence[Registered] | None) -> Iterator[Check]:
    """That there are some, that they are switched on, and that each listed one reads the folder of its time."""
    if not table.partitions:
        yield Check("partitions", True, "none, so that every question reads the whole table and pays for it")
    projects = any(key.lower().startswith("projection.") and key != _ENABLED for key in stored.parameters)
    if projects and not stored.projected and not listed:
        told = f"{_ENABLED} is {stored.parameters.get(_ENABLED, 'not set')}, so that no partition is projected"
        yield Check("partitions", False, told, _ENABLED, "true")
    wrong = [(item, right) for item in listed or () if (right := right_location(table.partitions, item))]
    for item, right in wrong[:_SHOWN]:
        named = ", ".join(
            f"{key} = {value}" for (key, _), value in zip(stored.partition_keys, item.values, strict=False)
        )
        yield Check("partitions", False, f"{named} reads {item.location}", "its LOCATION", right)
    if listed and not wrong and not table.is_projected:
        yield Check("partitions", True, f"{len(listed):,} listed, each at the folder of its time")


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
    if stored.parameters.get(HEADER) != "1":
        told = f"{HEADER} is {stored.parameters.get(HEADER, 'not set')}, and every object begins with a header line"
        return Check("format", False, told, HEADER, "1")
    return Check("format", True, "text with a header line, as the objects are")


def _keys(table: Table, found: Sequence[Delivery]) -> Check:
    """Whether the newest objects lie where the table looks for them."""
    absent = [partition.name for partition in table.partitions if f"${{{partition.name}}}" not in table.template]
    for delivery in found:
        if not delivery.current or place(delivery.example).slot is None:
            continue
        if table.is_projected and absent:
            told = f"the template {table.template} has no {', '.join(f'${{{name}}}' for name in absent)}"
            return Check("keys", False, told, _TEMPLATE, _right_template(table, delivery))
        if not _is_found(table, delivery):
            told = f"{delivery.example} is in no folder of {table.template}"
            if not table.is_projected:
                return Check("keys", False, told, "the partitions' LOCATION", _right_template(table, delivery))
            for partition in table.partitions:
                if form := _right_format(table, partition, delivery):
                    return Check("keys", False, told, f"projection.{partition.name}.format", form)
            return Check("keys", False, told, _TEMPLATE, _right_template(table, delivery))
    return Check("keys", True, "the newest objects lie where the table looks for them")


def _is_found(table: Table, delivery: Delivery) -> bool:
    slot = place(delivery.example).slot
    if slot is None:
        return True
    window = Window(slot, slot + timedelta(seconds=1), timedelta(seconds=0))
    known = Filters(account=(delivery.account,), region=(delivery.region,))
    return delivery.example.startswith(table.prefixes(window, known))


def _right_format(table: Table, partition: Partition, delivery: Delivery) -> str:
    """The format of a date with which the objects lie where the template says; empty for none."""
    for form in _FORMATS if partition.role == "date" else ():
        changed = replace(partition, format=form, unit=None)
        others = tuple(changed if each is partition else each for each in table.partitions)
        if _is_found(replace(table, partitions=others), delivery):
            return form
    return ""


def _right_template(table: Table, delivery: Delivery) -> str:
    """The template of the delivery's keys, with the partitions that the table has."""
    by_role = {partition.role: f"${{{partition.name}}}" for partition in table.partitions}
    here = {delivery.account: by_role.get("account"), delivery.region: by_role.get("region")}
    parts = []
    for part in delivery.folder.rstrip("/").split("/"):
        key, equals, value = part.rpartition("=")
        parts.append(f"{key}{equals}{here.get(value) or value}")
    if "date" in by_role:
        parts.append(by_role["date"])
    for role in ("year", "month", "day", "hour"):
        if role in by_role and not ("date" in by_role and role != "hour"):
            parts.append(f"{role}={by_role[role]}" if delivery.style == "hive" else by_role[role])
    return f"{'/'.join(parts)}/"


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


def _columns(table: Table, current: Sequence[Delivery], by_position: bool) -> Check:
    """Text is read by position, so that one field more or less shifts all that follow; Parquet by name."""
    for delivery in current if table.file_format == "text" else ():
        for number, column in enumerate(delivery.columns, 1):
            has = table.columns[number - 1] if number <= len(table.columns) else "none"
            if has != column:
                told = f"column {number} is {has}, and {delivery.flow_log} writes {column} there"
                return Check("columns", False, told, f"column {number}", f"{column} {_type(table, column)}")
    written = {column for delivery in current for column in delivery.columns}
    for column, stored in table.renamed.items() if table.file_format == "parquet" and not by_position else ():
        if column in written and stored not in written:
            told = f"column {stored} is {column} in the objects, and Parquet is read by name, so it is NULL"
            return Check("columns", False, told, f"column {stored}", f"{column} {_type(table, column)}")
    if table.file_format == "parquet" and (absent := sorted(set(table.columns) - written)):
        return Check("columns", True, f"{len(table.columns)}; not written, so NULL: {_some(absent)}")
    lacking = sorted(written - set(table.columns))
    more = f"; written and not read: {_some(lacking)}" if lacking else ""
    return Check("columns", True, f"{len(table.columns)} columns, as the objects have them{more}")


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many there are besides."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _types(table: Table) -> Iterator[Check]:
    """Whether each declared type holds its field's values: what one does not is read as NULL."""
    wrong = False
    for column in table.columns:
        have = table.types.get(column, column_type(column, table.kind))
        if known(column, table.kind) is not None and not holds(column, have, table.kind, table.file_format):
            wrong = True
            stored = table.renamed.get(column, column)
            told = f"column {stored} is {have}, which does not hold all values of {column.replace('_', '-')}"
            yield Check("types", False, told, f"column {stored}", _type(table, column))
    if not wrong:
        yield Check("types", True, "each holds the values of its field")


def _parts(table: Table) -> Iterator[Check]:
    """Whether projected months, days and hours are all there, and written as in folders: with two digits."""
    for partition in table.partitions:
        whole = _WHOLE.get(partition.role)
        key = f"projection.{partition.name}"
        if whole is None or partition.type not in ("integer", "enum"):
            continue
        if partition.type == "enum":
            right = ",".join(f"{number:02}" for number in range(whole[0], whole[1] + 1))
            if set(right.split(",")) - set(partition.values):
                told = f"{partition.name} is one of {','.join(partition.values)}, and folders are named {right[:8]}…"
                yield Check("range", False, told, f"{key}.values", right)
            continue
        if partition.digits != 2:
            told = f"{partition.name} is projected as {'5' if partition.digits is None else f'{5:0{partition.digits}}'}"
            yield Check("digits", False, f"{told}, and folders are named 05", f"{key}.digits", "2")
        if partition.interval > 1:
            told = f"{partition.stepping}, and every {partition.role} has a folder: the others are not read"
            yield Check("interval", False, told, f"{key}.interval", "1")
        ends = [int(end) for end in partition.range or () if end.strip().isdecimal()]
        if len(ends) == 2 and (ends[0] > whole[0] or ends[1] < whole[1]):
            told = f"{partition.name} is only {','.join(partition.range or ())}"
            yield Check("range", False, told, f"{key}.range", f"{whole[0]:02},{whole[1]:02}")


def _type(table: Table, column: str) -> str:
    return column_type(column, table.kind)


def _ranges(table: Table, found: Sequence[Delivery], now: datetime) -> Iterator[Check]:
    """Whether the projected dates hold the first object, and today."""
    first = min((delivery.first for delivery in found), default=now)
    for partition in table.partitions:
        if partition.type == "date" and partition.unit is None and partition.pattern.unit != "day":
            unit, key = partition.pattern.unit, f"projection.{partition.name}.interval"
            told = f"{partition.format} tells {unit}s apart, and no interval is set"
            yield Check("interval", False, told, f"{key} and {key}.unit", f"1 and {unit.upper()}S")
        elif partition.between:
            told = f"{partition.stepping}, and every {partition.grain} has a folder: the others are not read"
            which = f"projection.{partition.name}.interval"
            # A week is read as seven days.
            same = partition.step == partition.grain and partition.interval % 7 != 0
            right = "1" if same else f"1 and {(partition.grain or 'day').upper()}S"
            yield Check("interval", False, told, which if same else f"{which} and {which}.unit", right)
        if partition.range is None or partition.role not in ("date", "year"):
            continue
        name = f"projection.{partition.name}.range"
        begins, ends = partition.range
        other = [end for end in partition.range if partition.role == "date" and not _is_readable(partition, end)]
        if other:
            right = ",".join(partition.texts(first)[0] if end in other else end for end in partition.range)
            yield Check("range", False, f"{other[0]} is not written as {partition.format}", name, right)
        elif not _reaches(partition, ends, now):
            yield Check("range", False, f"ends at {ends}, before today", name, _right_range(partition, begins, now))
        elif _is_after(partition, begins, first):
            text = partition.texts(first)[0]
            told = f"begins at {begins}, after the first object ({text}): what is older is not read"
            yield Check("range", True, told, name, f"{text},{ends}")
        else:
            yield Check("range", True, f"{begins} to {ends} holds the first object and today")


def _is_readable(partition: Partition, end: str) -> bool:
    return end.upper().startswith("NOW") or partition.pattern.parse(end) is not None


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
