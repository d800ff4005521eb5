"""pytest's side of the stack: the fixtures `stack` and `local_aws`, and what the marker `trino` asks of a machine."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.stack import aws
from tests.stack.aws import Stack
from tests.stack.parts import MissingPart, find_parts

_REQUIRED = ("CI", "FLOWSQL_REQUIRE_TRINO")
"""Environment variables, any of which makes a missing part a failure instead of a skip."""
_LONGEST_WAIT = 300
"""Seconds for the other workers to end their last tests; one that crashed never says that it did."""
_IS_REQUIRED = any(os.environ.get(name) for name in _REQUIRED)  # before a fixture cleans the environment


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    """A running local AWS with Trino; the workers of one test run share it, each with an access key of its own."""
    try:
        find_parts()
    except MissingPart as missing:
        if _IS_REQUIRED:
            pytest.fail(f"the Trino tests must run here: {missing}", pytrace=False)
        pytest.skip(f"no Trino: {missing}")
    if worker_id == "master":
        with aws.started() as alone:
            yield alone
    else:
        yield from _shared(tmp_path_factory.getbasetemp().parent, worker_id)


def _shared(folder: Path, worker_id: str) -> Iterator[Stack]:
    """The stack that the first worker starts, and ends when no other uses it; a later one would start another."""
    places, users, lock = folder / "stack.json", folder / "stack-users", FileLock(folder / "stack.lock")
    process = None
    with lock:
        if not places.is_file():
            process = aws.launch()
            users.mkdir(exist_ok=True)
            places.write_text(json.dumps(aws.read_places(process)))
        (users / worker_id).touch()
    yield Stack(**json.loads(places.read_text()), access_key=f"test-{worker_id}")
    (users / worker_id).unlink()
    if process is not None:
        given_up = time.monotonic() + _LONGEST_WAIT
        while places.is_file():
            time.sleep(0.1)
            with lock:
                if not any(users.iterdir()) or time.monotonic() > given_up:
                    places.unlink()
        aws.end(process)


@pytest.fixture
def local_aws(stack: Stack, clean_machine: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The stack, and an environment in which every AWS client finds it; faults end with the test."""
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    yield stack
    stack.clear_faults()
