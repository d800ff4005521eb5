"""What became of every line read: used, header, blank or rejected with file, line and reason."""

from collections import Counter
from dataclasses import dataclass, field

KEPT_REJECTS = 1000
"""Rejected rows remembered with their reason; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that is not a flow log record."""

    name: str
    """The object."""
    line: int
    """Counted from 1; in Parquet the row, in an envelope the message."""
    reason: str
    text: str
    """The row as read, at most 200 characters."""


@dataclass(slots=True)
class Tally:
    """Counts over the objects read. `rows + headers + rejected = lines`; blank lines are not lines."""

    rows: int = 0
    """Well-formed records, in the window or not."""
    headers: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)
    in_window: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    """log-status → records in the window."""
    timeless: int = 0
    """Well-formed records of objects without a field `start` or `end`: they cannot be placed in a window."""
    newest: int | None = None
    """The latest `end` of a well-formed record, Unix seconds."""
    hours: set[int] = field(default_factory=set)
    """Hours (Unix seconds / 3600) that records in the window ended in."""
    objects: int = 0
    bytes: int = 0
    """Bytes of the objects opened, as stored."""
    other_kind: int = 0
    """Objects passed over because they hold the other record kind."""
    milliseconds: int = 0
    """Records whose times were in milliseconds."""
    foreign: list[str] = field(default_factory=list)
    """Files that are not flow logs at all."""
    damaged: list[str] = field(default_factory=list)
    """`object: reason` for each damaged object that was skipped."""
    lacking: Counter[str] = field(default_factory=Counter)
    """Column → records in the window whose flow log does not carry it."""
    untold: Counter[str] = field(default_factory=Counter)
    """Column that an option narrows by → records in the window for which neither a field nor a key tells it."""
    assumed_default: int = 0
    """Objects without a header that fit the default format."""
    left: int = 0
    """Objects not read to their end, since the statement had its rows before."""

    @property
    def lines(self) -> int:
        """Lines that are not blank."""
        return self.rows + self.headers + self.rejected

    def reject(self, name: str, line: int, reason: str, text: str) -> None:
        """Count a row that cannot be used."""
        self.rejected += 1
        if len(self.rejects) < KEPT_REJECTS:
            self.rejects.append(Reject(name, line, reason, text[:200]))

    def add(self, other: "Tally") -> None:
        """Add what another object's reading counted."""
        self.rows += other.rows
        self.headers += other.headers
        self.rejected += other.rejected
        self.rejects.extend(other.rejects[: KEPT_REJECTS - len(self.rejects)])
        self.in_window += other.in_window
        self.timeless += other.timeless
        self.lacking.update(other.lacking)
        self.untold.update(other.untold)
        self.statuses.update(other.statuses)
        if other.newest is not None:
            self.newest = max(self.newest or 0, other.newest)
        self.hours |= other.hours
        self.objects += other.objects
        self.bytes += other.bytes
        self.other_kind += other.other_kind
        self.milliseconds += other.milliseconds
        self.foreign.extend(other.foreign)
        self.damaged.extend(other.damaged)
        self.assumed_default += other.assumed_default
