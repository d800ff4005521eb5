"""One statement on Trino: its columns, its rows as they come, its statistics while it runs, its end on demand."""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from trino.client import ClientSession, TrinoRequest, TrinoStatus
from trino.exceptions import HttpError, TrinoQueryError

from tests.stack.trino import CATALOG

_PLACE = re.compile(r"line (\d+):(\d+): ")


class EngineError(Exception):
    """Trino refuses or fails a statement."""

    def __init__(self, name: str, kind: str, message: str) -> None:
        """`name` is Trino's error name (`COLUMN_NOT_FOUND`), `kind` its type (`USER_ERROR`)."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.kind = kind
        self.message = message

    @property
    def place(self) -> tuple[int, int] | None:
        """Line and column in the statement, both from 1, if the message has them."""
        found = _PLACE.match(self.message)
        return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer: its name and Trino's type signature (`rawType`, `arguments`) and type text."""

    name: str
    type: str
    signature: dict[str, Any] = field(repr=False)


@dataclass(slots=True)
class Progress:
    """What Trino says of a statement so far; milliseconds and bytes."""

    state: str = "QUEUED"
    query_id: str = ""
    scanned_bytes: int = 0
    queued: int = 0
    planning: int = 0
    elapsed: int = 0
    rows_written: int | None = None
    stats: dict[str, Any] = field(default_factory=dict)


class Statement:
    """A statement sent to Trino. `pages` drives it; `progress` tells; `cancel` may come from another thread."""

    def __init__(
        self, url: str, sql: str, schema: str = "default", properties: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Nothing is sent before `pages` is read. `properties` are Trino's session properties."""
        place = urlsplit(url)
        session = ClientSession(
            user="athena", catalog=CATALOG, schema=schema, timezone="UTC", source="athena", properties=dict(properties)
        )
        self._session = requests.Session()
        self._request = TrinoRequest(str(place.hostname), place.port or 8080, session, http_session=self._session)
        self._sql = sql
        self._next: str | None = None
        self._cancelled = False
        self.progress = Progress()
        self.columns: tuple[Column, ...] = ()

    def pages(self) -> Generator[list[list[Any]], None, None]:
        """The rows as Trino sends them, an empty page whenever only the progress changed; raises EngineError."""
        try:
            status = self._request.process(self._request.post(self._sql))
            self._note(status)
            yield list(status.rows)
            while status.next_uri and not self._cancelled:
                status = self._request.process(self._request.get(status.next_uri))
                self._note(status)
                yield list(status.rows)
        except TrinoQueryError as error:
            self._next = None
            if not self._cancelled:
                raise EngineError(str(error.error_name), str(error.error_type), error.message) from None
        except HttpError:
            # What was cancelled meanwhile is not there to be asked for.
            if not self._cancelled:
                raise
        finally:
            if self._next:
                self.cancel()
            self._session.close()

    def _note(self, status: TrinoStatus) -> None:
        self._next = status.next_uri
        stats: dict[str, Any] = dict(status.stats)
        progress = self.progress
        progress.state = stats["state"]
        progress.query_id = status.id
        progress.scanned_bytes = stats["physicalInputBytes"]
        progress.queued = stats["queuedTimeMillis"]
        progress.planning = stats["planningTimeMillis"]
        progress.elapsed = stats["elapsedTimeMillis"]
        progress.rows_written = status.update_count
        progress.stats = stats
        if status.columns and not self.columns:
            self.columns = tuple(Column(each["name"], each["type"], each["typeSignature"]) for each in status.columns)

    def cancel(self) -> None:
        """Stop it on Trino too; harmless when it is over."""
        self._cancelled = True
        if self._next:
            self._request.delete(self._next)
            self._next = None
