"""The protocol every engine keeps, and the values that cross it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from flowsql.dialects.athena import Placed
from flowsql.fields import RecordKind
from flowsql.query import Filters
from flowsql.reading.tally import Tally
from flowsql.statement import Statement
from flowsql.table import Table
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

Translate = Callable[["exp.Expression"], str]
"""A syntax tree of Athena SQL → the engine's dialect; raises EngineError for what it cannot answer alike."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What running a statement will read, at most."""

    objects: int
    bytes: int
    dollars: float | None = None
    """None where reading costs nothing."""
    unread: tuple[str, ...] = ()
    """What of the window the table does not read, a sentence each."""


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a query and how many records were left after it."""

    condition: str
    left: int


@dataclass(frozen=True, slots=True)
class Remote:
    """One execution on a remote engine, as that engine reports it."""

    query_id: str
    bytes_scanned: int | None = None
    dollars: float | None = None
    """What those bytes cost; None where nothing is billed by bytes."""
    reused: bool = False
    """Whether the rows are those of an earlier execution of the same statement."""
    queued: timedelta | None = None
    planning: timedelta | None = None
    execution: timedelta | None = None
    route: str | None = None
    """How the rows came: `csv`, `unload`, or `pages` of the API."""
    workgroup: str | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What the names of the objects in a window's partitions tell, without reading one."""

    objects: int
    newest: datetime | None = None
    """The five-minute slot of the newest object that can hold the window: its newest record ended then."""
    hours: frozenset[int] | None = None
    """Hours (Unix seconds / 3600) that objects were filed in; None where names do not tell."""


@dataclass(frozen=True, slots=True)
class RemoteState:
    """How far a remote execution is."""

    state: str
    """STARTING, WAITING (the engine takes no query now), QUEUED, RUNNING; SUCCEEDED, FAILED or CANCELLED; FETCHING its
    rows; after an interrupt STOPPING, then STOPPED or NOT STOPPED."""
    query_id: str | None = None
    elapsed: timedelta = timedelta()
    """Since it was asked; while WAITING, since it waits."""
    queued: timedelta | None = None
    bytes: int | None = None
    """Scanned so far."""
    reason: str = ""
    """What is WAITING for what."""
    longest: timedelta | None = None
    """How long it is WAITING at most."""
    billed: bool = True
    """Whether what is scanned costs money."""


RemoteProgress = Callable[[RemoteState], None]
"""Told now and then how far a remote execution is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a statement and what is known about how they came."""

    rows: "pa.Table"
    sql: str
    """The statement as the engine ran it."""
    listed: int | None
    """Objects whose names were seen; None when none were listed."""
    tally: Tally | None
    """What became of every record; None for a remote engine, which does not tell."""
    lost: tuple[Step, ...] = field(default=())
    """When there are no rows: the conditions in turn, up to the one that removed the last record."""
    narrowed: tuple[Step, ...] = ()
    """When the common filters left nothing: the options in turn, up to the one that removed the last record."""
    actions: tuple[str, ...] = ()
    """When there are no rows: the actions the window's records have."""
    newest_object: str | None = None
    """When no object can hold the window: the newest object there is."""
    remote: Remote | None = None
    """None for the embedded engine."""
    probe: Tally | None = None
    """When a remote engine gave no rows: what a look into why counted (objects, records, log-status)."""
    filed: Filed | None = None
    """When a remote engine answered: what listing the window told; None where it was not listed."""
    unread: tuple[str, ...] = ()
    """What of the window was not read though records may lie there, a sentence each."""
    notes: tuple[str, ...] = ()
    """What the engine has to say about this answer."""

    @property
    def query_id(self) -> str | None:
        """The remote engine's name of the execution."""
        return self.remote.query_id if self.remote else None


class Engine(Protocol):
    """Answers statements from one place."""

    @property
    def name(self) -> str:
        """Such as `duckdb`."""

    @property
    def location(self) -> str:
        """The place asked, as a person named it."""

    @property
    def translate(self) -> "Translate | None":
        """Makes the engine's dialect of a syntax tree; None when Athena SQL is sent as it is written."""

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The fields the flow logs of a window carry; of the other kind when the engine has none of this one."""

    def kinds(self, window: Window, filters: Filters) -> tuple[RecordKind, ...]:
        """The record kinds the flow logs of a window hold."""

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """What running the statement will read."""

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows; raises EngineError, SourceError, DamagedObject."""

    def cancel(self) -> None:
        """Stop what is running."""

    def close(self) -> None:
        """Give back what the engine holds."""


@runtime_checkable
class Explains(Protocol):
    """An engine that judges a statement without running it."""

    @property
    def location(self) -> str:
        """The place asked, as a person named it."""

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The fields the flow logs of a window carry; of the other kind when the engine has none of this one."""

    def another(self, name: tuple[str, ...]) -> Table | None:
        """Another table of flow logs by database and name, or catalogue, database and name.

        None for a table that holds no flow logs and has no partitions. Raises NotFound, QueryError, SourceError and
        EngineError where it cannot be told.
        """

    def explain(self, asked: Placed, place: str, options: str) -> str:
        """What `EXPLAIN (options)` says of a statement; it is not run, and nothing is scanned or billed.

        Raises QueryError and NotFound for what the engine refuses, at the line of the file `place`, and SourceError and
        EngineError where it cannot be asked.
        """


@runtime_checkable
class Accounts(Protocol):
    """An engine whose executions have a name and a price, also those that give no answer."""

    def last(self) -> Remote | None:
        """The execution that `run` began last, whatever became of it; None before there is one."""


@runtime_checkable
class Keeps(Protocol):
    """An engine that keeps the results of what it ran."""

    def fetch(self, query_id: str) -> Answer:
        """The rows of an earlier execution, not run again; raises NotFound, EngineError."""
