"""What a person is told of one file: everything at once, in order, nothing twice."""

import pytest

from flowsql.checks import ask
from flowsql.checks.opening import subjects_of
from flowsql.statement.parts import parts_of, tree_of


def told(sql: str) -> list[str]:
    """Places and rules of the findings."""
    report = ask(subjects_of(sql, "the.sql", kind="sql"))
    return [f"{finding.line}:{finding.column} {finding.name}" for finding in report.findings]


def hints(sql: str) -> list[str | None]:
    """The hints of the findings."""
    return [finding.hint for finding in ask(subjects_of(sql, "the.sql", kind="sql")).findings]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "SELECT `srcaddr`, nosuch\nFROM {{ flows }}\nWHERE end > 5 AND\n end < start AND dstport = '22'",
            ["1:8 backticks", "1:19 unknown-column", "3:7 reserved-word", "4:2 reserved-word", "4:18 mismatched-types"],
        ),
        (
            "SELECT nosuch, FROM {{ flows }} WHERE srcport == '22' AND bytes::int > packets QUALIFY 1",
            [
                "1:8 unknown-column",
                "1:14 trailing-comma",
                "1:39 mismatched-types",
                "1:47 foreign-comparison",
                "1:64 cast-sign",
                "1:80 qualify",
            ],
        ),
        (
            "SELECT srcadr FROM {{ flows }};\nSELECT dstport FROM {{ flows }} WHERE dstport = '22'",
            ["1:8 unknown-column", "2:1 several-statements", "2:39 mismatched-types"],
        ),
        ("SELECT srcaddr FROM {{ flows }} WHERE end > '5'", ["1:39 reserved-word", "1:39 mismatched-types"]),
        ("SELECT * EXCLUDE (bytes) FROM {{ flows }}", ["1:8 select-star", "1:10 star-changes"]),
        ("WITH a AS (SELECT 1 AS x) INSERT INTO t SELECT x FROM a", ["1:27 not-a-select"]),
        ("SELECT date_add(start_time, INTERVAL '1' DAY) FROM {{ flows }}", ["1:8 wrong-arity"]),
        (
            "WITH a AS (SELECT srcaddr FROM {{ flows }}), a AS (SELECT dstaddr FROM {{ flows }}) SELECT srcaddr FROM a",
            ["1:46 duplicate-cte"],
        ),
        ("SELEC srcaddr FROM {{ flows }}", ["1:1 not-a-select"]),
        ("SELECT * /* flowsql: ignore FQ601 all are shown */ FROM {{ flows }}", []),
        ("SELECT srcaddr /* flowsql: ignore FQ601 none */ FROM {{ flows }}", ["1:16 unused-ignore"]),
    ],
)
def test_all_findings_are_told_at_once(sql: str, expected: list[str]) -> None:
    assert told(sql) == expected


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT srcaddr FORM {{ flows }}", "did you mean FROM instead of FORM?"),
        ("SELECT srcaddr FROM {{ flows }} WERE dstport = 22", "did you mean WHERE instead of WERE?"),
        ("SELEC srcaddr FROM {{ flows }}", "did you mean SELECT?"),
    ],
)
def test_a_misspelt_clause_is_asked_about(sql: str, hint: str) -> None:
    assert hints(sql) == [hint]


def test_a_parser_that_stumbles_is_no_traceback() -> None:
    sql = "SELECT srcaddr FROM flows WHERE bytes > {:1}"
    (part,) = parts_of(sql)
    assert part.failure is not None
    assert part.failure.message == "it cannot be read"
    assert tree_of(sql, "duckdb") is None


def test_what_a_comment_excuses_hides_nothing_else() -> None:
    unread = "SELECT date_add(start_time, INTERVAL '1' DAY) AS d FROM {{ flows }}"
    assert told(unread) == ["1:8 wrong-arity"]
    assert told(f"{unread} -- flowsql: ignore FQ412 tried") == ["1:45 not-sql"]
    assert told("SELECT exclude(srcaddr), `nosuch` FROM {{ flows }} -- flowsql: ignore FQ302 mine") == [
        "1:8 unknown-function",
        "1:26 unknown-column",
        "1:33 not-sql",
    ]


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ("srcaddr, row_number() OVER (ORDER BY bytes) AS rn FROM {{ flows }} WHERE rn = 1", "a query around this one"),
        ("srcaddr, count(*) AS c FROM {{ flows }} WHERE c > 5 GROUP BY srcaddr", "behind GROUP BY: HAVING COUNT(*)"),
        ("srcaddr FROM {{ flows }} LIMIT '10'", "LIMIT takes a whole number"),
        ("srcaddr FROM {{ flows }} LIMIT -1", "LIMIT takes a whole number"),
        ("srcaddr FROM {{ flows }} GROUP srcaddr", "BY is missing: GROUP BY srcaddr"),
        (
            "srcaddr FROM {{ flows }} WHERE bytes > 1 AND NOT IN ('x')",
            "what is compared stands before it: srcaddr NOT IN",
        ),
        (
            "srcaddr FROM {{ flows }} WHERE srcaddr = '10.0.0.1' OR '::1'",
            "each needs its own comparison: srcaddr = '::1'",
        ),
        (
            "srcaddr FROM {{ flows }} WHERE dstport = 22 AND srcaddr = '10.0.0.1' OR '::1'",
            "each needs its own comparison: srcaddr = '::1'",
        ),
        ("srcaddr FROM {{ flows }} WHERE dstport = 22 && action = 'REJECT'", "AND"),
        ("count(DISTINCT bytes, packets) AS n FROM {{ flows }}", "values together are one in parentheses"),
        ("DATEDIFF(second, start_time, end_time) AS n FROM {{ flows }}", "write date_diff('second', from, to)"),
        ("source_ip FROM {{ flows }}", "did you mean 'srcaddr'?"),
        ("SAFE_CAST(srcaddr) AS n FROM {{ flows }}", "write TRY_CAST(… AS …)"),
        ("srcaddr FROM {{ flows }} WHERE start > '2026-01-01'", "compare start_time with TIMESTAMP '2026-01-01'"),
        ("srcaddr FROM {{ flows }} WHERE dstport = 'ssh'", "ssh is port 22"),
        ("srcaddr -- flowsql: ignore FQ703\nFROM {{ flows }}", "-- flowsql: ignore FQ703 why this line may do it"),
        ("srcaddr -- flowsql: ignore FQ7 x\nFROM {{ flows }}", "`flowsql check --rules` lists them"),
    ],
)
def test_a_hint_leads_to_what_athena_takes(what: str, hint: str) -> None:
    first, *_ = (found for found in hints(f"SELECT {what}") if found)
    assert first.startswith(hint)


def test_one_fault_is_told_once() -> None:
    assert told("SELECT srcaddr FROM {{ flows }} WHERE dstport = 22 && action = 'REJECT'") == ["1:52 foreign-logic"]
    assert "wrong-arity" not in " ".join(told("SELECT * REPLACE (lower(srcaddr) AS srcaddr) FROM {{ flows }}"))
    assert told("SELECT DATEDIFF(second, start_time, end_time) AS n FROM {{ flows }}") == ["1:8 unknown-function"]


def test_a_long_chain_is_not_called_no_sql() -> None:
    sql = "SELECT " + " || ".join(["action"] * 2_000) + " AS x FROM {{ flows }}"
    (finding,) = ask(subjects_of(sql, "the.sql", kind="sql")).findings
    assert finding.message == "flowsql cannot read this: nested too deeply"
    assert finding.hint is not None
    assert "split it into CTEs" in finding.hint
