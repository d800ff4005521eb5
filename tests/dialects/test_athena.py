"""What is put around a statement, and what its outermost SELECT says about its rows."""

import pytest
import sqlglot

from flowsql.dialects.athena import SortKey, makes_nested, ordered, placed, shape
from flowsql.dialects.athena_limits import check_size, check_tree
from flowsql.errors import QueryError, UsageError

FLOWS = {"flows": "SELECT 1 AS a"}


def test_relations_are_put_on_the_first_line_and_the_lines_stay() -> None:
    made = placed("\n\n-- why\nSELECT a\nFROM flows;\n", FLOWS)
    assert made.sql == "WITH flows AS (SELECT 1 AS a) SELECT a\nFROM flows"
    assert (made.skipped, made.inserted) == (3, len("WITH flows AS (SELECT 1 AS a) "))


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        (
            "WITH x AS (SELECT 1) SELECT * FROM x, flows",
            "WITH flows AS (SELECT 1 AS a), x AS (SELECT 1) SELECT * FROM x, flows",
        ),
        (
            "with RECURSIVE x AS (SELECT 1) SELECT 2",
            "with RECURSIVE flows AS (SELECT 1 AS a), x AS (SELECT 1) SELECT 2",
        ),
        ("(SELECT 1) UNION (SELECT 2)", "WITH flows AS (SELECT 1 AS a) (SELECT 1) UNION (SELECT 2)"),
    ],
)
def test_ctes_of_the_author_s_own_come_after(sql: str, made: str) -> None:
    assert placed(sql, FLOWS).sql == made


@pytest.mark.parametrize(
    ("sql", "limit", "order"),
    [
        (
            "SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n DESC, a LIMIT 5",
            5,
            (SortKey(1, True, False), SortKey(0, False, False)),
        ),
        ("SELECT a FROM t ORDER BY 1 NULLS FIRST", None, (SortKey(0, False, True),)),
        ("SELECT count(*), max(a) FROM t", 1, ()),
        ("SELECT t.a FROM t ORDER BY t.a", None, (SortKey(0, False, False),)),
        ("SELECT a FROM t ORDER BY b", None, None),
        ("SELECT * FROM t ORDER BY a", None, None),
        ("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a", None, (SortKey(0, False, False),)),
    ],
)
def test_the_shape_of_an_answer(sql: str, limit: int | None, order: tuple[SortKey, ...] | None) -> None:
    made = shape(sqlglot.parse_one(sql, read="athena"))
    assert (made.limit, made.order) == (limit, order)


@pytest.mark.parametrize(
    ("sql", "nested"),
    [
        ("SELECT array_agg(a) FROM t", True),
        ("SELECT CAST(ROW(1) AS ROW(a bigint)) FROM t", True),
        ("SELECT map_agg(a, b) FROM t", True),
        ("SELECT count(*) FILTER (WHERE a > 1), max_by(a, b) FROM t", False),
    ],
)
def test_what_may_be_nested(sql: str, nested: bool) -> None:
    assert makes_nested(sqlglot.parse_one(sql, read="athena")) is nested


@pytest.mark.parametrize(
    ("sql", "names", "made", "columns"),
    [
        ("SELECT a FROM t ORDER BY b, a", "a", "SELECT a, b FROM t ORDER BY b, a", [1, 0]),
        ("SELECT a FROM t ORDER BY a DESC", "a", None, [0]),
        ("SELECT a FROM t", "a", None, []),
        (
            "WITH x AS (SELECT 1 FROM u)\nSELECT '(' AS a, p IS DISTINCT FROM q -- from\nFROM x ORDER BY b * 2, 1",
            "a _col1",
            "WITH x AS (SELECT 1 FROM u)\nSELECT '(' AS a, p IS DISTINCT FROM q -- from\n, b * 2 FROM x "
            "ORDER BY b * 2, 1",
            [2, 0],
        ),
        ("SELECT * FROM t ORDER BY b, c + 1", "a b", "SELECT *, c + 1 FROM t ORDER BY b, c + 1", [1, 2]),
        ("SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY count(*)", "a n", None, [1]),
        ("SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a", "a", None, [0]),
        ("SELECT a AS b FROM t ORDER BY b + 1", "b", "", None),
        ("SELECT a AS a FROM t ORDER BY a + 1", "a", "SELECT a AS a, a + 1 FROM t ORDER BY a + 1", [1]),
        ("SELECT DISTINCT a FROM t ORDER BY a + 1", "a", "", None),
        ("SELECT a ORDER BY b", "a", "", None),
    ],
)
def test_what_a_statement_is_ordered_by_is_put_among_its_columns(
    sql: str, names: str, made: str | None, columns: list[int] | None
) -> None:
    found = ordered(sql, sqlglot.parse_one(sql, read="athena"), names.split())
    if columns is None:
        assert found is None
        return
    assert found is not None
    assert (found.sql, [key.column for key in found.keys]) == (sql if made is None else made, columns)
    assert found.more == len([column for column in columns if column >= len(names.split())])


def test_athena_s_limits_are_known_before_sending() -> None:
    check_size("SELECT 1", "q.sql")
    with pytest.raises(UsageError, match="262,145 bytes long and Athena takes 262,144"):
        check_size("x" * 262_145, "q.sql")
    items = ", ".join(["1"] * 255)
    with pytest.raises(QueryError, match="ARRAY of 255 items") as told:
        check_tree(sqlglot.parse_one(f"SELECT a\nFROM t\nWHERE contains(ARRAY[{items}], b)", read="athena"), "q.sql")
    assert told.value.where == "q.sql:3"
    with pytest.raises(QueryError, match=r"more than Athena's 2,147,483,647"):
        check_tree(sqlglot.parse_one("SELECT a FROM t ORDER BY a LIMIT 3000000000", read="athena"), "q.sql")
