"""Work shared between copies of the process: the same results in the same order, whatever becomes of a copy."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flowsql.cli import side_by_side
from flowsql.cli.side_by_side import each_made

PROGRAM = [sys.executable, "-c", "from flowsql.cli.app import main; main()"]
linux = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux only")


@pytest.fixture(autouse=True)
def several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_processes", lambda: 3 if sys.platform == "linux" else 1)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 12, 29])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    told: list[int] = []
    assert each_made(lambda number: number * number, range(count), told.append) == [n * n for n in range(count)]
    assert told == sorted(told)


@linux
def test_the_work_is_shared() -> None:
    assert len(set(each_made(lambda _: os.getpid(), range(24)))) == 3


@linux
def test_what_a_copy_does_not_send_is_made_here() -> None:
    here = os.getpid()

    def dies_elsewhere(number: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def fails_elsewhere(number: int) -> int:
        if os.getpid() != here:
            raise MemoryError
        return number

    assert each_made(dies_elsewhere, range(24)) == list(range(24))
    assert each_made(fails_elsewhere, range(24)) == list(range(24))


@linux
def test_what_fails_everywhere_fails_here() -> None:
    def fails(number: int) -> int:
        if number == 13:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="13"):
        each_made(fails, range(24))


@linux
def test_findings_are_those_of_one_process(tmp_path: Path) -> None:
    for number in range(14):
        body = f"SELECT srcaddr, bytes FROM {{{{ flows }}}} WHERE dstport = {number} LIMIT {number}, 10\n"
        (tmp_path / f"{number:02}.sql").write_text(body)
    all_cores = os.sched_getaffinity(0)
    alone, shared = (_checked(tmp_path, cores) for cores in ({min(all_cores)}, all_cores))
    assert alone == shared
    assert shared[0] == 1
    assert shared[1].count("FQ3") >= 14


def _checked(folder: Path, cores: set[int]) -> tuple[int, str, str]:
    """Exit code, output and messages of a check that has these cores."""
    done = subprocess.run(
        [*PROGRAM, "check", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return done.returncode, done.stdout, done.stderr


@linux
def test_an_interrupted_check_leaves_no_process_behind(tmp_path: Path) -> None:
    values = ", ".join(map(str, range(4000)))
    for number in range(60):
        (tmp_path / f"{number}.sql").write_text(f"SELECT srcaddr FROM {{{{ flows }}}} WHERE dstport IN ({values})\n")
    command = [*PROGRAM, "check", str(tmp_path)]
    checking = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    children = Path(f"/proc/{checking.pid}/task/{checking.pid}/children")
    cores = len(os.sched_getaffinity(0))
    _until(lambda: cores == 1 or children.read_text() != "")
    os.killpg(checking.pid, signal.SIGINT)
    began = time.monotonic()
    _, said = checking.communicate(timeout=10)
    assert checking.returncode == 130
    assert said == b"interrupted\n"
    assert time.monotonic() - began < 3
    _until(lambda: not _is_there(checking.pid))


def _until(holds: Callable[[], bool]) -> None:
    """Wait for it, a quarter of a minute at most."""
    last = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.02)


def _is_there(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@linux
def test_without_more_processes_everything_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert each_made(lambda number: number + 1, range(24)) == list(range(1, 25))
