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
