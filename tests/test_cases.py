"""Cases of saved queries: how they are read, the objects they make, how differences show, and their errors."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.cases import Case, cases_path, check, objects, read_cases
from flowsql.errors import QueryError
from flowsql.frontmatter import parse
from flowsql.layout import place
from flowsql.library import Library
from flowsql.query import Query
from flowsql.session import in_memory

QUERY = """\
/* ---
title: Rejected
description: Rejected records of a port.
params:
  port: {type: port, default: 22}
columns:
  srcaddr: string
  attempts: int
  share: float
  again: bool
  first_seen: timestamp
  ports: list
--- */
SELECT
    srcaddr,
    COUNT(*) AS attempts,
    CAST(COUNT(*) AS DOUBLE) / 8 AS share,
    COUNT(*) > 1 AS again,
    MIN(start_time) AS first_seen,
    ARRAY_AGG(CAST(srcport AS VARCHAR) ORDER BY srcport) AS ports
FROM {{ flows }}
WHERE action = 'REJECT' AND dstport = {{ port }}
GROUP BY srcaddr
ORDER BY srcaddr ASC
"""
GOOD = """\
- name: counted
  params: {port: 2222}
  options: {interface: eni-0a0a0a0a0a0a0a0a}
  found: |
    srcaddr srcport dstport action start
    10.0.0.{1..2} {5001..5002} 2222 REJECT +60
    10.0.0.1 5003 2222 REJECT 10:02:00

    # a note
    10.0.0.1 5004 2222 REJECT 2026-11-22T10:03:00Z
  other: |
    srcaddr dstport action
    10.0.0.3 22 REJECT
  expect: |
    srcaddr  attempts share again first_seen ports
    10.0.0.1 3        0.375 true  +60        5001,5003,5004
    10.0.0.2 1        0.125 false +60        5002
- name: none
  other: |
    srcaddr dstport action
    10.0.0.3 22 ACCEPT
  expect: none
"""


@pytest.fixture
def query() -> Query:
    return parse(QUERY, "connectivity/rejected")


@pytest.fixture
def read(tmp_path: Path, query: Query) -> Callable[[str], list[Case]]:
    """Reads the cases of a text, under the name `rejected.cases.yaml`."""

    def cases(text: str) -> list[Case]:
        path = Path("rejected.cases.yaml")
        path.write_text(text, "utf-8", newline="")
        return read_cases(path, query)

    return cases


def differences(cases: list[Case], query: Query) -> list[list[str]]:
    return [check(case, query, in_memory(query, Library.of())) for case in cases]


def test_cases_pass_on_the_embedded_engine(read: Callable[[str], list[Case]], query: Query) -> None:
    cases = read(GOOD)
    assert [case.name for case in cases] == ["counted", "none"]
    assert [case.place for case in cases] == ["rejected.cases.yaml:1", "rejected.cases.yaml:18"]
    assert differences(cases, query) == [[], []]
    assert differences(read(GOOD.replace("\n", "\r\n")), query) == [[], []]


def test_differences_are_shown_line_by_line(read: Callable[[str], list[Case]], query: Query) -> None:
    wrong = GOOD.replace("3        0.375", "4        0.375").replace("1        0.125 false", "1        0.126 false")
    assert differences(read(wrong), query)[0] == [
        "- srcaddr=10.0.0.1 attempts=4 share=0.375 again=true first_seen=+60 ports=5001,5003,5004",
        "+ srcaddr=10.0.0.1 attempts=3 share=0.375 again=true first_seen=+60 ports=5001,5003,5004",
        "- srcaddr=10.0.0.2 attempts=1 share=0.126 again=false first_seen=+60 ports=5002",
        "+ srcaddr=10.0.0.2 attempts=1 share=0.125 again=false first_seen=+60 ports=5002",
    ]
    fewer = GOOD.replace("    10.0.0.2 1        0.125 false +60        5002\n", "")
    assert differences(read(fewer), query)[0] == [
        "+ srcaddr=10.0.0.2 attempts=1 share=0.125 again=false first_seen=+60 ports=5002"
    ]
    more = GOOD.replace("  expect: none", "  expect: |\n    srcaddr\n    10.0.0.3")
    assert differences(read(more), query)[1] == ["- srcaddr=10.0.0.3"]


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("share", "half"), ("attempts", "some"), ("again", "1"), ("ports", "5001"), ("srcaddr", "-"), ("share", "nan")],
)
def test_a_cell_of_any_type_can_differ(
    read: Callable[[str], list[Case]], query: Query, column: str, wrong: str
) -> None:
    found = "  found: |\n    srcport dstport action\n    1 22 REJECT\n"
    problems = differences(read(f"- name: n\n{found}  expect: |\n    {column}\n    {wrong}\n"), query)[0]
    assert problems[0] == f"- {column}={wrong}"
    assert len(problems) == 2


def test_the_other_records_alone_must_give_nothing(read: Callable[[str], list[Case]], query: Query) -> None:
    other = "  other: |\n    srcaddr dstport action\n    10.0.0.9 22 REJECT\n"
    text = f"- name: n\n{other}  expect: |\n    srcaddr\n    10.0.0.9\n"
    assert differences(read(text), query) == [["with the other records alone:", "+ " + _shown()]]
    assert differences(read(f"{text}  expect_other: |\n    srcaddr attempts\n    10.0.0.9 1\n"), query) == [[]]


def _shown() -> str:
    return "srcaddr=10.0.0.9 attempts=1 share=0.125 again=false first_seen=+60 ports=40000"


def test_records_are_filed_by_their_end(read: Callable[[str], list[Case]]) -> None:
    (case,) = read(
        "- name: n\n  expect: none\n  found: |\n    srcaddr start end\n    10.0.0.1 +60 +90\n    10.0.0.2 +290 +301\n"
        "  other: |\n    srcaddr start end\n    10.0.0.3 -60 -1\n"
    )
    filed = objects(case, (*case.found, *case.other))
    assert [place(key).slot for key in filed] == [
        datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 10, 5, tzinfo=UTC),
        datetime(2026, 11, 22, 9, 55, tzinfo=UTC),
    ]
    header, line = gzip.decompress(next(iter(filed.values()))).decode().splitlines()
    assert header == (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
        "action log-status"
    )
    assert (
        line
        == "2 123456789012 eni-0a0a0a0a0a0a0a0a 10.0.0.1 10.0.0.2 40000 443 6 10 1000 1795341660 1795341690 ACCEPT OK"
    )


def test_the_fields_of_a_case(read: Callable[[str], list[Case]]) -> None:
    def fields(text: str, header: str = "srcaddr") -> tuple[str, ...]:
        return read(f"- name: n\n  expect: none\n  fields: {text}\n  found: |\n    {header}\n    -\n")[0].columns

    assert fields("v2")[-1] == "log_status"
    assert fields("v3")[-1] == "pkt_dstaddr"
    assert fields("v5")[-1] == "traffic_path"
    assert fields("v6")[:3] == ("version", "resource_type", "account_id")
    assert fields("v2", "tcp-flags")[-1] == "tcp_flags"
    assert fields("srcaddr start end") == ("srcaddr", "start", "end")
    assert fields("v2", "tgw_id")[1] == "account_id"
    (case,) = read("- name: n\n  expect: none\n  fields: v5\n  found: |\n    tcp_flags\n    2\n")
    assert gzip.decompress(next(iter(objects(case, case.found).values()))).decode().splitlines()[1].startswith("5 ")


def test_another_window(read: Callable[[str], list[Case]]) -> None:
    (case,) = read("- {name: n, expect: none, window: 2026-01-01/P1D}")
    assert (case.window.since, case.window.until - case.window.since) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        timedelta(1),
    )


def case(*lines: str) -> str:
    return "\n".join(["- name: n", *(f"  {line}" for line in lines), "  expect: none", ""])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: cases are a list\n  hint: - name: …"),
        ("name: n", "1: cases are a list"),
        ("- n", "1: case 1 is a mapping"),
        ("- name: n\n", "1: a case has a name and what to expect\n  hint: expect: none"),
        ("- expect: none\n", "1: a case has a name and what to expect"),
        (case("fuond: x"), "2: unknown key 'fuond'\n  hint: did you mean 'found'?"),
        (case("found: [x]"), "2: found is a text"),
        (case("params: 5"), "2: params is a mapping\n  hint: {port: 22}"),
        (case("params: {port: [22]}"), "2: port is a text\n  hint: a list is written 22,3389"),
        (case("params:", "  prot: 22"), "3: rejected has no parameter 'prot'\n  hint: did you mean 'port'?"),
        (case("window: never"), "2: 'never' is not a time"),
        (case("fields: ''"), "2: the log format names no field"),
        (
            case("found: |", "  srcadr", "  10.0.0.1"),
            "3: found names 'srcadr', which is no field\n  hint: did you mean 'srcaddr'?",
        ),
        (case("found: |", "  srcaddr dstaddr", "  10.0.0.1"), "4: 1 cell under 2 columns: 10.0.0.1"),
        (case("other: |", "  srcaddr", "  it's"), "4: a quote is not closed: it's"),
        (case("found: |", "  srcport", "  {1..3/0}"), "4: a range of no numbers or of too many: {1..3/0}"),
        (case("found: |", "  srcport", "  {3..1}"), "4: a range of no numbers or of too many: {3..1}"),
        (case("found: |", "  srcport", "  {1..999999999999}"), "4: a range of no numbers or of too many: {1..9"),
        ("- name: n\n  expect: |\n    attempt\n    1\n", "3: expect names 'attempt', which the query does not return"),
        (case("found: |", "  srcport", "  {1..400}{1..400}"), "4: a range of no numbers or of too many"),
        (case("found: |", "  srcport srcport", "  1 2"), "3: 'srcport' stands twice in: srcport srcport"),
        ("- name: a\n  expect: none\n- n\n", "3: case 2 is a mapping"),
        ("- name: a\n  expect: none\n- expect: none\n", "3: a case has a name and what to expect"),
        (case("found: |", "  # a note", "", "  srcport", "  22", "  -", "  22 23"), "8: 2 cells under 1 column: 22 23"),
        (case("found: |", "  start", "  soon"), "4: 'soon' is not a time"),
        (case("found: |", "  start", "  +x"), "4: '+x' is not a time"),
        (case("found: |", "  start", "  -"), "4: '-' is not a time"),
        (
            case("found: |", "  dstport", "  22", "  ssh"),
            "5: this is no flow log record: dstport is 'ssh', not a number",
        ),
        (case("other: |", "  dstport", "  {65534..65540}"), "4: this is no flow log record: dstport is 65536, out of"),
        (
            case("found: |", "  srcaddr", "  10.0.0.1", "  999.0.0.1"),
            "5: this is no flow log record: srcaddr is '999.0.0.1', not an address",
        ),
        (case("found: |", "  action", "  DENY"), "4: this is no flow log record: action is 'DENY', not ACCEPT or REJ"),
        (case("found: |", "  start end", "  +60 +30"), "4: this is no flow log record: start 1795341660 is after end"),
        (case("found: |", "  instance_id", "  'i-0 a'"), "4: this is no flow log record: 16 values where the log for"),
        (
            case("found: |", "  start", "  +60", "  +99999"),
            "5: this record lies after the window, which is 2026-11-22T10:00:00Z … 2026-11-22T11:00:00Z\n"
            "  hint: what must not be found stands under `other`",
        ),
        (case("found: |", "  start end", "  +60 +99999"), "4: this record lies after the window"),
        (case("found: |", "  start", "  -3600"), "4: this record lies before the window"),
        (case("name: again"), "2: key 'name' stands twice"),
        ("- name: [", "2:1: not YAML: "),
    ],
)
def test_an_error_says_file_line_and_the_nearest_name(
    read: Callable[[str], list[Case]], text: str, message: str
) -> None:
    with pytest.raises(QueryError) as raised:
        read(text)
    assert str(raised.value).startswith(f"rejected.cases.yaml:{message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (case("options: {acount: x}"), "rejected has no parameter 'acount'"),
        (case("params: {port: 99999}"), "parameter 'port': '99999' is not 0 to 65535"),
        (
            "- name: n\n  found: |\n    dstport action\n    22 REJECT\n  expect: |\n    first_seen\n    soon\n",
            "'soon' is not a time",
        ),
    ],
)
def test_what_shows_only_when_a_case_is_run_says_which_case(
    read: Callable[[str], list[Case]], query: Query, text: str, message: str
) -> None:
    with pytest.raises(QueryError) as raised:
        differences(read(text), query)
    assert str(raised.value).startswith(f"rejected.cases.yaml:1: {message}")


def test_other_records_may_lie_outside_of_the_window(read: Callable[[str], list[Case]], query: Query) -> None:
    others = "  other: |\n    dstport action start\n    22 REJECT -3600\n    22 REJECT +99999\n"
    assert differences(read(f"- name: n\n{others}  expect: none\n"), query) == [[]]


def test_records_before_the_window_are_found_by_a_query_with_a_baseline(tmp_path: Path) -> None:
    path = tmp_path / "rejected.cases.yaml"
    path.write_text(case("found: |", "  start", "  -3600"))
    query = parse(QUERY.replace("{{ flows }}", "{{ baseline('7d') }}"), "connectivity/rejected")
    assert len(read_cases(path, query)[0].found) == 1


def test_two_ranges_in_a_cell_make_a_row_for_each_pair(read: Callable[[str], list[Case]]) -> None:
    (two,) = read(case("found: |", "  srcaddr srcport", "  10.0.{1..2}.{1..3} {1..6}"))
    assert [(row["srcaddr"], row["srcport"]) for row in two.found] == [
        *(("10.0.1.1", "1"), ("10.0.1.2", "2"), ("10.0.1.3", "3")),
        *(("10.0.2.1", "4"), ("10.0.2.2", "5"), ("10.0.2.3", "6")),
    ]


def test_a_file_that_is_no_text(tmp_path: Path, query: Query) -> None:
    path = tmp_path / "rejected.cases.yaml"
    path.write_bytes(b"- name: caf\xe9")
    with pytest.raises(QueryError, match="cannot be read: not UTF-8 text"):
        read_cases(path, query)
    with pytest.raises(QueryError, match="cannot be read: No such file"):
        read_cases(tmp_path / "absent.cases.yaml", query)
    assert cases_path(tmp_path / "rejected.sql") == path


def test_null_and_text_are_told_apart(query: Query, read: Callable[[str], list[Case]]) -> None:
    (expecting,) = read("- name: n\n  expect: |\n    srcaddr\n    -\n")

    def answer(value: Any) -> Callable[[dict[str, bytes], dict[str, str]], list[dict[str, Any]]]:
        return lambda objects, options: [{"srcaddr": value}]

    assert check(expecting, query, answer(None)) == []
    assert check(expecting, query, answer("-")) == ["- srcaddr=-", "+ srcaddr=-"]
