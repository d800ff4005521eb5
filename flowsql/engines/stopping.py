"""Stopping what runs elsewhere, within the time a person waits for it."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

_LONGEST = 4.0
"""Seconds after which a network that hangs is given up."""


def stopped(stop: Callable[[], object], after: Callable[[], object] = lambda: None) -> bool:
    """Whether `stop` succeeded in time; `after` may then use what is left of it.

    Whatever goes wrong, the interrupt goes on: the person is told that what runs may do so too.
    """
    succeeded, over = Event(), Event()

    def work() -> None:
        with suppress(Exception):
            stop()
            succeeded.set()
            after()
        over.set()

    # A call that hangs cannot be given up from inside.
    Thread(target=work, daemon=True).start()
    over.wait(_LONGEST)
    return succeeded.is_set()
