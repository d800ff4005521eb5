"""What lies below prefixes that nothing is filed under any more, kept on disk: bounded, and never a reason to fail."""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from flowsql.caching import cache_folder

_MOST = 200_000
"""Prefixes kept, some 30 MB; beyond it the oldest are forgotten."""

_DAYS = 30
"""How long one is believed: lifecycle rules take objects away, and an estimate may be too high for so long."""

_PATIENCE = 1.0
"""Seconds in which another process may be writing."""

_TABLE = "CREATE TABLE IF NOT EXISTS seen (place TEXT PRIMARY KEY, objects INTEGER, bytes INTEGER, at REAL)"


@dataclass(frozen=True, slots=True)
class Listings:
    """Objects and bytes by prefix, as one identity at one endpoint saw them (`scope`)."""

    scope: str = ""
    folder: Path = field(default_factory=cache_folder)

    @classmethod
    def of(cls, profile: str | None, region: str | None) -> "Listings":
        """Those of a profile; an endpoint of one's own has buckets of its own."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        return cls("\n".join((endpoint, profile or os.environ.get("AWS_PROFILE", ""), region or "")))

    def known(self, prefixes: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Objects and bytes of the prefixes that are kept."""
        found: dict[str, tuple[int, int]] = {}
        wanted = tuple(prefixes)
        if not wanted or not self._file.exists():
            return found
        with _not_in_the_way(self._file), self._opened() as database:
            sql = "SELECT objects, bytes FROM seen WHERE place = ? AND at > ?"
            oldest = time.time() - _DAYS * 86400
            for prefix in wanted:
                row = database.execute(sql, (self._place(prefix), oldest)).fetchone()
                if row is not None:
                    found[prefix] = (int(row[0]), int(row[1]))
        return found

    def keep(self, found: Mapping[str, tuple[int, int]]) -> None:
        """Remember prefixes of which no more objects are expected."""
        if not found:
            return
        with _not_in_the_way(self._file), self._opened() as database, database:
            rows = [(self._place(prefix), *sizes, time.time()) for prefix, sizes in found.items()]
            database.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", rows)
            database.execute(
                "DELETE FROM seen WHERE place IN (SELECT place FROM seen ORDER BY at DESC LIMIT -1 OFFSET ?)", (_MOST,)
            )

    @property
    def _file(self) -> Path:
        return self.folder / "listings.sqlite"

    def _place(self, prefix: str) -> str:
        return f"{self.scope}\n{prefix}"

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database:
            database.execute(_TABLE)
            yield database


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
