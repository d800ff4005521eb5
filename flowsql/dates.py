"""Instants as partition values: the patterns of Java's DateTimeFormatter that `projection.C.format` holds.

Athena User Guide, "Supported types for partition projection": a date column's format is such a pattern.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Unit = Literal["year", "month", "day", "hour", "minute", "second"]
UNITS: tuple[Unit, ...] = ("year", "month", "day", "hour", "minute", "second")
"""From coarse to fine."""

_LETTERS: dict[str, Unit] = {
    "y": "year",
    "u": "year",
    "M": "month",
    "L": "month",
    "d": "day",
    "H": "hour",
    "m": "minute",
    "s": "second",
}
_RELATIVE = re.compile(
    r"NOW(?:\s*(?P<sign>[+-])\s*(?P<count>\d{1,6})\s*(?P<unit>YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?",
    re.IGNORECASE,
)
_FIRST, _LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Before and after every date that is meant."""

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']")
_WIDEST = {"year": 4}


@dataclass(frozen=True, slots=True)
class _Piece:
    unit: Unit | None
    text: str
    """The literal text, or the pattern's letters."""


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A pattern such as `yyyy/MM/dd` or `'year='yyyy'/month='MM`, read once."""

    pattern: str
    pieces: tuple[_Piece, ...]

    @property
    def unit(self) -> Unit:
        """The finest unit the pattern tells apart."""
        return max((piece.unit for piece in self.pieces if piece.unit), key=UNITS.index)

    @property
    def is_ordered(self) -> bool:
        """Whether the texts sort as their instants do: all units from the year down, each of fixed width."""
        units = [piece.unit for piece in self.pieces if piece.unit]
        fixed = all(len(piece.text) == _WIDEST.get(piece.unit, 2) for piece in self.pieces if piece.unit)
        return fixed and tuple(units) == UNITS[: len(units)]

    def render(self, moment: datetime) -> str:
        """The partition value of an instant, in UTC as Athena's projection has it."""
        moment = moment.astimezone(UTC)
        return "".join(_rendered(piece, moment) if piece.unit else piece.text for piece in self.pieces)

    def parse(self, text: str) -> datetime | None:
        """The first instant a partition value stands for; None when it does not fit the pattern."""
        names: list[Unit] = []
        expression = ""
        for piece in self.pieces:
            if piece.unit is None:
                expression += re.escape(piece.text)
                continue
            width = len(piece.text)
            expression += rf"(\d{{{width},{max(width, _WIDEST.get(piece.unit, 2))}}})"
            names.append(piece.unit)
        found = re.fullmatch(expression, text)
        if found is None:
            return None
        numbers = {"year": 1970, "month": 1, "day": 1} | {
            unit: int(value) for unit, value in zip(names, found.groups(), strict=True)
        }
        try:
            return datetime(**numbers, tzinfo=UTC)
        except ValueError:
            return None


def date_pattern(pattern: str) -> DatePattern:
    """Read a Java date pattern; raises ValueError for letters that flow logs' keys have no use for."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            raise ValueError(f"{pattern!r} is no date pattern: a quote is not closed")
        token = found[0]
        if found[1] is not None:
            pieces.append(_Piece(None, found[1].replace("''", "'") or "'"))
        elif found[2] is None:
            pieces.append(_Piece(None, token))
        elif token[0] not in _LETTERS or len(token) > (4 if token[0] in "yu" else 2) or token in ("yy", "uu"):
            raise ValueError(f"{pattern!r} is no date pattern with year, month, day and hour as numbers: {token!r}")
        else:
            pieces.append(_Piece(_LETTERS[token[0]], token))
        at = found.end()
    if not any(piece.unit == "year" for piece in pieces):
        raise ValueError(f"{pattern!r} has no year")
    return DatePattern(pattern, tuple(pieces))


def _rendered(piece: _Piece, moment: datetime) -> str:
    return f"{getattr(moment, piece.unit or 'year'):0{len(piece.text)}d}"


def floor(moment: datetime, unit: Unit) -> datetime:
    """The first instant of the unit that holds the moment, in UTC."""
    moment = moment.astimezone(UTC)
    fields = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
    kept = UNITS.index(unit) + 1
    year, month, day, hour, minute, second = fields[:kept] + [1970, 1, 1, 0, 0, 0][kept:]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def following(moment: datetime, unit: Unit) -> datetime:
    """The first instant of the next unit; `moment` is the first of one."""
    if unit == "year":
        return moment.replace(year=moment.year + 1)
    if unit == "month":
        return (moment + timedelta(days=31)).replace(day=1)
    return moment + timedelta(**{f"{unit}s": 1})


def projected_end(text: str, pattern: DatePattern, now: datetime) -> datetime | None:
    """An end of a projected range, such as `2026/11/01`, `NOW` or `NOW-30DAYS`; None for what Athena does not read."""
    relative = _RELATIVE.fullmatch(text.strip())
    if relative is None:
        return pattern.parse(text.strip())
    if relative["count"] is None:
        return floor(now, pattern.unit)
    count, unit = int(f"{relative['sign']}{relative['count']}"), relative["unit"].lower()
    try:
        if unit not in ("year", "month"):
            return floor(now + timedelta(**{f"{unit}s": count}), pattern.unit)
        months = now.year * 12 + now.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return floor(now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1])), pattern.unit)
    except (ValueError, OverflowError):
        return _FIRST if count < 0 else _LAST
