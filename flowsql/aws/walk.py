"""Steps taken in parallel, each of which may lead to more; given up at once when the person interrupts."""

from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

Step = TypeVar("Step")
Found = TypeVar("Found")

_PATIENCE = 0.5
"""Seconds between looks for an interrupt, which some platforms do not deliver to a waiting thread."""


def walk(
    first: Sequence[Step], take: Callable[[Step], tuple[Sequence[Found], Sequence[Step]]], threads: int
) -> Iterator[Found]:
    """What all the steps find, in no order. `take` gives what one step finds and the steps that follow.

    The first exception of any step ends the walk and is raised here. The threads are daemons that nobody waits
    for, so neither that nor an interrupt has to sit out a request under way.
    """
    waiting: SimpleQueue[Step | None] = SimpleQueue()
    done: SimpleQueue[tuple[Sequence[Found], Sequence[Step]] | Exception] = SimpleQueue()
    stop = Event()

    def work() -> None:
        while (step := waiting.get()) is not None and not stop.is_set():
            try:
                done.put(take(step))
            except Exception as failure:
                done.put(failure)

    unfinished = workers = 0
    following = first
    try:
        while following or unfinished:
            for step in following:
                waiting.put(step)
            unfinished += len(following)
            for _ in range(min(threads, unfinished) - workers):
                Thread(target=work, name="flowsql-walk", daemon=True).start()
                workers += 1
            outcome = _next(done)
            unfinished -= 1
            if isinstance(outcome, Exception):
                raise outcome
            found, following = outcome
            yield from found
    finally:
        stop.set()
        for _ in range(workers):
            waiting.put(None)


def _next(queue: SimpleQueue[Found]) -> Found:
    while True:
        try:
            return queue.get(timeout=_PATIENCE)
        except Empty:
            continue
