"""The partition columns that tell time, and the time a hull of their values leaves."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from flowsql.checks.bounds.hull import Constant, Hull
from flowsql.dates import DatePattern, date_pattern
from flowsql.errors import UsageError
from flowsql.partitions import INTEGERS, Partition

LONGEST = timedelta(days=3660)
"""A longer range bounds nothing: the longest window flowsql takes."""

_YEARS = range(1970, 2500)
_GUESSED = ("yyyy/MM/dd/HH", "yyyy-MM-dd-HH", "yyyy-MM-dd HH", "yyyyMMddHH")
_DAILY = ("yyyy/MM/dd", "yyyy-MM-dd", "yyyyMMdd")
_WHOLE_DATES = ("day", "date", "dt", "hour", "datehour", "event_date", "partition_date", "log_date", "ds")
_ISO = date_pattern("yyyy-MM-dd")

Range = tuple[datetime, datetime]


@dataclass(frozen=True)
class TimeKey:
    """One partition column whose bounds bound the scan in time: a whole date, or the year."""

    name: str
    patterns: tuple[DatePattern, ...]
    """How its values are written; several where the table is not known."""
    sql_type: str = "string"
    finer: tuple[str, ...] = ()
    """Columns that tell parts of a year (or day) and bound nothing without this one."""
    is_guessed: bool = False
    """Whether the table, and so how its values are written, is not known."""

    @property
    def shown(self) -> str:
        """How a value is written, for a person."""
        return "a date" if self.sql_type == "date" else self.patterns[0].pattern

    def range(self, hull: Hull) -> Range | None:
        """The finite time the hull stands for; None when one side is open or nothing can be told."""
        if hull.values is not None:
            spans = [span for value in hull.values if (span := self.span(value))]
            if not spans:
                known = not hull.values or not self.is_guessed
                return _EMPTY if known else None  # no partition has such a name
            return _limited(min(first for first, _ in spans), max(last for _, last in spans))
        first, last = self.start(hull), self.end(hull)
        return None if first is None or last is None else _limited(first, last)

    def start(self, hull: Hull) -> datetime | None:
        """The first instant of an interval's lower bound."""
        span = self._bound(hull.low)
        return span[0] if span else None

    def end(self, hull: Hull) -> datetime | None:
        """The last instant of an interval's upper bound."""
        span = self._bound(hull.high)
        return span[1] if span else None

    def _bound(self, value: Constant | None) -> Range | None:
        return self.span(value) if value is not None and all(one.is_ordered for one in self.patterns) else None

    def span(self, value: Constant) -> Range | None:
        """The time a value stands for; of a text as much as its beginning tells, at least the year."""
        if isinstance(value, datetime | date):
            if value.year not in _YEARS:
                return None
            first = datetime(value.year, value.month, value.day, tzinfo=UTC)
            return first, first + timedelta(days=1)
        if isinstance(value, int):
            return _year(value) if self.sql_type in INTEGERS else None
        return next((span for one in self.patterns if (span := _beginning(one, value))), None)

    def fits(self, value: Constant) -> bool:
        """Whether a constant is written as the column's values are, or as their beginning."""
        if not isinstance(value, str) or self.sql_type != "string":
            return True
        return bool(self.ways(value))

    def ways(self, value: str) -> frozenset[str]:
        """The patterns that a text is written by, or begins by."""
        return frozenset(one.pattern for one in self.patterns if _is_beginning(one, value))

    def is_no_day(self, value: str, *, exact: bool) -> bool:
        """Whether a text is written as a date and there is no such day; a bound (not `exact`) may be a day 31."""
        written = [one for one in self.patterns if _is_beginning(one, value)]
        return bool(written) and not any(_is_date(_numbers(one, value, exact)) for one in written)

    def as_written(self, values: Iterable[Constant]) -> "TimeKey":
        """A guessed key as its author's constants are written: a whole date's pattern, a year's type."""
        if not self.is_guessed:
            return self
        told = list(values)
        if self.name == "year":
            return replace(self, sql_type="int" if any(isinstance(value, int) for value in told) else "string")
        texts = [value for value in told if isinstance(value, str)]
        if told and not texts and all(isinstance(value, date) for value in told):
            return replace(self, sql_type="date", patterns=(_ISO,))
        usual = [date_pattern(text) for text in (*_DAILY, *_GUESSED)]
        whole = [one for one in usual if any(one.parse(text) for text in texts)]
        begun = [one for one in usual if any(_is_beginning(one, text[:5]) for text in texts)]
        plain = date_pattern(_GUESSED[0] if "hour" in self.name else _DAILY[0])
        return replace(self, patterns=((whole or begun or [plain])[0],))

    def example(self, moment: datetime) -> str:
        """The column's value for an instant."""
        return self.patterns[0].render(moment)


_EMPTY = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))


def time_keys(partitions: Sequence[Partition]) -> tuple[TimeKey, ...]:
    """The keys of a table: its whole dates, or its year."""
    names = {partition.name for partition in partitions if partition.role in ("month", "day", "hour")}
    keys = []
    for partition in partitions:
        if partition.role == "date":
            keys.append(TimeKey(partition.name, (_pattern(partition),), partition.sql_type, tuple(sorted(names))))
        elif partition.role == "year":
            keys.append(TimeKey(partition.name, (date_pattern("yyyy"),), partition.sql_type, tuple(sorted(names))))
    return tuple(keys)


def guessed_keys() -> tuple[TimeKey, ...]:
    """The keys of a table that is not known: the usual names, in any usual format."""
    patterns = tuple(date_pattern(text) for text in _GUESSED)
    dates = [TimeKey(name, patterns, is_guessed=True) for name in _WHOLE_DATES]
    return TimeKey("year", (date_pattern("yyyy"),), "int", ("month", "day", "hour"), is_guessed=True), *dates


def _pattern(partition: Partition) -> DatePattern:
    if partition.sql_type == "date" or not partition.format:
        return _ISO
    try:
        return partition.pattern
    except UsageError:
        return _ISO


def _limited(first: datetime, last: datetime) -> Range | None:
    return (first, last) if last - first <= LONGEST else None


def _year(year: int) -> Range | None:
    return (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)) if year in _YEARS else None


def _beginning(pattern: DatePattern, text: str) -> Range | None:
    """The time that the longest valid beginning of a text stands for."""
    numbers: dict[str, int] = {}
    for piece in pattern.pieces:
        if piece.unit is None:
            if not text.startswith(piece.text):
                break
            text = text[len(piece.text) :]
            continue
        width = len(piece.text)
        found = re.match(rf"[0-9]{{{width}}}", text)
        if not found or not _is_date({**numbers, piece.unit: int(found[0])}):
            break
        numbers[piece.unit] = int(found[0])
        text = text[width:]
    return _span(numbers) if numbers.get("year") in _YEARS else None


def _numbers(pattern: DatePattern, text: str, exact: bool) -> dict[str, int]:
    """The parts of a date that a text of this pattern tells."""
    numbers: dict[str, int] = {}
    for piece in pattern.pieces:
        part, text = text[: len(piece.text)], text[len(piece.text) :]
        if piece.unit is not None and len(part) == len(piece.text):
            numbers[piece.unit] = int(part)
    if not exact and numbers.get("day", 0) <= 31:
        least = {unit: max(numbers[unit], 1) for unit in ("month", "day") if unit in numbers}
        numbers |= {unit: min(number, 28) if unit == "day" else number for unit, number in least.items()}
    return numbers


def _is_date(numbers: dict[str, int]) -> bool:
    try:
        _moment(numbers)
    except ValueError:
        return False
    return True


def _moment(numbers: dict[str, int]) -> datetime:
    """The first instant of these parts of a date; a leap year where none is told."""
    parts = [numbers.get(unit, least) for unit, least in (("year", 1972), ("month", 1), ("day", 1), ("hour", 0))]
    year, month, day, hour = parts
    return datetime(year, month, day, hour, tzinfo=UTC)


def _span(numbers: dict[str, int]) -> Range:
    first = _moment(numbers)
    if "hour" in numbers:
        return first, first + timedelta(hours=1)
    if "day" in numbers:
        return first, first + timedelta(days=1)
    if "month" in numbers:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, first.replace(year=first.year + 1)


def _is_beginning(pattern: DatePattern, text: str) -> bool:
    """Whether the text is how a value of the pattern may begin, or a whole one."""
    for piece in pattern.pieces:
        if not text:
            return True
        width = len(piece.text)
        if piece.unit is None:
            if not text.startswith(piece.text[: len(text)]):
                return False
        elif not re.fullmatch("[0-9]+", text[:width]):
            return False
        text = text[width:]
    return not text
