"""Trino's types, which are Athena's: their names → Arrow types, and values as text or JSON → Arrow arrays."""

import json
import re
import struct
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flowsql.errors import EngineError
from flowsql.params import identifier

if TYPE_CHECKING:
    import pyarrow as pa

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|[(),]|[^\s(),"]+)')
_ZONED = re.compile(r"(?P<clock>\S+[ T][\d:.]+) ?(?P<zone>\S+)?")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_NESTED = ("array", "map", "row")
DIGESTS = ("hyperloglog", "p4hyperloglog", "setdigest", "tdigest", "qdigest")
"""Sketches of many values, as approx_set() makes them: bytes that only another query reads."""

_INTEGERS = ("tinyint", "smallint", "integer", "int", "bigint")
_SINGLES = ("real", "float")
_FLOATS = (*_SINGLES, "double")


@dataclass(frozen=True, slots=True)
class TrinoType:
    """A type as Trino writes it: `array(row(port bigint, "name" varchar))`."""

    name: str
    """Without arguments: `array`, `timestamp with time zone`."""
    arguments: tuple[int, ...] = ()
    """Lengths and digits: of `decimal(38, 0)` those."""
    of: tuple["TrinoType", ...] = ()
    """The types inside an array, a map or a row."""
    fields: tuple[str, ...] = ()
    """The names of a row's fields; a field without one is `fieldN`."""

    @property
    def is_nested(self) -> bool:
        """Whether its text form is ambiguous, so that values travel as JSON or Parquet."""
        return self.name in _NESTED

    def sql(self) -> str:
        """The type as it is written in a CAST."""
        if self.name == "row":
            named = (f"{identifier(field)} {kind.sql()}" for field, kind in zip(self.fields, self.of, strict=True))
            return f"row({', '.join(named)})"
        if self.of:
            return f"{self.name}({', '.join(kind.sql() for kind in self.of)})"
        first, _, rest = self.name.partition(" ")
        digits = f"({', '.join(map(str, self.arguments))})" if self.arguments else ""
        return f"{first}{digits}{' ' if rest else ''}{rest}"


def parse_type(text: str) -> TrinoType:
    """A type from its text; Hive's `array<string>` and `struct<…>` are not Trino's. Raises EngineError."""
    tokens = [found[1] for found in _TOKEN.finditer(text.strip().lower() if '"' not in text else text.strip())]
    try:
        made, at = _parse(tokens, 0)
    except (IndexError, ValueError) as failure:
        raise EngineError(f"{text!r} is no type this program knows") from failure
    if at != len(tokens):
        raise EngineError(f"{text!r} is no type this program knows")
    return made


def _parse(tokens: list[str], at: int) -> tuple[TrinoType, int]:
    """The type that begins at a token, and the position after it."""
    words = [tokens[at].lower()]
    at += 1
    arguments: list[int] = []
    inside: list[TrinoType] = []
    fields: list[str] = []
    if at < len(tokens) and tokens[at] == "(":
        at += 1
        while tokens[at - 1] != ")":
            if tokens[at].isdecimal():
                arguments.append(int(tokens[at]))
                at += 1
            else:
                if words[0] == "row":
                    name, at = _field(tokens, at, len(fields))
                    fields.append(name)
                kind, at = _parse(tokens, at)
                inside.append(kind)
            if tokens[at] not in (",", ")"):
                raise ValueError(tokens[at])
            at += 1
    while at < len(tokens) and tokens[at] not in (",", ")"):
        words.append(tokens[at].lower())
        at += 1
    return TrinoType(" ".join(words), tuple(arguments), tuple(inside), tuple(fields)), at


def _field(tokens: list[str], at: int, number: int) -> tuple[str, int]:
    """The name of a row's field, if it has one, and where its type begins."""
    following = tokens[at + 1]
    if following in (",", ")") or (following == "(" and not tokens[at].startswith('"')):
        return f"field{number}", at
    if following.lower() in ("with", "without", "to", "precision"):
        return f"field{number}", at
    return tokens[at].strip('"').replace('""', '"'), at + 1


def arrow_type(kind: TrinoType) -> "pa.DataType":
    """The Arrow type of a type; what Arrow has no like of (addresses, JSON, intervals, times) is text."""
    import pyarrow as pa

    if kind.name in _INTEGERS:
        return pa.int64()
    if kind.name in _FLOATS:
        return pa.float64()
    if kind.name == "decimal":
        digits, scale = (*kind.arguments, 0, 0)[:2]
        return pa.decimal128(digits or 38, scale)
    if kind.name.startswith("timestamp"):
        return pa.timestamp("us", tz="UTC" if kind.name == "timestamp with time zone" else None)
    if kind.name == "array":
        return pa.list_(arrow_type(kind.of[0]))
    if kind.name == "map":
        return pa.map_(arrow_type(kind.of[0]), arrow_type(kind.of[1]))
    if kind.name == "row":
        return pa.struct([(name, arrow_type(inner)) for name, inner in zip(kind.fields, kind.of, strict=True)])
    if kind.name in DIGESTS:
        return pa.binary()
    simple = {"boolean": pa.bool_(), "date": pa.date32(), "varbinary": pa.binary(), "unknown": pa.null()}
    return simple.get(kind.name, pa.string())


def from_texts(texts: "pa.ChunkedArray | pa.Array", kind: TrinoType) -> "pa.Array | pa.ChunkedArray":
    """Values in Athena's text form → an array of the type; nested ones are JSON. Raises EngineError."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = arrow_type(kind)
    try:
        if wanted == pa.string():
            return texts
        if pa.types.is_null(wanted):
            return pa.nulls(len(texts), wanted)
        if kind.name.startswith("timestamp"):
            return _moments(texts, kind)
        if pa.types.is_floating(wanted):
            # Arrow reads Infinity and NaN in any case, and an exponent as Java writes it.
            return pc.cast(pc.cast(texts, pa.float32()) if kind.name in _SINGLES else texts, wanted)
        if kind.is_nested or pa.types.is_binary(wanted):
            read = _CONVERTERS[kind.name] if pa.types.is_binary(wanted) else lambda text: _nested(text, kind)
            return pa.array([None if text is None else read(text) for text in texts.to_pylist()], wanted)
        return pc.cast(texts, wanted)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError, KeyError) as failure:
        raise EngineError(f"a value is no {kind.name}: {failure}") from failure


def from_values(values: Sequence[Any], kind: TrinoType) -> "pa.Array":
    """Python values, as Trino's client gives them → an array of the type. Raises EngineError."""
    import pyarrow as pa

    try:
        return pa.array([_plain(value, kind) for value in values], arrow_type(kind))
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError, KeyError) as failure:
        raise EngineError(f"a value is no {kind.name}: {failure}") from failure


def _moments(texts: "pa.ChunkedArray | pa.Array", kind: TrinoType) -> "pa.Array | pa.ChunkedArray":
    """`2026-11-22 10:00:00.000 UTC` → instants; without a zone → clock times."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind.name != "timestamp with time zone":
        return pc.cast(pc.utf8_slice_codeunits(texts, 0, 26), pa.timestamp("us"))
    if pc.all(pc.ends_with(texts, " UTC"), min_count=0).as_py():
        clocks = pc.utf8_slice_codeunits(pc.replace_substring(texts, " UTC", ""), 0, 26)
        return pc.cast(pc.cast(clocks, pa.timestamp("us")), pa.timestamp("us", tz="UTC"))
    return pa.array([None if text is None else moment(text) for text in texts.to_pylist()], pa.timestamp("us", "UTC"))


def moment(text: str) -> datetime:
    """An instant in Athena's text form, with the name of a zone or an offset; raises ValueError."""
    found = _ZONED.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time with a zone")
    clock = datetime.fromisoformat(found["clock"])
    zone, offset = found["zone"] or "UTC", _OFFSET.fullmatch(found["zone"] or "")
    if offset:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return (clock - span if offset[1] == "+" else clock + span).replace(tzinfo=ZoneInfo("UTC"))
    return clock.replace(tzinfo=ZoneInfo(zone))


def _nested(text: str, kind: TrinoType) -> Any:
    return _plain(json.loads(text, parse_float=Decimal), kind)


def _plain(value: Any, kind: TrinoType) -> Any:
    """A value from JSON or from Trino's client as pyarrow takes it for the type."""
    if value is None:
        return None
    if kind.name == "array":
        return [_plain(item, kind.of[0]) for item in value]
    if kind.name == "map":
        return [(_plain(key, kind.of[0]), _plain(item, kind.of[1])) for key, item in value.items()]
    if kind.name == "row":
        return dict(_fields(value, kind))
    convert = _CONVERTERS.get(kind.name)
    if convert is not None:
        return convert(value)
    return value if isinstance(value, (str, bytes)) and kind.name != "json" else _text(value)


def _fields(value: Any, kind: TrinoType) -> Iterator[tuple[str, Any]]:
    """A row is a mapping by name, or its values in order."""
    items = value.values() if isinstance(value, Mapping) else value
    for name, inner, item in zip(kind.fields, kind.of, items, strict=True):
        yield name, _plain(item, inner)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _to_moment(value: Any) -> datetime:
    made = value if isinstance(value, datetime) else moment(str(value))
    return made if made.tzinfo else made.replace(tzinfo=ZoneInfo("UTC"))


def _to_clock(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:26])


def _to_single(value: Any) -> float:
    """The four bytes of a REAL as a double, as Parquet and the embedded engine have it: 0.1 is 0.10000000149011612."""
    made: float = struct.unpack("f", struct.pack("f", float(value)))[0]
    return made


def _to_bytes(value: Any) -> bytes:
    """`0a ff` → the bytes."""
    return value if isinstance(value, bytes) else bytes.fromhex(str(value))


def _to_digest(value: Any) -> bytes:
    """What Athena writes as bytes, and Trino's client gives in Base64."""
    if isinstance(value, bytes) or " " in str(value):
        return _to_bytes(value)
    return b64decode(str(value), validate=True)


def _to_bool(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    **dict.fromkeys(_SINGLES, _to_single),
    "double": float,
    "decimal": lambda value: Decimal(str(value)),
    "boolean": _to_bool,
    "date": lambda value: value if isinstance(value, date) else date.fromisoformat(str(value)),
    "timestamp": _to_clock,
    "timestamp with time zone": _to_moment,
    "varbinary": _to_bytes,
    **dict.fromkeys(DIGESTS, _to_digest),
}
