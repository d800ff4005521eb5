"""Partitions of a table: which of them can hold a window, as constants in SQL and as prefixes in S3.

AWS files a record by its `end` and somewhat later, so partitions are read from `floor(since)` to
`floor(until + aggregation interval + slack)` (VPC User Guide, "Flow log files").
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import product
from typing import Literal

from flowsql.dates import UNITS, DatePattern, Unit, date_pattern, floor, following, projected_end
from flowsql.errors import UsageError
from flowsql.layout import UNKNOWN
from flowsql.params import date_literal, identifier, integer_literal, text_literal
from flowsql.query import Filters
from flowsql.window import Window

Role = Literal["account", "region", "service", "date", "year", "month", "day", "hour", "other"]
PartitionType = Literal["enum", "integer", "date", "injected", "registered"]

SERVICE = "vpcflowlogs"
"""The only value of `aws-service` that holds flow logs."""

INTEGERS = frozenset(("tinyint", "smallint", "int", "integer", "bigint"))
"""The declared types that hold whole numbers."""

_PARTS: tuple[Unit, ...] = ("year", "month", "day", "hour")
_LONGEST: Mapping[Unit, timedelta] = {
    "year": timedelta(days=366),
    "month": timedelta(days=31),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
_MOST_INJECTED = 1000
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Partition:
    """One partition column, and how its values are known."""

    name: str
    role: Role
    """`date` is a whole date in one column; `year` … `hour` are its parts."""
    type: PartitionType = "registered"
    """The projection's type, or `registered` for partitions that are listed in Glue."""
    format: str = ""
    """Of a date: Java's pattern, such as `yyyy/MM/dd`."""
    digits: int | None = None
    """Of a number: its width with leading zeros; None as it comes."""
    values: tuple[str, ...] = ()
    """Of an enum, or known from the objects."""
    range: tuple[str, str] | None = None
    """First and last value; the last may be `NOW`."""
    interval: int = 1
    """Of a date: how many units lie between two values."""
    unit: Unit | None = None
    """Of a date: the unit of the interval; None is the finest of the format."""
    sql_type: str = "string"

    @cached_property
    def pattern(self) -> DatePattern:
        """The date pattern; raises UsageError for one that cannot be read, or that there is none."""
        if not self.format and self.type in ("enum", "injected", "integer"):
            raise UsageError(
                f"dates of partition {self.name} cannot be told: its projection is {self.type}, which says no format",
                hint=f"projection.{self.name}.type has to be date, with projection.{self.name}.format such as "
                f"yyyy/MM/dd and projection.{self.name}.range such as 2026/01/01,NOW",
            )
        try:
            return date_pattern(self.format)
        except ValueError as failure:
            raise UsageError(
                f"the dates of partition {self.name} cannot be told: {failure}",
                hint=f"projection.{self.name}.format is such as yyyy/MM/dd or yyyy/MM/dd/HH",
            ) from failure

    @property
    def grain(self) -> Unit | None:
        """The finest unit of time the column tells apart; None when it is not about time."""
        if self.role == "date":
            # No folder of flow logs is finer than an hour, and days lie between the values of a monthly interval.
            return self.pattern.unit if self.pattern.unit in _PARTS else self.step
        return next((unit for unit in _PARTS if unit == self.role), None)

    def texts(self, moment: datetime) -> tuple[str, ...]:
        """The values that stand for an instant: two where it is not known whether zeros lead."""
        if self.role == "date":
            return (self.pattern.render(moment),)
        number = str(getattr(moment, self.role))
        if self.digits is not None:
            return (number.zfill(self.digits),)
        if self.type == "integer":
            return (number,)
        return tuple(dict.fromkeys((number.zfill(2), number)))

    @property
    def projection(self) -> str:
        """What bounds it, as the table's properties say it: `projection.day.range is 2026/11/01,NOW`."""
        if self.values:
            return f"projection.{self.name}.values is {','.join(self.values)}"
        return f"projection.{self.name}.range is {','.join(self.range or ())}"

    @property
    def stepping(self) -> str:
        """How far apart its values are, as the table's properties say it: `projection.day.interval is 2 DAYS`."""
        unit = f" {self.step.upper()}S" if self.role == "date" else ""
        return f"projection.{self.name}.interval is {self.interval}{unit}"

    def projects(self, moment: datetime, now: datetime) -> bool:
        """Whether the projection of a column of time holds an instant; also where that cannot be told."""
        if self.type == "enum":
            return any(text in self.values for text in self.texts(moment))
        if self.range is None:
            return True
        if self.role != "date":
            ends = [int(end) for end in self.range if end.isdecimal()]
            return len(ends) < 2 or ends[0] <= int(getattr(moment, self.role)) <= ends[1]
        first, last = (projected_end(end, self.pattern, now) for end in self.range)
        if first is None or last is None:
            return True
        return first <= moment < following(last, _grain(self)) + self.between

    @property
    def step(self) -> Unit:
        """The unit of the interval."""
        return self.unit or (self.pattern.unit if self.role == "date" else _grain(self))

    @property
    def between(self) -> timedelta:
        """How long at most after the unit of one projected date the next begins."""
        if self.role != "date" or self.type != "date":
            return timedelta()
        return max(timedelta(), self.interval * _LONGEST[self.step] - _LONGEST[_grain(self)])

    def names(self, moment: datetime, now: datetime) -> bool:
        """Whether a projected value is that of an instant's own unit, and not of one some intervals before or after.

        Values are the range's beginning and what lies whole intervals after it; true also where that cannot be told.
        """
        if self.type not in ("date", "integer") or self.range is None:
            return True
        if self.role != "date":
            begins = self.range[0]
            return not begins.isdecimal() or (int(getattr(moment, self.role)) - int(begins)) % self.interval == 0
        first = projected_end(self.range[0], self.pattern, now)
        if first is None:
            return True
        unit, at = _grain(self), floor(moment, _grain(self))
        if self.step in ("year", "month"):
            every = self.interval * (12 if self.step == "year" else 1)
            months = (at.year - first.year) * 12 + at.month - first.month
            if unit == "year":
                return any((months + more) % every == 0 for more in range(12))
            day = min(first.day, monthrange(at.year, at.month)[1])
            return months % every == 0 and floor(first.replace(year=at.year, month=at.month, day=day), unit) == at
        span = self.interval * _LONGEST[self.step]
        after = (at - first) % span
        return not after or at + (span - after) < following(at, unit)

    def literal(self, text: str) -> str:
        """A value as a constant of the column's type."""
        if self.sql_type in INTEGERS:
            return integer_literal(int(text))
        if self.sql_type == "date":
            # The format is that of the folders; SQL compares dates.
            moment = self.pattern.parse(text) if self.role == "date" else None
            return date_literal(f"{moment:%Y-%m-%d}" if moment else text)
        return text_literal(text)


@dataclass(frozen=True, slots=True)
class Condition:
    """The values one column may have: these, or with `is_range` all from the first to the last."""

    partition: Partition
    texts: tuple[str, ...]
    is_range: bool = False

    def admits(self, text: str) -> bool:
        """Whether a value of the column fits."""
        if self.partition.sql_type in INTEGERS and text.isdecimal():
            return int(text) in map(int, self.texts)
        return self.texts[0] <= text <= self.texts[-1] if self.is_range else text in self.texts

    def sql(self) -> str:
        """As Athena SQL, constants only."""
        column = identifier(self.partition.name)
        # As integers '05' and '5' are one value.
        literals = tuple(dict.fromkeys(map(self.partition.literal, self.texts)))
        if len(literals) == 1:
            return f"{column} = {literals[0]}"
        if self.is_range:
            return f"{column} >= {literals[0]} AND {column} <= {literals[-1]}"
        return f"{column} IN ({', '.join(literals)})"

    def listed(self) -> str:
        """As the expression that Glue's GetPartitions takes."""
        quote = str if self.partition.sql_type in INTEGERS else text_literal
        literals = tuple(dict.fromkeys(quote(text) for text in map(self._plain, self.texts)))
        if self.is_range and len(literals) > 1:
            return f"{self.partition.name} >= {literals[0]} AND {self.partition.name} <= {literals[-1]}"
        return f"{self.partition.name} IN ({', '.join(literals)})"

    def _plain(self, text: str) -> str:
        return str(int(text)) if self.partition.sql_type in INTEGERS else text


Term = tuple[Condition, ...]
"""Conditions that hold together."""


def partition_terms(partitions: Sequence[Partition], window: Window, margin: timedelta) -> list[Term]:
    """The partitions that can hold the window's records: any one term's conditions, all of them.

    `margin` widens the window on both sides. Without a partition of time there is one term without conditions.
    """
    levels = time_levels(partitions)
    since, until = window.since - margin, window.filed_until + margin
    if levels:
        finest = _grain(levels[-1])
        since = floor(floor(since, finest) - levels[0].between, finest)
        until = until if floor(until, finest) == until else following(floor(until, finest), finest)
    return list(_covering(levels, since, until))


def moments(partitions: Sequence[Partition], window: Window) -> tuple[datetime, ...]:
    """The first instants of the finest units of time that can hold the window's records; none without such columns."""
    levels = time_levels(partitions)
    found: list[datetime] = []
    if levels:
        moment = floor(window.since, _grain(levels[-1]))
        while moment < window.filed_until:
            found.append(moment)
            moment = following(moment, _grain(levels[-1]))
    return tuple(found)


def at(partitions: Sequence[Partition], moment: datetime) -> Term:
    """The partition of one instant, as far as time goes."""
    return tuple(Condition(level, level.texts(moment)) for level in time_levels(partitions))


def fixed_conditions(partitions: Sequence[Partition], filters: Filters, table: str) -> Term:
    """What accounts, regions and the service are narrowed to.

    Raises UsageError where a partition is injected and nothing says its value.
    """
    found = []
    for partition in partitions:
        match partition.role:
            case "account":
                texts, option = _accounts(partition, filters), "--account"
            case "region":
                texts, option = filters.region, "--region"
            case "service":
                texts, option = (SERVICE,), ""
            case _:
                texts, option = (), ""
        if partition.type == "injected" and partition.grain is None:
            _check_injected(partition, texts, option, table)
        if texts:
            found.append(Condition(partition, texts))
    return tuple(found)


def _accounts(partition: Partition, filters: Filters) -> tuple[str, ...]:
    """The accounts a partition column is narrowed to: records of account `unknown` are filed under any."""
    filed = tuple(account for account in filters.account if account != UNKNOWN)
    return filed if filed == filters.account or partition.type == "injected" else ()


def prefixes(template: str, terms: Sequence[Term], fixed: Term, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The prefixes in S3 that the terms stand for, each once; one ends where a value is not known.

    `known` gives the values of columns without a condition.
    """
    seen: dict[str, None] = {}
    for term in terms:
        values = dict(known)
        for condition in (*fixed, *term):
            values[condition.partition.name] = tuple(_single(condition))
        names = [name for name in _PLACEHOLDER.findall(template) if name in values]
        for chosen in product(*(values[name] for name in dict.fromkeys(names))):
            seen.setdefault(_filled(template, dict(zip(dict.fromkeys(names), chosen, strict=True))))
    yield from seen


def _check_injected(partition: Partition, texts: tuple[str, ...], option: str, table: str) -> None:
    if not option:
        raise UsageError(
            f"every question of {table} must say the value of partition {partition.name} (its projection is injected)",
            hint=f"make projection.{partition.name}.type an enum: `flowsql table ddl` writes a definition that does",
        )
    if not texts:
        raise UsageError(
            f"every question of {table} must say its {partition.role} (the projection of {partition.name} is injected)",
            hint=f"{option} {'123456789012' if partition.role == 'account' else 'us-east-1'}",
        )
    if len(texts) > _MOST_INJECTED:
        raise UsageError(f"Athena takes at most {_MOST_INJECTED} values of {partition.name}, not {len(texts)}")


def time_levels(partitions: Sequence[Partition]) -> list[Partition]:
    """The partitions of time from coarse to fine, up to the first gap: a day without its month tells nothing."""
    dated = [partition for partition in partitions if partition.role == "date"]
    levels = sorted(dated, key=lambda partition: UNITS.index(_grain(partition)))[-1:]
    by_role: dict[str, Partition] = {partition.role: partition for partition in partitions}
    start = UNITS.index(_grain(levels[0])) + 1 if levels else 0
    for unit in UNITS[start:]:
        part = by_role.get(unit)
        if part is None:
            break
        levels.append(part)
    return levels


def _grain(partition: Partition) -> Unit:
    return partition.grain or "day"


def _covering(levels: Sequence[Partition], since: datetime, until: datetime) -> Iterator[Term]:
    """The terms of `[since, until)`, whole units of the finest level: what one covers in part, the finer ones tell."""
    if not levels:
        yield ()
        return
    level, finer = levels[0], levels[1:]
    unit = _grain(level)
    whole: list[datetime] = []
    at = floor(since, unit)
    while at < until:
        end = following(at, unit)
        if finer and (at < since or end > until):
            yield from _joined(level, whole)
            whole = []
            for term in _covering(finer, max(at, since), min(end, until)):
                yield (Condition(level, level.texts(at)), *term)
        else:
            whole.append(at)
        at = end
    yield from _joined(level, whole)


def _joined(level: Partition, moments: Sequence[datetime]) -> Iterator[Term]:
    """One term for units that are covered wholly."""
    if not moments:
        return
    if level.role == "date" and level.pattern.is_ordered:
        ends = (moments[0], moments[-1]) if len(moments) > 1 else (moments[0],)
        yield (Condition(level, tuple(level.texts(moment)[0] for moment in ends), is_range=True),)
        return
    yield (Condition(level, tuple(dict.fromkeys(text for moment in moments for text in level.texts(moment)))),)


def _single(condition: Condition) -> Iterator[str]:
    """Each value a condition allows."""
    partition = condition.partition
    if not condition.is_range or len(condition.texts) == 1:
        yield from condition.texts
        return
    at, last = map(partition.pattern.parse, condition.texts)
    while at is not None and last is not None and at <= last:
        yield partition.texts(at)[0]
        at = following(at, _grain(partition))


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with values in place, up to the first that is missing."""
    made, at = "", 0
    for found in _PLACEHOLDER.finditer(template):
        made += template[at : found.start()]
        at = found.end()
        if found[1] not in values:
            return made
        made += values[found[1]]
    return made + template[at:]


def predicate_sql(fixed: Term, terms: Sequence[Term]) -> str:
    """The conditions as one Athena SQL predicate; empty when there are none."""
    alternatives = [" AND ".join(condition.sql() for condition in term) for term in terms if term]
    parts = [condition.sql() for condition in fixed]
    if len(alternatives) == 1:
        parts.append(alternatives[0])
    elif alternatives and len(alternatives) == len(terms):
        parts.append(f"({' OR '.join(f'({text})' for text in alternatives)})")
    return " AND ".join(parts)
