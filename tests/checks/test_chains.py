"""CTEs that read each other several times, as many scans as 2 to the power of their number, and many joins: no time."""

from time import perf_counter

import pytest

from flowsql.checks import ask
from flowsql.checks.opening import subjects_of


def chain(length: int, first: str, columns: str) -> str:
    """CTEs of which each joins the one before with itself."""
    ctes = [f"c0 AS ({first})"]
    for number in range(1, length):
        last = f"c{number - 1}"
        ctes.append(f"c{number} AS (SELECT {columns} FROM {last} AS a JOIN {last} AS b ON a.srcaddr = b.srcaddr)")
    listed = ",\n".join(ctes)
    return f"WITH {listed}\nSELECT srcaddr FROM c{length - 1}"


@pytest.mark.parametrize("columns", ["a.srcaddr", "a.srcaddr || b.srcaddr AS srcaddr", "*"])
@pytest.mark.parametrize("where", ["", " WHERE day = '2026/01/01'"])
def test_a_long_chain_is_checked_in_no_time(columns: str, where: str) -> None:
    since = perf_counter()
    report = ask(subjects_of(chain(40, f"SELECT srcaddr FROM network.f{where}", columns), "the.sql"))
    assert perf_counter() - since < 5
    # The same star on both sides of a join gives its names twice, which is told too.
    assert {finding.code for finding in report.errors} - {"FQ419"} == (set() if where else {"FQ501"})
    assert columns == "*" or len(report.errors) == (not where)


def test_what_is_brought_to_a_cte_by_many_uses_still_bounds_it() -> None:
    arms = "\nUNION ALL ".join(f"SELECT srcaddr FROM f WHERE day = '2026/01/{day:02}'" for day in range(1, 31))
    sql = f"WITH f AS (SELECT day, srcaddr FROM network.f)\n{arms}"
    assert not ask(subjects_of(sql, "the.sql")).errors
    (open_,) = ask(subjects_of(f"{sql}\nUNION ALL SELECT srcaddr FROM f", "the.sql")).errors
    assert open_.code == "FQ501"


def test_many_joins_are_checked_in_no_time() -> None:
    joins = " ".join(f"JOIN network.f AS f{n} ON f{n}.day = f{n - 1}.day" for n in range(1, 100))
    since = perf_counter()
    report = ask(subjects_of(f"SELECT f0.srcaddr FROM network.f AS f0 {joins} WHERE f0.day = '2026/01/01'", "the.sql"))
    assert perf_counter() - since < 5
    assert not report.errors
    report = ask(subjects_of(f"SELECT f0.srcaddr FROM network.f AS f0 {joins}", "the.sql"))
    assert len(report.errors) == 99


def test_many_statements_and_many_branches_are_checked_in_no_time() -> None:
    since = perf_counter()
    statements = "SELECT srcaddr FROM network.f WHERE day = '2026/01/01';\n"
    report = ask(subjects_of(statements * 400 + "SELECT srcaddr FROM network.f;\n", "the.sql"))
    assert [(finding.code, finding.line) for finding in report.errors] == [("FQ202", 2), ("FQ501", 401)]
    branches = " ".join(f"WHEN dstport = {port} THEN 'p{port}'" for port in range(1000))
    report = ask(subjects_of(f"SELECT CASE {branches} END AS p FROM network.f WHERE day = '2026/01/01'", "the.sql"))
    assert not report.errors
    assert perf_counter() - since < 20
