"""Trino's type names and the values in Athena's text form."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from flowsql.engines.trino_types import arrow_type, from_texts, from_values, parse_type
from flowsql.errors import EngineError


@pytest.mark.parametrize(
    ("text", "sql", "arrow"),
    [
        ("varchar(10)", "varchar(10)", "string"),
        ("bigint", "bigint", "int64"),
        ("decimal(10,2)", "decimal(10, 2)", "decimal128(10, 2)"),
        ("timestamp(3) with time zone", "timestamp(3) with time zone", "timestamp[us, tz=UTC]"),
        ("timestamp(3)", "timestamp(3)", "timestamp[us]"),
        ("ipaddress", "ipaddress", "string"),
        ("interval day to second", "interval day to second", "string"),
        ("map(varchar, array(bigint))", "map(varchar, array(bigint))", "map<string, list<item: int64>>"),
        (
            'row(a bigint, "B c" varchar(3), t timestamp(3) with time zone)',
            'row("a" bigint, "B c" varchar(3), "t" timestamp(3) with time zone)',
            "struct<a: int64, B c: string, t: timestamp[us, tz=UTC]>",
        ),
        ("row(bigint, varchar)", 'row("field0" bigint, "field1" varchar)', "struct<field0: int64, field1: string>"),
    ],
)
def test_a_type_is_read_and_written(text: str, sql: str, arrow: str) -> None:
    assert parse_type(text).sql() == sql
    assert str(arrow_type(parse_type(text))) == arrow


@pytest.mark.parametrize("text", ["", "array(", "row(a bigint", "array(bigint))", "map(varchar bigint"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="no type"):
        parse_type(text)


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        ("bigint", ["9007199254740993", None], [9007199254740993, None]),
        ("varchar", ["007", "", None], ["007", "", None]),
        ("double", ["1.0E10", "Infinity", None], [1e10, float("inf"), None]),
        ("boolean", ["true", "false"], [True, False]),
        ("decimal(38,0)", ["12345678901234567890"], [Decimal("12345678901234567890")]),
        (
            "timestamp(3) with time zone",
            ["2026-11-22 10:00:00.000 UTC", None],
            [datetime(2026, 11, 22, 10, tzinfo=UTC), None],
        ),
        (
            "timestamp(3) with time zone",
            ["2026-11-22 19:00:00.000 Asia/Tokyo"],
            [datetime(2026, 11, 22, 10, tzinfo=UTC)],
        ),
        ("timestamp(3) with time zone", ["2026-11-22 19:00:00.000 +09:00"], [datetime(2026, 11, 22, 10, tzinfo=UTC)]),
        ("timestamp(9)", ["2026-11-22 10:00:00.123456789"], [datetime(2026, 11, 22, 10, 0, 0, 123456)]),
        ("array(varchar)", ['["a, b", null, ""]', None], [["a, b", None, ""], None]),
        ("map(bigint,varchar)", ['{"1":"x"}'], [[(1, "x")]]),
        (
            'row(a bigint, "b" double)',
            ['{"a":9007199254740993,"b":0.1}', "[1, null]"],
            [{"a": 9007199254740993, "b": 0.1}, {"a": 1, "b": None}],
        ),
        ("varbinary", ["0a ff"], [b"\x0a\xff"]),
        ("ipaddress", ["10.0.0.1"], ["10.0.0.1"]),
    ],
)
def test_texts_become_typed_values(kind: str, texts: list[str | None], values: list[Any]) -> None:
    made = from_texts(pa.array(texts, pa.string()), parse_type(kind))
    assert made.to_pylist() == values
    assert made.type == arrow_type(parse_type(kind))


def test_values_of_trino_s_client_become_typed() -> None:
    made = from_values([datetime(2026, 1, 1, tzinfo=UTC), None], parse_type("timestamp(3) with time zone"))
    assert made.to_pylist() == [datetime(2026, 1, 1, tzinfo=UTC), None]
    assert from_values([[1, None]], parse_type("array(bigint)")).to_pylist() == [[1, None]]
    assert from_values([(1, "x")], parse_type("row(a bigint, b varchar)")).to_pylist() == [{"a": 1, "b": "x"}]


def test_a_value_of_another_type_is_an_error() -> None:
    with pytest.raises(EngineError, match="no bigint"):
        from_texts(pa.array(["x"]), parse_type("bigint"))
