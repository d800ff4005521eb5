"""The handle of a running stack: where it is, what a test may ask of it beside AWS's own APIs."""

import itertools
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.stack.engine import EngineError, Statement
from tests.stack.faults import FaultKind
from tests.stack.permissions import Asked

REGION = "us-east-1"
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a grammar or an engine says of a statement; line and column count from 1, None when it names no place."""

    ok: bool
    name: str = ""
    message: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A statement's answer straight from Trino: values as its JSON has them, and its statistics."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[list[Any]]
    stats: Mapping[str, Any]

    @property
    def scanned_bytes(self) -> int:
        """Bytes read from S3."""
        return int(self.stats["physicalInputBytes"])


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that runs. Whatever signs with another access key is not touched by what is ordered here."""

    endpoint_url: str
    trino_url: str
    folder: str
    access_key: str = "test"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    region = REGION

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables by which boto3, PyAthena and flowsql find it, without a word of it being local."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of a service here."""
        import boto3

        session = boto3.Session(self.access_key, "secret", region_name=region)
        return session.client(service, endpoint_url=self.endpoint_url)

    def fresh_name(self, stem: str) -> str:
        """A name no other test has: a bucket, database or workgroup."""
        return f"{stem}-{self.access_key}-{next(self._numbers)}".lower()

    def bucket(self, stem: str = "flow-logs") -> str:
        """A new bucket; its name."""
        name = self.fresh_name(stem)
        self.client("s3").create_bucket(Bucket=name)
        return name

    def database(self, stem: str = "logs") -> str:
        """A new Glue database; its name."""
        name = self.fresh_name(stem).replace("-", "_")
        self.client("glue").create_database(DatabaseInput={"Name": name})
        return name

    def trino(self, sql: str, database: str = "default") -> Rows:
        """Run a statement on Trino itself; raises EngineError."""
        statement = Statement(self.trino_url, sql, database)
        rows = [row for page in statement.pages() for row in page]
        names, types = (tuple(getattr(each, part) for each in statement.columns) for part in ("name", "type"))
        return Rows(names, types, rows, statement.progress.stats)

    def validate(self, sql: str, database: str = "default") -> Verdict:
        """What Trino's analyser says of a statement, without running it."""
        prefix = "EXPLAIN (TYPE VALIDATE) "
        try:
            self.trino(prefix + sql, database)
        except EngineError as error:
            line, column = error.place or (None, None)
            if line == 1 and column is not None:
                column -= len(prefix)
            message = error.message.partition(": ")[2] if error.place else error.message
            return Verdict(False, error.name, message, line, column)
        return Verdict(True)

    def io(self, sql: str, database: str = "default") -> dict[str, Any]:
        """What a statement would read: tables, and the domain of each partition column, from EXPLAIN (TYPE IO)."""
        plan: dict[str, Any] = json.loads(self.trino(f"EXPLAIN (TYPE IO, FORMAT JSON) {sql}", database).rows[0][0])
        return plan

    def hive(self, ddl: str) -> Verdict:
        """What Hive's grammar says of a statement."""
        answer = self._ask("hive", {"statement": ddl})
        if not answer:
            return Verdict(True)
        return Verdict(False, "ParseException", answer["message"], answer["line"], answer["column"] + 1)

    def fault(self, kind: FaultKind, **members: Any) -> None:
        """Order a fault for calls signed with this stack's key: the members of `tests.stack.faults.Fault`."""
        self._ask("faults/order", {"kind": kind, "access_key": self.access_key, **members})

    def clear_faults(self) -> None:
        """Take back what was ordered and has not struck."""
        self._ask("faults/clear", {"access_key": self.access_key})

    def order_policy(self, policy: Mapping[str, Any], *, buckets: Sequence[str], databases: Sequence[str]) -> None:
        """Let a policy bind this stack's key, and what Athena and Trino do with these buckets and databases.

        It takes the place of the one ordered before, and what was asked of that is forgotten.
        """
        members = {"policy": policy, "buckets": list(buckets), "databases": list(databases)}
        self._ask("policies/order", {"access_key": self.access_key, **members})

    def clear_policy(self) -> None:
        """Let this stack's key do everything again."""
        self._ask("policies/clear", {"access_key": self.access_key})

    def asked(self) -> list[Asked]:
        """What was asked of the policy of this stack's key."""
        return [Asked(**each) for each in self._ask("policies/asked", {"access_key": self.access_key})["asked"]]

    def _ask(self, question: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.endpoint_url}/stack/{question}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            answered: dict[str, Any] = json.load(answer)
        return answered


@contextmanager
def started(access_key: str = "test") -> Iterator[Stack]:
    """Start a stack in a process of its own, and end it."""
    process = launch()
    try:
        yield Stack(**read_places(process), access_key=access_key)
    finally:
        end(process)


def launch() -> "subprocess.Popen[bytes]":
    """Begin to start a stack; it ends when the process's stdin does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.stack.server"],
        cwd=_ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us to handle
    )


def read_places(process: "subprocess.Popen[bytes]") -> dict[str, str]:
    """Wait until the stack runs; where it is. Raises RuntimeError when it does not start: it said why on stderr."""
    said: IO[bytes] | None = process.stdout
    line = said.readline() if said else b""
    if not line:
        raise RuntimeError(f"the stack did not start (exit code {process.wait()})")
    places: dict[str, str] = json.loads(line)
    return places


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a stack and wait until it is gone."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait(timeout=90)
