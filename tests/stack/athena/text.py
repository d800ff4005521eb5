"""How Athena spells values and names types: the text of a cell, and what its column is said to be."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.stack.engine import Column

Signature = dict[str, Any]
"""Trino's type signature: `rawType` and `arguments`."""

_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)(?:\.(\d+))?")
_NAMES = {"real": "float"}
_PRECISION = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "double": 17, "real": 17, "timestamp": 3}
_TEXT_TYPES = ("varchar", "char", "json")
_LONGEST = 2**31 - 1


def column_info(column: Column) -> dict[str, Any]:
    """A column as `ResultSetMetadata.ColumnInfo` describes it."""
    raw = column.signature["rawType"]
    numbers = [each["value"] for each in column.signature["arguments"] if each["kind"] == "LONG"]
    precision, scale = _PRECISION.get(raw, 0), 0
    if raw == "decimal":
        precision, scale = numbers
    elif raw in _TEXT_TYPES:
        precision = min(numbers[0], _LONGEST) if numbers else _LONGEST
    elif raw == "timestamp with time zone":
        precision = 3
    return plain_column(column.name, _NAMES.get(raw, raw), precision, scale)


def plain_column(name: str, type_name: str, precision: int = 0, scale: int = 0) -> dict[str, Any]:
    """A column that no table is named for, as Athena describes all of them."""
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": type_name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": type_name in _TEXT_TYPES,
    }


def speller(signature: Signature) -> Callable[[Any], str | None]:
    """What turns a value of a type, as Trino's JSON has it, into Athena's text; NULL stays None."""
    spell = _speller(signature)
    return lambda value: None if value is None else spell(value)


def _speller(signature: Signature) -> Callable[[Any], str]:
    raw, arguments = signature["rawType"], signature["arguments"]
    if raw == "array":
        inner = _nested(arguments[0]["value"])
        return lambda values: f"[{', '.join(map(inner, values))}]"
    if raw == "map":
        key, item = (_nested(each["value"]) for each in arguments)
        return lambda values: "{" + ", ".join(f"{key(name)}={item(value)}" for name, value in values.items()) + "}"
    if raw == "row":
        fields = [_field(number, each["value"]) for number, each in enumerate(arguments)]
        return lambda values: (
            "{" + ", ".join(f"{name}={spell(value)}" for (name, spell), value in zip(fields, values, strict=True)) + "}"
        )
    return _SIMPLE.get(raw, str)


def _nested(signature: Signature) -> Callable[[Any], str]:
    spell = _speller(signature)
    return lambda value: "null" if value is None else spell(value)


def _field(number: int, argument: dict[str, Any]) -> tuple[str, Callable[[Any], str]]:
    name = (argument.get("fieldName") or {}).get("name") or f"field{number}"
    return name, _nested(argument["typeSignature"])


def _boolean(value: bool | str) -> str:
    return str(value).lower()


def _number(value: float | str) -> str:
    """As Java prints a double: plain between 10⁻³ and 10⁷, `1.0E10` otherwise."""
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return format(Decimal(repr(number)), "f") if "." not in repr(number) or "e" in repr(number) else repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    head, *tail = map(str, digits)
    return f"{'-' * sign}{head}.{''.join(tail) or '0'}E{exponent + len(tail)}"


def _timestamp(value: str) -> str:
    """Athena shows milliseconds even where the type has none."""
    return _FRACTION.sub(lambda match: f"{match[1]}.{(match[2] or '').ljust(3, '0')}", value, count=1)


def _binary(value: str) -> str:
    return binascii.hexlify(base64.b64decode(value), " ").decode()


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_SIMPLE: dict[str, Callable[[Any], str]] = {
    "boolean": _boolean,
    "double": _number,
    "real": _number,
    "timestamp": _timestamp,
    "timestamp with time zone": _timestamp,
    "varbinary": _binary,
    "json": _json,
}
