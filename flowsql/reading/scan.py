"""One reading of many objects: parallel, in name order, bounded in memory, every row accounted for."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING

from flowsql.errors import DamagedObject, FlowsqlError, SourceError
from flowsql.fields import RecordKind
from flowsql.reading.columns import Columns
from flowsql.reading.container import (
    PARQUET,
    Format,
    Misfit,
    NotFlowLogs,
    is_misnamed,
    opened,
    parquet_format,
    probe,
    text_format,
    unfit,
    unrecognised,
)
from flowsql.reading.damage import damaged
from flowsql.reading.envelopes import unwrapped
from flowsql.reading.lines import blocks_of_lines
from flowsql.reading.store import Bytes, Store, StoredObject
from flowsql.reading.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from flowsql.reading.parquet import ParquetObject

Progress = Callable[[int, int], None]
"""Called with bytes read so far and bytes in all."""


_TRIED = 20
"""Objects of one flow log looked at for one that is neither empty nor damaged."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How objects are read."""

    log_format: tuple[str, ...] | None = None
    """The columns of files without a header, in order."""
    skip_damaged: bool = False
    threads: int = field(default_factory=lambda: max(2, min(8, os.cpu_count() or 2)))
    progress: Progress | None = None
    block: int = 8 << 20
    """Bytes of text parsed at a time."""
    held: int = 32 << 20
    """Bytes of records of one object held before they are handed on; more are handed on as they are read."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the objects' first bytes tells."""

    columns: tuple[str, ...]
    """The union of all formats' columns of this record kind, by first appearance."""
    kinds: tuple[RecordKind, ...]
    """The record kinds seen."""


def look(store: Store, objects: list[StoredObject], options: ReadOptions, kind: RecordKind) -> Found:
    """The fields the objects carry. One flow log never changes its format, so one object of each is opened.

    Raises SourceError when there are objects but none holds flow logs, UsageError when the given log format fits none.
    """
    alike: dict[object, list[StoredObject]] = {}
    for item in objects:
        flow_log = item.place.flow_log
        key = (flow_log, item.place.account, item.name.endswith(".parquet")) if flow_log else item.name
        alike.setdefault(key, []).append(item)
    columns: dict[str, None] = {}
    kinds: dict[RecordKind, None] = {}
    foreign: list[tuple[NotFlowLogs, str]] = []
    misfits: list[tuple[Misfit, str]] = []
    with ThreadPoolExecutor(options.threads) as pool:
        forms = pool.map(lambda items: _first_format(store, items, options), alike.values())
        for items, form in zip(alike.values(), forms, strict=True):
            if isinstance(form, Misfit):
                misfits.append((form, items[0].name))
            elif isinstance(form, NotFlowLogs):
                foreign.append((form, items[0].name))
            elif form is not None:
                kinds.setdefault(form.kind)
                if form.kind == kind:
                    columns.update(dict.fromkeys(form.fields))
    if misfits and not kinds:
        raise unfit(*misfits[0])
    if foreign and not kinds:
        other, name = foreign[0]
        raise unrecognised(store.location, name, other)
    return Found(tuple(columns), tuple(kinds))


def _first_format(store: Store, items: list[StoredObject], options: ReadOptions) -> Format | NotFlowLogs | None:
    """The format of objects that are written alike, told by the first that is neither empty nor damaged."""
    for item in items[:_TRIED]:
        try:
            if (form := probe(store, item, options.log_format)) is not None:
                return form
        except NotFlowLogs as other:
            if not is_misnamed(store, item):
                return other
        except DamagedObject:
            # The reading itself decides whether damage stops the run; it must not depend on which object is looked at.
            continue
    return None


@dataclass(frozen=True, slots=True)
class _Part:
    """What a thread read of one object: all of it or, of a large one, the beginning and a way to go on."""

    batches: list["pa.RecordBatch"]
    tally: Tally
    rest: Iterator["pa.RecordBatch"] | None = None


@dataclass(slots=True)
class Scan:
    """Reads objects into Arrow batches. `failure` holds the error that ended it, for whoever consumed it through C."""

    store: Store
    objects: list[StoredObject]
    columns: Columns
    options: ReadOptions
    tally: Tally = field(default_factory=Tally)
    failure: BaseException | None = None
    _stop: Event = field(default_factory=Event)
    _upcoming: Iterator[StoredObject] | None = None
    _pool: ThreadPoolExecutor | None = None
    _waiting: deque[Future[_Part]] = field(default_factory=deque)

    def begin(self) -> None:
        """Read the first objects in the background, while whoever will take the batches gets ready."""
        # Imported before anything else is, lest the reading has to wait for that to be imported too.
        import pyarrow.compute
        import pyarrow.csv  # noqa: F401

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.options.threads, "flowsql-reading")
            self._upcoming = iter(self.objects)
            self._refill()

    def reader(self) -> "pa.RecordBatchReader":
        """The batches as a stream that can be read once."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.columns.handed_schema(), self.batches())

    def stop(self) -> None:
        """Give up reading: objects not begun are not read, and nobody waits for those that were."""
        self._stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def check(self) -> None:
        """Raise the failure a consumer written in C may have wrapped or swallowed; KeyboardInterrupt after `stop`."""
        if isinstance(self.failure, FlowsqlError):
            raise self.failure
        if isinstance(self.failure, CancelledError):
            raise KeyboardInterrupt from self.failure

    def batches(self) -> Iterator["pa.RecordBatch"]:
        """Batches in name order of their objects; raises DamagedObject unless damaged ones are skipped.

        Raises CancelledError after `stop`: a part of the records must never pass for all of them.
        """
        total = sum(item.size for item in self.objects)
        try:
            self.begin()
            while self._waiting:
                part = self._waiting.popleft().result()
                self._refill()
                if part.rest is None:
                    # All is counted already: whoever takes the batches may want no more of them.
                    self.tally.add(part.tally)
                yield from chain(part.batches, part.rest or ())
                if self._stop.is_set():
                    break
                if part.rest is not None:
                    self.tally.add(part.tally)
                if self.options.progress:
                    self.options.progress(self.tally.bytes, total)
            if self._stop.is_set():
                raise CancelledError("the reading was given up")
        except BaseException as failure:
            self.failure = self.failure or failure
            raise
        finally:
            self.stop()

    def _refill(self) -> None:
        """Keep objects under way for twice the threads, so that none waits for the consumer."""
        while len(self._waiting) < 2 * self.options.threads + 2 and not self._stop.is_set():
            item = next(self._upcoming or iter(()), None)
            if item is None or self._pool is None:
                return
            self._waiting.append(self._pool.submit(self._read, item))

    def _read(self, item: StoredObject) -> _Part:
        """An object's batches, at most `held` bytes of them; damage that stops nothing is found before any is given."""
        if self._stop.is_set():
            return _Part([], Tally())
        tally = Tally(objects=1, bytes=item.size)
        batches = self._of(item, tally)
        held: list[pa.RecordBatch] = []
        size = 0
        try:
            for batch in batches:
                held.append(batch)
                size += batch.nbytes
                if size > self.options.held and not self.options.skip_damaged:
                    return _Part(held, tally, batches)
                if size > self.options.held:
                    held.clear()
        except DamagedObject as failure:
            if not self.options.skip_damaged:
                raise
            return _Part([], Tally(objects=1, bytes=item.size, damaged=[f"{item.name}: {failure.message}"]))
        if size > self.options.held:
            # The object is whole, but too large to be held: it is read again while its records are used.
            tally = Tally(objects=1, bytes=item.size)
            return _Part([], tally, self._of(item, tally))
        return _Part(held, tally)

    def _of(self, item: StoredObject, tally: Tally) -> Iterator["pa.RecordBatch"]:
        """The batches of one object that hold anything, until the reading is given up."""
        try:
            for batch in self._parsed(item, tally):
                if self._stop.is_set():
                    return
                if batch.num_rows:
                    yield self.columns.handed(batch, item.place)
            for count in (tally.lacking, tally.untold):
                count.update(dict.fromkeys(count, tally.in_window))
        except NotFlowLogs:
            if is_misnamed(self.store, item):
                raise damaged("it does not begin like a gzip file", item.name) from None
            tally.foreign.append(item.name)
        except (MemoryError, OSError) as failure:
            raise SourceError(f"cannot be read: {failure}", where=item.name) from failure

    def _parsed(self, item: StoredObject, tally: Tally) -> Iterator["pa.RecordBatch"]:
        data: Bytes = self.store.read(item)
        inside: Iterator[bytes] = iter(())
        head = data[:4]
        if head != PARQUET:
            head, inside = opened(data, item.name, self.options.block)
            if head[:4] == PARQUET:
                data = b"".join(inside)
        whole: ParquetObject | None = None
        if head[:4] == PARQUET:
            from flowsql.reading.parquet import open_parquet

            whole = open_parquet(data, item.name)
            form: Format | None = parquet_format(tuple(whole.stored))
        else:
            form = text_format(head, self.options.log_format, item.name)
        if form is None:
            return
        if form.kind == self.columns.kind:
            tally.lacking.update({name: 0 for name in self.columns.names if name not in form.fields})
            narrowed = (name for name in self.columns.narrowed if name not in form.fields)
            tally.untold.update({name: 0 for name in narrowed if item.place.told(name) is None})
        if form.kind != self.columns.kind:
            tally.other_kind += 1
        elif whole is not None:
            from flowsql.reading.parquet import parquet_batches

            timed = item.place.interval() is not None
            yield from parquet_batches(whole, self.columns, tally, item.name, timed=timed)
        else:
            from flowsql.reading.text import text_batches

            tally.assumed_default += not form.header and self.options.log_format is None
            if form.container == "json":
                blocks = unwrapped(inside, item.name, self.options.block)
            else:
                blocks = blocks_of_lines(inside, item.name)
            yield from text_batches(blocks, form, self.columns, tally, item.name)
