"""Times, dates and intervals. The embedded engine keeps UTC throughout, so a zone is only ever looked at."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_kinds import TIMESTAMPS, WHOLE, kind_of
from flowsql.dialects.duckdb_nodes import (
    call,
    cast,
    known_kind,
    name_of,
    outside_try,
    paren,
    refuse,
    spelled,
    text_of,
)
from flowsql.dialects.duckdb_numbers import arithmetic

if TYPE_CHECKING:
    from sqlglot import exp

_DAYS = ("day", "week", "month", "quarter", "year")
_UNITS = ("millisecond", "second", "minute", "hour", *_DAYS)
_PARTS = {
    **{name: name for name in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")},
    **dict.fromkeys(("dow", "day_of_week", "dayofweek"), "isodow"),
    **dict.fromkeys(("doy", "day_of_year", "dayofyear"), "doy"),
    **dict.fromkeys(("yow", "year_of_week", "yearofweek"), "isoyear"),
    "day_of_month": "day",
}
_READS_CLOCK = (
    *("year", "quarter", "month", "weekofyear", "yearofweek", "yow()", "day", "dayofmonth", "dayofweekiso"),
    *("dayofyear", "hour", "minute", "second", "extract", "timetostr", "format_datetime()", "date"),
)
_COMPARISONS = ("eq", "neq", "gt", "gte", "lt", "lte", "between")

# What sqlglot makes of MySQL's %Y %y %m %c %d %e %H %k %h %l %i %s %f %p %W %a %M %b %j, and no more.
_MYSQL = re.compile(r"(?:%(?:-?[mdHI]|[YyMSfpAaBbj%T])|[^%])*")
_READ = re.compile(r"(?:%(?:-?[mdHI]|[YyMSfpBbT])|[^%])*")
_JODA = {
    "y": "%Y", "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g",
    "a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A", "DDD": "%j", "e": "%u", "ww": "%V", "xxxx": "%G",
}  # fmt: skip
_JODA_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
_ISO_LITERAL = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?")


def _unit(node: "exp.Expr", of_date: bool) -> str:
    unit = str(node.args["unit"].name).lower()
    if unit not in _UNITS:
        raise refuse(node, f"has no unit {unit!r}", f"one of {', '.join(_UNITS)}")
    if of_date and unit not in _DAYS:
        raise refuse(node, f"takes no {unit} of a date, as on Athena", "CAST the date AS TIMESTAMP")
    return unit


def instant(node: "exp.Expr") -> "exp.Expr":
    """from_unixtime(): milliseconds at most."""
    kind = known_kind(node.this, node)
    return node if kind.name in WHOLE else call("athena_instant", node.this)


def difference(node: "exp.Expr") -> "exp.Expr":
    """date_diff(): whole units that went by, not boundaries that were crossed."""
    later, earlier = node.this, node.args["expression"]
    unit = _unit(node, kind_of(later).name == kind_of(earlier).name == "date")
    for side in (later, earlier):
        if kind_of(side).name not in ("date", "null", "unknown", *TIMESTAMPS):
            raise refuse(node, f"takes no {kind_of(side).name}", "from_unixtime() makes a time of Unix seconds")
    return call("date_sub", unit, earlier, later)


def shifted(node: "exp.Expr") -> "exp.Expr":
    """date_add(): a date stays a date."""
    from sqlglot import exp

    kind = kind_of(node.this)
    unit = _unit(node, kind.name == "date")
    if kind.name in TIMESTAMPS and kind.digits == 0 and unit == "millisecond":
        raise refuse(node, "rounds to the seconds of this timestamp on Athena", "write TIMESTAMP '… .000'")
    if kind.name == "unknown":
        return _unknown_plus(node, node.this, exp.Interval(this=paren(node.args["expression"]), unit=exp.var(unit)))
    return cast(paren(node), "DATE") if kind.name == "date" else paren(node)


def _unknown_plus(node: "exp.Expr", time: "exp.Expr", span: "exp.Expr") -> "exp.Expr":
    outside_try(node)
    return call("athena_plus", time, span)


def plus(node: "exp.Expr") -> "exp.Expr":
    """`+` and `-`: of numbers, of a time and an interval, of two times."""
    from sqlglot import exp

    sides = (node.this, node.args["expression"])
    names = [kind_of(side).name for side in sides]
    moments = ("date", *TIMESTAMPS)
    if names[0] in moments and names[1] in moments:
        user = node.parent
        while user is not None and user.key == "paren":
            user = user.parent
        if "date" in names or user is None or user.key not in _COMPARISONS:
            raise refuse(
                node,
                "is an interval, which the embedded engine cannot return",
                "date_diff('second', earlier, later)",
            )
        return node
    if "interval" not in names:
        if set(names) & set(moments):
            raise refuse(node, f"adds {names[0]} and {names[1]}, which Athena refuses", "date_add('day', n, date)")
        return arithmetic(node)
    time, span = sides if names[1] == "interval" else (sides[1], sides[0])
    if kind_of(time).name == "date":
        for interval in span.find_all(exp.Interval):
            _unit(interval, of_date=True)
        return cast(paren(node), "DATE")
    if kind_of(time).name == "unknown":
        return _unknown_plus(node, time, exp.Neg(this=paren(span)) if node.key == "sub" else span)
    return node


def interval(node: "exp.Expr") -> "exp.Expr":
    """INTERVAL '5' MINUTE."""
    text = text_of(node.this)
    if text is None or not re.fullmatch(r"[+-]?\d+", text.strip()):
        raise refuse(node, "is not proven on the embedded engine", "INTERVAL '5' MINUTE, of whole units")
    return node


def truncated(node: "exp.Expr") -> "exp.Expr":
    """date_trunc(): a date stays a date."""
    kind = kind_of(node.this)
    unit = _unit(node, kind.name == "date")
    if kind.name == "unknown":
        outside_try(node)
        return call("athena_trunc", unit, node.this)
    made = call("date_trunc", unit, node.this)
    return cast(made, "DATE") if kind.name == "date" else made


def zoned(node: "exp.Expr") -> "exp.Expr":
    """AT TIME ZONE: the clock there, for the functions that read a clock; the zone itself cannot be kept."""
    from sqlglot import exp

    parts: list[exp.Expr] = [node.this, node.args["zone"]] if node.key == "attimezone" else node.expressions
    time, zone = parts
    name = text_of(zone)
    if name is None or kind_of(time).name != TIMESTAMPS[1]:
        raise refuse(
            node,
            "takes a time with a zone and a written-out zone",
            "from_unixtime(start) AT TIME ZONE 'Asia/Tokyo'",
        )
    if name == "UTC":
        return time
    user = node.parent
    while user is not None and user.key in ("paren", "timestamptrunc", "datetrunc"):
        user = user.parent
    reads = user is not None and (
        (user.key in ("cast", "trycast") and user.args["to"].this.value in ("TIMESTAMP", "DATE"))
        or name_of(user) in _READS_CLOCK
    )
    if not reads:
        raise refuse(
            node,
            "keeps its zone on Athena, which the embedded engine cannot",
            f"read the clock there: hour({spelled(node)}), or CAST({spelled(node)} AS TIMESTAMP)",
        )
    return exp.Paren(this=exp.AtTimeZone(this=paren(time), zone=zone))


def part(node: "exp.Expr") -> "exp.Expr":
    """EXTRACT(part FROM time): Monday is 1 and Sunday 7."""
    name = node.name.lower()
    if name not in _PARTS:
        raise refuse(node, f"has no part {name!r} on the embedded engine", f"one of {', '.join(_PARTS)}")
    return call("date_part", _PARTS[name], node.args["expression"])


def millisecond(node: "exp.Expr") -> "exp.Expr":
    """millisecond(): those of the second, where DuckDB counts those of the minute."""
    from sqlglot import exp

    return exp.Paren(this=exp.Mod(this=call("millisecond", *node.expressions), expression=exp.Literal.number(1000)))


def date_format(node: "exp.Expr") -> "exp.Expr":
    """date_format(), with the conversions both engines have."""
    _require_format(node, _MYSQL)
    return node


def date_parse(node: "exp.Expr") -> "exp.Expr":
    """date_parse(), with the conversions both engines have and with a year: without one they assume different years."""
    if "%y" not in _require_format(node, _READ).lower():
        raise refuse(node, "needs a year in its format on the embedded engine", "a format with %Y")
    return node


def _require_format(node: "exp.Expr", proven: "re.Pattern[str]") -> str:
    pattern = text_of(node.args["format"])
    if pattern is None or not proven.fullmatch(pattern):
        raise refuse(
            node,
            "needs a written-out format of proven conversions",
            "of %Y %m %d %H %i %s, and %b %M %W %a %p %e %j",
        )
    return pattern


def format_datetime(node: "exp.Expr") -> "exp.Expr":
    """format_datetime(), its Joda pattern as one of strftime."""
    from sqlglot import exp

    time, pattern = node.expressions[0], text_of(node.expressions[1])
    zone = kind_of(time).name == TIMESTAMPS[1] and time.find(exp.AtTimeZone) is None
    made = []
    for token in _JODA_TOKEN.finditer(pattern or "?'"):
        text = token[0]
        if text == "''":
            made.append("'")
        elif text.startswith("'"):
            made.append(text[1:-1].replace("''", "'").replace("%", "%%"))
        elif text in _JODA:
            made.append(_JODA[text])
        elif text in ("Z", "ZZ") and zone:
            made.append("+0000" if text == "Z" else "+00:00")
        elif text[0].isalpha():
            made = []
            break
        else:
            made.append(text.replace("%", "%%"))
    if pattern is None or not made:
        raise refuse(node, "needs a written-out pattern of proven letters", "such as yyyy-MM-dd''T''HH:mm:ss")
    return call("strftime", time, "".join(made))


def iso_text(node: "exp.Expr") -> "exp.Expr":
    """to_iso8601() of a date or of a timestamp whose places are known."""
    value = node.expressions[0]
    kind = known_kind(value, node)
    if kind.name == "date":
        return cast(value, "VARCHAR")
    if kind.name in TIMESTAMPS and kind.digits in (0, 3):
        places = ".%g" if kind.digits else ""
        return call("strftime", value, f"%Y-%m-%dT%H:%M:%S{places}" + ("Z" if kind.name == TIMESTAMPS[1] else ""))
    raise refuse(
        node,
        f"of {kind.name} is not proven on the embedded engine",
        "from_unixtime() or CAST(… AS TIMESTAMP)",
    )


def iso_moment(node: "exp.Expr") -> "exp.Expr":
    """from_iso8601_timestamp('…Z') and from_iso8601_date('…'), of constants in UTC."""
    text = text_of(node.this)
    if text is None or not _ISO_LITERAL.fullmatch(text) or ("T" in text and node.key == "fromiso8601date"):
        raise refuse(node, "takes a constant in UTC on the embedded engine", "such as '2026-01-31T12:00:00Z'")
    if node.key == "fromiso8601date":
        return cast(node.this, "DATE")
    return cast(cast(call("replace", text.removesuffix("Z"), "T", " "), "TIMESTAMP"), "TIMESTAMPTZ")


RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    "unixtotime": instant,
    "datediff": difference,
    "dateadd": shifted,
    "add": plus,
    "sub": plus,
    "interval": interval,
    "timestamptrunc": truncated,
    "datetrunc": truncated,
    "attimezone": zoned,
    "at_timezone()": zoned,
    "extract": part,
    "yow()": lambda node: call("isoyear", *node.expressions),
    "millisecond()": millisecond,
    "timetostr": date_format,
    "strtotime": date_parse,
    "format_datetime()": format_datetime,
    "to_iso8601()": iso_text,
    "fromiso8601timestamp": iso_moment,
    "fromiso8601date": iso_moment,
}
