"""Parameter types: text → value → SQL literal. The only place that quotes.

Every literal means the same on Athena, Trino and DuckDB, stays on one line and cannot join its neighbours: a negative
number is parenthesised so that `x -{{ n }}` never becomes a comment.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flowsql.addresses import as_ipv4
from flowsql.errors import UsageError
from flowsql.naming import did_you_mean
from flowsql.services import PROTOCOL_NUMBERS, parse_port, parse_ports
from flowsql.window import parse_duration, parse_moment

_BIGINT = 2**63
_TRUE, _FALSE = "TRUE", "FALSE"
_LINE_BREAKS = frozenset("\x85\u2028\u2029")
_LONGEST = 200
"""Characters of a value that is not free text, and of what an error shows of one."""
_MOST_PORTS = 1024
"""Ports of one list, ranges counted out: each becomes a literal of the statement."""


@dataclass(frozen=True, slots=True)
class Value:
    """A checked parameter value as a template sees it: true when given, written bare as one SQL literal."""

    name: str
    literal: str | None
    """One typed SQL literal; None for an optional parameter that was not given."""
    items: tuple[str, ...] = field(default=())
    """The single values of a list (or the one value) as plain text, for macros that need one at a time."""

    def __bool__(self) -> bool:
        """`{% if x %}`: whether it was given; of a bool, whether it is true."""
        return self.literal not in (None, _FALSE)

    def __eq__(self, other: object) -> bool:
        """`{% if by == 'bytes' %}`: compares the plain value, as a choice is compared in a template."""
        if isinstance(other, Value):
            return (self.name, self.literal, self.items) == (other.name, other.literal, other.items)
        return self.items == (_as_text(other),) if isinstance(other, (str, int)) else NotImplemented


@dataclass(frozen=True, slots=True)
class ParamType:
    """How one kind of value is read and written."""

    name: str
    legal: str
    """What may be typed, as a person reads it."""
    parse: Callable[[str], Any]
    """One text → one value, or a range of them; raises ValueError or UsageError."""
    literal: Callable[[Any], str]
    example: str
    plural: bool = False
    """Several values, separated by commas, rendered as `(a, b)` for IN."""
    ranges: bool = False
    """Whether `parse` gives a range of values for each text; all of them are rendered."""


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError
    number = int(text)
    if not -_BIGINT < number < _BIGINT:
        raise ValueError
    return number


def _float(text: str) -> float:
    if "_" in text or not text.isascii():
        raise ValueError
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _text(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 or char in _LINE_BREAKS for char in text):
        raise ValueError("a control character or line break")
    text.encode("utf-8")  # a lone surrogate is no character: UnicodeEncodeError is a ValueError
    return text


def _bool(text: str) -> bool:
    word = text.lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ValueError


def _protocol(text: str) -> int:
    if not text.isdecimal():
        return PROTOCOL_NUMBERS[text.lower()]
    number = _integer(text)
    if not 0 <= number <= 255:
        raise ValueError
    return number


def _seconds(text: str) -> int:
    return int(parse_duration(text).total_seconds())


def _ip(text: str) -> str:
    if "%" in text:  # the scope of an IPv6 address may hold any character, and no flow log has one
        raise ValueError
    address = str(ipaddress.ip_address(text))
    _refuse_mapped(text)
    return address


def _refuse_mapped(text: str) -> None:
    """No record would be found: flow logs write 10.0.0.5, never ::ffff:10.0.0.5."""
    dotted = as_ipv4(text)
    if dotted is not None:
        plain = dotted if "/" in text else dotted.removesuffix("/32")
        raise UsageError(f"{text!r} is IPv4 written as IPv6, which flow logs never hold", hint=f"write {plain}")


def _cidr(text: str) -> str:
    if "%" in text:
        raise ValueError
    try:
        network = str(ipaddress.ip_network(text))
    except ValueError:
        masked = ipaddress.ip_network(text, strict=False)
    else:
        _refuse_mapped(text)
        return network
    raise UsageError(f"{text!r} has host bits set", hint=f"the network is {masked}")


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.upper() not in words:
            raise ValueError
        return text.upper()

    return parse


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return parse


def _moment(text: str) -> datetime:
    return parse_moment(text, now=datetime.now(UTC))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _double(number: float) -> str:
    mantissa, _, exponent = repr(number).partition("e")
    text = f"{mantissa}E{int(exponent or 0)}"
    return f"({text})" if text.startswith("-") else text


def _instant(moment: datetime) -> str:
    seconds = moment.timestamp()
    return f"from_unixtime({int(seconds) if seconds.is_integer() else _double(seconds).strip('()')})"


def _aws_id(prefix: str) -> Callable[[str], str]:
    return _matching(rf"{prefix}-[0-9a-f]{{8,17}}")


_IDS = "its id, such as {}-0a1b2c3d4e5f67890"

TYPES: dict[str, ParamType] = {
    kind.name: kind
    for kind in (
        ParamType("int", "a whole number of at most 64 bits", _integer, _number, "10"),
        ParamType("float", "a number such as 0.5", _float, _double, "0.5"),
        ParamType("string", "text without control characters", _text, _quoted, "text"),
        ParamType("bool", "true or false", _bool, lambda flag: _TRUE if flag else _FALSE, "true"),
        ParamType("port", "0 to 65535, or a service name such as ssh", parse_port, _number, "22"),
        ParamType(
            "ports",
            f"ports, ranges such as 80-90 or service names, separated by commas: {_MOST_PORTS:,} ports at most",
            parse_ports,
            _number,
            "22,3389",
            plural=True,
            ranges=True,
        ),
        ParamType("ip", "an IPv4 or IPv6 address", _ip, _quoted, "10.0.0.5"),
        ParamType("cidr", "a network such as 10.0.0.0/8, or one address", _cidr, _quoted, "10.0.0.0/8"),
        ParamType("cidrs", "networks separated by commas", _cidr, _quoted, "10.0.0.0/8,2001:db8::/32", True),
        ParamType("protocol", "0 to 255, or a name such as tcp", _protocol, _number, "tcp"),
        ParamType("action", "ACCEPT or REJECT", _one_of("ACCEPT", "REJECT"), _quoted, "REJECT"),
        ParamType("duration", "a length of time such as 90s, 5m, 6h, 7d", _seconds, _number, "5m"),
        ParamType("timestamp", "ISO 8601, or '2h ago'", _moment, _instant, "2026-11-22T10:00Z"),
        ParamType("interface", _IDS.format("eni"), _aws_id("eni"), _quoted, "eni-0a1b2c3d4e5f67890"),
        ParamType("instance", _IDS.format("i"), _aws_id("i"), _quoted, "i-0a1b2c3d4e5f67890"),
        ParamType("vpc", _IDS.format("vpc"), _aws_id("vpc"), _quoted, "vpc-0a1b2c3d4e5f67890"),
        ParamType("subnet", _IDS.format("subnet"), _aws_id("subnet"), _quoted, "subnet-0a1b2c3d4e5f67890"),
        ParamType("account", "12 digits, or unknown", _matching(r"[0-9]{12}|unknown"), _quoted, "123456789012"),
        ParamType(
            "region",
            "a region code such as us-east-1",
            _matching(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"),
            _quoted,
            "us-east-1",
        ),
        ParamType("choice", "one of the choices", _text, _quoted, ""),
    )
}


@dataclass(frozen=True, slots=True)
class Param:
    """One declared parameter of a saved query."""

    name: str
    type: str
    help: str = ""
    default: str | None = None
    """The default as written; None when there is none."""
    optional: bool = False
    """May be left out without a default; then it is false in the template."""
    choices: tuple[str, ...] = ()
    min: str | None = None
    """The least an int or a float may be, as written."""
    max: str | None = None
    """The most it may be."""

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is None and not self.optional

    @property
    def legal(self) -> str:
        """What may be typed, as a person reads it."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.min is None and self.max is None:
            return TYPES[self.type].legal
        number = "a whole number" if self.type == "int" else "a number"
        since = f" from {self.min}" if self.min is not None else ""
        until = f" {'to' if since else 'up to'} {self.max}" if self.max is not None else ""
        return f"{number}{since}{until}"

    @property
    def example(self) -> str:
        """A value that may be given."""
        if self.choices:
            return self.choices[0]
        usual, parse = TYPES[self.type].example, TYPES[self.type].parse
        if self.min is not None and parse(usual) < parse(self.min):
            return self.min
        return self.max if self.max is not None and parse(usual) > parse(self.max) else usual

    def holds(self, value: Any) -> bool:
        """Whether a value of the type lies between `min` and `max`."""
        parse = TYPES[self.type].parse
        return not (
            (self.min is not None and value < parse(self.min)) or (self.max is not None and value > parse(self.max))
        )


def bind(param: Param, given: object = None) -> Value:
    """Check a value (text, number, list …) for a parameter, or take its default; raises UsageError.

    >>> bind(Param("port", "port"), "ssh").literal
    '22'
    """
    if given is None:
        if param.default is None:
            if param.optional:
                return Value(param.name, None)
            raise UsageError(f"parameter {param.name!r} needs a value", hint=f"{param.name} is {param.legal}")
        given = param.default
    kind = TYPES[param.type]
    items = _items(given) if kind.plural else [given]
    if not items:
        raise UsageError(f"parameter {param.name!r} is an empty list", hint=f"give {param.legal}")
    parsed = [_parse(param, kind, item) for item in items]
    if kind.ranges:
        parsed = _counted_out(param, parsed)
    literals = [kind.literal(item) for item in parsed]
    literal = f"({', '.join(literals)})" if kind.plural else literals[0]
    return Value(param.name, literal, tuple(_as_text(item) for item in parsed))


def _counted_out(param: Param, ranges: list[range]) -> list[int]:
    """All numbers of some ranges; raises UsageError when they are too many for a statement."""
    count = sum(map(len, ranges))
    if count > _MOST_PORTS:
        hint = f"at most {_MOST_PORTS:,}; a wider range is a condition of the query: dstport BETWEEN 1024 AND 65535"
        raise UsageError(f"parameter {param.name!r} names {count:,} ports", hint=hint)
    return [number for each in ranges for number in each]


def _items(given: object) -> list[object]:
    if isinstance(given, str):
        return [part for part in given.split(",") if part.strip()]
    return list(given) if isinstance(given, (Collection, Iterator)) and not isinstance(given, bytes) else [given]


def _as_text(item: object) -> str:
    """A value given in Python as it would be typed; raises ValueError for one that is no single value."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, datetime):
        return item.isoformat()
    if isinstance(item, timedelta):
        return f"{item.total_seconds():.0f}s"
    if isinstance(item, Collection) and not isinstance(item, str):
        raise ValueError
    return str(item)


def _parse(param: Param, kind: ParamType, item: object) -> Any:
    shown = f"a {type(item).__name__}"
    try:
        text = _as_text(item)
        shown = repr(text) if len(text) <= _LONGEST else f"{text[:20]!r}…"
        if param.type in ("string", "choice"):
            value = kind.parse(text)
        elif len(text) <= _LONGEST:
            value = kind.parse(text.strip())
        else:
            raise ValueError
    except UsageError as failure:
        raise UsageError(f"parameter {param.name!r}: {failure.message}", hint=failure.hint) from failure
    except (ValueError, KeyError, OverflowError) as failure:
        hint = f"for example {param.example}" if param.example else None
        legal = param.legal if param.choices else kind.legal
        raise UsageError(f"parameter {param.name!r}: {shown} is not {legal}", hint=hint) from failure
    if not param.holds(value):
        raise UsageError(f"parameter {param.name!r}: {shown} is not {param.legal}", hint=f"for example {param.example}")
    if param.choices and text not in param.choices:
        hint = did_you_mean(text, param.choices, f"one of {', '.join(param.choices)}")
        raise UsageError(f"parameter {param.name!r}: {shown} is not {param.legal}", hint=hint)
    return value


def text_literal(text: str) -> str:
    """A text as a SQL literal, for the values flowsql itself supplies; raises ValueError on control characters."""
    return _quoted(_text(text))


def integer_literal(number: int) -> str:
    """A whole number as a SQL literal."""
    return _number(number)


def date_literal(text: str) -> str:
    """A day, `2026-11-22`, as a SQL literal; raises ValueError."""
    return f"DATE {_quoted(date.fromisoformat(text).isoformat())}"


def identifier(name: str) -> str:
    """A name of a database, table or column as SELECT has it; raises ValueError on control characters."""
    return '"' + _text(name).replace('"', '""') + '"'


def hive_identifier(name: str) -> str:
    """A name as Athena's DDL has it, where END, START and DATE are reserved; raises ValueError."""
    return "`" + _text(name).replace("`", "``") + "`"


def hive_text(text: str) -> str:
    """A text as Athena's DDL has it, where a backslash escapes; raises ValueError on control characters."""
    return "'" + _text(text).replace("\\", "\\\\").replace("'", "\\'") + "'"
