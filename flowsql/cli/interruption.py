"""Ctrl-C: the program ends within a second, whatever it is doing, with one line and exit code 130."""

import os
import select
import signal
from dataclasses import dataclass, field
from threading import Lock, Thread
from types import FrameType
from typing import NoReturn

from flowsql.cli import diagnostics
from flowsql.cli.diagnostics import ExitCode

_GRACE = 0.8
"""Seconds in which the program may end by itself, so that half-written files are removed."""

_LONGER = 5.0
"""Seconds more in which a remote engine may be told to stop; a network that hangs holds nobody longer."""


@dataclass(slots=True)
class Interruption:
    """What is known about Ctrl-C in this run of the program."""

    happened: bool = False
    """Whether what fails now fails because of it: code written in C reports an interruption as an error of its own."""
    _running: str = ""
    _ending: Lock = field(default_factory=Lock)

    def watch(self) -> None:
        """From now on Ctrl-C raises KeyboardInterrupt, and ends the program if that has not ended it soon."""
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return  # Whoever started the program wants it to go on, as nohup does.
        signal.signal(signal.SIGINT, self._raise)
        # Written to by the C part of a signal, also while the main thread is busy in an engine.
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        Thread(target=self._end_late, args=(told,), daemon=True).start()

    def stops_first(self, running: str) -> None:
        """`running` goes on elsewhere and is billed: Ctrl-C leaves time to stop it, until a second Ctrl-C."""
        self._running = running

    def nothing_runs(self) -> None:
        """Nothing goes on elsewhere any more, or what does is told already."""
        self._running = ""

    def end(self) -> NoReturn:
        """End now: threads in the middle of an object are not waited for, nobody wants their result any more."""
        self._ending.acquire()
        diagnostics.interrupted()
        os._exit(ExitCode.INTERRUPTED)

    def _raise(self, number: int, frame: FrameType | None) -> NoReturn:
        self.happened = True
        raise KeyboardInterrupt

    def _end_late(self, told: int) -> None:
        while signal.SIGINT not in os.read(told, 64):
            pass
        again, _, _ = select.select([told], [], [], _GRACE)  # A second Ctrl-C is not kept waiting.
        if self._running and not again:
            select.select([told], [], [], _LONGER)
        if self._running:
            diagnostics.not_stopped(self._running)
        self.end()
