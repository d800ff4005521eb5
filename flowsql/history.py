"""What was run: the person's own log of questions, bounded in size, without rows and without secrets.

Of a parameter its value is kept only where its type cannot name a person, a host or an account; of the others, and of
filters, the name alone. Of SQL given by hand only its hash is kept.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowsql.engines.base import Remote
from flowsql.errors import Ended, FlowsqlError
from flowsql.query import Rendered
from flowsql.receipt import Receipt, fingerprint

LIMIT = 1 << 20
"""Bytes of the log, beyond which its older half is dropped: some thousand questions."""

_HARMLESS = frozenset(("int", "float", "bool", "port", "ports", "protocol", "action", "duration", "choice"))
"""Types of parameters whose values are kept."""

_FAILED = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One question that reached its engine. Times are UTC."""

    when: str
    source: str
    """Its name, or its place where it has none."""
    engine: str
    query: str
    since: str
    until: str
    params: Mapping[str, str | None] = field(default_factory=dict)
    """Values as they were bound; None where the value is not kept."""
    sql_sha256: str | None = None
    query_id: str | None = None
    bytes: int | None = None
    """Read, or scanned by a remote engine."""
    dollars: float | None = None
    rows: int | None = None
    """None when there was no answer."""
    elapsed: float | None = None
    """Seconds."""
    route: str | None = None
    """How the rows came from a remote engine: `csv`, `unload` or `pages`."""
    exit: int = 0
    """As the command line ends: 0 answered, 1 the engine refused, 3 unreachable, 4 damaged, 129, 130 and
    143 ended by a signal."""


@dataclass(frozen=True, slots=True)
class History:
    """The log: a file of JSON lines that only its owner may read."""

    path: Path

    @classmethod
    def own(cls) -> "History":
        """The person's log: below `FLOWSQL_STATE`, or the user's state directory."""
        if chosen := os.environ.get("FLOWSQL_STATE"):
            return cls(Path(chosen).expanduser() / "history.jsonl")
        from platformdirs import user_state_path

        return cls(user_state_path("flowsql") / "history.jsonl")

    def entries(self) -> list[Entry]:
        """What was run, the newest first; lines that cannot be read are left out."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []
        found = []
        for line in reversed(lines):
            with contextlib.suppress(ValueError, TypeError):
                found.append(Entry(**json.loads(line)))
        return found

    def find(self, query_id: str) -> Entry | None:
        """The newest question that an execution of a remote engine answered."""
        return next((entry for entry in self.entries() if entry.query_id == query_id), None)

    def add(self, entry: Entry) -> None:
        """Append a question."""
        line = json.dumps({key: value for key, value in asdict(entry).items() if value is not None}) + "\n"
        # A log on a full or read-only disk must not cost the answer.
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # One write, so that questions asked at the same time do not mix.
                os.write(descriptor, line.encode())
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
            if size > LIMIT:
                self._drop_older_half()

    def _drop_older_half(self) -> None:
        kept = self.path.read_bytes()[-LIMIT // 2 :].partition(b"\n")[2]
        descriptor, name = tempfile.mkstemp(dir=self.path.parent)
        os.write(descriptor, kept)
        os.close(descriptor)
        Path(name).replace(self.path)

    @contextlib.contextmanager
    def recording(self, rendered: Rendered, source: str, engine: str) -> "Iterator[Recorder]":
        """Log what runs inside, also when it fails or is interrupted."""
        recorder = Recorder()
        code, began = _FAILED, time.monotonic()
        try:
            yield recorder
            code = 0
        except KeyboardInterrupt as interrupt:
            code = interrupt.exit_code if isinstance(interrupt, Ended) else 130
            raise
        except FlowsqlError as failure:
            code = failure.exit_code
            raise
        finally:
            self.add(_entry(rendered, source, engine, recorder, code, time.monotonic() - began))


@dataclass(slots=True)
class Recorder:
    """Takes the receipt of what is being recorded, or the execution that gave no answer."""

    receipt: Receipt | None = None
    last: Remote | None = None


def _entry(rendered: Rendered, source: str, engine: str, recorder: Recorder, code: int, elapsed: float) -> Entry:
    kept: dict[str, str | None] = {}
    for name, value in rendered.values.items():
        if value.literal is not None:
            param = next((param for param in rendered.query.params if param.name == name), None)
            kept[name] = value.literal if param is not None and param.type in _HARMLESS else None
    told: dict[str, Any] = {"elapsed": round(elapsed, 3)}
    if receipt := recorder.receipt:
        told = {
            "query_id": receipt.query_id,
            "bytes": receipt.bytes_read,
            "dollars": receipt.dollars,
            "rows": receipt.rows,
            "route": receipt.results_route,
            "elapsed": round(receipt.elapsed.total_seconds(), 3),
        }
    elif last := recorder.last:
        told |= {"query_id": last.query_id, "bytes": last.bytes_scanned, "dollars": last.dollars}
    window = rendered.window
    return Entry(
        datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        source,
        engine,
        rendered.query.name,
        window.since.isoformat().replace("+00:00", "Z"),
        window.until.isoformat().replace("+00:00", "Z"),
        kept,
        fingerprint(rendered),
        exit=code,
        **told,
    )
