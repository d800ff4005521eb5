"""Where objects come from: what a store offers, and the store of local files."""

import glob
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from flowsql.errors import SourceError
from flowsql.layout import Place, place
from flowsql.window import Window

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object that may hold flow log records."""

    name: str
    """How a person finds it: a path, or `s3://bucket/key`."""
    size: int
    """Bytes as stored."""
    place: Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which objects a question needs: those that may hold any of the windows, of these accounts and regions."""

    windows: tuple[Window, ...]
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def may_be_in(self, where: Place) -> bool:
        """Whether a folder or object can hold a wanted record."""
        return any(where.may_hold(window, self.accounts, self.regions) for window in self.windows)


@dataclass(slots=True)
class Listing:
    """The objects found, and how many were seen but passed over because they cannot hold the window."""

    objects: list[StoredObject] = field(default_factory=list)
    listed: int = 0
    """Objects whose names were seen."""


class Store(Protocol):
    """A place that holds flow log objects."""

    @property
    def location(self) -> str:
        """The place as the person named it."""

    def listing(self, wanted: Wanted) -> Listing:
        """The objects that may hold wanted records, in name order; folders outside the window are not listed."""

    def read(self, item: StoredObject) -> Bytes:
        """All bytes of an object; raises SourceError."""

    def head(self, item: StoredObject, count: int) -> bytes:
        """The first `count` bytes of an object; raises SourceError."""

    def newest(self) -> StoredObject | None:
        """The object with the latest slot, found by looking only at the latest folders."""


@dataclass(frozen=True, slots=True)
class LocalStore:
    """Files on this machine: a folder, a single file or a glob."""

    location: str

    def listing(self, wanted: Wanted) -> Listing:
        """The files that may hold wanted records; hidden files and empty folders are passed over."""
        found = Listing()
        for root in self._roots():
            for item in self._walk(root, wanted):
                found.listed += 1
                if root == Path(item.name) or wanted.may_be_in(item.place):
                    found.objects.append(item)
        found.objects.sort(key=lambda item: item.name)
        return found

    def read(self, item: StoredObject) -> Bytes:
        """The file, mapped into memory, so that columns nobody asks for are never read."""
        try:
            with Path(item.name).open("rb") as file:
                if item.size == 0:
                    return b""
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as failure:
            raise _unreadable(item.name, failure) from failure

    def head(self, item: StoredObject, count: int) -> bytes:
        """The first bytes of the file."""
        try:
            with Path(item.name).open("rb") as file:
                return file.read(count)
        except OSError as failure:
            raise _unreadable(item.name, failure) from failure

    def newest(self) -> StoredObject | None:
        """The file with the latest slot in its name or, without slots, none."""
        dated = [
            item
            for root in self._roots()
            for item in self._walk(root, Wanted(()), everything=True)
            if item.place.interval()
        ]
        return max(dated, key=lambda item: (item.place.interval() or ())[0:1], default=None)

    def _roots(self) -> list[Path]:
        path = Path(self.location).expanduser()
        if path.exists():
            return [path.absolute()]
        if glob.has_magic(self.location):
            return sorted(Path(match).absolute() for match in glob.iglob(str(path), recursive=True))
        raise SourceError(
            f"there is nothing at {self.location}",
            hint="--logs takes a folder, a file, a glob or s3://bucket/prefix; "
            "`flowsql sample logs/` writes logs to try",
        )

    def _walk(self, path: Path, wanted: Wanted, everything: bool = False) -> Iterator[StoredObject]:
        if path.is_file():
            yield StoredObject(str(path), path.stat().st_size, place(str(path)))
            return
        try:
            with os.scandir(path) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as failure:
            raise _unreadable(str(path), failure) from failure
        for entry in entries:
            if entry.name.startswith((".", "_")):
                continue
            if entry.is_dir():
                if everything or wanted.may_be_in(place(entry.path)):
                    yield from self._walk(Path(entry.path), wanted, everything)
            elif entry.is_file():
                yield StoredObject(entry.path, entry.stat().st_size, place(entry.path))


def _unreadable(name: str, failure: Exception) -> SourceError:
    reason = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
    return SourceError(f"cannot be read: {reason}", where=name)


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """Objects held in memory, by key: for cases, and for trying a question on a few records."""

    objects: dict[str, bytes]
    location: str = "memory"

    def listing(self, wanted: Wanted) -> Listing:
        """The objects that may hold wanted records."""
        items = [StoredObject(key, len(data), place(key)) for key, data in sorted(self.objects.items())]
        return Listing([item for item in items if wanted.may_be_in(item.place)], len(items))

    def read(self, item: StoredObject) -> Bytes:
        """The object's bytes."""
        return self.objects[item.name]

    def head(self, item: StoredObject, count: int) -> bytes:
        """Its first bytes."""
        return self.objects[item.name][:count]

    def newest(self) -> StoredObject | None:
        """The last object by name."""
        name = max(self.objects, default=None)
        return StoredObject(name, len(self.objects[name]), place(name)) if name is not None else None
