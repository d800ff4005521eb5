"""A small slice of the fuzzer: the whole is `python -m tests.checks.fuzz 100000`."""

import pytest

from flowsql.checks import ask
from flowsql.checks.opening import subjects_of
from tests.checks.fuzz import run


def test_mutated_statements_crash_nothing() -> None:
    *_, seen = run(300, seed=20261122)
    assert seen.statements == 300
    assert seen.slowest < 2


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t (n) AS (1e9 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t",
        "SELECTM {{ flows }} UNION SELECT FFFFROM {{ flows }}",
        "SELECT srcaddr FROM network.f WHERE day IN (SELECTM x UNION SELECT day FROM network.f)",
    ],
)
def test_what_crashed_once(sql: str) -> None:
    assert ask(subjects_of(sql, "the.sql")).errors
