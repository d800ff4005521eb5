"""How far a remote execution is, on one line of a terminal, and what Ctrl-C did to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from flowsql.cli import diagnostics
from flowsql.cli.interruption import Interruption
from flowsql.units import human_bytes, human_time

if TYPE_CHECKING:
    from flowsql.engines.athena_statements import Statements
    from flowsql.engines.base import RemoteState
    from flowsql.sources import AthenaSource

_WORDS = {
    "WAITING": "waiting",
    "QUEUED": "queued",
    "RUNNING": "running",
    "FETCHING": "fetching rows",
}
_PASSING = timedelta(seconds=2)
"""What is waited for longer than this is told."""
_OVER = ("SUCCEEDED", "FAILED", "CANCELLED")
_ENDED = ("STOPPED", "NOT STOPPED")


class RemoteLine:
    """Shows the states of an execution on a terminal.

    Says on any stderr what became of one that was interrupted, and once what keeps the person waiting.
    """

    def __init__(self, interrupted: Interruption | None) -> None:
        """`interrupted` is told what Ctrl-C has to stop."""
        self._interruption = interrupted
        self._line = diagnostics.ProgressLine(lambda done, total: self._text)
        self._text = ""
        self._has_told = False

    def __call__(self, state: "RemoteState") -> None:
        """Show a state."""
        name = f"query {state.query_id}" if state.query_id else "the query"
        goes_on = f"{name}: it may go on{', and is billed' if state.billed else ''}"
        if self._interruption is not None:
            if state.state in _OVER:
                self._interruption.nothing_runs()
            elif state.state in _ENDED:
                self._interruption.leaves()
            elif state.state not in ("FETCHING", "WAITING"):
                self._interruption.stops_first(goes_on)
        if state.state == "STOPPED":
            self.clear()
            diagnostics.say(f"stopped {name}{'; what it had scanned is billed' if state.billed else ''}")
        elif state.state == "NOT STOPPED":
            self.clear()
            diagnostics.not_stopped(goes_on)
        elif state.state == "WAITING" and state.elapsed >= _PASSING and not self._has_told:
            self._has_told = True
            self.clear()
            longest = f", for {human_time(state.longest)} at most" if state.longest else ""
            diagnostics.note(f"{state.reason}; waiting{longest}")
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
