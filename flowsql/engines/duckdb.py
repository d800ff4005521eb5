"""The embedded engine: DuckDB over Arrow batches read from flow log objects."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb import SETUP, to_duckdb
from flowsql.engines.base import Answer, Estimate, Step
from flowsql.errors import EngineError, SourceError
from flowsql.fields import TGW_FIELDS, VPC_FIELDS, RecordKind
from flowsql.query import Filters, Relation
from flowsql.reading.columns import Columns
from flowsql.reading.scan import Found, ReadOptions, Scan, look
from flowsql.reading.store import Listing, Store, Wanted
from flowsql.reading.tally import Tally
from flowsql.statement import Statement, conjuncts
from flowsql.table import Table
from flowsql.window import Window

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_STORED = "flow_log_rows"
_MEMORY = "512MB"


@dataclass(slots=True)
class DuckDBEngine:
    """Answers from objects in a store: reads only those that can hold the window and only the columns used."""

    store: Store
    options: ReadOptions = field(default_factory=ReadOptions)
    name: str = "duckdb"
    _listings: dict[Wanted, Listing] = field(default_factory=dict)
    _connection: "duckdb.DuckDBPyConnection | None" = None
    _scan: Scan | None = None

    @property
    def location(self) -> str:
        """The place asked."""
        return self.store.location

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The union of the fields of the window's objects; the default format's when there is none."""
        objects = self._listing((window,), filters).objects
        found = look(self.store, objects, self.options, kind) if objects else Found((), ())
        if not found.columns:
            # Nothing of this kind in the window: look at the newest object, so that a missing field is still named.
            newest = self.store.newest()
            if newest is not None and newest not in objects:
                found = look(self.store, [newest], self.options, kind)
        if not found.columns:
            found = Found(tuple(field.column for field in (VPC_FIELDS if kind == "vpc" else TGW_FIELDS)), found.kinds)
        regions = {item.place.region for item in objects if item.place.region}
        return Table(found.columns, kind, tuple(sorted(regions)))

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """Objects and bytes of the windows the statement reads."""
        objects = self._listing(_windows(statement.rendered.relations), filters).objects
        return Estimate(len(objects), sum(item.size for item in objects))

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows as Arrow; when there are none, also which condition removed the last record."""
        relations = statement.rendered.relations
        listing = self._listing(_windows(relations), filters)
        sql = to_duckdb(statement.tree)
        asked = table.columns if statement.reads_all else statement.columns
        names = table.needed(asked, filters)
        rows, scan = self._ask([sql], statement.scans > 1, names, listing, relations, table, filters)
        newest = None
        if not listing.objects:
            latest = self.store.newest()
            newest = latest.name if latest else None
        lost, actions = (), ()
        if rows[0].num_rows == 0 and scan.tally.in_window:
            lost, actions = self._explain(statement, names, listing, table, filters)
        return Answer(rows[0], sql, listing.listed, scan.tally, lost, actions, newest)

    def cancel(self) -> None:
        """Stop reading and the running statement."""
        if self._scan is not None:
            self._scan.stop()
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Nothing outlives a run."""

    def _listing(self, windows: tuple[Window, ...], filters: Filters) -> Listing:
        wanted = Wanted(windows, filters.account, filters.region)
        if wanted not in self._listings:
            self._listings[wanted] = self.store.listing(wanted)
        return self._listings[wanted]

    def _ask(
        self,
        statements: Iterable[str],
        several_scans: bool,
        names: tuple[str, ...],
        listing: Listing,
        relations: tuple[Relation, ...],
        table: Table,
        filters: Filters,
    ) -> tuple[list["pa.Table"], Scan]:
        """Read the objects once and answer SQL statements from them."""
        windows = _windows(relations)
        columns = Columns(
            names,
            table.kind,
            min(window.since_epoch for window in windows),
            max(window.until_epoch for window in windows),
        )
        scan = Scan(self.store, listing.objects, columns, self.options)
        connection = _connect()
        self._scan, self._connection = scan, connection
        try:
            connection.register("flow_log_stream" if several_scans else _STORED, scan.reader())
            if several_scans:
                connection.execute(f"CREATE TEMP TABLE {_STORED} AS SELECT * FROM flow_log_stream")
            for relation in relations:
                select = table.relation_sql(relation, filters, _STORED, names)
                connection.execute(f"CREATE TEMP VIEW {relation.name} AS {select}")
            return [connection.sql(sql).to_arrow_table() for sql in statements], scan
        except Exception as failure:
            scan.check()
            raise _translated(failure) from failure
        finally:
            self._scan = self._connection = None
            connection.close()

    def _explain(
        self, statement: Statement, names: tuple[str, ...], listing: Listing, table: Table, filters: Filters
    ) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """Count the records left after each condition in turn, for the first SELECT that loses them all."""
        relations = statement.rendered.relations
        by_name = {relation.name: relation for relation in relations}
        for name, conditions in conjuncts(statement.tree, set(by_name)):
            texts = [to_duckdb(condition) for condition in conditions]
            counts = [f"count(*) FILTER (WHERE {' AND '.join(texts[: n + 1])})" for n in range(len(texts))]
            action = "list(DISTINCT action)" if "action" in names else "NULL"
            sql = f"SELECT {', '.join(['count(*)', *counts, action])} FROM {name}"
            answered, _ = self._ask([sql], False, names, listing, (by_name[name],), table, filters)
            *left, actions = (column[0].as_py() for column in answered[0].columns)
            steps = [Step("", left[0])]
            for condition, count in zip(conditions, left[1:], strict=True):
                steps.append(Step(condition.sql(dialect="athena"), count))
                if count == 0:
                    return tuple(steps), tuple(sorted(filter(None, actions or ())))
            if left[0] == 0:
                return tuple(steps), ()
        return (), ()


def _windows(relations: tuple[Relation, ...]) -> tuple[Window, ...]:
    return tuple(dict.fromkeys(relation.window for relation in relations))


def _connect() -> "duckdb.DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(
        config={"memory_limit": _MEMORY, "threads": 2, "preserve_insertion_order": "false"}
    )
    for statement in SETUP:
        connection.execute(statement)
    return connection


def _translated(failure: Exception) -> Exception:
    """DuckDB's failure in flowsql's words."""
    import duckdb

    if isinstance(failure, duckdb.InterruptException) or str(failure) == "Query interrupted":
        return KeyboardInterrupt()
    if isinstance(failure, duckdb.OutOfMemoryException):
        return SourceError(
            "the answer needs more memory than the embedded engine may use", hint="ask a shorter window"
        )
    if isinstance(failure, duckdb.Error):
        return EngineError(f"the embedded engine refuses the query: {str(failure).splitlines()[0]}")
    return failure
