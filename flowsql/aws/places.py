"""The accounts and regions that deliver below a prefix: asks S3 for folders, and for the first key of a window."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flowsql.aws import tree
from flowsql.aws.listings import Listings
from flowsql.aws.results import Results
from flowsql.aws.walk import walk
from flowsql.errors import SourceError
from flowsql.layout import day_prefixes, place
from flowsql.reading.store import Wanted
from flowsql.window import Window

_LISTERS = 16
_MOST_FOLDERS = 5000
"""Folders looked into before giving up: a tree this wide is not one of flow logs."""

_SETTLED = timedelta(days=1)
"""How long after a window no account or region begins to deliver into it."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of accounts and regions, `s3://bucket/…/`; those of windows long ago are asked for once for all runs."""

    results: Results
    listings: Listings | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def regions(self, start: str, wanted: Wanted) -> list[str]:
        """The folders of one account and region each that may hold wanted records, in name order.

        Raises SourceError where S3 refuses, or too many folders lie there.
        """
        seen = 0

        def visit(folder: str) -> tuple[Sequence[str], Sequence[str]]:
            nonlocal seen
            seen += 1
            if seen > _MOST_FOLDERS:
                raise SourceError(f"there are more than {_MOST_FOLDERS:,} folders at {start}")
            names = tree.known_below(folder, None) or tree.below(self._folders(folder, wanted.windows), wanted)
            found = [name for name in names if day_prefixes(name, wanted.windows[0]) is not None]
            return found, [name for name in names if name not in found and not place(name).parts]

        return sorted(walk([start], visit, _LISTERS))

    def first_in(self, folder: str, window: Window) -> str | None:
        """The first object of the window below the folder of an account and region; raises SourceError."""
        days = day_prefixes(folder, window) or [folder]
        for name in self.results.names(folder, after=days[0]):
            if name > days[-1] and not name.startswith(days[-1]):
                return None
            if tree.is_object(name) and place(name).may_hold(window):
                return name
        return None

    def _folders(self, folder: str, windows: Iterable[Window]) -> list[str]:
        settled = max(window.filed_until for window in windows) + _SETTLED
        known = self.listings.folders(folder, settled) if self.listings else None
        if known is None:
            known = self.results.folders(folder)
            if self.listings and self.now() > settled:
                self.listings.keep_folders(folder, known)
        return known


def roots(location: str, prefixes: Iterable[str]) -> Iterator[str]:
    """Where the accounts of prefixes, and others beside them, lie below a location, each once."""
    seen: dict[str, None] = {}
    for prefix in prefixes:
        above, logs, _ = prefix.partition("/AWSLogs/")
        root = above + logs
        if logs and location.startswith(root):
            seen[location] = None
        elif logs and root.startswith(location):
            seen[root] = None
    yield from seen
