"""Pure Python work on every core: copies of this process each take a share, and send back what they made of it.

Copies are made where that is cheap and safe, on Linux; elsewhere everything is done here, one item after the other.
"""

import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

_WORTH_IT = 4
"""Items of each share at least: a copy of the process costs about as much as one."""

_MOST = 8

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if sys.platform == "linux" else ()


@dataclass(frozen=True, slots=True)
class _Copy:
    """A process that works on a share."""

    process: int
    made: int
    """The pipe it sends its results through, pickled."""
    share: range


def each_made(
    make: Callable[[Item], Made], items: Sequence[Item], tell: Callable[[int], None] = lambda done: None
) -> list[Made]:
    """`make` of every item, in their order. `tell` is called with how many are done, roughly.

    Results must be ones that can be pickled. What a copy of the process does not send is made here, and so fails here.
    """
    made: dict[int, Made] = {}

    def here(indexes: range) -> None:
        for index in indexes:
            if index not in made:
                tell(index)
                made[index] = make(items[index])

    # What the first one imports, no copy has to.
    here(range(min(1, len(items))))
    count = max(1, min(_processes(), len(items) // _WORTH_IT))
    copies: list[_Copy] = []
    with suppress(OSError):  # The system gives no more processes or files: what has no copy is made here.
        for number in range(1, count):
            copies.append(_copied(make, items, range(number, len(items), count)))
    here(range(0, len(items), count))
    for copy in copies:
        made.update(_received(copy))
    here(range(len(items)))
    return [made[index] for index in range(len(items))]


def _processes() -> int:
    """How many processes this one may be."""
    return min(_MOST, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


def _copied(make: Callable[[Item], Made], items: Sequence[Item], share: range) -> _Copy:
    """A copy of this process that makes its share."""
    reading, writing = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # Only the thread that waits for signals runs beside this one, and it holds no lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        _work(make, items, share, writing, parent)
    os.close(writing)
    return _Copy(process, reading, share)


def _work(make: Callable[[Item], Made], items: Sequence[Item], share: range, writing: int, parent: int) -> NoReturn:
    """What a copy does, to its end: it says nothing, for this process finds out what failed."""
    try:
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        made = {}
        for index in share:
            if os.getppid() != parent:
                break
            made[index] = make(items[index])
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(made, pipe, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)


def _received(copy: _Copy) -> dict[int, Made]:
    """What a copy made, once it has ended; nothing where it failed."""
    with os.fdopen(copy.made, "rb") as pipe:
        sent = pipe.read()
    os.waitpid(copy.process, 0)
    with suppress(EOFError, pickle.UnpicklingError):
        made: dict[int, Made] = pickle.loads(sent)
        return made
    return {}
