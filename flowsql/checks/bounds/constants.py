"""Constants of SQL as values: literals, and what Trino folds before it chooses partitions."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from flowsql.checks.bounds.hull import Constant, greatest, least

if TYPE_CHECKING:
    from sqlglot import exp

_WHOLE = frozenset(("TINYINT", "SMALLINT", "INT", "BIGINT"))
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_JODA = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))


def fold(node: "exp.Expr | None", now: datetime) -> Constant | None:
    """The value of an expression without columns; None for one this module cannot tell.

    `now` stands for the time at which the query runs.
    """
    try:
        return _fold(node, now)
    except (ValueError, OverflowError):
        return None


def _fold(node: "exp.Expr | None", now: datetime) -> Constant | None:
    from sqlglot import exp

    match node:
        case None:
            return None
        case exp.Paren():
            return _fold(node.this, now)
        case exp.Literal():
            return str(node.this) if node.is_string else _integer(str(node.this))
        case exp.Neg():
            value = _fold(node.this, now)
            return -value if isinstance(value, int) else None
        case exp.Cast() if type(node) is exp.Cast:
            value = _fold(node.this, now)
            return _text_of(value, node.to) if node.to.is_type("varchar", "char") else _cast(value, node.to.this.name)
        case exp.Concat():
            return _glued([_fold(part, now) for part in node.expressions])
        case exp.DPipe():
            return _glued([_fold(node.left, now), _fold(node.right, now)])
        case exp.Date() if node.this is not None and not node.expressions:
            return _cast(_fold(node.this, now), "DATE")
        case exp.Greatest() | exp.Least():
            return _extreme([_fold(part, now) for part in (node.this, *node.expressions)], isinstance(node, exp.Least))
        case exp.Coalesce():
            parts = (node.this, *node.expressions)
            return _fold(next((each for each in parts if not isinstance(each, exp.Null)), None), now)
        case exp.Replace() if node.args.get("replacement") is not None:
            texts = [_fold(node.args[each], now) for each in ("this", "expression", "replacement")]
            return _replaced(*texts)
        case exp.Substring():
            return _cut(_fold(node.this, now), _fold(node.args["start"], now), node.args.get("length"), now)
        case _:
            return _moment(node, now)


def _moment(node: "exp.Expr", now: datetime) -> Constant | None:
    """Dates and times, and texts made of them."""
    from sqlglot import exp

    match node:
        case exp.CurrentDate():
            return now.date()
        case exp.CurrentTimestamp() | exp.Localtimestamp():
            return now
        case exp.Add() | exp.Sub() if isinstance(node.expression, exp.Interval):
            interval = node.expression
            count = _count(interval.this, now)
            return _moved(_fold(node.this, now), -count if isinstance(node, exp.Sub) else count, interval.text("unit"))
        case exp.DateAdd():
            return _moved(_fold(node.this, now), _count(node.expression, now), node.text("unit"))
        case exp.TimeToStr():
            value, pattern = _fold(node.this, now), node.args["format"]
            return value.strftime(pattern.this) if isinstance(value, date) and pattern.is_string else None
        case exp.Anonymous() if node.name.lower() == "format_datetime" and len(node.expressions) == 2:
            value, pattern = _fold(node.expressions[0], now), node.expressions[1]
            return value.strftime(_joda(pattern.this)) if isinstance(value, date) and pattern.is_string else None
        case exp.Year() | exp.Month() | exp.Day():
            value = _fold(node.this, now)
            return int(getattr(value, node.key)) if isinstance(value, date) else None
        case _:
            return _read(node, now)
    return None


def _read(node: "exp.Expr", now: datetime) -> Constant | None:
    """Dates and times read from texts and numbers, and cut to a unit."""
    from sqlglot import exp

    value = _fold(node.this, now) if isinstance(node.this, exp.Expr) else None
    match node:
        case exp.FromISO8601Timestamp() if isinstance(value, str):
            return _in_utc(datetime.fromisoformat(value))
        case exp.FromISO8601Date() if isinstance(value, str):
            return date.fromisoformat(value)
        case exp.StrToTime() if isinstance(value, str) and node.args["format"].is_string:
            return _in_utc(datetime.strptime(value, node.args["format"].this))
        case exp.ParseDatetime() if isinstance(value, str) and node.args["format"].is_string:
            return _in_utc(datetime.strptime(value, _joda(node.args["format"].this)))
        case exp.UnixToTime() if isinstance(value, int) and not any(node.args.get(each) for each in ("zone", "hours")):
            return datetime.fromtimestamp(value, UTC)
        case exp.TimestampTrunc() | exp.DateTrunc() if isinstance(value, date):
            return _truncated(value, node.text("unit").lower())
        case exp.LastDay() if isinstance(value, date):
            return ((value.replace(day=1) + timedelta(days=31)).replace(day=1)) - timedelta(days=1)
        case exp.AtTimeZone() if isinstance(value, datetime) and node.args["zone"].name.upper() == "UTC":
            return value
    return None


def _in_utc(moment: datetime) -> datetime | None:
    """A moment told in UTC or without a zone; of another zone the day depends on who asks."""
    return moment.replace(tzinfo=UTC) if not moment.utcoffset() else None


def _truncated(value: date, unit: str) -> date | None:
    if unit in ("year", "month", "week"):
        value -= timedelta(days=value.weekday() if unit == "week" else 0)
        value = value.replace(day=1) if unit != "week" else value
        value = value.replace(month=1) if unit == "year" else value
        unit = "day"
    if not isinstance(value, datetime):
        return value if unit == "day" else None
    smaller = ("hour", "minute", "second", "microsecond")
    at = {"day": 0, "hour": 1, "minute": 2, "second": 3}.get(unit)
    return None if at is None else value.replace(**dict.fromkeys(smaller[at:], 0))  # type: ignore[arg-type]


def _extreme(values: list[Constant | None], is_least: bool) -> Constant | None:
    told = [value for value in values if value is not None]
    if len(told) < len(values) or len({type(value) for value in told}) > 1:
        return None
    return (least if is_least else greatest)(told)


def _replaced(text: Constant | None, old: Constant | None, new: Constant | None) -> str | None:
    return text.replace(old, new) if isinstance(text, str) and isinstance(old, str) and isinstance(new, str) else None


def _cut(text: Constant | None, start: Constant | None, length: "exp.Expr | None", now: datetime) -> str | None:
    many = _count(length, now) if length is not None else None
    if not isinstance(text, str) or not isinstance(start, int) or start < 1:
        return None
    return text[start - 1 :][:many] if many is None or many >= 0 else None


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _text_of(value: Constant | None, to: "exp.DataType") -> str | None:
    """A value as text of a type, cut to its length; char fills with blanks, which no partition's name has."""
    if value is None or isinstance(value, datetime) or to.is_type("char"):
        return None
    length = next((_integer(each.name) for each in to.expressions), None)
    return str(value)[:length]


def _cast(value: Constant | None, to: str) -> Constant | None:
    if to in _WHOLE:
        return value if isinstance(value, int) else _integer(value.strip()) if isinstance(value, str) else None
    if to == "DATE":
        if isinstance(value, datetime):
            return value.date()
        return date.fromisoformat(value.strip()) if isinstance(value, str) else value if _is_day(value) else None
    if to.startswith("TIMESTAMP"):
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=moment.tzinfo or UTC)
        if isinstance(value, datetime):
            return value
        return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None
    return None


def _is_day(value: Constant | None) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _glued(parts: list[Constant | None]) -> str | None:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _count(node: "exp.Expr | None", now: datetime) -> int:
    value = _fold(node, now) if node is not None else None
    return int(value) if isinstance(value, (int, str)) else _refuse()


def _refuse() -> int:
    raise ValueError


def _moved(value: Constant | None, count: int, unit: str) -> Constant | None:
    if not isinstance(value, date):
        return None
    word = unit.lower().rstrip("s")
    if word in ("month", "year"):
        months = value.year * 12 + value.month - 1 + count * (12 if word == "year" else 1)
        first = value.replace(year=months // 12, month=months % 12 + 1, day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        return first.replace(day=min(value.day, (following - first).days + first.day - 1))
    if word not in _UNITS:
        return None
    return value + timedelta(seconds=count * _UNITS[word])


def _joda(pattern: str) -> str:
    for letters, directive in _JODA:
        pattern = pattern.replace(letters, directive)
    return pattern
