"""The protocol every engine keeps, and the values that cross it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from flowsql.fields import RecordKind
from flowsql.query import Filters
from flowsql.reading.tally import Tally
from flowsql.statement import Statement
from flowsql.table import Table
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Estimate:
    """What running a statement will read, at most."""

    objects: int
    bytes: int
    dollars: float | None = None
    """None where reading costs nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a query and how many records were left after it."""

    condition: str
    left: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a statement and what is known about how they came."""

    rows: "pa.Table"
    sql: str
    """The statement as the engine ran it."""
    listed: int
    """Objects whose names were seen."""
    tally: Tally
    lost: tuple[Step, ...] = field(default=())
    """When there are no rows: the conditions in turn, up to the one that removed the last record."""
    actions: tuple[str, ...] = ()
    """When there are no rows: the actions the window's records have."""
    newest_object: str | None = None
    """When no object can hold the window: the newest object there is."""


class Engine(Protocol):
    """Answers statements from one place."""

    @property
    def name(self) -> str:
        """Such as `duckdb`."""

    @property
    def location(self) -> str:
        """The place asked, as a person named it."""

    def translate(self, tree: "exp.Expression") -> str:
        """A syntax tree of Athena SQL in the engine's dialect; raises EngineError for what it cannot answer alike."""

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The fields the flow logs of a window carry."""

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """What running the statement will read."""

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows; raises EngineError, SourceError, DamagedObject."""

    def cancel(self) -> None:
        """Stop what is running."""

    def close(self) -> None:
        """Give back what the engine holds."""
