"""The command line as a person meets it: in this process, as a program of its own, and in a terminal."""

import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from flowsql.cli.app import run
from flowsql.cli.interruption import Interruption
from flowsql.sample import write_sample

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROGRAM = [sys.executable, "-c", "from flowsql.cli.app import main; main()"]

OWN_QUERY = """/* ---
title: Telnet sources
description: >
  Who knocked at Telnet, how often. One row for each source. Late packets of sessions already closed count too.
params:
  port:   {type: port, default: telnet, help: Destination port.}
  action: {type: action, help: The verdict to count.}
  order:  {type: choice, choices: [most, least], default: most, help: Which sources come first.}
  network: {type: cidr, optional: true, help: Only sources of this network.}
columns:
  srcaddr: string
  attempts: int
tags: [telnet, own]
--- */
SELECT
    srcaddr,
    COUNT(*) AS attempts
FROM {{ flows }}
WHERE
    protocol = 6
    AND dstport = {{ port }}
    AND action = {{ action }}
    {% if network %}
    AND {{ in_cidr(srcaddr, network) }}
    {% endif %}
GROUP BY srcaddr
ORDER BY CASE {{ order }} WHEN 'most' THEN -COUNT(*) ELSE COUNT(*) END ASC, srcaddr ASC
"""
OWN_CASES = """- name: sources of one verdict are counted
  params: {action: REJECT}
  found: |
    srcaddr     dstport action start
    203.0.113.9 23      REJECT +60
    203.0.113.9 23      REJECT +90
  other: |
    srcaddr     dstport action start
    203.0.113.9 23      ACCEPT +60
  expect: |
    srcaddr     attempts
    203.0.113.9 2
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command line left behind."""

    code: int
    out: str
    err: str


Flowsql = Callable[..., Ended]


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of version 5 records that end at UNTIL."""
    folder = tmp_path_factory.mktemp("sample") / "logs"
    write_sample(folder, until=UNTIL, hours=1)
    return folder


@pytest.fixture(scope="session")
def default_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little of an hour in the default format."""
    folder = tmp_path_factory.mktemp("sample") / "default"
    write_sample(folder, until=UNTIL, hours=1, version=2, rate=0.1)
    return folder


@pytest.fixture
def hour(logs: Path) -> list[str]:
    """The options that ask the last hour of the sample."""
    return ["--logs", str(logs), "--last", "1h", "--until", "2026-11-22T12:00Z"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a query of a person's own and its cases."""
    folder = tmp_path / "own" / "mine"
    folder.mkdir(parents=True)
    (folder / "telnet-sources.sql").write_text(OWN_QUERY)
    (folder / "telnet-sources.cases.yaml").write_text(OWN_CASES)
    return folder.parent


@pytest.fixture
def flowsql(capsys: pytest.CaptureFixture[str]) -> Flowsql:
    """Runs a command line in this process."""

    def call(*arguments: object) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments], Interruption())
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return call


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the program as a process of its own, its stdout and stderr on pipes unless others are given."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path} | options
        started.append(subprocess.Popen([*PROGRAM, *map(str, arguments)], **given))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


class Screen:
    """The program in a terminal of a given width."""

    def __init__(self, arguments: Sequence[object], columns: int, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment},
            start_new_session=True,
            # The terminal of a session of its own, so that Ctrl-C reaches the program as it does a person's.
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.shown = ""

    def until(self, text: str, seconds: float = 20) -> None:
        """Read what is shown until a text appears."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read(0.1), self.shown

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        """Close the terminal, as its window would be."""
        os.close(self._ours)

    def end(self, seconds: float = 20) -> int:
        """Read on until the program ends; its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(0.05):
            assert time.monotonic() < deadline, self.shown
        os.close(self._ours)
        return self.process.wait(5)

    def _read(self, seconds: float) -> bool:
        """Read what there is; False once the program has gone."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux: the other side of the terminal is closed.
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def screen() -> Callable[..., Screen]:
    """Starts the program in a terminal."""

    def start(*arguments: object, columns: int = 100, **environment: str) -> Screen:
        return Screen(arguments, columns, environment)

    return start
