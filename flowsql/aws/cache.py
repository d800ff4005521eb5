"""Fetched objects kept on disk between runs: bounded, shared by processes, never a reason to fail."""

import contextlib
import hashlib
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from flowsql.errors import UsageError

DEFAULT_BYTES = 2 << 30
"""How much the cache may hold unless `FLOWSQL_CACHE_BYTES` says otherwise."""

_VARIABLE = "FLOWSQL_CACHE_BYTES"
_CHECK = 4
"""Bytes of CRC-32 after the data: a damaged file must be a miss, not a damaged flow log."""


class ObjectCache:
    """Objects by bucket, key and ETag. S3 gives changed bytes another ETag, so no entry goes stale."""

    def __init__(self, directory: Path, limit: int = DEFAULT_BYTES) -> None:
        """Keep at most `limit` bytes below `directory`; 0 keeps nothing."""
        self._directory = directory
        self._limit = limit
        self._room = 0
        self._lock = Lock()

    @classmethod
    def from_environment(cls) -> "ObjectCache":
        """The person's own cache; raises UsageError when `FLOWSQL_CACHE_BYTES` is not a number of bytes."""
        import platformdirs

        text = os.environ.get(_VARIABLE, str(DEFAULT_BYTES))
        if not text.isdecimal():
            raise UsageError(
                f"{text!r} is not a size",
                where=_VARIABLE,
                hint="a whole number of bytes; 0 turns the cache off",
            )
        directory = Path(platformdirs.user_cache_dir("flowsql")) / "objects"
        # Without a home there is no absolute path, and a cache in the working directory would surprise.
        return cls(directory, int(text) if directory.is_absolute() else 0)

    def get(self, bucket: str, key: str, etag: str, size: int) -> mmap.mmap | None:
        """The object's `size` bytes, mapped into memory; None when they are not here, or not whole."""
        if not self._limit or not etag or size <= 0:
            return None
        path = self._path(bucket, key, etag)
        try:
            with path.open("rb") as file:
                data = _whole(file.fileno(), size)
            if data is None:
                path.unlink(missing_ok=True)
                return None
        except (OSError, ValueError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def put(self, bucket: str, key: str, etag: str, data: bytes) -> None:
        """Keep an object's bytes, making room by removing those not used for longest."""
        size = len(data) + _CHECK
        if not data or not etag or size > self._limit:
            return
        path = self._path(bucket, key, etag)
        try:
            with self._lock:
                self._make_room(size)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, data)
        except OSError:
            # A full or read-only disk stays so: trying again for every object would only cost time.
            self._limit = 0

    def _path(self, bucket: str, key: str, etag: str) -> Path:
        digest = hashlib.sha256("\0".join((bucket, key, etag)).encode()).hexdigest()
        return self._directory / digest[:2] / digest

    def _make_room(self, size: int) -> None:
        """Let `size` more bytes fit; looks at the disk only when the room known of is used up."""
        if size > self._room:
            entries = sorted(self._entries())
            total = sum(entry[1] for entry in entries)
            if total + size > self._limit:
                enough = min(self._limit - size, self._limit * 9 // 10)
                for _, stored, path in entries:
                    if total <= enough:
                        break
                    Path(path).unlink(missing_ok=True)
                    total -= stored
            # Other processes write too: claiming an eighth at a time bounds how far all together overshoot.
            self._room = max(size, min(self._limit - total, self._limit // 8))
        self._room -= size

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """When each file was last used, its bytes and its path; files left behind by a killed process too."""
        for folder in _scan(self._directory):
            if folder.is_dir(follow_symlinks=False):
                for entry in _scan(folder.path):
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat(follow_symlinks=False)
                        yield status.st_mtime, status.st_size, entry.path


def _scan(directory: str | Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _whole(file: int, size: int) -> mmap.mmap | None:
    """The data of an open entry when its length and checksum are right."""
    if os.fstat(file).st_size != size + _CHECK:
        return None
    data = mmap.mmap(file, size, access=mmap.ACCESS_READ)
    os.lseek(file, size, os.SEEK_SET)
    if os.read(file, _CHECK) == zlib.crc32(data).to_bytes(_CHECK, "big"):
        return data
    data.close()
    return None


def _write(path: Path, data: bytes) -> None:
    """Write beside the target, then rename: another process sees the whole entry or none."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.write(zlib.crc32(data).to_bytes(_CHECK, "big"))
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
