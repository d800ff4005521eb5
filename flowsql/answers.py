"""Answers whose rows Athena does not keep: on this machine, bounded, for their owner alone, never a reason to fail."""

import contextlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowsql.caching import cache_folder
from flowsql.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_BYTES = 1 << 30
"""How much is kept unless `FLOWSQL_ANSWERS_BYTES` says otherwise; 0 keeps nothing."""

_VARIABLE = "FLOWSQL_ANSWERS_BYTES"
_QUERY_ID = re.compile(r"[0-9A-Za-z-]{1,128}")
_ROWS = 65_536
"""Rows that are compressed at once."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows by query id, compressed, of every type that Arrow has."""

    folder: Path
    limit: int = DEFAULT_BYTES
    """Bytes in all; the answers not asked for longest go first."""

    @classmethod
    def own(cls) -> "Answers":
        """The person's own; raises UsageError when `FLOWSQL_ANSWERS_BYTES` is not a number of bytes."""
        text = os.environ.get(_VARIABLE, str(DEFAULT_BYTES))
        if not (text.isascii() and text.isdecimal()):
            hint = "a whole number of bytes; 0 keeps no answers"
            raise UsageError(f"{text!r} is not a size", where=_VARIABLE, hint=hint)
        return cls(cache_folder() / "answers", int(text))

    def keep(self, query_id: str, rows: "pa.Table") -> bool:
        """Keep an answer; whether that was possible: not without room for it, in bytes or on the disk."""
        path = self._path(query_id)
        if path is None or not self.limit:
            return False
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            written = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _write(file, rows)
                if not self._make_room(written.stat().st_size):
                    return False
                written.replace(path)
            finally:
                written.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def find(self, query_id: str) -> "pa.Table | None":
        """The rows of an answer; None when they are not kept, or not any more."""
        import pyarrow as pa

        path = self._path(query_id)
        if path is None or not path.is_file():
            return None
        try:
            with pa.OSFile(str(path)) as file:
                rows = pa.ipc.open_file(file).read_all()
            os.utime(path)
        except pa.ArrowInvalid:
            # Only half of it reached the disk.
            path.unlink(missing_ok=True)
            return None
        except OSError:
            return None
        return rows

    def has(self, query_id: str) -> bool:
        """Whether an answer is kept."""
        path = self._path(query_id)
        return path is not None and path.is_file()

    def _path(self, query_id: str) -> Path | None:
        return self.folder / f"{query_id}.arrow" if _QUERY_ID.fullmatch(query_id) else None

    def _make_room(self, size: int) -> bool:
        """Remove the answers not asked for longest until one more of this size fits; whether it can."""
        if size > self.limit:
            return False
        kept = []
        for path in self.folder.glob("*.arrow"):
            with contextlib.suppress(OSError):  # Another process removed it.
                kept.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(each for _, each, _ in kept)
        for _, each, path in sorted(kept):
            if total + size <= self.limit:
                break
            path.unlink(missing_ok=True)
            total -= each
        return True


def _write(file: object, rows: "pa.Table") -> None:
    import pyarrow as pa

    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(file, rows.schema, options=options) as writer:
        writer.write_table(rows, max_chunksize=_ROWS)
