"""Ctrl-C, SIGTERM and SIGHUP: the program ends within a second, whatever it does, with one line and its exit code."""

import os
import select
import signal
import sys
import time
from dataclasses import dataclass, field
from threading import Lock, Thread
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from flowsql.cli import diagnostics
from flowsql.cli.diagnostics import ExitCode
from flowsql.errors import Ended

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_GRACE = 0.8
"""Seconds in which the program may end by itself, so that half-written files are removed."""

_LONGER = 5.0
"""Seconds more in which a remote engine may be told to stop; a network that hangs holds nobody longer."""

_SAYING = 0.5
"""Seconds in which the last line is said; a full pipe that nobody reads holds nobody either."""

_WATCHED = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C; `timeout`, service managers and CI; a terminal that is closed. Windows has no SIGHUP."""


@dataclass(slots=True)
class Interruption:
    """What is known about the signal that ends this run of the program."""

    number: int = 0
    """The first one that came."""
    _running: str = ""
    _leaves: bool = False
    """Whether something that ran elsewhere was ended, and what it left is being taken away and written down."""
    _ending: Lock = field(default_factory=Lock)

    @property
    def happened(self) -> bool:
        """Whether what fails now fails because of it: code written in C reports an interruption as its own error."""
        return bool(self.number)

    @property
    def exit_code(self) -> ExitCode:
        """As shells have it: 128 and the number of the signal."""
        return ExitCode(128 + self.number) if self.number else ExitCode.INTERRUPTED

    def watch(self) -> None:
        """From now on these signals raise Ended, and end the program if that has not ended it soon."""
        numbers = [getattr(signal, name) for name in _WATCHED if hasattr(signal, name)]
        # Whoever started the program may want it to go on, as nohup does.
        watched = [each for each in numbers if signal.getsignal(each) in (signal.SIG_DFL, signal.default_int_handler)]
        if not watched:
            return
        # Written to by the C part of a signal, also while the main thread is busy in an engine.
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        sys.unraisablehook = _keep_quiet
        for each in watched:
            signal.signal(each, self._raise)
        Thread(target=self._end_late, args=(told, watched), daemon=True).start()

    def stops_first(self, running: str) -> None:
        """`running` goes on elsewhere (and is billed, perhaps): a signal leaves time to stop it, until Ctrl-C again."""
        self._running = running

    def nothing_runs(self) -> None:
        """Nothing goes on elsewhere any more."""
        self._running = ""

    def leaves(self) -> None:
        """What ran was stopped, or its going on is told; what it left takes time yet."""
        self._running, self._leaves = "", True

    def end(self, unstopped: str = "") -> NoReturn:
        """End now: threads in the middle of an object are not waited for, nobody wants their result any more.

        `unstopped` goes on elsewhere.
        """
        self._ending.acquire()
        saying = Thread(target=diagnostics.ended, args=(self.exit_code, unstopped), daemon=True)
        saying.start()
        saying.join(_SAYING)
        os._exit(self.exit_code)

    def _raise(self, came: int, frame: FrameType | None) -> None:
        # Once: `timeout` and a shell that ends send theirs twice, and who presses Ctrl-C again is answered elsewhere.
        if not self.number:
            self.number = came
            raise Ended(128 + came)

    def _end_late(self, told: int, watched: list[int]) -> None:
        came = b""
        while not set(watched).intersection(came):
            came = os.read(told, 64)
        hurried = came.count(signal.SIGINT) > 1 or _is_hurried(told, _GRACE)
        if (self._running or self._leaves) and not hurried:
            _is_hurried(told, _LONGER)
        self.end(self._running)


def _keep_quiet(lost: "UnraisableHookArgs") -> None:
    """Say nothing of a signal that came while Python cleaned up, where none can be raised: the program ends late."""
    if not isinstance(lost.exc_value, Ended):
        sys.__unraisablehook__(lost)


def _is_hurried(told: int, seconds: float) -> bool:
    """Wait; true, and early, when Ctrl-C is pressed meanwhile."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([told], [], [], left)[0] and signal.SIGINT in os.read(told, 64):
            return True
    return False
