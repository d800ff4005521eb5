"""`list`, `show` and `fields`: what can be asked, and of what."""

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Flowsql


def test_all_queries_are_listed_by_topic(flowsql: Flowsql, own: Path) -> None:
    ended = flowsql("list", "--queries", own)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "connectivity"
    assert "mine" in lines
    assert lines[lines.index("mine") + 1].split(maxsplit=1) == ["telnet-sources", "Telnet sources"]


def test_a_search_says_what_each_query_answers(flowsql: Flowsql, own: Path, golden: Callable[[str, str], None]) -> None:
    golden("cli/list.txt", flowsql("list", "--topic", "mine", "--queries", own).out)
    assert (
        flowsql("list", "TELNET", "knocked", "--queries", own).out
        == flowsql("list", "--tag", "Own", "--queries", own).out
    )
    assert "telnet-sources" in flowsql("list", "telnet", "--queries", own).out


def test_a_search_without_a_result(flowsql: Flowsql) -> None:
    ended = flowsql("list", "nothing-is-called-so")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("No query of ")


def test_a_list_for_programs(flowsql: Flowsql, own: Path) -> None:
    rows = json.loads(flowsql("list", "--topic", "mine", "--queries", own, "--format", "json").out)
    assert rows == [
        {
            "name": "mine/telnet-sources",
            "title": "Telnet sources",
            "tags": ["telnet", "own"],
            "description": "Who knocked at Telnet, how often. One row for each source. "
            "Late packets of sessions already closed count too.",
        }
    ]


def test_only_what_the_logs_can_answer(flowsql: Flowsql, hour: list[str], default_logs: Path) -> None:
    assert "top-instances" in flowsql("list", "--answerable", *hour).out
    listed = flowsql("list", "--answerable", "--logs", default_logs, *hour[2:]).out
    assert "top-instances" not in listed
    assert "rejected-ssh" in listed


def test_transit_gateway_queries_are_for_transit_gateway_logs(
    flowsql: Flowsql, hour: list[str], tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    header = "/* ---\ntitle: Attachments\ndescription: Which.\ncolumns:\n  tgw_id: string\n--- */\n"
    (tmp_path / "own" / "attachments.sql").write_text(f"{header}SELECT tgw_id FROM {{{{ flows }}}} LIMIT 5\n")
    asked = ("list", "--answerable", "--queries", tmp_path / "own", "-f", "csv")
    assert "attachments" not in flowsql(*asked, *hour).out
    transit = flowsql(*asked, "--logs", Path(__file__).parents[1] / "data" / "tgw-default.log").out
    assert "attachments" in transit
    assert "transit-gateway/tgw-drops" in transit
    assert "rejected-ssh" not in transit


def test_queries_that_cannot_be_read_are_told_and_hide_nothing(flowsql: Flowsql, own: Path) -> None:
    (own / "mine" / "broken.sql").write_text("SELECT 1\n")
    ended = flowsql("list", "--queries", own)
    assert "telnet-sources" in ended.out
    unread = (
        "note: a saved query cannot be read and is not listed: own/mine/broken.sql:1: a saved query begins with its "
    )
    assert ended.err.replace("\n  ", " ").splitlines() == [f"{unread}header"]
    (own / "mine" / "wide.sql").write_text("SELECT 1", "utf-16")
    assert flowsql("list", "--queries", own).err.startswith("note: 2 saved queries cannot be read and are not listed, ")
    assert "it is UTF-16 text" in flowsql("show", "wide", "--queries", own).err
    assert "telnet-sources" in flowsql("run", "--queries", own, "--help").out


def test_two_queries_of_one_name_are_listed_in_full(flowsql: Flowsql, own: Path) -> None:
    (own / "other").mkdir()
    (own / "other" / "telnet-sources.sql").write_text((own / "mine" / "telnet-sources.sql").read_text())
    listed = flowsql("list", "--queries", own).out
    assert "mine/telnet-sources" in listed
    assert "other/telnet-sources" in listed
    ended = flowsql("show", "telnet-sources", "--queries", own)
    assert ended.code == 2
    assert "say which: mine/telnet-sources, other/telnet-sources" in ended.err


def test_show_explains_a_query(flowsql: Flowsql, own: Path, golden: Callable[[str, str], None]) -> None:
    ended = flowsql("show", "telnet-sources", "--queries", own)
    assert (ended.code, ended.err) == (0, "")
    golden("cli/show.txt", ended.out)


def test_show_tells_the_fields_that_make_an_answer_better(flowsql: Flowsql) -> None:
    out = flowsql("show", "vertical-scan").out
    assert "Fields needed (record version 2: the default format has them)" in out
    assert "better with: " in out
    assert "tcp-flags (v3)" in out
    assert "Fields needed (record version 3)\n" in flowsql("show", "top-instances").out


def test_every_query_can_be_shown(flowsql: Flowsql) -> None:
    for row in json.loads(flowsql("list", "--format", "json").out):
        ended = flowsql("show", row["name"])
        assert (ended.code, ended.err) == (0, ""), row["name"]
        assert max(len(line) for line in ended.out.partition("\nExample")[0].splitlines()) <= 100, row["name"]


def test_fields_are_listed_and_explained(flowsql: Flowsql) -> None:
    rows = json.loads(flowsql("fields", "--format", "json").out)
    assert {"field": "az-id", "version": 4}.items() <= next(row for row in rows if row["field"] == "az-id").items()
    older = json.loads(flowsql("fields", "--version", "2", "-f", "json").out)
    assert [row["version"] for row in older] == [2] * 14
    one = flowsql("fields", "TCP_FLAGS", "-f", "csv").out.splitlines()
    assert len(one) == 2
    assert one[1].startswith("tcp-flags,3,int,")
    assert "tgw-id" in flowsql("fields", "--tgw").out
    page = flowsql("fields").out.splitlines()
    assert max(map(len, page)) <= 100
    assert any(line.startswith("  action                      v2 string. Verdict; REJECT covers") for line in page)
    assert any(line.strip() == "Values: ACCEPT | REJECT | -" for line in page)
