"""One question from name to answer: the object behind the command line, the notebook and Python code."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowsql import __version__
from flowsql.answering import answerable, check_fields, other_kind
from flowsql.answers import Answers
from flowsql.budget import Announce, Budget
from flowsql.engines.base import Accounts, Answer, Engine, Estimate, Keeps, RemoteProgress
from flowsql.engines.duckdb import DuckDBEngine
from flowsql.errors import NotFound, SourceError, UsageError
from flowsql.frames import frame, records, typed
from flowsql.history import History
from flowsql.library import Library
from flowsql.naming import python_name
from flowsql.opening import open_source
from flowsql.plans import Plans, planned
from flowsql.query import Filters, Query, Rendered
from flowsql.questions import COMMON, adhoc, bind_all, docstring, filters_of, kind_of, signature, window_of
from flowsql.reading.scan import Progress
from flowsql.reading.store import MemoryStore
from flowsql.receipt import Receipt, make_receipt
from flowsql.settings import DuckDBSource, Source, settle
from flowsql.statement import Statement
from flowsql.table import Table
from flowsql.template import render
from flowsql.units import parse_bytes

if TYPE_CHECKING:
    import pandas
    import pyarrow as pa


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
    logs: str | Path | None = None,
    *,
    source: str | Source | None = None,
    queries: str | Path | Sequence[str | Path] | None = None,
    log_format: str | None = None,
    skip_damaged: bool = False,
    profile: str | None = None,
    region: str | None = None,
    progress: Progress | None = None,
    max_bytes: str | int | None = None,
    announce: Announce | None = None,
    remote: RemoteProgress | None = None,
    results: str | None = None,
) -> "Flows":
    """Open flow logs to ask questions of: a folder, a file, a glob or `s3://bucket/prefix`, or a named source.

    `source` names a table `[source.NAME]` of `flowsql.toml`; without `logs` and `source` the environment and that
    file say where. `log_format` names the fields of files without a header line (`'${version} ${account-id} …'` or
    `default`); `profile` and `region` say how to reach S3. `queries` is a folder, or are folders, of saved
    queries of your own; without it they are found as on the command line: where the environment or `flowsql.toml`
    says, else in `./queries`.
    `max_bytes` (such as "10GB") is the most a question may read; beyond it nothing is run (OverBudget). `announce` is
    told before each question what it will read, `progress` and `remote` how far it is. `results` forces the way rows
    come from Athena: `csv` or `unload`. Nothing is read yet: a place that does not exist is told by the first
    question (SourceError).

    >>> flows = connect("logs/")
    >>> flows.rejected_ssh(last="1h").receipt
    """
    if logs is not None:
        if not isinstance(logs, (str, Path)):
            raise UsageError(f"logs is one place, a text or a Path, not {type(logs).__name__}", hint='connect("logs/")')
        if source is not None or not str(logs).strip():
            said = "nothing says" if source is None else "logs and source each say"
            hint = "a folder, a file, a glob or s3://bucket/prefix; or a source of flowsql.toml"
            raise UsageError(f"{said} where the flow logs are", hint=hint)
        source = DuckDBSource("", str(logs), log_format, profile, region)
    if source is None or isinstance(source, str):
        settings = settle({"source": source, "log_format": log_format, "profile": profile, "s3_region": region})
        chosen, own = settings.chosen(), settings.queries
    else:
        # With a place said already, what the environment says of one is not asked.
        chosen, own = source, settle({"logs": str(logs or ".")}).queries if queries is None else ()
    if max_bytes is not None:
        chosen = replace(chosen, max_bytes=parse_bytes(str(max_bytes)))
    engine = open_source(chosen, skip_damaged=skip_damaged, progress=progress, remote=remote, results=results)
    library = replace(Library.of(*(own if queries is None else _folders(queries))), listed_by="flows.catalogue")
    return Flows(
        engine,
        library,
        plans=Plans(),
        budget=Budget.of(chosen),
        announce=announce,
        history=History.own(),
        answers=Answers.own(),
    )


def _folders(queries: object) -> tuple[Path, ...]:
    """One folder or several, as paths; raises UsageError for anything else."""
    each = (queries,) if isinstance(queries, (str, Path)) else queries
    if not isinstance(each, Sequence) or not all(isinstance(folder, (str, Path)) for folder in each):
        shown = type(queries).__name__
        raise UsageError(
            f"queries is a folder or a list of folders, not {shown}", hint='connect("logs/", queries="mine")'
        )
    return tuple(Path(folder).expanduser() for folder in each)


class Flows:
    """Flow logs and a library of questions. Every saved query is also a method: `flows.rejected_ssh(last="1h")`."""

    def __init__(
        self,
        engine: Engine,
        library: Library | None = None,
        *,
        plans: Plans | None = None,
        now: Callable[[], datetime] | None = None,
        budget: Budget | None = None,
        announce: Announce | None = None,
        history: History | None = None,
        answers: Answers | None = None,
    ) -> None:
        """`plans` remembers parsed queries between runs; `now` gives the instant `last` counts back from, in UTC.

        `budget` is checked before a question runs, `announce` told what it will read, and `history` what was run;
        `answers` keeps the rows that the engine does not keep.
        """
        self._plans = plans
        self._budget = budget or Budget()
        self._announce = announce
        self._history = history
        self._answers = answers
        self.engine = engine
        self.library = library or Library.of()
        self._now = now or (lambda: datetime.now(UTC).replace(microsecond=0))

    def run(self, name: str, /, **asked: Any) -> "pandas.DataFrame":
        """Ask a saved query; options are its parameters, the window and the common filters.

        Values are texts as on the command line, or numbers, lists, `datetime` and `timedelta`; None is an optional one
        that was not given, and refused for a parameter with a default. Returns a DataFrame
        with the query's declared columns (dtypes in `flowsql.frames`) and a `receipt`.
        Raises FlowsqlError: NotFound, UsageError, QueryError, MissingField, SourceError, DamagedObject, EngineError.
        """
        return self.framed(self.ask(self.library.find(name), asked))

    def sql(self, text: str, /, **asked: Any) -> "pandas.DataFrame":
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
        self._check_budget(question)
        if self._history is None:
            return self._answer(question, now, began)
        with self._history.recording(question.rendered, self.engine.location, self.engine.name) as recorder:
            try:
                outcome = self._answer(question, now, began)
            except BaseException:
                # What was stopped or failed half way has a name and a price too.
                recorder.last = self.engine.last() if isinstance(self.engine, Accounts) else None
                raise
            recorder.receipt = outcome.receipt
        return outcome

    def _answer(self, question: Question, now: datetime, began: float) -> Outcome:
        """The engine's rows in the query's types, and their receipt."""
        query = question.rendered.query
        answer = self._kept(self.engine.run(question.statement, question.table, question.filters))
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
        return Outcome(rows, replace(receipt, notes=(*question.statement.notes, *receipt.notes)))

    def _kept(self, answer: Answer) -> Answer:
        """The answer, its rows kept here where the engine removed them."""
        if self._answers is None or answer.remote is None or answer.remote.route != "unload":
            return answer
        if self._answers.keep(answer.remote.query_id, answer.rows):
            return answer
        told = "the unloaded rows are not kept: `flowsql fetch` cannot give them again"
        return replace(answer, notes=(*answer.notes, told))

    def fetch(self, query_id: str, name: str | None = None) -> "pa.Table":
        """The rows of an earlier execution, not run and not billed again; `name` is the saved query it was of.

        Raises UsageError for an engine that keeps no results, NotFound for an unknown id, EngineError.
        """
        if not isinstance(self.engine, Keeps):
            raise UsageError(f"{self.engine.name} keeps no results to fetch", hint="--source names an Athena source")
        kept = self._answers.find(query_id) if self._answers is not None else None
        rows = self.engine.fetch(query_id).rows if kept is None else kept
        query = self.library.find(name) if name in self.library.paths else None
        # A query changed since then has other columns, and its answer is shown as it came.
        known = query is not None and rows.column_names == [column.name for column in query.columns]
        return typed(rows, query.columns if query is not None and known else (), f"query {query_id}")

    def estimate(self, name: str | Query, /, **asked: Any) -> Estimate:
        """What a saved query would read and cost, at most; lists objects and runs nothing."""
        question = self.question(self.library.find(name) if isinstance(name, str) else name, asked)
        return self.engine.estimate(question.statement, question.filters)

    def _check_budget(self, question: Question) -> None:
        """Tell what a question will read; raise OverBudget when that is too much."""
        if not self._budget.limits and self._announce is None:
            return
        estimate = None
        try:
            estimate = self.engine.estimate(question.statement, question.filters)
        except SourceError:
            # Who may ask need not be allowed to list objects; a limit that cannot be checked is not kept.
            if self._budget.limits:
                raise
        if self._announce is not None:
            self._announce(estimate)
        if estimate is not None:
            place = question.rendered.query.name
            self._budget.check(estimate, question.rendered.window, question.filters, place, question.table.grain)

    def question(self, query: Query, asked: Mapping[str, Any], now: datetime | None = None) -> Question:
        """Everything decided before the engine runs: values bound, fields present, SELECT parsed."""
        values = bind_all(query, {key: value for key, value in asked.items() if key not in COMMON})
        window, filters = window_of(asked, now or self._now()), filters_of(asked)
        kind = kind_of(query)
        table = self.engine.table(window, filters, kind)
        if table.kind != kind:
            raise other_kind(table, self.engine.location)
        rendered = render(query, values, window, table.columns)
        if self._plans is None:
            statement = planned(rendered, self.engine.translate, table.undocumented)
        else:
            statement = self._plans.plan(rendered, self.engine.name, self.engine.translate, table.undocumented)
        check_fields(statement, table, filters, self.library)
        return Question(statement, table, filters)

    def tables(self, asked: Mapping[str, Any]) -> tuple[Table, ...]:
        """What the flow logs of a window carry, for each record kind they hold; `asked` holds window and filters."""
        window, filters = window_of(asked, self._now()), filters_of(asked)
        return tuple(self.engine.table(window, filters, kind) for kind in self.engine.kinds(window, filters))

    def answerable(self, query: Query, table: Table) -> bool:
        """Whether a table has every field the query cannot do without; a query written wrong is not answerable."""
        return answerable(query, table)

    def __repr__(self) -> str:
        return f"<flow logs at {self.engine.location}, {len(self.library)} saved queries>"

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
        names = (python_name(name) for name in self.library.paths)
        return [*super().__dir__(), *(name for name in names if name.isidentifier())]


def in_memory(query: Query, library: Library) -> Callable[[dict[str, bytes], dict[str, str]], list[dict[str, Any]]]:
    """Runs a query over objects held in memory; what cases are checked with."""
    plans = Plans()

    def ask(objects: dict[str, bytes], options: dict[str, str]) -> list[dict[str, Any]]:
        flows = Flows(DuckDBEngine(MemoryStore(objects), explains=False), library, plans=plans)
        rows: list[dict[str, Any]] = flows.ask(query, options).rows.to_pylist()
        return rows

    return ask
