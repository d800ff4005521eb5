"""`run`, `sql` and `render`: rows on stdout, everything else on stderr."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet
import pytest

from flowsql.layout import object_key
from flowsql.output.formats import FORMATS

from .conftest import Flowsql

TGW = Path(__file__).parents[1] / "data" / "tgw-default.log"
COUNT = "SELECT action, COUNT(*) AS n FROM {{ flows }} GROUP BY action ORDER BY action"


def test_run_prints_rows_and_receipt(flowsql: Flowsql, hour: list[str], golden: Callable[[str, str], None]) -> None:
    ended = flowsql("run", "rejected-ssh", "--limit", "5", *hour)
    assert ended.code == 0
    golden("cli/rejected-ssh.txt", ended.out)
    golden("cli/rejected-ssh.receipt.txt", _masked(ended.err, hour))


def _masked(text: str, hour: list[str]) -> str:
    """Without what differs from run to run, and from one zlib to another."""
    text = re.sub(r"\(\d+\.\d KiB\)", "(200.0 KiB)", re.sub(r"\d+\.\d\d s\b", "0.00 s", text))
    return text.replace(hour[1], "logs")


def test_an_empty_answer_is_explained(flowsql: Flowsql, hour: list[str], golden: Callable[[str, str], None]) -> None:
    ended = flowsql("run", "rejected-ssh", "--port", "2222", *hour)
    assert ended.code == 0
    assert ended.out.splitlines()[0].split() == ["srcaddr", "interface_id", "attempts", "first_seen", "last_seen"]
    golden("cli/no-rows.txt", _masked(ended.err, hour))


def test_a_query_has_help_with_its_own_parameters(flowsql: Flowsql, golden: Callable[[str, str], None]) -> None:
    ended = flowsql("run", "rejected-ssh", "--help")
    assert (ended.code, ended.err) == (0, "")
    golden("cli/run-rejected-ssh-help.txt", ended.out)


def test_the_program_has_help(flowsql: Flowsql, golden: Callable[[str, str], None]) -> None:
    golden("cli/help.txt", flowsql("--help").out)
    alone = flowsql()
    assert (alone.code, alone.out) == (2, "")
    assert alone.err == flowsql("-h").out


def test_the_version(flowsql: Flowsql) -> None:
    from flowsql import __version__

    assert flowsql("--version").out == f"flowsql {__version__}\n"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reaches_stdout_and_files(flowsql: Flowsql, hour: list[str], tmp_path: Path, name: str) -> None:
    target = tmp_path / "answer"
    assert flowsql("sql", COUNT, *hour, "--format", name, "-o", target, "-q").code == 0
    if name == "parquet":
        assert pyarrow.parquet.read_table(target).column_names == ["action", "n"]
    else:
        ended = flowsql("sql", COUNT, *hour, "--format", name, "--quiet")
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.encode() == target.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["answer"]


def test_the_suffix_of_a_file_chooses_the_format(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    flowsql("sql", COUNT, *hour, "-o", "rows.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [row["action"] for row in rows] == ["ACCEPT", "REJECT"]


def test_the_receipt_may_be_kept(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    flowsql("run", "rejected-ssh", *hour, "--receipt", "receipt.json")
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert receipt["query"] == "connectivity/rejected-ssh"
    assert receipt["parameters"] == {"limit": "100", "port": "22"}


def test_rejected_rows_are_listed(flowsql: Flowsql, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.log").write_text("version start end srcaddr\n2 1795345200 1795345260 10.0.0.1\n2 x y\n")
    ended = flowsql(
        "sql", "SELECT srcaddr FROM {{ records }}", "--logs", "bad.log", "--on", "2026-11-22", "--show-rejects"
    )
    assert ended.code == 0
    assert (
        "note: 1 row is no flow log record and was not used, judged by the columns the question "
        "reads (--show-rejects lists them)" in ended.err
    )
    assert "bad.log:3: 3 values" in ended.err


def test_sql_may_begin_with_a_comment(flowsql: Flowsql, hour: list[str]) -> None:
    ended = flowsql("sql", "-- how many, by: me\nSELECT COUNT(*) AS n FROM {{ flows }}", *hour, "-f", "csv")
    assert (ended.code, ended.out.splitlines()[0]) == (0, "n")
    assert flowsql("sql", "--logs=some where").code == 2


def test_rows_are_never_cut(flowsql: Flowsql, hour: list[str]) -> None:
    ended = flowsql("sql", "SELECT srcaddr FROM {{ flows }}", *hour, "-f", "csv")
    rows = len(ended.out.splitlines()) - 1
    assert rows > 5000
    assert f"{rows:,} rows from" in ended.err


def test_options_may_come_before_the_name(flowsql: Flowsql, hour: list[str], own: Path) -> None:
    after = flowsql("run", "rejected-ssh", *hour, "-q")
    assert flowsql("run", *hour, "-q", "rejected-ssh").out == after.out
    assert flowsql("run", "--queries", own, "-q", "telnet-sources", *hour, "--action", "REJECT").code == 0


def test_filters_may_be_given_again(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    one, other, third = (f"eni-0a1b2c3d4e5f6789{number}" for number in range(3))
    flowsql("run", "rejected-ssh", *hour, "--interface", one, "--interface", f"{other},{third}", "--receipt", "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["filters"] == {"interface_id": [one, other, third]}


def test_lists_may_be_given_again(flowsql: Flowsql, hour: list[str]) -> None:
    asked = ["run", "patch-path", *hour, "-f", "csv", "-q"]
    both = flowsql(*asked, "--ports", "443", "--ports", "80").out
    assert both == flowsql(*asked, "--ports", "80,443").out != flowsql(*asked, "--ports", "80").out


def test_stdout_may_be_called_by_a_hyphen(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    asked = ["run", "rejected-ssh", *hour, "-f", "csv", "-q"]
    assert flowsql(*asked, "-o", "-").out == flowsql(*asked).out != ""


def test_an_incomplete_answer_says_so_though_quiet(flowsql: Flowsql, tmp_path: Path) -> None:
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"start end srcaddr\n1 2 10.0.0.1\n")[:-9])
    (tmp_path / "b.log").write_bytes(b"start end srcaddr\n1 2 10.0.0.1\n")
    sql = "SELECT COUNT(*) AS n FROM {{ records }}"
    ended = flowsql("sql", sql, "--on", "1970-01-01", "--logs", str(tmp_path), "--skip-damaged", "-q", "-f", "csv")
    assert (ended.code, ended.out) == (0, "n\n1\n")
    assert ended.err.startswith("note: INCOMPLETE: 1 damaged object was skipped: ")


def test_a_link_to_nothing_is_named(flowsql: Flowsql, tmp_path: Path) -> None:
    (tmp_path / "b.log").write_bytes(b"start end srcaddr\n1 2 10.0.0.1\n")
    (tmp_path / "dead.log").symlink_to(tmp_path / "gone.log")
    sql = "SELECT COUNT(*) AS n FROM {{ records }}"
    ended = flowsql("sql", sql, "--on", "1970-01-01", "--logs", str(tmp_path))
    assert f"note: not looked into: {tmp_path}/dead.log (no file, or a link to nothing)" in ended.err


def test_records_of_no_known_account_are_found_where_they_are_filed(flowsql: Flowsql, tmp_path: Path) -> None:
    key = object_key("123456789012", "us-east-1", "fl-0abc", datetime(2026, 11, 22, 12, tzinfo=UTC), "ab")
    (tmp_path / key).parent.mkdir(parents=True)
    second = int(datetime(2026, 11, 22, 12, 1, tzinfo=UTC).timestamp())
    lines = ["account-id srcaddr start end log-status", f"unknown 10.0.0.1 {second} {second + 9} OK", ""]
    (tmp_path / key).write_bytes(gzip.compress("\n".join(lines).encode()))
    sql = "SELECT srcaddr FROM {{ flows }}"
    asked = ["sql", sql, "--on", "2026-11-22", "--logs", str(tmp_path), "-q", "-f", "csv"]
    for accounts in ("unknown", "unknown,999999999999"):
        assert flowsql(*asked, "--account", accounts).out == "srcaddr\n10.0.0.1\n"
    assert flowsql(*asked, "--account", "999999999999").out == "srcaddr\n"


def test_filters_that_transit_gateway_records_have_no_field_for(flowsql: Flowsql) -> None:
    ended = flowsql("run", "tgw-drops", "--logs", str(TGW), "--on", "2026-11-22", "--vpc", "vpc-0a1b2c3d")
    assert ended.code == 2
    assert "these have no field 'vpc-id', so --vpc cannot narrow the answer" in ended.err


def test_a_query_of_ones_own_says_that_it_hides_the_packaged_one(
    flowsql: Flowsql, hour: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine" / "connectivity"
    folder.mkdir(parents=True)
    header = "/* ---\ntitle: Mine\ndescription: Mine.\ncolumns:\n  n: int\n--- */\n"
    (folder / "rejected-ssh.sql").write_text(f"{header}SELECT COUNT(*) AS n FROM {{{{ flows }}}}\n")
    ended = flowsql("run", "rejected-ssh", "--queries", "mine", *hour)
    assert ended.out.split()[0] == "n"
    assert ended.err.startswith("note: connectivity/rejected-ssh is your own (mine/connectivity/rejected-ssh.sql)")


def test_render_shows_the_sql_and_what_it_reads(flowsql: Flowsql, own: Path) -> None:
    ended = flowsql(
        *("render", "telnet-sources", "--queries", own, "--action", "reject", "--port", "2323"),
        *("--since", "2026-11-22T10:00Z/PT1H"),
    )
    assert ended.code == 0
    assert ended.out.splitlines()[:4] == ["SELECT", "    srcaddr,", "    COUNT(*) AS attempts", "FROM flows"]
    assert "dstport = 2323" in ended.out
    assert "action = 'REJECT'" in ended.out
    assert ended.err == (
        "note: flows are the records with log-status OK in 2026-11-22T10:00:00Z … 2026-11-22T11:00:00Z\n"
    )


def test_render_follows_the_fields_of_the_logs(flowsql: Flowsql, hour: list[str], default_logs: Path) -> None:
    without = flowsql("render", "vertical-scan", "--logs", default_logs, *hour[2:])
    assert "tcp_flags" in flowsql("render", "vertical-scan", *hour).out
    assert "tcp_flags" not in without.out


def test_render_in_the_dialect_of_the_engine(flowsql: Flowsql) -> None:
    ended = flowsql("render", "rejected-ssh", "--dialect", "duckdb")
    assert ended.out.startswith("SELECT ")
    assert len(ended.out.splitlines()) == 1


def test_transit_gateway_logs_are_asked_and_a_vpc_question_over_them_is_explained(flowsql: Flowsql) -> None:
    place = ("--logs", TGW, "--on", "2026-11-22")
    drops = flowsql("run", "tgw-drops", *place, "-f", "csv")
    assert drops.code == 0
    assert drops.out.splitlines()[1].startswith("tgw-01aa,tgw-attach-02bb,ingress,10.1.0.8,10.9.9.9,3,3,0,0,0,3,")
    assert "tgw-attach-09cc" in flowsql("run", "tgw-top-attachments", *place).out
    asked = flowsql("run", "rejected-ssh", *place)
    assert asked.code == 0
    assert "are those of a transit gateway, and the query asks of those of a VPC." in asked.err.replace("\n", " ")
    assert "flowsql list --answerable" in asked.err
