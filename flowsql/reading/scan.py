"""One reading of many objects: parallel, in name order, bounded in memory, every row accounted for."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from flowsql.errors import DamagedObject, FlowsqlError, SourceError
from flowsql.fields import RecordKind
from flowsql.reading.columns import Columns
from flowsql.reading.container import (
    Format,
    NotFlowLogs,
    blocks_of_lines,
    inflate,
    probe,
    text_format,
    unrecognised,
    unwrap,
)
from flowsql.reading.store import Store, StoredObject
from flowsql.reading.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int], None]
"""Called with bytes read so far and bytes in all."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How objects are read."""

    log_format: tuple[str, ...] | None = None
    """The columns of files without a header, in order."""
    skip_damaged: bool = False
    threads: int = field(default_factory=lambda: max(2, min(8, os.cpu_count() or 2)))
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the objects' first bytes tells."""

    columns: tuple[str, ...]
    """The union of all formats' columns of this record kind, by first appearance."""
    kinds: tuple[RecordKind, ...]
    """The record kinds seen."""


def look(store: Store, objects: list[StoredObject], options: ReadOptions, kind: RecordKind) -> Found:
    """The fields the objects carry. One flow log never changes its format, so one object of each is opened.

    Raises SourceError when there are objects but none holds flow logs.
    """
    samples: dict[object, StoredObject] = {}
    for item in objects:
        flow_log = item.place.flow_log
        key = (flow_log, item.place.account, item.name.endswith(".parquet")) if flow_log else item.name
        samples.setdefault(key, item)
    columns: dict[str, None] = {}
    kinds: dict[RecordKind, None] = {}
    foreign: list[str] = []
    with ThreadPoolExecutor(options.threads) as pool:
        for item, form in zip(
            samples.values(), pool.map(lambda item: _probe(store, item, options), samples.values()), strict=True
        ):
            if isinstance(form, NotFlowLogs):
                foreign.append(item.name)
            elif form is not None:
                kinds.setdefault(form.kind)
                if form.kind == kind:
                    columns.update(dict.fromkeys(form.columns))
    if foreign and not kinds:
        raise unrecognised(foreign, store.location)
    return Found(tuple(columns), tuple(kinds))


def _probe(store: Store, item: StoredObject, options: ReadOptions) -> Format | NotFlowLogs | None:
    try:
        return probe(store, item, options.log_format)
    except NotFlowLogs as other:
        return other
    except DamagedObject:
        # The reading itself decides whether damage stops the run; it must not depend on which object is looked at.
        return None


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

    def reader(self) -> "pa.RecordBatchReader":
        """The batches as a stream that can be read once."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.columns.schema(), self.batches())

    def stop(self) -> None:
        """Give up reading: objects not begun are not read."""
        self._stop.set()

    def batches(self) -> Iterator["pa.RecordBatch"]:
        """Batches in name order of their objects; raises DamagedObject unless damaged ones are skipped."""
        total = sum(item.size for item in self.objects)
        waiting: deque[Future[tuple[list[pa.RecordBatch], Tally]]] = deque()
        upcoming = iter(self.objects)
        try:
            with ThreadPoolExecutor(self.options.threads) as pool:
                for item in upcoming:
                    waiting.append(pool.submit(self._read, item))
                    if len(waiting) > self.options.threads + 1:
                        yield from self._take(waiting, total)
                while waiting:
                    yield from self._take(waiting, total)
        except BaseException as failure:
            self._stop.set()
            for future in waiting:
                future.cancel()
            self.failure = self.failure or failure
            raise

    def _take(
        self, waiting: "deque[Future[tuple[list[pa.RecordBatch], Tally]]]", total: int
    ) -> Iterator["pa.RecordBatch"]:
        batches, tally = waiting.popleft().result()
        self.tally.add(tally)
        if self.options.progress:
            self.options.progress(self.tally.bytes, total)
        yield from batches

    def _read(self, item: StoredObject) -> tuple[list["pa.RecordBatch"], Tally]:
        tally = Tally(objects=1, bytes=item.size)
        if self._stop.is_set():
            return [], tally
        try:
            return [batch for batch in self._of(item, tally) if batch.num_rows], tally
        except NotFlowLogs:
            tally.foreign.append(item.name)
        except DamagedObject as failure:
            if not self.options.skip_damaged:
                raise
            tally = Tally(objects=1, bytes=item.size, damaged=[f"{item.name}: {failure.message}"])
        except (MemoryError, OSError) as failure:
            raise SourceError(f"cannot be read: {failure}", where=item.name) from failure
        return [], tally

    def _of(self, item: StoredObject, tally: Tally) -> Iterator["pa.RecordBatch"]:
        data = self.store.read(item)
        if data[:4] == b"PAR1":
            from flowsql.reading.parquet import parquet_batches, parquet_columns

            form: Format | None = Format("parquet", parquet_columns(data, item.name), False)
            if self._fits(form, tally):
                yield from parquet_batches(data, self.columns, tally, item.name)
            return
        blocks = blocks_of_lines(inflate(data, item.name))
        first = next(blocks, b"")
        form = text_format(first, self.options.log_format)
        if form is None or not self._fits(form, tally):
            return
        from flowsql.reading.text import text_batches

        if form.container != "text":
            whole = b"".join((first, *blocks))
            yield from text_batches(
                iter([unwrap(whole, form.container, item.name)]), form, self.columns, tally, item.name
            )
            return
        if not form.header and self.options.log_format is None:
            tally.assumed_default += 1
        yield from text_batches(_chain(first, blocks), form, self.columns, tally, item.name)

    def _fits(self, form: Format | None, tally: Tally) -> bool:
        if form is None or form.kind == self.columns.kind:
            return form is not None
        tally.other_kind += 1
        return False

    def check(self) -> None:
        """Raise the failure a consumer written in C may have wrapped or swallowed."""
        if isinstance(self.failure, FlowsqlError):
            raise self.failure


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
