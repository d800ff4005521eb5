"""Everything on stderr, and the exit codes."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING

from flowsql.cli import streams
from flowsql.errors import FlowsqlError, Refused
from flowsql.units import human_bytes

if TYPE_CHECKING:
    from flowsql.receipt import Receipt


class ExitCode(IntEnum):
    """What the program ends with."""

    OK = 0
    """The question was answered; an empty answer counts."""
    FAILED = 1
    """The engine refused the statement, or a case failed."""
    USAGE = 2
    """An option, parameter, query or case is written wrong, or a field is missing."""
    SOURCE = 3
    """The flow logs cannot be reached or read, or the answer cannot be written."""
    DAMAGED = 4
    """A flow log object is broken and `--skip-damaged` was not given."""
    OVER_BUDGET = 5
    """The question would read or cost more than `--max-bytes` or the source allows; nothing was run."""
    HUNG_UP = 129
    """SIGHUP: the terminal was closed."""
    INTERRUPTED = 130
    """Ctrl-C."""
    TERMINATED = 143
    """SIGTERM: `timeout`, a service manager or CI."""


_ENDED = {ExitCode.HUNG_UP: "hung up", ExitCode.INTERRUPTED: "interrupted", ExitCode.TERMINATED: "terminated"}
_CLEARED = "\r\x1b[K"
"""Takes away what stands on the line."""
_NARROWEST = 20
"""Cells below which folding a line helps nobody."""
_BOLD, _DIM, _YELLOW, _RED = "1", "2", "33", "1;31"


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if text and streams.colored(sys.stderr) else text


def say(text: str = "") -> None:
    """A line for the person."""
    _show(f"{text}\n")


def _show(text: str) -> None:
    with suppress(OSError):  # A terminal that was closed takes no talk, and what runs has to be stopped all the same.
        print(text, end="", file=sys.stderr, flush=True)


def strong(text: str) -> None:
    """A line that stands out where there is colour."""
    say(_paint(text, _BOLD))


def error(failure: FlowsqlError) -> None:
    """One failure: place, message and hint."""
    where = f"{failure.where}: " if failure.where else ""
    say(f"{_paint('flowsql:', _RED)} {where}{failure.message}")
    for line in failure.excerpt:
        say(line)
    if failure.hint:
        first, *rest = failure.hint.splitlines()
        say(f"  {_paint('hint:', _BOLD)} {first}")
        for line in rest:
            say(f"  {line}")
    for other in failure.others if isinstance(failure, Refused) else ():
        error(other)


def note(text: str) -> None:
    """Something to know that is no failure."""
    say(_paint(f"note: {text}", _YELLOW))


def not_stopped(running: str) -> None:
    """What a signal could not end, in place of any progress."""
    say(f"{_cleared()}could not stop {running}")


def ended(code: int, unstopped: str = "") -> None:
    """What a signal leaves behind, in place of any progress; `unstopped` is what it could not end."""
    if unstopped:
        not_stopped(unstopped)
    say(f"{_cleared()}{_ENDED[ExitCode(code)]}")


def _cleared() -> str:
    return _CLEARED if streams.is_terminal(sys.stderr) else ""


def receipt(made: "Receipt") -> None:
    """The receipt below an answer; why there are no rows comes first."""
    say()
    if made.why_empty:
        conclusion, *evidence = made.why_empty.splitlines()
        strong(_folded(f"No rows: {conclusion}"))
        for line in (*evidence, ""):
            say(_folded(line))
    for line in made.lines():
        say(_paint(_folded(line), _YELLOW if line.startswith("note:") else _DIM))


def _folded(line: str) -> str:
    """A line folded between words where it is wider than the terminal."""
    cells = max(streams.width(sys.stderr, len(line) + 1), _NARROWEST)
    if len(line) < cells:
        return line
    return textwrap.fill(line, cells - 1, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def rejects(made: "Receipt") -> None:
    """Every rejected row kept, with object, line and reason."""
    for item in made.rejects:
        say(f"{item.name}:{item.line}: {item.reason}: {item.text!r}")
    if made.rejected is not None and made.rejected > len(made.rejects):
        say(f"… and {made.rejected - len(made.rejects):,} more")


def problems(failures: Iterable[FlowsqlError]) -> None:
    """Failures that did not stop the command."""
    for failure in failures:
        error(failure)


def reading(done: int, total: int) -> str:
    """How far the reading is, in bytes."""
    share = f" ({done / total:.0%})" if total else ""
    return f"reading {human_bytes(done)} of {human_bytes(total)}{share}"


class ProgressLine:
    """One line on a terminal that says how far the work is; silent elsewhere and for short work."""

    def __init__(self, describe: Callable[[int, int], str] = reading) -> None:
        """`describe` says in words what is done of all there is."""
        self._describe = describe
        self._began = time.monotonic()
        self._shown = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done, at most ten times a second."""
        now = time.monotonic()
        if now - self._began < 0.5 or now - self._shown < 0.1 or not streams.is_terminal(sys.stderr):
            return
        self._shown = now
        _show(f"{_CLEARED}{self._describe(done, total)}")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            _show(_CLEARED)
            self._shown = 0.0
