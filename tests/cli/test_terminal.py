"""The program in a real terminal and on real pipes: width, colour, locale, progress, Ctrl-C, readers that leave."""

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import Screen

Start = Callable[..., Screen]
Program = Callable[..., "subprocess.Popen[bytes]"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CROSS = "SELECT COUNT(*) AS n FROM {{ flows }} AS a CROSS JOIN {{ flows }} AS b CROSS JOIN {{ flows }} AS c"


@pytest.fixture(scope="session")
def long_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough records of one noon that reading them takes seconds."""
    folder = tmp_path_factory.mktemp("long")
    fields = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end"
    record = "2 123456789012 eni-0a0a0a0a0a0a0a0a 10.0.0.1 10.0.0.2 40000 443 6 10 1000 1795348800 1795348830"
    block = gzip.compress(f"{fields} action log-status\n".encode() + f"{record} ACCEPT OK\n".encode() * 100_000, 1)
    for number in range(40):
        name = f"123456789012_vpcflowlogs_us-east-1_fl-0a0a0a0a0a0a0a0a_20261122T1200Z_{number:08x}.log.gz"
        (folder / name).write_bytes(block)
    return folder


def visible(screen: Screen) -> list[str]:
    """The lines as they stand in the end, without colour: what was taken away is not among them."""
    return [line.rpartition("\r\x1b[K")[2] for line in COLOUR.sub("", screen.shown).split("\n")]


def ended_by_interrupt(process: "subprocess.Popen[bytes]", sent: int = signal.SIGINT) -> tuple[int, bytes]:
    """Send SIGINT; the exit code, which must come within a second, and what was said."""
    began = time.monotonic()
    process.send_signal(sent)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - began < soon()
    return process.returncode, said


def soon() -> float:
    """Seconds that stand for one and a bit, on a machine as busy as this one."""
    return 1.5 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def watching(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the program watches for Ctrl-C: what starts before that is Python."""
    while len(os.listdir(f"/proc/{process.pid}/task")) < 2 and process.poll() is None:  # noqa: PTH208
        time.sleep(0.005)


def test_a_table_fits_its_terminal(screen: Start, hour: list[str]) -> None:
    wide = screen("run", "rejected-ssh", "--limit", 2, *hour, columns=100)
    assert wide.end() == 0
    header, rule, *_ = visible(wide)
    assert header.startswith("srcaddr       interface_id           attempts  first_seen")
    assert rule.startswith("────────────  ─────────────────────  ────────")
    narrow = screen("run", "rejected-ssh", "--limit", 2, *hour, columns=45)
    assert narrow.end() == 0
    lines = visible(narrow)
    assert "attempts      60" in lines
    folded = [line for line in lines if str(hour[1]) not in line]
    assert max(map(len, folded)) <= 45
    assert "note: as many rows as --limit 2 allows;" in lines
    assert "  there may be more: raise --limit" in lines


def test_colour_is_for_terminals_that_want_it(screen: Start, hour: list[str]) -> None:
    painted = screen("run", "rejected-ssh", *hour)
    assert painted.end() == 0
    assert "\x1b[1msrcaddr" in painted.shown
    assert "\x1b[2mconnectivity/rejected-ssh" in painted.shown
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        plain = screen("run", "rejected-ssh", *hour, **environment)
        assert plain.end() == 0
        assert not COLOUR.search(plain.shown)
    mistake = screen("run", "rejected-shh", NO_COLOR="1")
    assert mistake.end() == 2
    assert mistake.shown.startswith("flowsql: no query named")


def test_a_terminal_without_utf8_gets_ascii(screen: Start, hour: list[str]) -> None:
    for arguments in (["run", "rejected-ssh", *hour], ["show", "rejected-ssh"], ["run", "rejected-ssh", "--help"]):
        shown = screen(*arguments, LC_ALL="C", LANG="C")
        assert shown.end() == 0
        assert shown.shown.isascii()
        assert not any("\\u" in line for line in visible(shown))
    utf8 = screen("show", "rejected-ssh")
    assert utf8.end() == 0
    assert "connectivity/rejected-ssh — Rejected SSH" in utf8.shown


def test_parquet_is_not_for_a_terminal(screen: Start, hour: list[str]) -> None:
    refused = screen("run", "rejected-ssh", *hour, "--format", "parquet", NO_COLOR="1")
    assert refused.end() == 2
    assert refused.shown.startswith("flowsql: Parquet is not for a terminal")


def test_sql_may_be_typed(screen: Start, hour: list[str]) -> None:
    typed = screen("sql", "-", *hour, "-q", "-f", "csv")
    typed.until("Type one SELECT, end it with Ctrl-D:")
    typed.type("SELECT 6 * 7 AS answer FROM {{ flows }} LIMIT 1\n\x04")
    assert typed.end() == 0
    assert visible(typed)[-3:] == ["answer", "42", ""]


def test_progress_is_shown_and_taken_away_by_an_interrupt(screen: Start, long_logs: Path) -> None:
    reading = screen("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", "--logs", long_logs, "--on", "2026-11-22")
    reading.until("reading ")
    reading.type("\x03")
    began = time.monotonic()
    assert reading.end() == 130
    assert time.monotonic() - began < soon()
    assert visible(reading) == ["interrupted", ""]


def test_there_is_no_progress_on_a_pipe(program: Program, long_logs: Path) -> None:
    process = program("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", "--logs", long_logs, "--on", "2026-11-22", "-q")
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc")
@pytest.mark.parametrize("seconds", [0, 0.3, 0.8, 1.5])
def test_an_interrupt_while_reading(program: Program, long_logs: Path, seconds: float) -> None:
    process = program("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", "--logs", long_logs, "--on", "2026-11-22")
    watching(process)
    time.sleep(seconds)
    if process.poll() is None:
        assert ended_by_interrupt(process) == (130, b"interrupted\n")
    else:
        process.communicate()


@pytest.mark.parametrize("pause", [0, 0.0002, 0.001, 0.004, 0.02, 0.1, 0.3])
def test_ctrl_c_twice_is_no_traceback(program: Program, hour: list[str], pause: float) -> None:
    process = program("sql", CROSS, *hour)
    watching(process)
    time.sleep(pause)
    process.send_signal(signal.SIGINT)
    time.sleep(pause)
    assert ended_by_interrupt(process) == (130, b"interrupted\n")


STREAMS_INTERRUPTED = """
import codecs, os, signal, sys
made = codecs.IncrementalEncoder.__init__
def interrupted(self, errors="strict"):
    if errors == "flowsql" and sys.stdout.errors == "flowsql":
        os.kill(os.getpid(), signal.SIGINT)
    made(self, errors)
codecs.IncrementalEncoder.__init__ = interrupted
from flowsql.cli.app import main
main()
"""

LOST = """
import os, signal
from flowsql.cli import program
class Cleaned:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
def interrupted(given):
    Cleaned()
    return lambda *arguments, **options: 0
program.program = interrupted
from flowsql.cli.app import main
main()
"""


@pytest.mark.parametrize("code", [STREAMS_INTERRUPTED, LOST], ids=["stderr is prepared", "Python cleans up"])
def test_an_interrupt_where_none_can_be_raised(code: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (130, b"interrupted\n")


def test_an_interrupt_while_nobody_reads_what_is_said(program: Program, hour: list[str]) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write, bytes(1024))
    os.set_blocking(write, True)
    process = program("sql", CROSS, *hour, stderr=write)
    watching(process)
    assert ended_by_interrupt(process)[0] == 130
    os.close(write)
    os.close(read)


def test_an_interrupt_while_the_engine_works(program: Program, hour: list[str]) -> None:
    process = program("sql", CROSS, *hour)
    time.sleep(2)
    assert process.poll() is None
    assert ended_by_interrupt(process) == (130, b"interrupted\n")


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGTERM, 143, b"terminated\n"), (signal.SIGHUP, 129, b"hung up\n")],
)
def test_other_signals_end_it_as_an_interrupt_does(
    program: Program, tmp_path: Path, sent: int, code: int, said: bytes
) -> None:
    process = program("sample", "logs", "--hours", 168)
    while not (tmp_path / "logs" / "AWSLogs").exists():
        time.sleep(0.01)
    assert ended_by_interrupt(process, sent) == (code, said)


def test_a_terminal_that_is_closed_is_no_traceback(screen: Start, long_logs: Path) -> None:
    reading = screen("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", "--logs", long_logs, "--on", "2026-11-22")
    reading.until("reading ")
    reading.close()
    assert reading.process.wait(10) == 129


def test_an_interrupted_sample_leaves_a_usable_directory(program: Program, tmp_path: Path) -> None:
    process = program("sample", "logs", "--hours", 168)
    while not (tmp_path / "logs" / "AWSLogs").exists():
        time.sleep(0.01)
    assert ended_by_interrupt(process) == (130, b"interrupted\n")
    logs = tmp_path / "logs"
    assert not (logs / "_manifest.json").exists()
    for path in logs.rglob("*.log.gz"):
        assert gzip.decompress(path.read_bytes()).endswith(b"\n")
    again = program("sample", "logs", "--hours", 1)
    _, said = again.communicate(timeout=60)
    if again.returncode:  # It had less than a second to take away what it wrote.
        assert (again.returncode, b"hint:" in said) == (2, True)
        shutil.rmtree(logs)
        assert program("sample", "logs", "--hours", 1).wait(60) == 0
    assert (logs / "_manifest.json").exists()


def test_a_program_told_to_ignore_interrupts_goes_on(program: Program, hour: list[str]) -> None:
    process = program("run", "rejected-ssh", *hour, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["show", "rejected-ssh"], ["run", "--help"], ["sql", "SELECT * FROM {{ flows }}", "-f", "csv"]],
)
def test_a_reader_that_leaves_is_no_failure(program: Program, hour: list[str], arguments: list[str]) -> None:
    process = program(*arguments, *(hour if arguments[0] == "sql" else []))
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    assert (process.wait(20), b"Traceback" in said, b"BrokenPipe" in said) == (0, False, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [["list"], ["--version"], ["run", "rejected-ssh"]])
def test_a_full_disk_behind_stdout(program: Program, hour: list[str], arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = program(*arguments, *(hour if arguments[0] == "run" else []), stdout=full)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 3
    assert said.startswith(b"flowsql: stdout could not be written: No space left on device\n")


def test_a_working_directory_that_has_gone(program: Program, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    command = ["rmdir", str(tmp_path / "gone")]
    process = program("list", cwd=tmp_path / "gone", preexec_fn=lambda: subprocess.run(command, check=True))
    _, said = process.communicate(timeout=20)
    assert process.returncode == 3
    assert said.startswith(b"flowsql: the working directory does not exist any more\n")


def test_closed_streams(program: Program, hour: list[str]) -> None:
    closed = program("run", "rejected-ssh", *hour, stdout=None, preexec_fn=lambda: os.close(1))
    _, said = closed.communicate(timeout=20)
    assert (closed.returncode, said.splitlines()[0]) == (2, b"flowsql: stdout is closed")
    silent = program("run", "rejected-ssh", *hour, stderr=None, preexec_fn=lambda: os.close(2))
    rows, _ = silent.communicate(timeout=20)
    assert (silent.returncode, rows[:7]) == (0, b"srcaddr")
    for arguments in (["list"], ["render", "rejected-ssh"], ["--help"]):
        quiet = program(*arguments, stdout=None, preexec_fn=lambda: os.close(1))
        quiet.communicate(timeout=20)
        assert quiet.returncode == 0


def test_output_in_another_encoding(program: Program, hour: list[str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    process = program("show", "rejected-ssh", env=environment)
    out, _ = process.communicate(timeout=20)
    assert out.startswith(b"connectivity/rejected-ssh - Rejected SSH\n")
    rows = program(
        "sql", "SELECT 'caf\u00e9 \u2192' AS x FROM {{ flows }} LIMIT 1", *hour, "-f", "csv", env=environment
    )
    assert rows.communicate(timeout=20)[0] == "x\ncafé →\n".encode()
