"""`source list|add|test|use`, and `--source` on a question."""

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Flowsql

FILE = "flowsql.toml"
PROD = ["--engine", "athena", "--database", "network", "--table", "flow_logs"]


def test_nothing_yet(flowsql: Flowsql) -> None:
    ended = flowsql("source", "list")
    assert ended.code == 0
    assert "No sources. `flowsql source add NAME" in ended.err


def test_add_use_list(flowsql: Flowsql, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text('# ours\nqueries = "q"  # kept\n\n[source.lab]\nengine = "duckdb"\nlogs = "lab"\n')
    path.chmod(0o640)
    ended = flowsql("source", "add", "prod", *PROD, "--max-bytes", "10GB", "--budget", "0.5", "--reuse", "off")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith(f"Added to {path}. `flowsql source test prod` tries it")
    assert path.read_text() == (
        '# ours\nqueries = "q"  # kept\n\n[source.lab]\nengine = "duckdb"\nlogs = "lab"\n\n'
        '[source.prod]\nengine = "athena"\ndatabase = "network"\ntable = "flow_logs"\nmax_bytes = "10GB"\n'
        'budget = 0.5\nreuse = "off"\n'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert flowsql("source", "use", "lab").err == f"{path} says: default_source = 'lab'\n"
    assert path.read_text().startswith('# ours\nqueries = "q"  # kept\ndefault_source = "lab"\n\n[source.lab]')
    ended = flowsql("source", "list", "--format", "csv")
    assert ended.out.splitlines() == [
        "asked,name,engine,place,at_most,said_by",
        f'→,lab,duckdb,{tmp_path / "lab"},,"{path}:5, chosen by {path}:3"',
        f",prod,athena,network.flow_logs,9.3 GiB,{path}:9",
    ]


def test_one_s_own_file(flowsql: Flowsql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "config" / "own.toml"
    monkeypatch.setenv("FLOWSQL_CONFIG", str(own))
    assert flowsql("source", "add", "prod", *PROD, "--mine").code == 0
    assert own.read_text().startswith('[source.prod]\nengine = "athena"\n')
    assert flowsql("source", "add", "prod", "--engine", "duckdb", "--logs", "here").code == 0
    ended = flowsql("source", "list", "--format", "csv")
    assert ended.out.splitlines()[1:] == [f",prod,duckdb,{tmp_path / 'here'},,{tmp_path / FILE}:1"]
    assert ended.err == f"note: {own}:1: prod is hidden by {tmp_path / FILE}:1\n"
    assert flowsql("source", "use", "prod", "--mine").code == 0
    assert 'default_source = "prod"' in own.read_text()


def test_what_comes_before_a_default_is_told(flowsql: Flowsql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text('[source.lab]\nengine = "duckdb"\nlogs = "lab"\n')
    monkeypatch.setenv("FLOWSQL_LOGS", "elsewhere")
    assert flowsql("source", "use", "lab").err.endswith("note: FLOWSQL_LOGS comes before it, and asks elsewhere\n")
    assert flowsql("source", "list", "--format", "csv").out.splitlines()[1] == "→,,duckdb,elsewhere,,FLOWSQL_LOGS"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "lab", *PROD], "{file}:2: there is a source lab already\n  hint: edit it there"),
        (["add", "x"], '--engine: source x says no engine\n  hint: engine = "athena"; engines: athena, duckdb, trino'),
        (["add", "x", "--engine", "athena", "--table", "t"], "source x does not say database"),
        (["add", "x", *PROD, "--host", "h"], "--host: unknown key 'host' in source x"),
        (["add", "x", *PROD, "--output", "results"], "--output: 'results' is no place in S3"),
        (["add", "x", *PROD, "--budget", "much"], "--budget: a number of dollars is wanted"),
        (["add", "x", *PROD, "--password", "p"], "no option --password"),
        (["add", "a b", *PROD], "'a b' is no name for a source"),
        (["use", "lb"], "there is no source 'lb'\n  hint: did you mean 'lab'?"),
        (["use", "lab"], "{file} says `logs = …`, which is asked now"),
        (["test", "lb"], "--source: there is no source 'lb'"),
        (["lst"], "no command `flowsql source lst`\n  hint: did you mean 'list'?"),
    ],
)
def test_refused(flowsql: Flowsql, tmp_path: Path, arguments: list[str], message: str) -> None:
    text = 'logs = "x"\n[source.lab]\nengine = "duckdb"\nlogs = "lab"\n'
    (tmp_path / FILE).write_text(text)
    ended = flowsql("source", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"flowsql: {message.format(file=tmp_path / FILE)}")
    assert (tmp_path / FILE).read_text() == text


def test_a_question_to_a_source(flowsql: Flowsql, tmp_path: Path, logs: Path, hour: list[str]) -> None:
    (tmp_path / FILE).write_text(f'[source.lab]\nengine = "duckdb"\nlogs = "{logs}"\n')
    direct = flowsql("run", "rejected-ssh", *hour, "--format", "csv")
    named = flowsql("run", "rejected-ssh", *hour[2:], "--source", "lab", "--format", "csv")
    assert (named.code, named.out) == (0, direct.out)
    ended = flowsql("run", "rejected-ssh", "--source", "lba")
    assert (ended.code, ended.err) == (
        2,
        "flowsql: --source: there is no source 'lba'\n  hint: did you mean 'lab'?\n",
    )
    ended = flowsql("run", "rejected-ssh", "--source")
    assert (ended.code, ended.err) == (2, "flowsql: --source needs a name\n  hint: sources: lab\n")


def test_a_source_is_tried(flowsql: Flowsql, tmp_path: Path, logs: Path) -> None:
    (tmp_path / FILE).write_text(f'default_source = "lab"\n[source.lab]\nengine = "duckdb"\nlogs = "{logs}"\n')
    ended = flowsql("source", "test")
    assert ended.code == 0
    assert ended.out.startswith(f"lab: duckdb, {logs} ({tmp_path / FILE}:2)\n  VPC flow logs: 29 fields, regions us-e")
    assert ended.out.endswith("Ask it: flowsql run rejected-ssh --last 1h --source lab\n")
    (tmp_path / FILE).write_text('[source.lab]\nengine = "duckdb"\nlogs = "nowhere"\n')
    ended = flowsql("source", "test", "lab")
    assert ended.code == 3
