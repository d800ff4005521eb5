"""The engine for people who run their own Trino, Starburst or EMR: a table there, asked through the client `trino`."""

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flowsql.aws.listings import Listings
from flowsql.aws.results import Results
from flowsql.dialects.athena import Placed
from flowsql.engines.athena_errors import VALUE_ERRORS, VALUE_HINT, VALUE_STOPS, cleaned, names_another
from flowsql.engines.base import Answer, Estimate, Remote, RemoteProgress, RemoteState, Translate
from flowsql.engines.remote import CHEAP, Sizes, around, look_into, newest_object
from flowsql.engines.stopping import stopped
from flowsql.engines.trino_types import TrinoType, arrow_type, from_values, parse_type
from flowsql.errors import EngineError, FlowsqlError, NotFound, QueryError, SourceError, UsageError
from flowsql.fields import RecordKind
from flowsql.naming import did_you_mean
from flowsql.params import identifier
from flowsql.partitions import Term, predicate_sql
from flowsql.query import Filters
from flowsql.reading.tally import Tally
from flowsql.sources import TRINO_PASSWORD, TRINO_TOKEN, TrinoSource
from flowsql.statement import Statement
from flowsql.table import Table
from flowsql.tables.registered import Registered
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa

    from flowsql.tables.definition import GlueTable

_BATCH = 20_000
"""Rows that are typed at once."""

_NAMES = 10
"""How many names are listed for one that is wrong."""

_MOVED = re.compile(r"line (\d+):(\d+): ?")
_QUERY_ERRORS = ("SYNTAX_ERROR", "TYPE_MISMATCH", "NOT_SUPPORTED")


@dataclass(slots=True)
class TrinoEngine:
    """Answers from a table of a Trino cluster; `find_table` is called once, with the engine, when it is needed."""

    source: TrinoSource
    find_table: "Callable[[TrinoEngine], Table]"
    progress: RemoteProgress | None = None
    explains: bool = True
    """Whether an answer without rows is looked into, when that scans next to nothing."""
    name: str = "trino"
    translate: Translate | None = None
    _table: Table | None = None
    _sizes: Sizes | None = None
    _connection: Any = None
    _cursor: Any = None
    _last: Remote | None = None

    @property
    def location(self) -> str:
        """The source's name, or its table."""
        return self.source.name or self.source.location

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The table, whatever its kind."""
        if self._table is None:
            source = self.source
            self._table = replace(self.find_table(self), name=(source.catalog, source.schema, source.table))
        return self._table

    def kinds(self, window: Window, filters: Filters) -> tuple[RecordKind, ...]:
        """The record kind of the table."""
        return (self.table(window, filters, "vpc").kind,)

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """Objects and bytes in the partitions of the statement, at most; SourceError where S3 is closed."""
        table = self.table(statement.rendered.window, filters, "vpc")
        return self._listing().estimate(statement, table, filters)

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows; raises EngineError, SourceError, QueryError."""
        self._last = None
        asked = around(statement, table, filters)
        unread = self._listing().unread(statement, table, filters)
        rows, remote = self.ask(asked, statement.rendered.query.place)
        filed = self._listing().filed(statement.rendered.window, table, filters)
        answer = Answer(rows, asked.sql, None, None, remote=remote, unread=unread, filed=filed)
        if rows.num_rows or not self.explains or (remote.bytes_scanned or 0) > CHEAP:
            return answer
        objects = self._objects(statement, filters)
        if objects == 0:
            return replace(answer, probe=Tally(), newest_object=newest_object(table, None, None))
        try:
            look = look_into(statement, table, filters, objects, lambda more: self.ask(more, "")[0])
        except FlowsqlError:
            # The answer stands without its reason.
            return answer
        return look.told(answer)

    def ask(self, asked: Placed, place: str) -> tuple["pa.Table", Remote]:
        """Run one statement; on KeyboardInterrupt it is cancelled first."""
        import pyarrow as pa
        from trino import exceptions

        began = time.monotonic()
        cursor = self._cursor = self.connection().cursor()
        try:
            self._tell("STARTING", cursor)
            cursor.execute(asked.sql)
            columns = [(str(column.name), parse_type(str(column.type_code))) for column in cursor.description or ()]
            pieces = list(self._batches(cursor, [kind for _, kind in columns], began))
            self._tell("SUCCEEDED", cursor)
        except KeyboardInterrupt:
            self._stop(cursor)
            raise
        except exceptions.TrinoQueryError as failure:
            told = _refused(failure, asked, place, self.source)
            raise (self._missing(str(failure.error_name)) if isinstance(told, NotFound) else told) from failure
        except (exceptions.Error, exceptions.HttpError, OSError) as failure:
            raise _unreachable(failure, self.source) from failure
        finally:
            self._cursor = None
            if cursor.query_id:
                self._last = _remote(cursor)
        arrays = [
            pa.chunked_array([piece[number] for piece in pieces], arrow_type(kind))
            for number, (_, kind) in enumerate(columns)
        ]
        return pa.Table.from_arrays(arrays, names=[name for name, _ in columns]), _remote(cursor)

    def explain(self, asked: Placed, place: str, options: str) -> str:
        """What `EXPLAIN (options)` says of a statement; nothing is scanned."""
        prefix = f"EXPLAIN ({options}) "
        rows, _ = self.ask(Placed(prefix + asked.sql, asked.skipped, asked.inserted + len(prefix)), place)
        return "\n".join(str(line) for line in rows.column(0).to_pylist())

    def another(self, name: tuple[str, ...]) -> Table | None:
        """Another table of flow logs; None for one without flow logs and partitions."""
        try:
            told = _rows(self, "SHOW COLUMNS FROM", name)
        except QueryError as failure:
            raise NotFound(failure.message) from failure
        shown = _shown(self, name, told)
        return None if shown.is_plain else replace(_described(self, name, shown), name=name)

    def last(self) -> Remote | None:
        """The execution that `run` began last, whatever became of it; None before there is one."""
        return self._last

    def cancel(self) -> None:
        """Stop what is running; may be called from another thread."""
        if self._cursor is not None:
            self._cursor.cancel()

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connection(self) -> Any:
        """The client's connection; raises UsageError without the client, or with a secret that would go unencrypted."""
        if self._connection is not None:
            return self._connection
        try:
            import trino
        except ImportError as failure:
            raise UsageError(
                "the engine trino needs its client",
                hint="pip install 'flowsql[trino]'",
                where=self.source.origin or None,
            ) from failure
        source = self.source
        user = source.user or _login()
        password, token = os.environ.get(TRINO_PASSWORD), os.environ.get(TRINO_TOKEN)
        if (password or token) and not source.tls:
            secret = TRINO_PASSWORD if password else TRINO_TOKEN
            raise UsageError(
                f"{secret} would go over the network unencrypted",
                where=source.origin or None,
                hint="leave out `tls = false`, or unset the variable",
            )
        auth = trino.auth.JWTAuthentication(token) if token else None
        if password and auth is None:
            auth = trino.auth.BasicAuthentication(user, password)
        self._connection = trino.dbapi.connect(
            host=source.host,
            port=source.port or (443 if source.tls else 8080),
            user=user,
            catalog=source.catalog,
            schema=source.schema,
            http_scheme="https" if source.tls else "http",
            auth=auth,
            verify=source.ca or True,
            source="flowsql",
            request_timeout=30,
        )
        return self._connection

    def _objects(self, statement: Statement, filters: Filters) -> int | None:
        """The objects in the partitions of a statement; None where S3 is closed."""
        try:
            return self.estimate(statement, filters).objects
        except SourceError:
            return None

    def _listing(self) -> Sizes:
        if self._sizes is None:
            self._sizes = Sizes(Results(), Listings.of(None, None), self._partitions)
        return self._sizes

    def _partitions(self, table: Table, terms: Sequence[Term]) -> list[Registered] | None:
        """The partitions that Trino lists and that may fit terms; None where it does not list any."""
        where = predicate_sql((), terms)
        partitions = (self.source.catalog, self.source.schema, f"{self.source.table}$partitions")
        try:
            found = _rows(self, "SELECT * FROM", partitions, f" WHERE {where}" if where else "")
        except FlowsqlError:
            return None
        return [Registered(tuple(str(row[part.name]) for part in table.partitions), "") for row in found]

    def _batches(self, cursor: Any, kinds: list[TrinoType], began: float) -> Iterator[list["pa.Array"]]:
        while rows := cursor.fetchmany(_BATCH):
            stats = cursor.stats or {}
            elapsed = timedelta(seconds=time.monotonic() - began)
            self._tell(str(stats.get("state", "RUNNING")), cursor, elapsed, stats.get("physicalInputBytes"))
            yield [from_values([row[number] for row in rows], kind) for number, kind in enumerate(kinds)]

    def _tell(self, state: str, cursor: Any, elapsed: timedelta = timedelta(), scanned: int | None = None) -> None:
        if self.progress is not None:
            self.progress(RemoteState(state, cursor.query_id, elapsed, bytes=scanned, billed=False))

    def _stop(self, cursor: Any) -> None:
        self._tell("STOPPING", cursor)
        self._tell("STOPPED" if stopped(cursor.cancel) else "NOT STOPPED", cursor)

    def _missing(self, error: str) -> NotFound:
        """The error for what the source names and Trino does not have, with the near name."""
        source, last = self.source, self._last
        catalog, schema = identifier(source.catalog), identifier(source.schema)
        what, wrong, inside, sql = {
            "CATALOG_NOT_FOUND": ("catalog", source.catalog, "", "SHOW CATALOGS"),
            "SCHEMA_NOT_FOUND": ("schema", source.schema, f" in {source.catalog}", f"SHOW SCHEMAS FROM {catalog}"),
        }.get(
            error,
            ("table", source.table, f" in {source.catalog}.{source.schema}", f"SHOW TABLES FROM {catalog}.{schema}"),
        )
        try:
            names = [str(name) for name in self.ask(Placed(sql, 0, 0), self.location)[0].column(0).to_pylist()]
        except FlowsqlError:
            names = []
        self._last = last
        listed = ", ".join(names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
        hint = did_you_mean(wrong, names, f"{what}s: {listed}" if names else f"`{sql}` in Trino shows what there is")
        return NotFound(f"Trino has no {what} {wrong!r}{inside}", where=source.origin or source.name or None, hint=hint)


def describe(engine: TrinoEngine) -> Table:
    """The table of an engine's source, from what Trino says of its columns, properties and partitions."""
    from flowsql.tables.definition import table_of

    source = engine.source
    name = (source.catalog, source.schema, source.table)
    found = _shown(engine, name, _rows(engine, "SHOW COLUMNS FROM", name))
    return table_of(found) if found.is_plain else _described(engine, name, found)


def _shown(engine: TrinoEngine, name: tuple[str, ...], told: list[dict[str, Any]]) -> "GlueTable":
    """A table with the columns it was `told` to have, place and format, no properties; raises QueryError for a view."""
    from flowsql.tables.definition import GlueTable

    columns = [(item["Column"], _hive(item["Type"]), "partition" in str(item["Extra"])) for item in told]
    shown = str(next(iter(_rows(engine, "SHOW CREATE TABLE", name)[0].values())))
    location = re.search(r"external_location = '([^']*)'", shown)
    file_format = re.search(r"\bformat = '(\w+)'", shown)
    return GlueTable(
        (name[-2], name[-1]),
        tuple((column, kind) for column, kind, is_key in columns if not is_key),
        tuple((column, kind) for column, kind, is_key in columns if is_key),
        location[1] if location else "",
        {},
        file_format[1].lower() if file_format else "text",
        {},
        kind=_kind(shown),
    )


def _kind(shown: str) -> str:
    """What the other connectors of Trino call their tables: only that of Hive has an external location."""
    if re.search(r"\bformat_version = ", shown):
        return "Iceberg"
    return "Delta Lake or Hudi" if re.search(r"\blocation = ", shown) else ""


def _described(engine: TrinoEngine, name: tuple[str, ...], shown: "GlueTable") -> Table:
    from flowsql.tables.definition import table_of

    if shown.kind:
        return table_of(shown)
    beside = _rows(engine, "SELECT * FROM", (*name[:-1], f"{name[-1]}$properties"))[0]
    found = replace(shown, parameters={key: str(value) for key, value in beside.items() if value is not None})
    keys = found.partition_keys
    if not keys or found.projected:
        return table_of(found)
    listed = _rows(engine, "SELECT * FROM", (*name[:-1], f"{name[-1]}$partitions"), " LIMIT 25")
    return table_of(found, [Registered(tuple(str(item[key]) for key, _ in keys), "") for item in listed])


def _rows(engine: TrinoEngine, asked: str, name: tuple[str, ...], more: str = "") -> list[dict[str, Any]]:
    sql = f"{asked} {'.'.join(map(identifier, name))}{more}"
    return list(engine.ask(Placed(sql, 0, 0), engine.location)[0].to_pylist())


def _hive(kind: str) -> str:
    """A type as Glue has it."""
    return {"varchar": "string", "integer": "int"}.get(kind, kind)


def _login() -> str:
    import getpass

    return getpass.getuser()


def _remote(cursor: Any) -> Remote:
    stats = cursor.stats or {}

    def span(name: str) -> timedelta | None:
        return timedelta(milliseconds=stats[name]) if name in stats else None

    return Remote(
        str(cursor.query_id),
        stats.get("physicalInputBytes"),
        queued=span("queuedTimeMillis"),
        planning=span("planningTimeMillis"),
        execution=span("elapsedTimeMillis"),
        route="pages",
    )


def _refused(failure: Any, asked: Placed, place: str, source: TrinoSource) -> FlowsqlError:
    """Trino's own error, its line that of the author's file."""
    name, text = str(failure.error_name), cleaned(str(failure.message))
    line = _MOVED.match(text)
    where = place or source.name
    if line and not (int(line[1]) == 1 and int(line[2]) <= asked.inserted):
        where = f"{place}:{int(line[1]) + asked.skipped}"
    told = text[line.end() :] if line else text
    is_own = not names_another(told, source.table, source.schema, source.catalog)
    if name in ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND") and is_own:
        return NotFound(f"Trino has no {source.catalog}.{source.schema}.{source.table}: {told}")
    if name in ("PERMISSION_DENIED",):
        return SourceError(
            f"Trino does not allow it: {told}", where=source.name, hint="another `user` may be allowed to"
        )
    if name in ("USER_CANCELED", "ADMINISTRATIVELY_KILLED", "ADMINISTRATIVELY_PREEMPTED"):
        return EngineError(f"the query was stopped: {told}", where=source.name, hint="ask a shorter window")
    if re.search(r"MEMORY|EXCEEDED|RESOURCES", name):
        return EngineError(f"the query needs more than Trino gives it: {told}", hint="ask a shorter window")
    if name in VALUE_ERRORS:
        return EngineError(VALUE_STOPS.format(reason=told), where=where, hint=VALUE_HINT)
    if failure.error_type == "USER_ERROR" or name in _QUERY_ERRORS:
        return QueryError(f"Trino refuses the query: {told}", where=where)
    return EngineError(f"Trino failed the query: {name}: {told}", where=source.name, hint=f"query {failure.query_id}")


def _unreachable(failure: Exception, source: TrinoSource) -> SourceError:
    """No answer of Trino's; nothing of its text is shown that may hold a header."""
    where = f"{source.host}:{source.port or (443 if source.tls else 8080)}"
    text = cleaned(str(failure))
    if "401" in text or "Auth" in type(failure).__name__:
        hint = f"{TRINO_PASSWORD} holds the password of `user`, {TRINO_TOKEN} a JWT"
        return SourceError("Trino does not accept who asks", where=where, hint=hint)
    if "SSL" in text or "certificate" in text.lower():
        hint = "`ca` of the source names the authority's PEM file; `tls = false` asks without TLS"
        return SourceError("no trusted connection to Trino", where=where, hint=hint)
    hint = "check `host`, `port` and `tls` of the source, and the network"
    return SourceError("Trino cannot be reached", where=where, hint=hint)
