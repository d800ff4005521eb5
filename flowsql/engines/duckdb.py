"""The embedded engine: DuckDB over Arrow batches read from flow log objects."""

import os
import tempfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_macros import setup
from flowsql.engines.base import Answer, Estimate, Step
from flowsql.errors import SourceError
from flowsql.fields import TGW_FIELDS, VPC_FIELDS, RecordKind
from flowsql.layout import KEYED
from flowsql.query import Filters, Relation
from flowsql.reading.columns import Columns
from flowsql.reading.scan import Found, ReadOptions, Scan, look
from flowsql.reading.store import Listing, Store, StoredObject, Wanted
from flowsql.reading.tally import Tally
from flowsql.statement import Statement, conjuncts
from flowsql.table import Table
from flowsql.window import Window

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from sqlglot import exp

_STORED = "flow_log_rows"
_MEMORY = "512MB"


@dataclass(slots=True)
class DuckDBEngine:
    """Answers from objects in a store: reads only those that can hold the window and only the columns used."""

    store: Store
    options: ReadOptions = field(default_factory=ReadOptions)
    explains: bool = True
    """Whether an empty answer is looked into; it costs another reading."""
    name: str = "duckdb"
    _listings: dict[Wanted, Listing] = field(default_factory=dict)
    _connection: "duckdb.DuckDBPyConnection | None" = None
    _scan: Scan | None = None

    @property
    def location(self) -> str:
        """The place asked."""
        return self.store.location

    def translate(self, tree: "exp.Expression") -> str:
        """The statement in DuckDB's dialect, answering what Trino would."""
        from flowsql.dialects.duckdb import to_duckdb

        return to_duckdb(tree)

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The union of the fields of the window's objects; the default format's when there is none."""
        found, objects = self._looked(window, filters, kind)
        if not found.columns:
            found = Found(tuple(field.column for field in (VPC_FIELDS if kind == "vpc" else TGW_FIELDS)), found.kinds)
        regions = {item.place.region for item in objects if item.place.region}
        keyed = [column for column in KEYED if any(item.place.told(column) for item in objects)]
        return Table(found.columns, kind, tuple(sorted(regions)), keyed=tuple(keyed))

    def kinds(self, window: Window, filters: Filters) -> tuple[RecordKind, ...]:
        """The record kinds of the window's objects, or of the newest; VPC where nothing tells."""
        return self._looked(window, filters, "vpc")[0].kinds or ("vpc",)

    def _looked(self, window: Window, filters: Filters, kind: RecordKind) -> tuple[Found, list[StoredObject]]:
        """What a look at the objects of a window tells, with these objects."""
        objects = self._listing((window,), filters).objects
        found = look(self.store, objects, self.options, kind) if objects else Found((), ())
        if not found.columns:
            # Nothing of this kind in the window: look at the newest object, so that a missing field is still named.
            newest = self.store.newest()
            if newest is None and not objects and self.explains and not self._listing((window,), filters).listed:
                raise SourceError(
                    f"there is no flow log object at {self.location}",
                    hint="`flowsql sample logs/` writes flow logs to try",
                )
            if newest is not None and newest not in objects:
                latest = look(self.store, [newest], self.options, kind)
                found = Found(latest.columns, tuple(dict.fromkeys((*found.kinds, *latest.kinds))))
                objects = [*objects, newest]
        return found, objects

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """Objects and bytes of the windows the statement reads."""
        objects = self._listing(_windows(statement.rendered.relations), filters).objects
        return Estimate(len(objects), sum(item.size for item in objects))

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows as Arrow; when there are none, also which condition removed the last record."""
        relations = statement.rendered.relations
        listing = self._listing(_windows(relations), filters)
        asked = table.columns if statement.reads_all else statement.columns
        window = statement.rendered.window
        counted = (window.since_epoch, window.until_epoch)
        reading = _Reading(self, statement, table, filters, table.needed(asked, filters), listing, counted)
        rows, tally = reading.answer(statement.native, statement.scans > 1)
        newest = None
        if not listing.objects:
            latest = self.store.newest()
            newest = latest.name if latest else None
        answer = Answer(rows, statement.native, listing.listed, tally, newest_object=newest, notes=_aside(listing))
        if self.explains and rows.num_rows == 0 and tally.in_window:
            answer = _explained(answer, statement, reading)
        return answer

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


@dataclass(frozen=True, slots=True)
class _Reading:
    """The objects, columns and relations of one statement; each answer reads the objects once."""

    engine: DuckDBEngine
    statement: Statement
    table: Table
    filters: Filters
    names: tuple[str, ...]
    """The columns read."""
    listing: Listing
    counted: tuple[int, int]
    """The question's own window, Unix seconds: baselines do not count in the receipt."""
    narrows: bool = True
    """Whether the filters narrow; else the relations also have the columns of what keys tell."""

    @property
    def relations(self) -> tuple[Relation, ...]:
        """What the statement reads."""
        return self.statement.rendered.relations

    def answer(self, sql: str, several_scans: bool = False) -> tuple["pa.Table", Tally]:
        """The rows of a statement in DuckDB's dialect. Rows stream through it, unless it scans them several times."""
        engine = self.engine
        scan = Scan(engine.store, self.listing.objects, self._columns(), engine.options)
        engine._scan = scan
        scan.begin()
        with tempfile.TemporaryDirectory(prefix="flowsql-") as spill:
            cores = os.cpu_count() or 2
            # While rows stream through it the reading needs the cores more.
            connection = engine._connection = _connect(
                spill, setup(sql), cores if several_scans else max(1, cores // 2)
            )
            try:
                connection.register("flow_log_stream" if several_scans else _STORED, scan.reader())
                if several_scans:
                    connection.execute(f"CREATE TEMP TABLE {_STORED} AS SELECT * FROM flow_log_stream")
                # The reading drops what lies outside of the windows' hull, which one window is.
                bounded = len(_windows(self.relations)) == 1
                names = self.names if self.narrows else scan.columns.handed_schema().names
                filters = self.filters if self.narrows else Filters()
                for relation in self.relations:
                    select = self.table.relation_sql(relation, filters, _STORED, names, bounded=bounded)
                    connection.execute(f"CREATE TEMP VIEW {relation.name} AS {select}")
                rows = connection.sql(sql).to_arrow_table()
                scan.tally.left = len(scan.objects) - scan.tally.objects
                return rows, scan.tally
            except Exception as failure:
                if isinstance(scan.failure, KeyboardInterrupt):
                    raise scan.failure from None
                scan.check()
                raise _translated(failure, self.statement) from failure
            finally:
                scan.stop()
                engine._scan = engine._connection = None
                connection.close()

    def _columns(self) -> Columns:
        windows = _windows(self.relations)
        since = min(window.since_epoch for window in windows)
        until = max(window.until_epoch for window in windows)
        parquet = all(item.name.endswith(".parquet") for item in self.listing.objects)
        narrowed = tuple(self.filters.by_column())
        keys = tuple(column for column in narrowed if column in self.table.keyed)
        return Columns(self.names, self.table.kind, since, until, self.counted, narrowed, keys, coded=parquet)


def _explained(answer: Answer, statement: Statement, reading: _Reading) -> Answer:
    """Count the records left after each condition in turn, for the first SELECT that loses them all."""
    from flowsql.dialects.duckdb import to_duckdb

    by_name = {relation.name: relation for relation in reading.relations}
    for name, conditions in conjuncts(statement.tree, set(by_name)):
        texts = [f"({to_duckdb(condition)})" for condition in conditions]
        counts = [f"count(*) FILTER (WHERE {' AND '.join(texts[: n + 1])})" for n in range(len(texts))]
        action = "list(DISTINCT action)" if "action" in reading.names else "NULL"
        rows, _ = reading.answer(f"SELECT {', '.join(['count(*)', *counts, action])} FROM {name}")
        *left, seen = (column[0].as_py() for column in rows.columns)
        actions = tuple(sorted(filter(None, seen or ())))
        steps = [Step("", left[0])]
        if left[0] == 0:
            return replace(answer, lost=tuple(steps), narrowed=_narrowed(reading, name))
        for condition, count in zip(conditions, left[1:], strict=True):
            steps.append(Step(condition.sql(dialect="athena"), count))
            if count == 0:
                return replace(answer, lost=tuple(steps), actions=actions)
    return answer


def _narrowed(reading: _Reading, relation: str) -> tuple[Step, ...]:
    """Count the records of a relation left after each common filter in turn."""
    conditions = reading.table.filter_conditions(reading.filters)
    texts = tuple(conditions.values())
    counts = [f"count(*) FILTER (WHERE {' AND '.join(texts[: n + 1])})" for n in range(len(texts))]
    if not counts:
        return ()
    everything = replace(reading, narrows=False)
    rows, _ = everything.answer(f"SELECT {', '.join(counts)} FROM {relation}")
    steps: list[Step] = []
    for option, column in zip(conditions, rows.columns, strict=True):
        steps.append(Step(option, column[0].as_py()))
        if not steps[-1].left:
            break
    return tuple(steps)


def _aside(listing: Listing) -> tuple[str, ...]:
    """What a person should know who has flow logs at places that were not looked into."""
    if not listing.aside:
        return ()
    shown = ", ".join(listing.aside[:2]) + (f" and {len(listing.aside) - 2:,} more" if listing.aside[2:] else "")
    if listing.aside[0].startswith("s3://"):
        return (f"beside AWSLogs/ and not looked into: {shown} (--logs with such a place asks it)",)
    return (f"not looked into: {shown}",)


def _windows(relations: tuple[Relation, ...]) -> tuple[Window, ...]:
    return tuple(dict.fromkeys(relation.window for relation in relations))


def _connect(spill: str, prepare: tuple[str, ...], threads: int) -> "duckdb.DuckDBPyConnection":
    """A database in memory that may write to the folder `spill` and see nothing else of this machine."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": spill,
        "preserve_insertion_order": "false",
        "threads": threads,
    }
    connection = duckdb.connect(config=settings)
    for statement in (*prepare, "SET enable_external_access = false", "SET lock_configuration = true"):
        connection.execute(statement)
    return connection


def _translated(failure: Exception, statement: Statement) -> BaseException:
    """DuckDB's failure in flowsql's words."""
    import duckdb

    from flowsql.engines.duckdb_errors import failed

    if isinstance(failure, duckdb.InterruptException) or str(failure) == "Query interrupted":
        return KeyboardInterrupt()
    return failed(failure, statement) if isinstance(failure, duckdb.Error) else failure
