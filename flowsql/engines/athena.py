"""The engine of production: Athena over a table in the Glue Data Catalog, asked through PyAthena."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from flowsql.aws.listings import Listings
from flowsql.aws.results import Results
from flowsql.cost import athena_dollars
from flowsql.dialects.athena import Placed, Shape, makes_nested, ordered, shape
from flowsql.dialects.athena_limits import check_size, check_tree
from flowsql.engines.athena_calls import Calls, account
from flowsql.engines.athena_errors import Sent
from flowsql.engines.athena_results import (
    Column,
    columns_of,
    in_order,
    is_sortable,
    planned_columns,
    prepare,
    read_csv,
    read_pages,
    read_parquet,
    travelled,
    travelling,
    wrapped,
)
from flowsql.engines.base import Answer, Estimate, Remote, RemoteProgress, RemoteState, Translate
from flowsql.engines.remote import CHEAP, Sizes, around, look_into, newest_object
from flowsql.engines.trino_types import TrinoType
from flowsql.errors import EngineError, FlowsqlError, NotFound, OverBudget, SourceError, UsageError
from flowsql.fields import RecordKind
from flowsql.params import text_literal
from flowsql.query import Filters
from flowsql.sources import AthenaSource
from flowsql.statement import Statement
from flowsql.table import Table
from flowsql.tables.reach import Listing
from flowsql.units import human_bytes
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa

Route = Literal["auto", "csv", "unload"]
ROUTES: tuple[Route, ...] = ("auto", "csv", "unload")

_FEW_ROWS = 100_000
"""Rows that come as CSV without a thought; so many CSV rows are a dozen megabytes."""

_AGAIN = "run the question again; `flowsql history --full` shows its window and parameters"

_MUCH = 64_000_000
"""Bytes scanned from which an answer without a LIMIT may be large."""


@dataclass(slots=True)
class AthenaEngine:
    """Answers from a table in the Glue Data Catalog.

    `find_table` is called once, when the table is first needed, `find_partitions` for each window of a table whose
    partitions are listed in the catalogue. What the workgroup enforces (its result location, its
    cutoff) is respected.
    """

    source: AthenaSource
    find_table: Callable[[], Table]
    find_partitions: Listing
    results: Route = "auto"
    """How rows come: CSV for few of them, UNLOAD to Parquet for many, unless one is forced."""
    progress: RemoteProgress | None = None
    explains: bool = True
    """Whether an answer without rows is looked into, when that scans next to nothing."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    name: str = "athena"
    translate: Translate | None = None
    """Athena SQL is sent as it is written."""
    _table: Table | None = None
    _calls: Calls | None = None
    _sizes: Sizes | None = None
    _group: Mapping[str, Any] | None = None

    @property
    def location(self) -> str:
        """The source's name, or its table."""
        return self.source.name or self.source.location

    @property
    def calls(self) -> Calls:
        """The API."""
        if self._calls is None:
            self._calls = Calls(self.source, self.progress)
        return self._calls

    def table(self, window: Window, filters: Filters, kind: RecordKind) -> Table:
        """The table, whatever its kind."""
        if self._table is None:
            self._table = self.find_table()
        return self._table

    def kinds(self, window: Window, filters: Filters) -> tuple[RecordKind, ...]:
        """The record kind of the table."""
        return (self.table(window, filters, "vpc").kind,)

    def estimate(self, statement: Statement, filters: Filters) -> Estimate:
        """Objects and bytes in the partitions the statement selects, at most, and what they cost; lists only them."""
        window = statement.rendered.window
        found = self._listing().estimate(statement, self.table(window, filters, "vpc"), filters)
        return replace(found, dollars=athena_dollars(found.bytes, self.source.price_per_tb))

    def cutoff(self) -> int | None:
        """The bytes the workgroup lets a query scan; None where it sets no limit or does not tell."""
        return self._workgroup().get("BytesScannedCutoffPerQuery")

    def run(self, statement: Statement, table: Table, filters: Filters) -> Answer:
        """The statement's rows; raises EngineError, SourceError, QueryError, OverBudget."""
        place = statement.rendered.query.place
        self.calls.latest = None
        check_tree(statement.tree, place)
        unread = self._listing().unread(statement, table, filters)
        asked = around(statement, table, filters, unread)
        check_size(asked.sql, place)
        self._check_cutoff(statement, filters)
        answer = self._asked(asked, statement, filters)
        filed = self._listing().filed(statement.rendered.window, table, filters)
        answer = replace(answer, unread=unread, filed=filed)
        if answer.rows.num_rows == 0 and self.explains:
            answer = self._explained(answer, statement, table, filters)
        return answer

    def fetch(self, query_id: str) -> Answer:
        """The rows of an earlier execution, read again and not billed again; raises NotFound, EngineError."""
        execution = self.calls.execution(query_id)
        state, sql = execution["Status"]["State"], str(execution.get("Query", ""))
        if state in ("QUEUED", "RUNNING"):
            raise EngineError(f"query {query_id} is {state}", hint="fetch it again when it has ended")
        if state != "SUCCEEDED":
            failure = self.calls.failure(execution, Sent(f"query {query_id}"))
            became = "was cancelled" if state == "CANCELLED" else "failed"
            hint = failure.hint if state == "FAILED" and failure.hint else _AGAIN
            raise EngineError(f"query {query_id} {became} and left no rows: {failure.message}", hint=hint)
        if sql.lstrip()[:6].upper() == "UNLOAD":
            raise NotFound(f"the rows of query {query_id} were unloaded, and are not kept on this machine", hint=_AGAIN)
        rows = self._read_csv(execution, travelled(sql))
        return Answer(rows, sql, None, None, remote=replace(account(execution, self.source, "csv"), dollars=0.0))

    def last(self) -> Remote | None:
        """The execution that `run` began last, whatever became of it; None before there is one."""
        latest = self.calls.latest
        return account(latest, self.source) if latest is not None else None

    def another(self, name: tuple[str, ...]) -> Table | None:
        """Another table of flow logs of the Glue Data Catalog; None for one without flow logs and partitions."""
        from flowsql.tables.catalogue import any_table

        if len(name) > 2 and name[0] not in ("awsdatacatalog", self.source.catalog.lower()):
            raise NotFound(f"{'.'.join(name)} is not in the Glue Data Catalog")
        return any_table(*name[-2:], profile=self.source.profile, region=self.source.region)

    def cancel(self) -> None:
        """Stop the execution under way; may be called from another thread."""
        self.calls.stopping.set()

    def close(self) -> None:
        """Nothing outlives a run."""

    def _asked(self, asked: Placed, statement: Statement, filters: Filters) -> Answer:
        """Run by the route that fits, and read the rows."""
        form = shape(statement.tree)
        route = self._route(form, statement, filters)
        nested = makes_nested(statement.tree) or any(
            column.type == "list" for column in statement.rendered.query.columns
        )
        sent = Sent(statement.rendered.query.place, asked.skipped, asked.inserted)
        if route == "unload":
            # While Athena works there is nothing else to do.
            Thread(target=prepare, args=(self._listing().results, str(self._base())), daemon=True).start()
        columns = self._explained_columns(asked, sent.place) if route == "unload" or nested else None
        if columns is not None and route == "unload" and is_sortable(columns, form.order):
            return self._unloaded(asked, sent, columns, form)
        if route == "unload" and self.results == "unload":
            raise UsageError(
                "UNLOAD does not keep this statement's order, which is by more than its own columns",
                where=sent.place,
                hint="ORDER BY columns of the answer, or --results csv",
            )
        return self._as_csv(asked, sent, columns or (), statement)

    def _as_csv(self, asked: Placed, sent: Sent, columns: tuple[Column, ...], statement: Statement) -> Answer:
        """Run a statement whose rows come as CSV; `columns` are known where nested values travel as JSON in it."""
        sql, found = asked.sql, [column for column in columns if column.type.is_nested]
        whole = ordered(sql, statement.tree, [column.name for column in columns]) if found else None
        if whole is not None:
            columns, found = travelling(columns, "csv"), []
            sql, inserted = wrapped(whole.sql, columns, "csv", whole.more, whole.keys)
            check_size(sql, sent.place)
            sent = replace(sent, inserted=sent.inserted + inserted)
        execution = self.calls.execute(self._request(sql, self._reuse(statement)), sent)
        rows = self._read_csv(execution, columns or None)
        notes = tuple(
            f"column {column.name} is {'an array' if column.type.name == 'array' else f'a {column.type.name}'} "
            "and came as text; ORDER BY columns of the answer types it"
            for column in found
        )
        return Answer(rows, sql, None, None, remote=account(execution, self.source, "csv"), notes=notes)

    def _route(self, form: Shape, statement: Statement, filters: Filters) -> Literal["csv", "unload"]:
        """CSV for what is surely small; UNLOAD for what may be large and can be put in order again."""
        if self.results != "auto":
            return self.results
        if (form.limit is not None and form.limit <= _FEW_ROWS) or form.order is None or self._base() is None:
            return "csv"
        try:
            return "unload" if self.estimate(statement, filters).bytes >= _MUCH else "csv"
        except SourceError:
            return "csv"

    def explain(self, asked: Placed, place: str, options: str) -> str:
        """What `EXPLAIN (options)` says of a statement; nothing is scanned or billed."""
        prefix = f"EXPLAIN ({options}) "
        sent = Sent(place, asked.skipped, asked.inserted + len(prefix))
        execution = self.calls.execute(self._request(prefix + asked.sql), sent)
        text = Column("plan", TrinoType("varchar"))
        lines = read_pages(self.calls, execution["QueryExecutionId"], (text,)).column(0).to_pylist()
        return "\n".join(line or "" for line in lines)

    def _explained_columns(self, asked: Placed, place: str) -> tuple[Column, ...] | None:
        """The columns a statement returns, from EXPLAIN; None when the plan cannot be read."""
        plan = self.explain(asked, place, "FORMAT JSON")
        try:
            return planned_columns(plan)
        except (ValueError, KeyError, TypeError, EngineError):
            return None

    def _unloaded(self, asked: Placed, sent: Sent, columns: tuple[Column, ...], form: Shape) -> Answer:
        """Run a statement so that its rows come as Parquet, and put them in order again."""
        columns = travelling(columns, "unload")
        sql, inserted = wrapped(asked.sql, columns, "unload")
        target = f"{self._base()}flowsql-unload/{uuid4()}/"
        opening = "UNLOAD ("
        sql = f"{opening}{sql}) TO {text_literal(target)} WITH (format = 'PARQUET', compression = 'SNAPPY')"
        check_size(sql, sent.place)
        store = self._listing().results
        inserted += sent.inserted + len(opening)
        found: dict[str, int] = {}
        left: tuple[str, ...] = ()
        try:
            execution = self.calls.execute(self._request(sql), replace(sent, inserted=inserted))
            self.calls.tell(RemoteState("FETCHING", execution["QueryExecutionId"]))
            found = dict(store.sizes(target))
            rows = read_parquet(store, sorted(uri for uri, size in found.items() if size), columns)
        finally:
            left = self._remove(target, list(found))
        rows = in_order(rows, form.order or ())
        return Answer(rows, sql, None, None, remote=account(execution, self.source, "unload"), notes=left)

    def _remove(self, target: str, found: list[str]) -> tuple[str, ...]:
        """Take away what an UNLOAD wrote, also one that failed half way and of which nothing was `found` yet.

        Says what could not be removed.
        """
        store = self._listing().results
        try:
            left = found or [uri for uri, _ in store.sizes(target)]
            if left:
                store.remove(left)
        except SourceError as failure:
            # The rows matter more.
            return (f"what UNLOAD wrote stays at {target}, with the rows in it: {failure.message}",)
        return ()

    def _read_csv(self, execution: Mapping[str, Any], columns: tuple[Column, ...] | None) -> "pa.Table":
        query_id = execution["QueryExecutionId"]
        self.calls.tell(RemoteState("FETCHING", query_id))
        page = self.calls.call("GetQueryResults", QueryExecutionId=query_id, MaxResults=1)
        told = columns_of(page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"])
        known = columns if columns is not None and len(columns) == len(told) else told
        named = tuple(replace(column, name=name.name) for column, name in zip(known, told, strict=True))
        uri = execution.get("ResultConfiguration", {}).get("OutputLocation")
        if uri is None:
            return read_pages(self.calls, query_id, named)
        return read_csv(self._listing().results, uri, named)

    def _explained(self, answer: Answer, statement: Statement, table: Table, filters: Filters) -> Answer:
        """Why there are no rows, as far as it costs next to nothing to find out."""
        source = self.source
        try:
            found = self.estimate(statement, filters)
            if found.objects == 0:
                newest = newest_object(table, source.profile, source.region)
                from flowsql.reading.tally import Tally

                return replace(answer, probe=Tally(), newest_object=newest)
            if found.bytes > CHEAP:
                return answer
            spent: list[Remote] = []

            def ask(asked: Placed) -> "pa.Table":
                execution = self.calls.execute(self._request(asked.sql), Sent(statement.rendered.query.place))
                spent.append(account(execution, self.source, "csv"))
                return self._read_csv(execution, None)

            look = look_into(statement, table, filters, found.objects, ask)
        except FlowsqlError:
            # The answer stands without its reason.
            return answer
        scanned = human_bytes(sum(remote.bytes_scanned or 0 for remote in spent))
        note = (f"one more query looked into why there are no rows ({scanned} scanned)",) if spent else ()
        return look.told(replace(answer, notes=(*answer.notes, *note)))

    def _check_cutoff(self, statement: Statement, filters: Filters) -> None:
        """Raise OverBudget for what the workgroup would stop half way, and bill."""
        cutoff = self.cutoff()
        if cutoff is None:
            return
        try:
            found = self.estimate(statement, filters)
        except SourceError:
            return
        if found.bytes > cutoff:
            raise OverBudget(
                f"the question would read {human_bytes(found.bytes)}, and workgroup {self.source.workgroup} stops a "
                f"query at {human_bytes(cutoff)}",
                where=self.location,
                hint="ask a shorter window, narrow it with --account or --region, or use another workgroup",
            )

    def _request(self, sql: str, reuse: bool = False) -> dict[str, Any]:
        """StartQueryExecution's parameters."""
        source = self.source
        request: dict[str, Any] = {
            "QueryString": sql,
            "WorkGroup": source.workgroup,
            "QueryExecutionContext": {"Database": source.database, "Catalog": source.catalog},
        }
        if source.output:
            request["ResultConfiguration"] = {"OutputLocation": source.output}
        if reuse:
            minutes = int(source.reuse.total_seconds()) // 60
            by_age = {"Enabled": True, "MaxAgeInMinutes": minutes}
            request["ResultReuseConfiguration"] = {"ResultReuseByAgeConfiguration": by_age}
        return request

    def _reuse(self, statement: Statement) -> bool:
        """Whether an earlier result may serve: only for a window of which no record can still arrive."""
        if self.source.reuse < timedelta(minutes=1):
            return False
        return all(relation.window.filed_until <= self.now() for relation in statement.rendered.relations)

    def _workgroup(self) -> Mapping[str, Any]:
        """The workgroup's configuration; empty where it may not be read."""
        if self._group is None:
            try:
                self._group = self.calls.call("GetWorkGroup", WorkGroup=self.source.workgroup)["WorkGroup"].get(
                    "Configuration", {}
                )
            except NotFound:
                raise
            except SourceError as failure:
                if "access denied" not in failure.message:
                    raise
                self._group = {}
        return self._group or {}

    def _base(self) -> str | None:
        """Where results go, with a slash at its end; None for a workgroup that keeps them to itself."""
        group = self._workgroup()
        own = group.get("ResultConfiguration", {}).get("OutputLocation")
        enforced = group.get("EnforceWorkGroupConfiguration", False)
        place = own if enforced or not self.source.output else self.source.output
        return f"{place.rstrip('/')}/" if place else None

    def _listing(self) -> Sizes:
        if self._sizes is None:
            profile, region = self.source.profile, self.source.region
            results, listings = Results(profile, region), Listings.of(profile, region)
            self._sizes = Sizes(results, listings, self.find_partitions)
        return self._sizes
