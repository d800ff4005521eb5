"""What costs time to import is imported only by those who need it: each check starts a fresh interpreter."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowsql.cli.program import MODULES, program
from flowsql.sample import write_sample

HEAVY = frozenset(
    ("pandas", "boto3", "botocore", "duckdb", "sqlglot", "pyarrow", "jinja2", "yaml", "rich", "pyathena", "pydantic")
)
HOUR = ["--last", "1h", "--until", "2026-11-22T12:00Z"]
PROGRAM = """
import contextlib, io, json, sys
from flowsql.cli.app import run
from flowsql.cli.interruption import Interruption
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())), contextlib.redirect_stderr(io.StringIO()) as told:
    code = run(sys.argv[1:], Interruption())
assert code == 0, told.getvalue()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(program: str, *arguments: str) -> frozenset[str]:
    """The heavy packages a program has imported when it ends."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return HEAVY & frozenset(json.loads(done.stdout))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("sample") / "logs"
    write_sample(folder, until=datetime(2026, 11, 22, 12, tzinfo=UTC), hours=1, rate=0.1)
    return str(folder)


def test_the_package_imports_nothing_heavy() -> None:
    program = "import json, sys; import flowsql; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    assert imported(program) == frozenset()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["sql", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(PROGRAM, *arguments) == frozenset()


@pytest.mark.parametrize("arguments", [["list"], ["list", "ssh"], ["run", "--help"], ["run", "rejected-ssh", "--help"]])
def test_listing_saved_queries_reads_their_headers_alone(arguments: list[str]) -> None:
    assert imported(PROGRAM, *arguments) == {"yaml"}


@pytest.mark.parametrize("name", ["table", "csv", "json"])
def test_a_second_run_parses_no_sql_again(logs: str, name: str) -> None:
    question = ["run", "rejected-ssh", *HOUR, "--logs", logs, "--format", name]
    assert imported(PROGRAM, *question) == {"yaml", "jinja2", "pyarrow", "duckdb", "sqlglot"}
    assert imported(PROGRAM, *question) == {"yaml", "jinja2", "pyarrow", "duckdb"}


def test_writing_a_sample_imports_nothing_heavy(tmp_path: Path) -> None:
    assert imported(PROGRAM, "sample", str(tmp_path / "logs"), "--hours", "1", "--rate", "0.1") == frozenset()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_commands_of_a_module_are_found_by_their_names(module: str) -> None:
    whole = program([])
    every = {info.name for info in (*whole.registered_commands, *whole.registered_groups)}
    alone = [
        info.name
        for app in (program([command]) for command in MODULES[module])
        for info in (*app.registered_commands, *app.registered_groups)
    ]
    assert set(alone) == set(MODULES[module]) <= every
