"""What a statement reads: columns, stars and scans; and that only one read-only SELECT over flow logs runs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlglot import exp

from flowsql.errors import EngineError, QueryError
from flowsql.query import Query, Relation, Rendered
from flowsql.statement import Statement, conjuncts, parse
from flowsql.statement.parts import Failure, parts_of
from flowsql.window import Window

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
RELATIONS = tuple(Relation(name, "flows", WINDOW) for name in ("flows", "records", "baseline_1w"))


def statement(sql: str, translate: Callable[[exp.Expression], str] | None = None) -> Statement:
    query = Query("topic/name", "", "", (), (), (), sql)
    return parse(Rendered(query, sql, WINDOW, {}, RELATIONS), translate)


def columns(sql: str) -> set[str]:
    return set(statement(sql).columns)


def failure(sql: str) -> str:
    with pytest.raises(QueryError) as raised:
        statement(sql)
    return str(raised.value)


COLUMNS: dict[str, tuple[str, str]] = {
    "every clause": (
        "SELECT srcaddr, SUM(bytes) AS b FROM flows WHERE action = 'REJECT' AND protocol IN (6, 17) "
        'GROUP BY srcaddr HAVING MAX(packets) > 1 ORDER BY MIN("start")',
        "srcaddr bytes action protocol packets start",
    ),
    "names in capitals": ('SELECT SRCADDR, F.DstAddr FROM FLOWS AS F WHERE f."end" > 0', "srcaddr dstaddr end"),
    "derived times": ("SELECT start_time, end_time FROM flows", "start_time end_time"),
    "count of everything": ("SELECT COUNT(*) AS n FROM flows", ""),
    "order by an alias": (
        "SELECT srcaddr AS who, COUNT(*) AS n FROM flows GROUP BY srcaddr ORDER BY n, WHO",
        "srcaddr",
    ),
    "order by an expression of an alias": ("SELECT bytes AS b FROM flows ORDER BY b + packets", "bytes packets"),
    "order by an alias that is a field too": ("SELECT MAX(bytes) AS bytes FROM flows ORDER BY bytes", "bytes"),
    "a window's order is no alias": (
        "SELECT COUNT(*) AS bytes, RANK() OVER (PARTITION BY srcaddr ORDER BY bytes) AS r FROM flows",
        "srcaddr bytes",
    ),
    "a named window": (
        "SELECT SUM(bytes) OVER w AS s FROM flows WINDOW w AS (PARTITION BY dstport ORDER BY packets)",
        "bytes dstport packets",
    ),
    "filter and ordered aggregates": (
        "SELECT COUNT(*) FILTER (WHERE dstport = 22) AS n, ARRAY_AGG(srcaddr ORDER BY packets) AS a FROM flows",
        "dstport srcaddr packets",
    ),
    "grouping sets": (
        "SELECT COUNT(*) AS n FROM flows GROUP BY GROUPING SETS ((srcaddr, dstaddr), (protocol))",
        "srcaddr dstaddr protocol",
    ),
    "a CTE": (
        "WITH a AS (SELECT srcaddr AS who, bytes FROM flows) SELECT who, SUM(bytes) AS b FROM a GROUP BY who",
        "srcaddr bytes",
    ),
    "a CTE with named columns": (
        "WITH a (who, n) AS (SELECT srcaddr, COUNT(*) FROM flows GROUP BY 1) SELECT who FROM a WHERE n > 1",
        "srcaddr",
    ),
    "a CTE of a CTE": (
        "WITH a AS (SELECT srcaddr FROM flows), b AS (SELECT srcaddr AS s FROM a) SELECT s FROM b",
        "srcaddr",
    ),
    "a CTE beside flow logs": (
        "WITH a AS (SELECT srcaddr AS who, bytes AS total FROM flows) "
        "SELECT who, total, dstport FROM flows JOIN a ON a.who = flows.dstaddr",
        "srcaddr bytes dstport dstaddr",
    ),
    "a derived table": ("SELECT x FROM (SELECT srcport AS x FROM flows) WHERE x > 1", "srcport"),
    "a derived table with named columns": ("SELECT x FROM (SELECT srcport FROM flows) AS t (x)", "srcport"),
    "a join of aliases": (
        "SELECT f.srcaddr, b.dstaddr FROM flows AS f LEFT JOIN baseline_1w AS b ON f.srcport = b.dstport",
        "srcaddr dstaddr srcport dstport",
    ),
    "a join in parentheses": (
        "SELECT f.srcaddr FROM (flows f CROSS JOIN records r) WHERE r.bytes > 1",
        "srcaddr bytes",
    ),
    "USING": ("SELECT COUNT(*) AS n FROM flows JOIN baseline_1w USING (srcaddr, dstport)", "srcaddr dstport"),
    "USING between a CTE and flow logs": (
        "WITH a AS (SELECT srcaddr FROM records) SELECT COUNT(*) AS n FROM a JOIN flows USING (srcaddr)",
        "srcaddr",
    ),
    "USING between CTEs": (
        "WITH a AS (SELECT dstport AS k FROM records), b AS (SELECT srcport AS k FROM records) "
        "SELECT COUNT(*) AS n FROM a JOIN b USING (k)",
        "dstport srcport",
    ),
    "a union": (
        "SELECT srcaddr AS a FROM flows UNION ALL SELECT dstaddr FROM records ORDER BY a",
        "srcaddr dstaddr",
    ),
    "a union in a CTE with its own order": (
        "WITH u AS (SELECT srcaddr AS a FROM flows UNION SELECT dstaddr FROM flows ORDER BY a) "
        "SELECT u.a, bytes FROM u CROSS JOIN flows",
        "srcaddr dstaddr bytes",
    ),
    "a subquery in WHERE": (
        "SELECT srcaddr FROM flows WHERE dstport IN (SELECT srcport FROM records WHERE packets > 3)",
        "srcaddr dstport srcport packets",
    ),
    "a subquery over a CTE": (
        "WITH seen AS (SELECT dstaddr AS who FROM baseline_1w) "
        "SELECT srcaddr FROM flows WHERE srcaddr NOT IN (SELECT who FROM seen)",
        "srcaddr dstaddr",
    ),
    "a correlated EXISTS": (
        "WITH asked AS (SELECT srcaddr AS who FROM flows) "
        "SELECT dstaddr FROM records AS r WHERE EXISTS (SELECT 1 FROM asked WHERE who = r.srcport AND who <> bytes)",
        "srcaddr dstaddr srcport bytes",
    ),
    "a scalar subquery": ("SELECT (SELECT MAX(bytes) FROM records) AS m FROM flows", "bytes"),
    "a lambda's variables are no columns": (
        "SELECT TRANSFORM(ARRAY[srcport], x -> x + dstport) AS t, "
        "REDUCE(ARRAY[1], 0, (s, i) -> s + i, s -> s) AS r FROM flows",
        "srcport dstport",
    ),
    "UNNEST": (
        "SELECT part, n FROM flows CROSS JOIN UNNEST(SPLIT(srcaddr, '.')) WITH ORDINALITY AS t (part, n)",
        "srcaddr",
    ),
    "UNNEST of a column of the same name": (
        "SELECT t.interface_tag FROM flows CROSS JOIN UNNEST(SPLIT(interface_tag, ',')) AS t (interface_tag)",
        "interface_tag",
    ),
    "VALUES": (
        "SELECT v.name, dstport FROM flows JOIN (VALUES (22, 'ssh')) AS v (port, name) ON v.port = dstport",
        "dstport",
    ),
    "LATERAL": (
        "SELECT x.total FROM flows AS f CROSS JOIN LATERAL (SELECT f.bytes + f.packets AS total) AS x",
        "bytes packets",
    ),
    "words that are no columns": (
        "SELECT EXTRACT(HOUR FROM start_time) AS h, INTERVAL '1' DAY AS d, CAST(srcport AS VARCHAR) AS v, "
        "CURRENT_TIMESTAMP AS c, start_time AT TIME ZONE 'UTC' AS z FROM flows",
        "start_time srcport",
    ),
    "a recursive CTE": (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
        "SELECT i, srcaddr FROM n CROSS JOIN flows",
        "srcaddr",
    ),
    "a WITH inside": (
        "SELECT x FROM (WITH a AS (SELECT srcaddr AS x FROM flows) SELECT x FROM a) AS t",
        "srcaddr",
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_which_columns_are_read(case: str) -> None:
    sql, wanted = COLUMNS[case]
    assert columns(sql) == set(wanted.split())


def test_columns_come_with_the_line_of_their_first_use() -> None:
    sql = "\n\nSELECT\n  srcaddr,\n  MAX(bytes) AS b\nFROM flows\nWHERE\n  dstport = 22\n  AND srcaddr <> '-'\n"
    assert statement(sql).columns == {"srcaddr": 4, "bytes": 5, "dstport": 8}
    assert list(statement("SELECT a\nFROM (SELECT b AS a\nFROM flows WHERE c = 1)").columns) == ["b", "c"]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT * FROM flows", True),
        ("SELECT f.* FROM flows AS f", True),
        ("SELECT *, bytes * 8 AS bits FROM flows", True),
        ("SELECT * FROM (SELECT srcaddr FROM flows)", False),
        ("SELECT a.* FROM flows JOIN (SELECT 1 AS x) AS a ON true", False),
        ("WITH a AS (SELECT * FROM flows) SELECT srcaddr FROM a", True),
        ("WITH a AS (SELECT srcaddr FROM flows) SELECT * FROM a", False),
        ("SELECT COUNT(*) AS n FROM flows", False),
        ("SELECT srcaddr FROM flows WHERE EXISTS (SELECT * FROM records)", False),
        ("SELECT srcaddr FROM flows UNION ALL SELECT * FROM (TABLE records)", True),
        ("(SELECT * FROM flows)", True),
    ],
)
def test_whether_a_star_reads_flow_logs(sql: str, wanted: bool) -> None:
    assert statement(sql).reads_all is wanted


@pytest.mark.parametrize(
    ("sql", "scans"),
    [
        ("SELECT 1 FROM flows", 1),
        ("SELECT 1 FROM flows, records", 2),
        ("SELECT 1 FROM flows UNION ALL SELECT 1 FROM flows", 2),
        ("WITH a AS (SELECT 1 AS x FROM flows) SELECT 1 FROM a", 1),
        ("WITH a AS (SELECT 1 AS x FROM flows) SELECT 1 FROM a JOIN A AS b ON true", 2),
        (
            "WITH a AS (SELECT 1 AS x FROM flows), b AS (SELECT 1 FROM a UNION ALL SELECT 1 FROM a) "
            "SELECT 1 FROM b, b AS c",
            4,
        ),
        ("WITH a AS (SELECT 1 AS x FROM flows) SELECT 1 FROM records", 1),
        ("SELECT 1 FROM flows WHERE EXISTS (SELECT 1 FROM records) AND 1 = (SELECT 1 FROM flows)", 3),
        ("SELECT 1 FROM (WITH a AS (SELECT 1 AS x FROM flows) SELECT 1 FROM a, a AS b) AS t", 2),
        (
            "WITH RECURSIVE t (n) AS (SELECT srcport FROM flows UNION ALL SELECT n + 1 FROM t WHERE n < 5) "
            "SELECT n FROM t",
            2,
        ),
    ],
)
def test_how_often_flow_logs_are_scanned(sql: str, scans: int) -> None:
    assert statement(sql).scans == scans


NOT_A_SELECT = [
    ("DROP TABLE flows", "1: only a SELECT may run, not DROP"),
    ("\n-- harmless\nDELETE FROM flows", "3: only a SELECT may run, not DELETE"),
    ("\n/* SELECT */ UPDATE flows SET a = 1", "2: only a SELECT may run, not UPDATE"),
    ("INSERT INTO x SELECT * FROM flows", "1: only a SELECT may run, not INSERT"),
    ("MERGE INTO x USING flows ON true WHEN MATCHED THEN DELETE", "1: only a SELECT may run, not MERGE"),
    ("CREATE TABLE x AS SELECT * FROM flows", "1: only a SELECT may run, not CREATE"),
    ("CREATE VIEW x AS SELECT * FROM flows", "1: only a SELECT may run, not CREATE"),
    ("ALTER TABLE flows ADD COLUMN x INT", "1: only a SELECT may run, not ALTER"),
    ("UNLOAD (SELECT * FROM flows) TO 's3://bucket/'", "1: only a SELECT may run, not UNLOAD"),
    ("CALL system.sync()", "1: only a SELECT may run, not CALL"),
    ("EXPLAIN SELECT 1 FROM flows", "1: only a SELECT may run, not EXPLAIN"),
    ("EXPLAIN ANALYZE SELECT 1 FROM flows", "1: only a SELECT may run, not EXPLAIN"),
    ("SHOW TABLES", "1: only a SELECT may run, not SHOW"),
    ("DESCRIBE flows", "1: only a SELECT may run, not DESCRIBE"),
    ("MSCK REPAIR TABLE flows", "1: only a SELECT may run, not MSCK REPAIR"),
    ("SET SESSION x = 1", "1: only a SELECT may run, not SET"),
    ("PREPARE x FROM SELECT 1", "1: only a SELECT may run, not PREPARE"),
    ("EXECUTE x", "1: only a SELECT may run, not EXECUTE"),
    ("GRANT SELECT ON flows TO x", "1: only a SELECT may run, not GRANT"),
    ("(DELETE FROM flows)", "1: only a SELECT may run, not DELETE"),
    ("TABLE flows", "1: only a SELECT may run, not TABLE"),
    ("SELECT srcaddr INTO x FROM flows", "1: only a SELECT may run, not INTO"),
    ("WITH a AS (SELECT 1 FROM flows)\nINSERT INTO x SELECT * FROM a", "2: only a SELECT may run, not INSERT"),
    ("WITH a AS (DELETE FROM flows RETURNING srcaddr)\nSELECT * FROM a", "1: only a SELECT may run, not DELETE"),
    ("SELECT 1 FROM flows;\n\nDROP TABLE flows", "3: 2 statements instead of one SELECT"),
    ("SELECT 1 FROM flows; -- a\nSELECT 2 FROM flows; SELECT 3", "2: 3 statements instead of one SELECT"),
    ("", " there is no SELECT"),
    ("\n-- nothing\n", " there is no SELECT"),
    (";;", " there is no SELECT"),
]


@pytest.mark.parametrize(("sql", "message"), NOT_A_SELECT, ids=[sql[:20].strip() for sql, _ in NOT_A_SELECT])
def test_only_one_read_only_select_runs(sql: str, message: str, caplog: pytest.LogCaptureFixture) -> None:
    assert failure(sql).startswith(f"topic/name:{message}")
    assert failure(sql).endswith("hint: flowsql sends one read-only SELECT")
    assert not caplog.records


def test_a_comment_or_a_semicolon_around_the_select_does_no_harm() -> None:
    for sql in (
        "-- a note; DROP\nSELECT srcaddr FROM flows;\n",
        "/* a ; */ SELECT srcaddr FROM flows ; -- the end\n",
        "((SELECT srcaddr FROM flows))",
        "SELECT srcaddr FROM flows WHERE action = ';'",
    ):
        assert "srcaddr" in statement(sql).columns


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT srcaddr\nFROM flows\nWHERE (dstport = 22\n", "3: not SQL: Expecting )"),
        ("SELECT srcaddr\n  FROM\n", "2: not SQL: Expected table name but got its end"),
        ("SELECT srcaddr,\nFROM flows WHERE\n\nGROUP BY srcaddr", "4: not SQL: "),
        ("SELECT 'it''s'\nFROM flows\nWHERE action = 'REJECT\n", "3: not SQL: a quote or comment is not closed"),
        ("SELECT 1\nFROM flows -- it's\nWHERE \"action = 1\n", "3: not SQL: a quote or comment is not closed"),
        ("SELECT 1 /* a */\n/* b\nFROM flows", "2: not SQL: a quote or comment is not closed"),
        ("SELECT " + "(" * 500 + "1" + ")" * 500 + " FROM flows", "1: not SQL: nested too deeply, 500 parentheses"),
        ("SELECT 1 AS x\nFROM flowz", "2: flowz is neither flow logs nor a CTE\n  hint: did you mean 'flows'?"),
        ("SELECT 1\nFROM flows, other_table", "2: other_table is neither flow logs nor a CTE\n  hint: write FROM"),
        ("SELECT 1\nFROM flows\nJOIN db.flows AS x ON true", "3: db.flows AS x is neither flow logs nor a CTE"),
        ("SELECT 1 FROM flows,\nread_csv('/etc/passwd')", "2: READ_CSV('/etc/passwd') is neither flow logs nor a CTE"),
        ("SELECT 1 FROM flows,\n'x.csv'", '2: "x.csv" is neither flow logs nor a CTE'),
        ("SELECT 1 FROM flows,\nTABLE(sequence(1, 3))", "2: TABLE(SEQUENCE(1, 3)) is neither"),
        ("WITH\nflows AS (SELECT 1 AS x FROM flows) SELECT x FROM flows", "2: a CTE may not be called 'flows'"),
        ("SELECT 1 FROM flows\nNATURAL JOIN records", "2: Athena has no NATURAL JOIN"),
        (
            "WITH a AS (SELECT srcaddr AS who FROM flows)\nSELECT\n  whom\nFROM a",
            "3: there is no column 'whom'\n  hint: did you mean 'who'?",
        ),
        (
            "WITH a AS (SELECT srcaddr AS who FROM flows)\nSELECT xyz FROM a",
            "2: there is no column 'xyz'\n  hint: columns: who",
        ),
    ],
)
def test_an_error_carries_the_author_s_line(sql: str, message: str) -> None:
    assert failure(sql).startswith(f"topic/name:{message}")


def test_what_an_inner_query_lacks_belongs_to_the_outer_one() -> None:
    exists = "EXISTS (SELECT 1 FROM (SELECT srcaddr AS s FROM records) AS r WHERE z = 1)"
    assert columns(f"SELECT bytes FROM flows WHERE {exists}") == {"bytes", "srcaddr", "z"}
    assert columns("SELECT bytes FROM flows WHERE 1 IN (SELECT k FROM (SELECT 1 AS m) AS t)") == {"bytes", "k"}


def test_flow_logs_must_be_read() -> None:
    query = Query("topic/name", "", "", (), (), (), "SELECT 1\n")
    with pytest.raises(QueryError) as raised:
        parse(Rendered(query, query.body, WINDOW, {}, ()))
    assert str(raised.value) == (
        "topic/name: the query reads no flow logs\n  hint: write FROM {{ flows }} or {{ records }}"
    )


def test_the_engine_s_dialect_and_its_refusals() -> None:
    assert statement("SELECT 1 AS x FROM flows").native == "SELECT 1 AS x FROM flows"
    assert statement("SELECT 1 AS x FROM flows", lambda tree: tree.key).native == "select"

    def refusing(message: str) -> Callable[[exp.Expression], str]:
        def translate(tree: exp.Expression) -> str:
            raise EngineError(message, hint="the hint")

        return translate

    with pytest.raises(EngineError) as raised:
        statement("SELECT 1 AS x FROM flows", refusing("line 3: f() is not proven"))
    assert str(raised.value) == "topic/name:3: f() is not proven\n  hint: the hint"
    with pytest.raises(EngineError) as raised:
        statement("SELECT 1 AS x FROM flows", refusing("something else"))
    assert str(raised.value) == "topic/name: something else\n  hint: the hint"


def explained(sql: str) -> list[tuple[str, list[str]]]:
    found = conjuncts(statement(sql).tree, {"flows", "records"})
    return [(name, [condition.sql(dialect="athena") for condition in conditions]) for name, conditions in found]


def test_the_conditions_that_may_have_removed_all_records() -> None:
    assert explained("SELECT 1 FROM flows") == [("flows", [])]
    assert explained("SELECT 1 FROM flows WHERE action = 'REJECT'") == [("flows", ["action = 'REJECT'"])]
    assert explained("SELECT 1 FROM flows AS f WHERE f.a = 1 AND (b = 2 OR f.c = 3) AND NOT d") == [
        ("flows", ["a = 1", "b = 2 OR c = 3", "NOT d"])
    ]
    assert explained("SELECT 1 FROM flows, records WHERE a = 1") == []
    assert explained("WITH x AS (SELECT 1 AS y FROM RECORDS WHERE a = 1) SELECT 1 FROM x WHERE y = 1") == [
        ("records", ["a = 1"])
    ]


def test_conditions_that_look_elsewhere_end_the_explanation() -> None:
    sql = "SELECT 1 FROM flows WHERE a = 1 AND b IN (SELECT srcport FROM records WHERE c = 1) AND d = 1"
    assert explained(sql) == [("flows", ["a = 1"]), ("records", ["c = 1"])]
    sql = "SELECT 1 FROM flows AS o WHERE EXISTS (SELECT 1 FROM records AS i WHERE i.a = 1 AND i.b = o.b)"
    assert explained(sql) == [("flows", []), ("records", ["a = 1"])]


def test_a_long_list_of_conditions_is_no_problem() -> None:
    sql = "SELECT 1 FROM flows WHERE " + " OR ".join(f"srcport = {port}" for port in range(5000))
    assert set(statement(sql).columns) == {"srcport"}


def test_a_statement_that_nests_too_deeply_says_how_deeply_and_where() -> None:
    (part,) = parts_of("SELECT " + "(" * 700 + "1" + ")" * 700)
    assert part.failure == Failure("nested too deeply, 700 parentheses inside each other", 706)


def test_tokens_and_failures_of_a_later_statement_lie_where_they_stand_in_the_text() -> None:
    text = "SELECT 1 -- one\n;\n  SELECT 'a;b' FROM t ; /* two */ SELECT FROM (\nWHERE"
    one, two, three = parts_of(text)
    for part in (one, two, three):
        assert all(text[token.start : token.end + 1] in (token.text, f"'{token.text}'") for token in part.tokens)
        assert all(token.line == text.count("\n", 0, token.start) + 1 for token in part.tokens)
    assert two.sql.strip() == "SELECT 'a;b' FROM t"
    assert two.sql.index("SELECT") == text.index("SELECT", 20)
    assert three.failure is not None
    assert three.failure.offset is not None
    assert text[three.failure.offset :] in ("(\nWHERE", "WHERE", "")
    (open_,) = parts_of("SELECT 1;\nSELECT 'x")[1:]
    assert open_.failure == Failure("a quote or comment is not closed", 17)
