"""Shell completion, asked the way the shells ask."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flowsql.cli.commands import Program

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def completed(program: Start) -> Callable[[str, str], list[str]]:
    """What a shell offers after a beginning; a blank at its end begins a new word."""

    def ask(shell: str, line: str) -> list[str]:
        words = line.split()
        asked = {
            "_FLOWSQL_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - (not line.endswith(" "))),
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        process = program(env={**os.environ, **asked})
        out, err = process.communicate(timeout=20)
        assert err == b""
        return [item for item in out.decode().splitlines() if item]

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("flowsql ", list(Program.order)),
        ("flowsql run rejected-", ["rejected-ssh", "rejected-to-host", "rejected-traffic"]),
        ("flowsql run connectivity/rejected-s", ["connectivity/rejected-ssh"]),
        ("flowsql run connectivity/rejected-ssh --po", ["--port"]),
        ("flowsql render rejected-s", ["rejected-ssh"]),
        ("flowsql show rejected-s", ["rejected-ssh"]),
        ("flowsql test rejected-s", ["rejected-ssh"]),
        ("flowsql run rejected-ssh --po", ["--port"]),
        ("flowsql run rejected-ssh --port 22 --la", ["--last"]),
        ("flowsql run --last 1h rejected-s", ["rejected-ssh"]),
        ("flowsql run rejected-ssh --format j", ["json", "jsonl"]),
        ("flowsql render rejected-ssh --dialect ", ["athena", "duckdb"]),
        ("flowsql list --ans", ["--answerable"]),
        ("flowsql run no-such-query --po", []),
        ("flowsql nonsense x", []),
    ],
)
def test_bash(completed: Callable[[str, str], list[str]], line: str, offered: list[str]) -> None:
    assert completed("bash", line) == offered


def test_zsh_and_fish_are_told_meanings_too(completed: Callable[[str, str], list[str]]) -> None:
    assert completed("zsh", "flowsql run rejected-s") == ["""_arguments '*: :(("rejected-ssh":"Rejected SSH"))'"""]
    assert completed("fish", "flowsql run rejected-s") == ["rejected-ssh\tRejected SSH"]
    assert completed("fish", "flowsql run rejected-ssh --po")[0].startswith("--port\tDestination port.")


def test_parameters_with_choices(completed: Callable[[str, str], list[str]], own: Path) -> None:
    line = f"flowsql run telnet-sources --queries {own} "
    assert completed("bash", f"{line}--ord") == ["--order"]
    assert completed("bash", f"{line}--order ") == ["most", "least"]
    assert completed("bash", f"{line}--action R") == ["REJECT"]


def test_names_of_sources(completed: Callable[[str, str], list[str]], tmp_path: Path) -> None:
    tables = (f'[source.{name}]\nengine = "duckdb"\nlogs = "x"\n' for name in ("prod", "lab", "prod-eu"))
    (tmp_path / "flowsql.toml").write_text("".join(tables))
    assert completed("bash", "flowsql run rejected-ssh --source ") == ["lab", "prod", "prod-eu"]
    assert completed("bash", "flowsql sql --source prod") == ["prod", "prod-eu"]
    assert completed("bash", "flowsql source use l") == ["lab"]
    assert completed("bash", "flowsql source test ") == ["lab", "prod", "prod-eu"]


@pytest.mark.parametrize("line", ["flowsql run rej", "flowsql show rej", "flowsql run rejected-ssh --po"])
def test_broken_settings_break_no_line_being_typed(
    completed: Callable[[str, str], list[str]], tmp_path: Path, line: str
) -> None:
    (tmp_path / "flowsql.toml").write_text("logs = [")
    assert completed("bash", line) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(program: Start, shell: str) -> None:
    process = program(env={**os.environ, "_FLOWSQL_COMPLETE": f"source_{shell}"})
    assert b"_FLOWSQL_COMPLETE=complete_" + shell.encode() in process.communicate(timeout=20)[0]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("flowsql fields tcp", ["tcp-flags"]),
        ("flowsql list --topic sec", ["security"]),
        ("flowsql list --tag ssh", ["ssh"]),
        ("flowsql show connectivity/rejected-s", ["connectivity/rejected-ssh"]),
    ],
)
def test_what_is_searched_for_is_completed(
    completed: Callable[[str, str], list[str]], line: str, offered: list[str]
) -> None:
    assert completed("bash", line) == offered
