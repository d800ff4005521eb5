"""Where objects come from: what a store offers, and the store of local files."""

import glob
import mmap
import os
import stat
from collections.abc import Callable, Iterator
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
    aside: list[str] = field(default_factory=list)
    """What was not looked into: what lies beside AWSLogs/ in S3, what is no file on this machine."""


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
        itself = str(Path(self.location).expanduser().absolute())
        for item in self._files(wanted.may_be_in, found.aside):
            found.listed += 1
            # A file that is named itself is read whatever its name says.
            if item.name == itself or wanted.may_be_in(item.place):
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
        dated = ((interval[0], item.name, item) for item in self._files() if (interval := item.place.interval()))
        return max(dated, default=(None, "", None))[-1]

    def _files(
        self, may_be_in: Callable[[Place], bool] = lambda folder: True, aside: list[str] | None = None
    ) -> Iterator[StoredObject]:
        """The files below, each once, also where links lead to it again; folders are entered as the caller says.

        What is neither goes to `aside`. Raises SourceError for a pipe that is named itself.
        """
        seen: set[tuple[int, int]] = set()
        waiting = self._roots()
        while waiting:
            path = waiting.pop()
            try:
                status = path.stat()
                identity = (status.st_dev, status.st_ino)
                if identity in seen:
                    continue
                if status.st_ino:
                    seen.add(identity)
                if stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISSOCK(status.st_mode):
                    raise SourceError(
                        "is no file that can be read more than once",
                        where=str(path),
                        hint="write what comes through the pipe to a file, and name that",
                    )
                if not stat.S_ISDIR(status.st_mode):
                    yield StoredObject(str(path), status.st_size, place(str(path)))
                    continue
                with os.scandir(path) as entries:
                    for entry in sorted(entries, key=lambda entry: entry.name, reverse=True):
                        if _is_hidden(entry.name):
                            continue
                        if entry.is_file() or (entry.is_dir() and may_be_in(place(entry.path))):
                            waiting.append(Path(entry.path))
                        elif aside is not None and not entry.is_dir() and may_be_in(place(entry.path)):
                            aside.append(f"{entry.path} (no file, or a link to nothing)")
            except OSError as failure:
                raise _unreadable(str(path), failure) from failure

    def _roots(self) -> list[Path]:
        path = Path(self.location).expanduser()
        try:
            if path.exists():
                return [path.absolute()]
            matches = map(Path, glob.iglob(str(path), recursive=True))  # noqa: PTH207
            found = [
                match.absolute() for match in matches if not any(map(_is_hidden, set(match.parts) - {*path.parts}))
            ]
        except OSError as failure:
            raise _unreadable(self.location, failure) from failure
        if found:
            return sorted(found, reverse=True)
        raise SourceError(
            f"there is nothing at {self.location}",
            hint="--logs takes a folder, a file, a glob or s3://bucket/prefix; "
            "`flowsql sample logs/` writes logs to try",
        )


def _is_hidden(name: str) -> bool:
    """Whether a file or folder is not meant to be read: `.git`, `_SUCCESS`, `_temporary`."""
    return name.startswith((".", "_"))


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
