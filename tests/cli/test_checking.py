"""`flowsql check`: targets, formats, exit codes; rules and their pages."""

import io
import json
import os
from pathlib import Path

import pytest

from flowsql.checks.registry import all_rules
from flowsql.checks.rule import Loaded
from tests.checks.test_declared import DDL

from .conftest import Flowsql

CHECKS = Path(__file__).parents[1] / "checks"
STAR = "-- a preview\nSELECT *\nFROM {{ flows }}\n"
OPEN = "SELECT 1 AS x FROM {{ flows }} WHERE (dstport = 22\n"


def test_the_shipped_queries_have_no_finding(flowsql: Flowsql) -> None:
    ended = flowsql("check", "--strict")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith(" files checked: 0 errors, 0 warnings\n")


def test_text_shows_the_line_and_a_caret(flowsql: Flowsql) -> None:
    Path("star.sql").write_text(STAR)
    ended = flowsql("check", "star.sql")
    assert ended.code == 0, "warnings alone do not fail"
    place, line, caret, hint = ended.out.splitlines()
    assert place.startswith("star.sql:2:8: warning FQ601 select-star: ")
    assert (line, caret) == ("    2 | SELECT *", "      |        ^")
    assert hint.startswith("  hint: ")
    assert ended.err == "1 file checked: 0 errors, 1 warning\n"
    assert flowsql("check", "star.sql", "--strict").code == 1


def test_a_folder_a_name_and_stdin_in_one_go(flowsql: Flowsql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STAR.encode())))
    Path("own/deep").mkdir(parents=True)
    Path("own/deep/open.sql").write_text(OPEN)
    ended = flowsql("check", "own", "rejected-ssh", "-")
    assert ended.code == 1
    assert "own/deep/open.sql:1:" in ended.out
    assert "stdin:2:8: warning FQ601" in ended.out
    assert "3 files checked: 1 error, 1 warning\n" in ended.err
    assert "own/deep/open.sql could not be read so far" in ended.err


def test_what_cannot_be_checked_is_told_and_stops_nothing(flowsql: Flowsql) -> None:
    Path("latin.sql").write_bytes(b"SELECT '\xe9'")
    Path("empty").mkdir()
    Path("star.sql").write_text(STAR)
    ended = flowsql("check", "latin.sql", "empty", "rejected-shh", "star.sql")
    assert ended.code == 2
    assert "flowsql: latin.sql: cannot be read: not UTF-8 text\n" in ended.err
    assert "flowsql: no .sql file in empty\n" in ended.err
    assert "'rejected-shh' is not a file, a folder or the name of a saved query" in ended.err
    assert "did you mean connectivity/rejected-ssh?" in ended.err
    assert "FQ601" in ended.out


def test_json_is_a_list_of_findings(flowsql: Flowsql) -> None:
    Path("star.sql").write_text(STAR)
    (finding,) = json.loads(flowsql("check", "star.sql", "-f", "json").out)
    assert (finding["path"], finding["line"], finding["column"]) == ("star.sql", 2, 8)
    assert (finding["code"], finding["name"], finding["severity"]) == ("FQ601", "select-star", "warning")
    assert json.loads(flowsql("check", "rejected-ssh", "-f", "json").out) == []


def test_github_annotations(flowsql: Flowsql) -> None:
    Path("a,b.sql").write_text(STAR)
    ended = flowsql("check", "a,b.sql", "-f", "github")
    assert ended.out.startswith("::warning file=a%2Cb.sql,line=2,col=8,title=FQ601 select-star::SELECT * reads")
    assert ended.out.count("\n") == 1


def test_sarif_tells_what_could_not_be_checked(flowsql: Flowsql) -> None:
    ended = flowsql("check", "nowhere.sql", "-f", "sarif")
    (invocation,) = json.loads(ended.out)["runs"][0]["invocations"]
    assert (ended.code, invocation["executionSuccessful"]) == (2, False)
    assert "nowhere.sql" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_has_the_shape_of_2_1_0(flowsql: Flowsql) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    Path("a b.sql").write_text(STAR + OPEN)
    Path("star.sql").write_text(STAR)
    log = json.loads(flowsql("check", "a b.sql", "star.sql", "-f", "sarif").out)
    jsonschema.validate(log, json.loads((CHECKS / "sarif-2.1.0-shape.json").read_text("utf-8")))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [each.rule.code for each in all_rules()]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a%20b.sql", "star.sql"}


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: str(rule.rule.name))
def test_every_rule_explains_itself(flowsql: Flowsql, rule: Loaded) -> None:
    by_code = flowsql("check", "--explain", rule.rule.code)
    assert by_code.code == 0
    assert by_code.out.startswith(f"{rule.rule.code} {rule.rule.name} ({rule.rule.severity})\n\n{rule.page.summary}\n")
    assert by_code.out == flowsql("check", "--explain", rule.rule.name).out


def test_rules_are_listed_and_a_wrong_one_is_answered(flowsql: Flowsql) -> None:
    listed = flowsql("check", "--rules").out.splitlines()
    assert [line.split()[0] for line in listed] == [each.rule.code for each in all_rules()]
    ended = flowsql("check", "--explain", "select-stars")
    assert ended.code == 2
    assert "did you mean 'select-star'?" in ended.err
    assert flowsql("check", "-f", "xml").code == 2


def test_sql_is_judged_by_the_table_definition_beside_it(flowsql: Flowsql, tmp_path: Path) -> None:
    table, question = tmp_path / "z.ddl.sql", tmp_path / "a.sql"
    table.write_text(DDL.format(name="mine"))
    for sql, told in (
        ("SELECT srcaddr FROM network.mine WHERE start_day = '2026/01/01'", ""),
        ("SELECT srcaddr FROM network.mine WHERE dstport = 22", "FQ501"),
        ("SELECT vpc_id FROM network.mine WHERE start_day = '2026/01/01'", "exists since version 3"),
    ):
        question.write_text(sql)
        ended = flowsql("check", str(question), str(table))
        assert ended.code == bool(told), ended.out
        assert told in ended.out


@pytest.mark.parametrize(
    ("log_format", "message"),
    [
        ("${version} ${srcaddr} ${version}", "the given log format names version twice"),
        ("nothing known", "'nothing known' names no field of flow logs"),
        ("", "the log format names no field"),
    ],
)
def test_a_log_format_that_cannot_be_is_refused(flowsql: Flowsql, log_format: str, message: str) -> None:
    ended = flowsql("check", "rejected-ssh", "--log-format", log_format)
    assert ended.code == 2
    assert message in ended.err


def test_what_is_given_twice_is_checked_once(flowsql: Flowsql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STAR.encode())))
    Path("own").mkdir()
    Path("own/star.sql").write_text(STAR)
    ended = flowsql(
        "check", "own/star.sql", "./own/star.sql", "own", "-", "-", "rejected-ssh", "connectivity/rejected-ssh"
    )
    assert ended.out.count("warning FQ601") == 2
    assert "3 files checked: 0 errors, 2 warnings\n" in ended.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_what_is_called_sql_and_is_no_file_is_told(flowsql: Flowsql) -> None:
    Path("own/folder.sql").mkdir(parents=True)
    Path("own/folder.sql/star.sql").write_text(STAR)
    Path("own/gone.sql").symlink_to("nowhere.sql")
    os.mkfifo("own/pipe.sql")
    ended = flowsql("check", "own")
    assert ended.code == 2
    assert "own/folder.sql/star.sql:2:8: warning FQ601" in ended.out
    assert "flowsql: own/gone.sql: cannot be read: nothing is there\n" in ended.err
    assert "flowsql: own/pipe.sql: cannot be read: no file\n" in ended.err
    assert "1 file checked" in ended.err
