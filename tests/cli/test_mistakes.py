"""A person's mistakes: one line that says what is wrong, one that says what to do, an exit code, never a traceback."""

import os
import shlex
import stat
from pathlib import Path

import pytest

from flowsql.library import Library

from .conftest import Flowsql

RUN = "run rejected-ssh --logs LOGS --last 1h --until 2026-11-22T12:00Z"

USAGE = {
    "run rejected-ssh": "nothing says where the flow logs are\n  hint: --logs FOLDER_OR_S3",
    "run rejected-shh --logs LOGS": "no query named 'rejected-shh'\n  hint: did you mean connectivity/rejected-ssh?",
    "run nöpe🦄 --logs LOGS": "no query named 'nöpe🦄'\n  hint: `flowsql list` shows all",
    "run '' --logs LOGS": "no query named ''",
    "run ../../etc/passwd --logs LOGS": "no query named",
    "run --last 1h": "flowsql run needs the name of a query",
    "rn": "no command 'rn'\n  hint: did you mean `flowsql run`?",
    "rejected-ssh --last 1h": "no command 'rejected-ssh'\n  hint: did you mean `flowsql run rejected-ssh`?",
    "xyzzy": "no command 'xyzzy'\n  hint: commands: demo, sample, list",
    "--logs LOGS run rejected-ssh": "no option --logs\n  hint: options follow the command: flowsql run NAME --logs",
    "--verbose": "no option --verbose",
    f"{RUN} --lsat 1h": "no option --lsat\n  hint: did you mean --last?  `flowsql run rejected-ssh --help`",
    f"{RUN} --prot 22": "no option --prot\n  hint: did you mean --port?",
    f"{RUN} -x": "no option -x",
    f"{RUN} --port": "option '--port' requires an argument",
    f"{RUN} –port 22": "'–port' begins with a dash that is no hyphen\n  hint: options begin with two hyphens",
    f"{RUN} LOGS": "is one word too many\n  hint: did you mean --logs ",
    f"{RUN} again": "'again' is one word too many\n  hint: `flowsql run rejected-ssh --help` shows",
    "run rejected-ssh --logs LOGS --last 5x": "'5x' is not a length of time\n  hint: a number and a unit",
    "run rejected-ssh --logs LOGS --last -1h": "'-1h' is not a length of time",
    "run rejected-ssh --logs LOGS --last ''": "--last is empty",
    "run rejected-ssh --logs LOGS --since yesteday": "'yesteday' is not a time\n  hint: ISO 8601",
    "run rejected-ssh --logs LOGS --since 2026-02-30": "'2026-02-30' is not a time",
    "run rejected-ssh --logs LOGS --last 1h --until 0001-01-01": "0001-01-01T00:00:00Z is not within the years 1970 to",
    "run rejected-ssh --logs LOGS --since 9999-12-31T23:00Z/PT6H": "9999-12-31T23:00:00Z is not within the years 1970",
    "run rejected-ssh --logs LOGS --limit -1": "a whole number from 0",
    "run rejected-ssh --logs LOGS --since today --until yesterday": "after it ends",
    "run rejected-ssh --logs LOGS --on today --last 1h": "--on is a whole day",
    "run rejected-ssh --logs LOGS --on today --tz Mars/Olympus": "'Mars/Olympus' is not a time zone",
    f"{RUN} --port 70000": "'70000' is not 0 to 65535, or a service name such as ssh",
    f"{RUN} --port=-1": "'-1' is not 0 to 65535",
    f"{RUN} --limit many": "'many' is not a whole number",
    f"{RUN} --limit 99999999999999999999": "is not a whole number of at most 64 bits",
    f"{RUN} --vpc main": "'main' is not its id, such as vpc-",
    f"{RUN} --vpc ''": "--vpc is empty",
    f"{RUN} --account 123": "'123' is not 12 digits",
    f"{RUN} --region 'us east'": "'us east' is not a region code",
    f"{RUN} --format xlsx": "no format 'xlsx'\n  hint: formats: table, csv",
    f"{RUN} --format cvs": "no format 'cvs'\n  hint: did you mean 'csv'?",
    f"{RUN} -o answer.xlsx": ".xlsx is no format's suffix\n  hint: --format says which",
    f"{RUN} -o ''": "--output needs the name of a file",
    f"{RUN} -o FOLDER": "is a directory\n  hint: name a file in it",
    f"{RUN} -o nowhere/answer.csv": "there is no directory nowhere to put answer.csv in",
    f"{RUN} --receipt FOLDER": "is a directory",
    f"{RUN} -o one.json --receipt ./one.json": "rows and receipt cannot both go to one.json\n  hint: --receipt another",
    f"{RUN} --receipt -": "stdout is for the rows",
    f"{RUN} --last 2h": "--last is given more than once: '1h' and '2h'\n  hint: give one of them",
    f"{RUN} --port 22 --port 23": "--port is given more than once: '22' and '23'",
    f"{RUN} --log-format ''": "--log-format is empty",
    f"{RUN} --log-format 'foo bar'": "'foo bar' names no field of flow logs",
    f"{RUN} --queries nowhere": "no folder of queries at nowhere",
    "run rejected-ssh --logs ''": "--logs is empty",
    "run reach-evidence --logs LOGS": "parameter 'src' needs a value",
    "run patch-path --logs LOGS --host myhost": "'myhost' is not an IPv4 or IPv6 address",
    "run headless --queries QUERIES": "headless.sql:1: a saved query begins with its header",
    "run latin --queries QUERIES": "latin.sql: cannot be read: it is not UTF-8 text",
    "show latin --queries QUERIES": "latin.sql: cannot be read: it is not UTF-8 text",
    "render latin --queries QUERIES": "latin.sql: cannot be read: it is not UTF-8 text",
    "sql": "missing argument 'SQL'",
    "sql '' --logs LOGS": "there is no SQL\n  hint: flowsql sql 'SELECT",
    "sql 'SELECT 1' more": "'more' is one word too many",
    "sql 'SELECT 1' --logs LOGS": "1 | SELECT 1\n      | ^\n  hint: write FROM {{ flows }}",
    "sql 'SELECT made_up(srcaddr) AS x FROM {{ flows }}' --logs LOGS": "made_up",
    "sql 'SELECT srcadr FROM {{ flows }}' --logs LOGS": "sql:1:8: there is no column srcadr (FQ410)",
    "sql 'SELECT FROM WHERE {{ flows }}' --logs LOGS": "sql:1",
    "sql 'DROP TABLE x' --logs LOGS": "only a SELECT may run, not DROP",
    "sql 'SELECT {{ nope }} FROM {{ flows }}' --logs LOGS": "{{ nope }} is not a parameter",
    "sql '{% if %}' --logs LOGS": "sql:1:7: not a template",
    "sql 'SELECT srcaddr, srcaddr FROM {{ flows }} LIMIT 1' --logs LOGS --on 2026-11-22 -f json": "two columns",
    "render rejected-ssh --dialect trino": "no dialect 'trino'\n  hint: dialects: athena, duckdb",
    "show": "missing argument 'NAME'",
    "show nope": "no query named 'nope'",
    "test nope": "no query named 'nope'",
    "list --topic securty": "no query has the topic 'securty'\n  hint: did you mean 'security'?",
    "list --tag shh": "no query has the tag 'shh'\n  hint: did you mean 'ssh'?",
    "list --answerable": "nothing says where the flow logs are",
    "fields tcp_flag": "no field 'tcp_flag'\n  hint: did you mean 'tcp-flags'?",
    "fields --version twelve": "'twelve' is not a record version\n  hint: 2 to 11",
    "check ''": "'' is not a file, a folder or the name of a saved query",
    "sample": "missing argument 'DIR'",
    "sample FILE": "is a file",
    "sample FOLDER": "has files in it that are not of a sample",
    "sample ''": "DIR is empty",
    "demo ''": "DIR is empty",
    "sample new --regions ''": "--regions is empty",
    "new a/b --param limit:int": "a first query has a parameter limit already",
    "sample new --hours 0": "--hours 0 is not possible\n  hint: a whole number from 1 to 168",
    "sample new --hours many": "--hours many is not possible",
    "sample new --rate nan": "--rate nan is not possible",
    "sample new --layout tree": "'tree' is not a layout",
    "sample new --regions mars": "'mars' is not a region",
    "sample new --version 6": "6 is not a version of VPC flow log records",
    "sample new --until someday": "'someday' is not a time",
    "sample new --prefix ../x": "'../x' cannot be the prefix",
    "demo FILE": "is a file",
}
UNREACHABLE = {
    "run rejected-ssh --logs nowhere": "there is nothing at nowhere\n  hint: --logs takes a folder",
    "run rejected-ssh --logs '*.none'": "there is nothing at *.none",
    "run rejected-ssh --logs gs://bucket/x": "there is nothing at gs://bucket/x",
    "run rejected-ssh --logs s3://": "'s3://' names no bucket",
    "run rejected-ssh --logs FILE": "no flow logs at ",
    "run rejected-ssh --logs PIPE": "is no file that can be read more than once\n  hint: write what comes through",
    "sample FILE/below": "the sample cannot be written: Not a directory",
    "run rejected-ssh --logs JUNK": "no flow logs at ",
}
REFUSED = {
    "sql 'SELECT CAST(srcaddr AS bigint) AS x FROM {{ flows }}' --logs LOGS --on 2026-11-22": "cannot be cast",
}


def _ended(flowsql: Flowsql, line: str, logs: Path, tmp_path: Path) -> tuple[int, str]:
    """The exit code and what is said, after a check of the form it has."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("not a sample")
    (tmp_path / "file.log").write_text("no records\n")
    (tmp_path / "junk").write_bytes(os.urandom(100_000))
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "headless.sql").write_text("SELECT 1\n")
    (tmp_path / "queries" / "latin.sql").write_bytes(b"/* ---\ntitle: caf\xe9\n")
    os.mkfifo(tmp_path / "pipe")
    for name, path in (
        ("PIPE", "pipe"),
        ("LOGS", logs),
        ("FOLDER", "folder"),
        ("FILE", "file.log"),
        ("JUNK", "junk"),
        ("QUERIES", "queries"),
    ):
        line = line.replace(name, str(path)) if f" {name}" in line else line
    ended = flowsql(*shlex.split(line))
    assert "Traceback" not in ended.err
    assert ended.err.startswith("flowsql: ")
    assert ended.out == ""
    assert len(ended.err.splitlines()) <= 4
    return ended.code, ended.err


@pytest.mark.parametrize("line", USAGE)
def test_usage(flowsql: Flowsql, line: str, logs: Path, tmp_path: Path) -> None:
    code, said = _ended(flowsql, line, logs, tmp_path)
    assert USAGE[line] in said
    assert code == 2


@pytest.mark.parametrize("line", UNREACHABLE)
def test_logs_that_cannot_be_read(flowsql: Flowsql, line: str, logs: Path, tmp_path: Path) -> None:
    code, said = _ended(flowsql, line, logs, tmp_path)
    assert UNREACHABLE[line] in said
    assert code == 3


@pytest.mark.parametrize("line", REFUSED)
def test_statements_the_engine_refuses(flowsql: Flowsql, line: str, logs: Path, tmp_path: Path) -> None:
    code, said = _ended(flowsql, line, logs, tmp_path)
    assert REFUSED[line] in said
    assert code == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"logs = [", "flowsql.toml"),
        (b'lgos = "x"\n', "unknown setting 'lgos'\n  hint: did you mean 'logs'?"),
        (b"logs = 5\n", "logs"),
        (b'logs = "\xff"\n', "flowsql.toml"),
    ],
)
def test_a_broken_settings_file(flowsql: Flowsql, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "flowsql.toml").write_bytes(content)
    ended = flowsql("run", "rejected-ssh")
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err


def test_a_huge_limit_is_no_mistake(flowsql: Flowsql, hour: list[str]) -> None:
    assert flowsql("run", "rejected-ssh", *hour, "--limit", 2**63 - 1).code == 0


def test_damaged_logs(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    place = tmp_path / "AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22"
    place.mkdir(parents=True)
    for path in Path(hour[1]).rglob("*.gz"):
        (place / path.name).write_bytes(path.read_bytes())
    damaged = max(place.iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-20])
    hour[1] = "AWSLogs"
    ended = flowsql("run", "rejected-ssh", *hour)
    assert (ended.code, ended.out) == (4, "")
    assert damaged.name in ended.err
    skipped = flowsql("run", "rejected-ssh", *hour, "--skip-damaged")
    assert skipped.code == 0
    assert f"note: INCOMPLETE: 1 damaged object was skipped: {damaged}" in skipped.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_read_or_written(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        ended = flowsql("run", "rejected-ssh", "--logs", closed)
        assert ended.code == 3
        assert "cannot be read: Permission denied" in ended.err
        ended = flowsql("run", "rejected-ssh", *hour, "-o", closed / "answer.csv")
        assert ended.code == 3
        assert "Permission denied" in ended.err
        assert flowsql("sample", closed / "logs").code == 1
    finally:
        closed.chmod(stat.S_IRWXU)


def test_every_query_of_the_library_is_asked_with_a_mistake(flowsql: Flowsql) -> None:
    for query in Library.of():
        ended = flowsql("run", query.name, "--no-such-option", "1")
        assert ended.code == 2
        assert ended.err.startswith("flowsql: no option --no-such-option\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "rejected-ssh", "--dialect", ""),
        ("list", "--topic", ""),
        ("list", "--tag", ""),
        ("list", "--format", ""),
        ("check", "--format", ""),
        ("run", "rejected-ssh", "--format", ""),
    ],
    ids=" ".join,
)
def test_an_empty_value_is_not_taken_for_none(flowsql: Flowsql, arguments: tuple[str, ...]) -> None:
    ended = flowsql(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert f"{arguments[-2]} is empty" in ended.err
