"""How far a remote execution is, on one line of a terminal, and what Ctrl-C did to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowsql.cli import diagnostics
from flowsql.cli.interruption import Interruption
from flowsql.units import human_bytes

if TYPE_CHECKING:
    from flowsql.engines.athena_statements import Statements
    from flowsql.engines.base import RemoteState
    from flowsql.sources import AthenaSource

_WORDS = {
    "WAITING": "waiting until more queries may run",
    "QUEUED": "queued",
    "RUNNING": "running",
    "FETCHING": "fetching rows",
}
_OVER = ("SUCCEEDED", "FAILED", "CANCELLED", "STOPPED", "NOT STOPPED")


class RemoteLine:
    """Shows the states of an execution on a terminal; says on any stderr what became of one that was interrupted."""

    def __init__(self, interrupted: Interruption | None) -> None:
        """`interrupted` is told what Ctrl-C has to stop."""
        self._interruption = interrupted
        self._line = diagnostics.ProgressLine(lambda done, total: self._text)
        self._text = ""

    def __call__(self, state: "RemoteState") -> None:
        """Show a state."""
        name = f"query {state.query_id}" if state.query_id else "the query"
        if self._interruption is not None:
            if state.state in _OVER:
                self._interruption.nothing_runs()
            elif state.state not in ("FETCHING", "WAITING"):
                self._interruption.stops_first(name)
        if state.state == "STOPPED":
            self.clear()
            diagnostics.say(f"stopped {name}; what it had scanned is billed")
        elif state.state == "NOT STOPPED":
            self.clear()
            diagnostics.not_stopped(name)
        elif state.state in _WORDS:
            parts = [_WORDS[state.state], f"{state.elapsed.total_seconds():.0f} s"]
            if state.queued:
                parts.append(f"queued {state.queued.total_seconds():.1f} s")
            if state.bytes:
                parts.append(f"{human_bytes(state.bytes)} scanned")
            self._text = " · ".join(parts)
            self._line(0, 0)

    def clear(self) -> None:
        """Take the line away."""
        self._line.clear()


@contextmanager
def statements(source: "AthenaSource", interruption: Interruption | None) -> "Iterator[Statements]":
    """Athena for statements about one table; on Ctrl-C what runs is stopped, and that is told."""
    from flowsql.engines.athena_statements import Statements

    line = RemoteLine(interruption)
    try:
        yield Statements(source, line)
    finally:
        line.clear()
