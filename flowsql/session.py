"""One question from name to answer: the object behind the command line, the notebook and Python code."""

import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowsql import __version__
from flowsql.engines.base import Engine
from flowsql.engines.duckdb import DuckDBEngine
from flowsql.errors import MissingField, NotFound, QueryError, UsageError
from flowsql.fields import RecordKind, column_name, record_kind
from flowsql.frames import frame, records, typed
from flowsql.library import Library
from flowsql.naming import did_you_mean, python_name
from flowsql.params import TYPES, Param, Value, bind
from flowsql.plans import Plans
from flowsql.query import FILTER_OPTIONS, Filters, Query, Rendered
from flowsql.reading.scan import Progress, ReadOptions
from flowsql.reading.store import LocalStore, MemoryStore, Store
from flowsql.receipt import Receipt, make_receipt
from flowsql.statement import Statement, parse
from flowsql.table import Table
from flowsql.template import render
from flowsql.window import WINDOW_OPTIONS, Window, parse_window

if TYPE_CHECKING:
    import pandas
    import pyarrow as pa

_WORDS = re.compile(r"[a-z_]+")
_HAS = re.compile(r"""\bhas\(\s*['"]([a-z_-]+)['"]\s*\)""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer before it becomes a frame: typed Arrow rows and their receipt."""

    rows: "pa.Table"
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Question:
    """A query with everything it was asked with, ready to run."""

    statement: Statement
    table: Table
    filters: Filters

    @property
    def rendered(self) -> Rendered:
        """The query with its parameters bound."""
        return self.statement.rendered


def connect(
    logs: str | Path,
    *,
    queries: Sequence[str | Path] = (),
    log_format: str | None = None,
    skip_damaged: bool = False,
    profile: str | None = None,
    region: str | None = None,
    progress: Progress | None = None,
) -> "Flows":
    """Open flow logs to ask questions of: a folder, a file, a glob or `s3://bucket/prefix`.

    `log_format` names the fields of files without a header line (`'${version} ${account-id} …'` or `default`);
    `profile` and `region` say how to reach S3. Raises SourceError when there is nothing at `logs`.

    >>> flows = connect("logs/")
    >>> flows.rejected_ssh(last="1h").receipt
    """
    columns = None
    if log_format is not None:
        from flowsql.fields import parse_log_format

        try:
            columns = parse_log_format(log_format)
        except ValueError as failure:
            raise UsageError(str(failure), hint="'${version} ${account-id} …' or default") from failure
    options = ReadOptions(log_format=columns, skip_damaged=skip_damaged, progress=progress)
    engine = DuckDBEngine(open_store(str(logs), profile=profile, region=region), options)
    return Flows(engine, Library.of(*(Path(folder) for folder in queries)), plans=Plans())


def open_store(location: str, *, profile: str | None = None, region: str | None = None) -> Store:
    """The store behind a location."""
    if location.startswith("s3://"):
        from flowsql.aws.s3 import S3Store

        return S3Store(location, profile=profile, region=region)
    return LocalStore(location)


class Flows:
    """Flow logs and a library of questions. Every saved query is also a method: `flows.rejected_ssh(last="1h")`."""

    def __init__(
        self,
        engine: Engine,
        library: Library | None = None,
        *,
        plans: Plans | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """`plans` remembers parsed queries between runs; `now` gives the instant `last` counts back from, in UTC."""
        self._plans = plans
        self.engine = engine
        self.library = library or Library.of()
        self._now = now or (lambda: datetime.now(UTC).replace(microsecond=0))

    def run(self, name: str, **asked: Any) -> "pandas.DataFrame":
        """Ask a saved query; options are its parameters, the window and the common filters.

        Returns a DataFrame with the query's declared columns (dtypes in `flowsql.frames`) and a `receipt`.
        Raises FlowsqlError: NotFound, UsageError, QueryError, MissingField, SourceError, DamagedObject, EngineError.
        """
        return self.framed(self.ask(self.library.find(name), asked))

    def sql(self, text: str, **asked: Any) -> "pandas.DataFrame":
        """Ask one SELECT over `{{ flows }}` or `{{ records }}`, in Athena SQL; options are the window and filters."""
        return self.framed(self.ask(adhoc(text), asked))

    @staticmethod
    def framed(outcome: Outcome) -> "pandas.DataFrame":
        """An outcome as a DataFrame with its receipt."""
        result: pandas.DataFrame = frame(outcome.rows, outcome.receipt)
        return result

    @property
    def catalogue(self) -> "pandas.DataFrame":
        """The saved queries: name, title, tags, parameters and description, one row each."""
        names = ["name", "title", "tags", "params", "description"]
        rows = [
            {
                "name": query.name,
                "title": query.title,
                "tags": list(query.tags),
                "params": [param.name for param in query.params],
                "description": query.description,
            }
            for query in self.library
        ]
        listing: pandas.DataFrame = records(rows, names)
        return listing

    def ask(self, query: Query, asked: Mapping[str, Any]) -> Outcome:
        """Answer a query as Arrow rows; `asked` holds window, filters and parameters by name."""
        began, now = time.perf_counter(), self._now()
        question = self.question(query, asked, now)
        answer = self.engine.run(question.statement, question.table, question.filters)
        rows = typed(answer.rows, query.columns, query.place)
        receipt = make_receipt(
            question.rendered,
            replace(answer, rows=rows),
            question.table,
            question.filters,
            engine=self.engine.name,
            source=self.engine.location,
            now=now,
            elapsed=timedelta(seconds=time.perf_counter() - began),
            version=__version__,
        )
        return Outcome(rows, receipt)

    def question(self, query: Query, asked: Mapping[str, Any], now: datetime | None = None) -> Question:
        """Everything decided before the engine runs: values bound, fields present, SELECT parsed."""
        window = parse_window(now=now or self._now(), **{key: asked[key] for key in WINDOW_OPTIONS if key in asked})
        filters = _filters({key: asked[key] for key in FILTER_OPTIONS if asked.get(key) is not None})
        values = bind_all(query, {key: value for key, value in asked.items() if key not in _COMMON})
        kind = kind_of(query)
        table = self.engine.table(window, filters, kind)
        rendered = render(query, values, window, table.columns)
        if self._plans is None:
            statement = parse(rendered, self.engine.translate)
        else:
            statement = self._plans.plan(rendered, self.engine.name, self.engine.translate)
        try:
            table.needed(statement.columns, filters)
        except MissingField as failure:
            raise self._with_weaker(failure, query, table) from failure
        except UsageError as failure:
            raise QueryError(failure.message, where=_line(statement, table), hint=failure.hint) from failure
        return Question(statement, table, filters)

    def tables(self, asked: Mapping[str, Any]) -> tuple[Table, ...]:
        """What the flow logs of a window carry, for each record kind; `asked` holds window and filters."""
        window = parse_window(now=self._now(), **{key: asked[key] for key in WINDOW_OPTIONS if key in asked})
        filters = _filters({key: asked[key] for key in FILTER_OPTIONS if key in asked})
        kinds: tuple[RecordKind, ...] = ("vpc", "tgw")
        return tuple(self.engine.table(window, filters, kind) for kind in kinds)

    def answerable(self, query: Query, table: Table) -> bool:
        """Whether a table has every field the query cannot do without."""
        return kind_of(query) == table.kind and needed_fields(query) <= set(table.columns)

    def _with_weaker(self, failure: MissingField, query: Query, table: Table) -> MissingField:
        """Name the answerable query of the same topic that shares the most with the one asked."""
        words = {*query.tags, *query.short_name.split("-")}
        near = [
            (len(words & {*other.tags, *other.short_name.split("-")}), other.short_name)
            for other in self.library
            if other.name != query.name and self.answerable(other, table)
        ]
        best = max(near, default=(0, ""))
        weaker = f"\n  meanwhile `flowsql run {best[1]}` asks a weaker question they can answer" if best[0] else ""
        return MissingField(failure.message, where=query.name, hint=f"{failure.hint}{weaker}")

    def __getattr__(self, name: str) -> Callable[..., "pandas.DataFrame"]:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            query = self.library.find(name)
        except NotFound as failure:
            raise AttributeError(f"no saved query {name!r}; {failure.hint}") from None

        def method(**asked: Any) -> "pandas.DataFrame":
            return self.run(query.name, **asked)

        method.__name__ = method.__qualname__ = python_name(query.name)
        method.__doc__ = docstring(query)
        method.__signature__ = signature(query)  # type: ignore[attr-defined]
        return method

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(python_name(name) for name in self.library.paths)]


_COMMON = frozenset((*WINDOW_OPTIONS, *FILTER_OPTIONS))


def adhoc(text: str) -> Query:
    """One SELECT given by hand as a query without header or declared columns."""
    return Query("sql", "SQL given by hand", "", (), (), (), text if text.endswith("\n") else f"{text}\n")


def kind_of(query: Query) -> RecordKind:
    """The record kind a query asks of: that of the fields its text names."""
    return record_kind(tuple(_WORDS.findall(query.body)))


def bind_all(query: Query, given: Mapping[str, Any]) -> dict[str, Value]:
    """Every parameter of a query with its value or default; raises UsageError for unknown and unfit ones."""
    declared = {param.name: param for param in query.params}
    for name in given:
        if name not in declared:
            legal = ", ".join(declared) or "none of its own"
            everywhere = f"it takes: {legal}; and {', '.join((*WINDOW_OPTIONS, *FILTER_OPTIONS))}"
            hint = did_you_mean(name, (*declared, *_COMMON), everywhere)
            raise UsageError(f"{query.short_name} has no parameter {name!r}", hint=hint)
    return {name: bind(param, given.get(name)) for name, param in declared.items()}


def needed_fields(query: Query) -> set[str]:
    """The columns a query reads whatever the table has: what `has(…)` guards does not count."""
    values = {param.name: bind(param, _example(param)) for param in query.params}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    window = Window(moment, moment + timedelta(hours=1))
    columns = set(parse(render(query, values, window, ())).columns) - {"start_time", "end_time"}
    return columns


def optional_fields(query: Query) -> set[str]:
    """The columns a query asks `has(…)` about, under their underscored names."""
    return {column_name(name) for name in _HAS.findall(query.body)}


def in_memory(query: Query, library: Library) -> Callable[[dict[str, bytes], dict[str, str]], list[dict[str, Any]]]:
    """Runs a query over objects held in memory; what cases are checked with."""

    def ask(objects: dict[str, bytes], options: dict[str, str]) -> list[dict[str, Any]]:
        flows = Flows(DuckDBEngine(MemoryStore(objects)), library)
        rows: list[dict[str, Any]] = flows.ask(query, options).rows.to_pylist()
        return rows

    return ask


def _line(statement: Statement, table: Table) -> str:
    """file:line of the first column a table does not know."""
    place = statement.rendered.query.place
    lines = [line for name, line in statement.columns.items() if line and table.is_unknown(name)]
    return f"{place}:{lines[0]}" if lines else place


def _example(param: Param) -> str | None:
    if not param.required:
        return None
    return param.choices[0] if param.choices else TYPES[param.type].example


def _filters(given: Mapping[str, Any]) -> Filters:
    """The common filters, each value checked as a parameter of its type."""
    checked: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        values = [value] if isinstance(value, str) else list(value)
        param = Param(name, name)
        items = [item for text in values for item in str(text).split(",") if item]
        checked[name] = tuple(bind(param, item).items[0] for item in items)
    return Filters(**checked)


def signature(query: Query) -> inspect.Signature:
    """The Python signature of a saved query: its parameters, then window and filters, all by keyword."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [
        inspect.Parameter(param.name, keyword, default=inspect.Parameter.empty if param.required else param.default)
        for param in query.params
    ]
    common = [inspect.Parameter(name, keyword, default=None) for name in (*WINDOW_OPTIONS, *FILTER_OPTIONS)]
    return inspect.Signature([*own, *common])


def docstring(query: Query) -> str:
    """What `help()` shows for a saved query."""
    lines = [query.title, "", query.description, ""]
    lines += [f"{param.name}: {param.help} {param.legal[0].upper()}{param.legal[1:]}." for param in query.params]
    lines += ["", "Returns a DataFrame with a receipt and the columns:", ""]
    lines += [f"{column.name}: {column.type}" for column in query.columns]
    return "\n".join(lines)
