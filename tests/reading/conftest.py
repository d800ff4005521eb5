"""What the tests of the reader share: objects in memory or on disk → rows and the tally."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.fields import RecordKind
from flowsql.reading.columns import Columns
from flowsql.reading.scan import ReadOptions, Scan, look
from flowsql.reading.store import LocalStore, MemoryStore, Wanted
from flowsql.reading.tally import Tally
from flowsql.window import Window

ALL_TIME = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC), timedelta(0))


@dataclass(frozen=True)
class Reading:
    """What was read."""

    rows: list[dict[str, Any]]
    tally: Tally
    columns: tuple[str, ...]

    @property
    def rejects(self) -> list[tuple[int, str]]:
        return [(reject.line, reject.reason) for reject in self.tally.rejects]


Read = Callable[..., Reading]


@pytest.fixture(scope="session")
def read() -> Read:
    """Reads everything at a place; `names` are the columns wanted, by default all that the objects carry."""

    def reading(
        place: Path | dict[str, bytes] | bytes,
        names: tuple[str, ...] | None = None,
        *,
        kind: RecordKind = "vpc",
        window: Window = ALL_TIME,
        wanted: Wanted | None = None,
        **options: Any,
    ) -> Reading:
        if isinstance(place, Path):
            store: LocalStore | MemoryStore = LocalStore(str(place))
        else:
            store = MemoryStore(place if isinstance(place, dict) else {"logs/object": place})
        settings = ReadOptions(**{"threads": 2} | options)
        objects = store.listing(wanted or Wanted((window,))).objects
        found = names if names is not None else look(store, objects, settings, kind).columns
        columns = Columns(found, kind, window.since_epoch, window.until_epoch)
        scan = Scan(store, objects, columns, settings)
        rows = [row for batch in scan.batches() for row in batch.to_pylist()]
        coded = Scan(store, objects, replace(columns, coded=True), settings)
        assert [row for batch in coded.batches() for row in batch.to_pylist()] == rows
        assert coded.tally == scan.tally
        return Reading(rows, scan.tally, found)

    return reading
