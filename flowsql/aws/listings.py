"""What lies below prefixes that nothing is filed under any more, kept on disk: bounded, and never a reason to fail."""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flowsql.caching import cache_folder
from flowsql.layout import SLOT, place

_MOST = 200_000
"""Prefixes kept, some 30 MB; beyond it the oldest are forgotten."""

_DAYS = 30
"""How long one is believed: lifecycle rules take objects away, and an estimate may be too high for so long."""

_PATIENCE = 1.0
"""Seconds in which another process may be writing."""

_FORGETTING = "DELETE FROM {0} WHERE place IN (SELECT place FROM {0} ORDER BY at DESC LIMIT -1 OFFSET ?)"

_RUNS = 100
"""Stretches of slots worth keeping: a day has one, or some more where a flow log was off."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS below (place TEXT PRIMARY KEY, objects INTEGER, bytes INTEGER, slots TEXT, at REAL)",
    "CREATE TABLE IF NOT EXISTS folders (place TEXT PRIMARY KEY, names TEXT, at REAL)",
)


@dataclass(frozen=True, slots=True)
class Below:
    """What lies below a prefix."""

    objects: int
    bytes: int
    slots: tuple[tuple[int, int], ...] | None = ()
    """The five-minute slots in the objects' names (Unix seconds / 300) as runs, first and last of each.

    None where an object's name has none.
    """

    @classmethod
    def of(cls, sizes: Sequence[tuple[str, int]]) -> "Below":
        """Of objects and their bytes."""
        found: set[int] = set()
        unnamed = False
        for name, _ in sizes:
            slot = place(name).slot
            if slot is None:
                unnamed = True
            else:
                found.add(int(slot.timestamp() // SLOT.total_seconds()))
        runs: list[tuple[int, int]] = []
        for slot_number in sorted(found):
            if runs and runs[-1][1] + 1 == slot_number:
                runs[-1] = (runs[-1][0], slot_number)
            else:
                runs.append((slot_number, slot_number))
        return cls(len(sizes), sum(size for _, size in sizes), None if unnamed else tuple(runs))


@dataclass(frozen=True, slots=True)
class Listings:
    """What lies below prefixes, as one identity at one endpoint saw them (`scope`)."""

    scope: str = ""
    folder: Path = field(default_factory=cache_folder)

    @classmethod
    def of(cls, profile: str | None, region: str | None) -> "Listings":
        """Those of a profile; an endpoint of one's own has buckets of its own."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        return cls("\n".join((endpoint, profile or os.environ.get("AWS_PROFILE", ""), region or "")))

    def known(self, prefixes: Iterable[str]) -> dict[str, Below]:
        """What lies below the prefixes that are kept."""
        found: dict[str, Below] = {}
        wanted = tuple(prefixes)
        if not wanted or not self._file.exists():
            return found
        with _not_in_the_way(self._file), self._opened() as database:
            sql = "SELECT objects, bytes, slots FROM below WHERE place = ? AND at > ?"
            oldest = time.time() - _DAYS * 86400
            for prefix in wanted:
                row = database.execute(sql, (self._place(prefix), oldest)).fetchone()
                if row is not None:
                    found[prefix] = Below(int(row[0]), int(row[1]), _runs(row[2]))
        return found

    def keep(self, found: Mapping[str, Below]) -> None:
        """Remember prefixes of which no more objects are expected."""
        if not found:
            return
        with _not_in_the_way(self._file), self._opened() as database, database:
            rows = [
                (self._place(prefix), below.objects, below.bytes, _text(below.slots), time.time())
                for prefix, below in found.items()
            ]
            database.executemany("INSERT OR REPLACE INTO below VALUES (?, ?, ?, ?, ?)", rows)
            database.execute(_FORGETTING.format("below"), (_MOST,))

    def folders(self, prefix: str, since: datetime) -> list[str] | None:
        """The folders kept of a prefix, when they were asked for after an instant."""
        found: list[str] | None = None
        if self._file.exists():
            with _not_in_the_way(self._file), self._opened() as database:
                oldest = max(since.timestamp(), time.time() - _DAYS * 86400)
                sql = "SELECT names FROM folders WHERE place = ? AND at > ?"
                row = database.execute(sql, (self._place(prefix), oldest)).fetchone()
                found = str(row[0]).splitlines() if row is not None else None
        return found

    def keep_folders(self, prefix: str, names: Sequence[str]) -> None:
        """Remember the folders below a prefix."""
        with _not_in_the_way(self._file), self._opened() as database, database:
            row = (self._place(prefix), "\n".join(names), time.time())
            database.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", row)
            database.execute(_FORGETTING.format("folders"), (_MOST,))

    @property
    def _file(self) -> Path:
        return self.folder / "listings.sqlite"

    def _place(self, prefix: str) -> str:
        return f"{self.scope}\n{prefix}"

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database:
            database.execute("DROP TABLE IF EXISTS seen")  # of versions that kept no slots
            for table in _TABLES:
                database.execute(table)
            yield database


def _text(slots: tuple[tuple[int, int], ...] | None) -> str | None:
    """Runs as they are kept; too many are not."""
    return None if slots is None or len(slots) > _RUNS else " ".join(f"{first}-{last}" for first, last in slots)


def _runs(text: str | None) -> tuple[tuple[int, int], ...] | None:
    if text is None:
        return None
    pairs = (run.partition("-") for run in text.split())
    return tuple((int(first), int(last)) for first, _, last in pairs)


@contextmanager
def _not_in_the_way(file: Path) -> Iterator[None]:
    """Whatever is wrong with the database, or with the disk, only costs a listing; a damaged file is made anew."""
    try:
        yield
    except (sqlite3.OperationalError, OSError):
        return
    except sqlite3.DatabaseError:
        with suppress(OSError):
            file.unlink(missing_ok=True)
