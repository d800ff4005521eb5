"""`test`: the cases of saved queries."""

from pathlib import Path

from .conftest import Flowsql


def test_cases_that_pass(flowsql: Flowsql, own: Path) -> None:
    ended = flowsql("test", "telnet-sources", "--queries", own)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "ok   mine/telnet-sources: sources of one verdict are counted\n1 case passed, 0 failed\n"


def test_quiet_prints_the_last_line(flowsql: Flowsql, own: Path) -> None:
    for flag in ("--quiet", "-q"):
        assert flowsql("test", "telnet-sources", "--queries", own, flag).out == "1 case passed, 0 failed\n"


def test_a_case_that_fails_shows_how_the_rows_differ(flowsql: Flowsql, own: Path) -> None:
    cases = own / "mine" / "telnet-sources.cases.yaml"
    cases.write_text(cases.read_text().replace("203.0.113.9 2\n", "203.0.113.9 3\n"))
    ended = flowsql("test", "telnet-sources", "rejected-ssh", "--queries", own, "-q")
    assert ended.code == 1
    assert ended.out.startswith(
        "FAIL mine/telnet-sources: sources of one verdict are counted (own/mine/telnet-sources.cases.yaml:1)\n"
        "    - srcaddr=203.0.113.9 attempts=3\n"
        "    + srcaddr=203.0.113.9 attempts=2\n"
    )
    assert ended.out.endswith(" cases passed, 1 failed\n")


def test_what_is_wrong_with_one_query_stops_no_other(flowsql: Flowsql, own: Path) -> None:
    folder = own / "mine"
    query = (folder / "telnet-sources.sql").read_text()
    (folder / "no-cases.sql").write_text(query)
    (folder / "no-header.sql").write_text("SELECT 1\n")
    (folder / "no-column.sql").write_text(query.replace("    srcaddr,\n", "    srcadr,\n", 1))
    (folder / "no-column.cases.yaml").write_text((folder / "telnet-sources.cases.yaml").read_text())
    names = ("no-cases", "no-header", "no-column", "telnet-sources")
    ended = flowsql("test", *names, "--queries", own)
    assert ended.code == 1
    assert "FAIL mine/no-cases: it has no cases\n    write some to own/mine/no-cases.cases.yaml\n" in ended.out
    assert "FAIL mine/no-header: its files cannot be read\n    own/mine/no-header.sql:1: " in ended.out
    assert "column srcadr is not declared in the header" in ended.out
    assert ended.out.endswith("ok   mine/telnet-sources: sources of one verdict are counted\n1 case passed, 3 failed\n")
