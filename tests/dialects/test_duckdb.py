"""The embedded engine answers as Athena does, or says that it does not.

`answers/*.yaml` hold what a Trino 476 server, the engine Athena v3 is built from, answered to each statement:

* answers: the types and the values, which DuckDB must give too
* fails: Trino fails, and so must DuckDB, at translation or when it runs
* stops: Trino answers; DuckDB stops when it runs rather than answer otherwise
* refused: Trino answers; the translation is refused, with this message
"""

import datetime
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import sqlglot
import yaml
from sqlglot import exp

from flowsql.dialects.duckdb import PROVEN, to_duckdb
from flowsql.dialects.duckdb_macros import MACROS, setup
from flowsql.dialects.duckdb_nodes import name_of
from flowsql.errors import EngineError

if TYPE_CHECKING:
    import duckdb

ANSWERS = {
    path.stem: yaml.safe_load(path.read_text()) for path in sorted((Path(__file__).parent / "answers").glob("*"))
}

TYPES = {
    "BIGINT": "bigint",
    "UBIGINT": "bigint",
    "INTEGER": "integer",
    "DOUBLE": "double",
    "VARCHAR": "varchar",
    "BLOB": "varbinary",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}


def statement(text: str, prefix: str = "") -> str:
    """A row of the tables as a whole statement: most are one expression."""
    if prefix:
        return f"{prefix}{text}" if text.startswith(",") else f"{prefix} {text}"
    return text if text.lower().startswith(("select", "with", "values", "(select")) else f"SELECT {text}"


def rows_of(section: str) -> list[Any]:
    rows = []
    for area, table in ANSWERS.items():
        for row in table.get(section, ()):
            text, *rest = row if isinstance(row, list) else [row]
            rows.append(pytest.param(statement(text, table.get("with", "")), *rest, id=f"{area}: {text[:100]}"))
    return rows


def parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="athena")


def type_name(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return "decimal"
    if kind.endswith("[]"):
        return f"array({type_name(kind[:-2])})"
    if pair := re.fullmatch(r"MAP\((.*?), (.*)\)", kind):
        return f"map({type_name(pair[1])},{type_name(pair[2])})"
    return TYPES.get(kind, kind)


def plain(value: Any, kind: pa.DataType) -> Any:
    """An Arrow value as YAML writes it."""
    if isinstance(value, dict):
        return [plain(item, kind.field(at).type) for at, item in enumerate(value.values())]
    if isinstance(value, list) and pa.types.is_map(kind):
        pairs = [[plain(key, kind.key_type), plain(item, kind.item_type)] for key, item in value]
        return sorted(pairs, key=lambda pair: str(pair[0]))
    if isinstance(value, list):
        return [plain(item, kind.value_type) for item in value]
    if isinstance(value, datetime.datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
        return text if value.tzinfo is None else f"{text} UTC"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return f"bytes {value.hex()}"
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def same(expected: Any, got: Any) -> bool:
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, float) and isinstance(got, float):
        return math.isclose(expected, got, rel_tol=1e-12)
    return type(expected) is type(got) and expected == got


def asked(connection: "duckdb.DuckDBPyConnection", sql: str) -> tuple[list[str], list[list[Any]]]:
    """The types and the rows that DuckDB answers to a statement in Athena SQL."""
    relation = connection.sql(to_duckdb(parsed(sql)))
    table = relation.to_arrow_table()
    columns = [[plain(value, column.type) for value in column.to_pylist()] for column in table.columns]
    return [type_name(str(kind)) for kind in relation.types], [list(row) for row in zip(*columns, strict=True)]


def values_of(types: list[str], row: list[Any]) -> list[Any]:
    """A row whose decimals are numbers: only their places differ, and those are never turned into text."""
    return [value and Decimal(value) if kind == "decimal" else value for kind, value in zip(types, row, strict=True)]


@pytest.mark.parametrize(("sql", "types", "expected"), rows_of("answers"))
def test_answers_as_trino(connection: "duckdb.DuckDBPyConnection", sql: str, types: Any, expected: Any) -> None:
    got_types, got = asked(connection, sql)
    if isinstance(types, str):
        types, expected = [types], [[expected]]
    assert got_types == types
    assert same([values_of(types, row) for row in expected], [values_of(types, row) for row in got])


@pytest.mark.parametrize("sql", rows_of("fails"))
def test_fails_as_trino(connection: "duckdb.DuckDBPyConnection", sql: str) -> None:
    import duckdb

    with pytest.raises((EngineError, duckdb.Error)):
        asked(connection, sql)


@pytest.mark.parametrize("sql", rows_of("stops"))
def test_stops_rather_than_answer_otherwise(connection: "duckdb.DuckDBPyConnection", sql: str) -> None:
    import duckdb

    with pytest.raises(duckdb.Error):
        asked(connection, sql)


@pytest.mark.parametrize(("sql", "message"), rows_of("refused"))
def test_refuses_what_cannot_agree(sql: str, message: str) -> None:
    with pytest.raises(EngineError) as refused:
        to_duckdb(parsed(sql))
    assert refused.value.message.removeprefix("line 1: ") == message
    assert refused.value.hint


# Columns that are no flow log field: their types are only known when the statement runs.
OTHER: list[tuple[str, Any]] = [
    ("whole / 2", 3),
    ("double_ / 2", 3.5),
    ("text || CAST(whole AS varchar)", "x7"),
    ("moment + INTERVAL '1' DAY", "2026-01-03 03:04:05"),
    ("date_trunc('hour', moment)", "2026-01-02 03:00:00"),
    ("date_add('day', 1, moment)", "2026-01-03 03:04:05"),
]
OTHERWISE = [
    "decimal_ / 2",
    "2 / decimal_",
    "CAST(decimal_ AS varchar)",
    "CAST(double_ AS varchar)",
    "CAST(moment AS varchar)",
    "day + INTERVAL '1' DAY",
    "day - INTERVAL '1' DAY",
    "date_trunc('month', day)",
]
NEEDS_A_TYPE = [
    *("try(whole / 2)", "try(CAST(whole AS varchar) || '')", "CAST(whole AS bigint)", "from_unixtime(whole)"),
    *("cardinality(list)", "list[1]", "floor(whole)", "round(whole)", "approx_percentile(whole, 0.5)"),
]


@pytest.fixture(scope="module")
def other(connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyConnection":
    connection.execute(
        "CREATE TABLE other AS SELECT 7 AS whole, 7e0 AS double_, 7.5 AS decimal_, 'x' AS text, [1] AS list, "
        "TIMESTAMP '2026-01-02 03:04:05' AS moment, DATE '2026-01-02' AS day"
    )
    return connection


@pytest.mark.parametrize(("text", "expected"), OTHER)
def test_columns_of_unknown_types_answer_alike(other: "duckdb.DuckDBPyConnection", text: str, expected: Any) -> None:
    assert asked(other, f"SELECT {text} FROM other")[1] == [[expected]]


@pytest.mark.parametrize("text", OTHERWISE)
def test_columns_of_unknown_types_stop_where_the_type_matters(other: "duckdb.DuckDBPyConnection", text: str) -> None:
    import duckdb

    with pytest.raises(duckdb.Error):
        asked(other, f"SELECT {text} FROM other")


@pytest.mark.parametrize("text", NEEDS_A_TYPE)
def test_asks_for_the_type_that_decides(text: str) -> None:
    with pytest.raises(EngineError):
        to_duckdb(parsed(f"SELECT {text} FROM other"))


def test_every_entry_of_the_allow_list_is_proven() -> None:
    used: dict[str, set[str]] = {}
    for row in rows_of("answers"):
        for node in parsed(row.values[0]).walk():
            used.setdefault(name_of(node), set()).update(
                argument for argument, value in node.args.items() if value not in (None, [], False)
            )
    assert {name: arguments - used.get(name, set()) for name, arguments in PROVEN.items() if name not in used} == {}
    unused = {name: arguments - used[name] for name, arguments in PROVEN.items()}
    assert {name: arguments for name, arguments in unused.items() if arguments} == {}


def test_every_macro_is_needed_by_a_statement() -> None:
    macros = dict(MACROS)
    asked_for = [*(row.values[0] for row in rows_of("answers")), *(f"SELECT {text} FROM other" for text, _ in OTHER)]
    reached: set[str] = set()
    waiting = [to_duckdb(parsed(sql)).lower() for sql in asked_for]
    while waiting:
        for name in set(re.findall(r"athena_\w+(?=\()", waiting.pop())) - reached:
            reached.add(name)
            waiting.append(macros[name].partition(" AS ")[2])
    assert set(macros) == reached


@pytest.mark.parametrize(
    ("sql", "line", "named"),
    [
        ("SELECT srcaddr\nFROM flows\nWHERE bytes = '80'", 3, "mixes bigint and varchar"),
        ("SELECT srcaddr\nFROM flows\nWHERE dstport IN ('22')", 3, "mixes integer and varchar"),
        ("SELECT srcaddr\nFROM flows\nWHERE\n  srcaddr > 5", 4, "mixes varchar and integer"),
        ("SELECT\n  format_number(bytes)\nFROM flows", 2, "format_number()"),
        ("SELECT\n  approx_set(srcaddr)\nFROM flows", 2, "approx_set()"),
        ("SELECT *\nFROM read_csv('a.csv')", 2, "read_csv()"),
        ("WITH t AS (SELECT bytes AS b FROM flows)\nSELECT 1 FROM t\nWHERE b < 'x'", 3, "mixes bigint and varchar"),
        ("SELECT x.b FROM (SELECT * FROM flows) AS f\nCROSS JOIN LATERAL (SELECT f.bytes || '' AS b) AS x", 2, "joins"),
        ("SELECT 1.5 * bytes\n  / 3 FROM flows", 1, "the division of decimals"),
        ("SELECT coalesce(dstport,\n '-') FROM flows", 1, "coalesce() mixes integer and varchar"),
        ("SELECT 1\nFROM flows\nWHERE contains(srcaddr,\n  TRY_CAST(dstaddr AS ipaddress))", 3, "contains(network"),
        ("SELECT 1\nFROM flows\nWHERE contains('10.0.0.0/8', srcaddr)", 3, "not text"),
    ],
)
def test_names_the_construct_and_its_line(sql: str, line: int, named: str) -> None:
    with pytest.raises(EngineError, match=re.escape(named)) as refused:
        to_duckdb(parsed(sql))
    assert refused.value.message.startswith(f"line {line}: ")


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO t SELECT 1", "SELECT ?", "SHOW TABLES", "DROP TABLE t", "SELECT * FROM a.b", 'SELECT 1 FROM "a.csv"'],
)
def test_refuses_all_but_questions(sql: str) -> None:
    with pytest.raises(EngineError):
        to_duckdb(parsed(sql))


def test_leaves_the_tree_as_it_is() -> None:
    tree = parsed("SELECT a[1], 7 / b, CAST(c AS IPADDRESS) IS NULL FROM (SELECT ARRAY[1] AS a, 2 AS b, '' AS c)")
    before = tree.sql(dialect="athena")
    to_duckdb(tree)
    assert tree.sql(dialect="athena") == before


def test_takes_a_condition_cut_out_of_a_query(connection: "duckdb.DuckDBPyConnection") -> None:
    where = parsed(
        "SELECT 1 FROM flows AS f WHERE f.bytes / 2 > 3 AND contains('10.0.0.0/8', CAST(f.srcaddr AS ipaddress))"
    )
    conditions = [to_duckdb(condition) for condition in where.args["where"].this.flatten()]
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
    assert connection.sql(f"SELECT {counts} FROM flows AS f").fetchall() == [(0, 0)]
    with pytest.raises(EngineError, match="mixes bigint and varchar"):
        to_duckdb(parsed("SELECT 1 FROM flows AS f WHERE f.bytes = '1'").args["where"].this)


def test_takes_hundreds_of_conditions_and_refuses_hopeless_depth(connection: "duckdb.DuckDBPyConnection") -> None:
    ports = " OR ".join(f"dstport = {port}" for port in range(900))
    assert asked(connection, f"SELECT count(*) FROM flows WHERE {ports}")[1] == [[0]]
    with pytest.raises(EngineError, match="nested too deeply"):
        to_duckdb(parsed(f"SELECT {' + '.join(['1'] * 900)}"))


def test_setup_may_run_again(connection: "duckdb.DuckDBPyConnection") -> None:
    with connection.cursor() as second:
        for sql in setup(" ".join(MACROS)):
            second.execute(sql)
        assert second.sql(to_duckdb(parsed("SELECT 7 / 2 AS half"))).fetchall() == [(3,)]
