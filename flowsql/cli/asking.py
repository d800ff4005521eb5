"""`run`, `sql` and `render`: a question, asked."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql.cli import costs, diagnostics, streams
from flowsql.cli.commands import SETTINGS, Command, QueryGroup
from flowsql.cli.interruption import Interruption
from flowsql.cli.options import (
    CONTEXT,
    DRY_RUN,
    FILTERS,
    FORMAT,
    LIMITS,
    OUTPUT,
    QUERIES,
    SOURCE,
    WINDOW,
    Option,
    own_options,
    parameters,
    with_options,
)
from flowsql.cli.places import asked_of, flows_of, settings_of
from flowsql.cli.remote import RemoteLine
from flowsql.errors import FlowsqlError, UsageError
from flowsql.naming import did_you_mean
from flowsql.output.formats import FORMATS, format_for, render, write_atomically
from flowsql.query import Query
from flowsql.window import WINDOW_OPTIONS

if TYPE_CHECKING:
    import pyarrow as pa

    from flowsql.query import Rendered
    from flowsql.session import Outcome

_DIALECTS = ("athena", "duckdb")
_COMMENTED = re.compile(r"--(?![\w-]+=)[^\n=]*[\s]")
"""SQL that begins with a comment."""
_DIALECT = Option(
    "dialect",
    "Output",
    "athena (as written) or duckdb (as the embedded engine runs it). (default: athena)",
    "DIALECT",
    choices=_DIALECTS,
)


class RunGroup(QueryGroup):
    """`run NAME`: each saved query as a command that asks it."""

    def make(self, query: Query, hidden: str | None) -> Callable[..., None]:
        """Ask the query and print rows and receipt."""

        def run(**options: Any) -> None:
            _announce_override(query, hidden)
            (costs.dry_run if options.get("dry_run") else ask)(query, options)

        groups = (WINDOW, FILTERS, SOURCE, LIMITS, QUERIES, OUTPUT, DRY_RUN)
        return with_options(run, [CONTEXT, *own_options(query), *parameters(*groups)])


class EstimateGroup(QueryGroup):
    """`estimate NAME`: each saved query as a command that says what it would read."""

    def make(self, query: Query, hidden: str | None) -> Callable[..., None]:
        """Print the bytes and dollars of the query."""

        def estimate(**options: Any) -> None:
            _announce_override(query, hidden)
            made = flows_of(options).estimate(query, **asked_of(query, options))
            emit(costs.table(query, made), output_format(options), options["output"])
            costs.warn(made)

        return with_options(estimate, [*own_options(query), *parameters(WINDOW, FILTERS, SOURCE, QUERIES, FORMAT)])


class RenderGroup(QueryGroup):
    """`render NAME`: each saved query as a command that prints its SQL."""

    def make(self, query: Query, hidden: str | None) -> Callable[..., None]:
        """Print the SQL the query becomes."""

        def render(**options: Any) -> None:
            _announce_override(query, hidden)
            show_sql(query, options)

        return with_options(render, [*own_options(query), *parameters(WINDOW, FILTERS, SOURCE, QUERIES, (_DIALECT,))])


def _announce_override(query: Query, hidden: str | None) -> None:
    if hidden is not None:
        which = "the packaged one" if hidden == query.name else f"the packaged {hidden}"
        diagnostics.note(f"{query.name} is your own ({query.place}); it hides {which}")


def ask(query: Query, options: Mapping[str, Any]) -> "Outcome":
    """Answer a query and print its rows and receipt."""
    from flowsql.questions import bind_all

    name = output_format(options)
    asked = asked_of(query, options)
    bind_all(query, {param.name: asked[param.name] for param in query.params if param.name in asked})
    progress, remote = diagnostics.ProgressLine(), RemoteLine(interruption_of(options))
    try:
        announce = None if options.get("quiet") else costs.announce
        outcome = flows_of(options, progress, announce, remote).ask(query, asked)
    finally:
        progress.clear()
        remote.clear()
    emit(outcome.rows, name, options.get("output"))
    if not options.get("quiet"):
        diagnostics.receipt(outcome.receipt)
    else:
        for text in outcome.receipt.incomplete:
            diagnostics.note(text)
    if options.get("show_rejects"):
        diagnostics.rejects(outcome.receipt)
    if options.get("receipt"):
        import json

        text = json.dumps(outcome.receipt.to_dict(), indent=2, ensure_ascii=False) + "\n"
        write_atomically(Path(options["receipt"]), text.encode())
    return outcome


def interruption_of(options: Mapping[str, Any]) -> "Interruption | None":
    """That of this run of the program; None where a command is called from elsewhere."""
    context = options.get(CONTEXT.name)
    return context.find_object(Interruption) if context is not None else None


def output_format(options: Mapping[str, Any]) -> str:
    """The format asked for, that of the file's suffix, or a table; raises UsageError."""
    chosen, output = options.get("format"), _file_of(options.get("output"))
    receipt = options.get("receipt")
    _check_place(output, "--output")
    _check_place(receipt, "--receipt")
    if receipt == "-":
        raise UsageError("stdout is for the rows", hint="--receipt FILE, or --receipt /dev/stderr")
    if output and receipt and os.path.realpath(output) == os.path.realpath(receipt):
        raise UsageError(f"rows and receipt cannot both go to {output}", hint="--receipt another-file.json")
    if chosen is None:
        chosen = _format_of(Path(output)) if output else "table"
    if chosen not in FORMATS:
        raise UsageError(f"no format {chosen!r}", hint=did_you_mean(chosen, FORMATS, f"formats: {', '.join(FORMATS)}"))
    if output:
        return str(chosen)
    if sys.stdout is None:
        raise UsageError("stdout is closed", hint="-o FILE writes the rows to a file")
    if chosen == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal", hint="-o FILE.parquet")
    return str(chosen)


def _file_of(output: str | None) -> str | None:
    """The file the rows go to; None for stdout, which may be called `-`."""
    return None if output == "-" else output


def _format_of(path: Path) -> str:
    """The format a file's suffix asks for; a table for a device or a file without one."""
    chosen = format_for(path)
    if chosen is None and path.suffix:
        raise UsageError(f"{path.suffix} is no format's suffix", hint=f"--format says which: {', '.join(FORMATS)}")
    return chosen or "table"


def _check_place(output: str | None, option: str) -> None:
    """Raise UsageError for a file that cannot be made, before time is spent on what would go there."""
    if output is None:
        return
    if not output:
        raise UsageError(f"{option} needs the name of a file")
    path = Path(output)
    if path.is_dir():
        raise UsageError(f"{path} is a directory", hint=f"name a file in it: {path / 'answer.csv'}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no directory {path.parent} to put {path.name} in", hint=f"mkdir -p {path.parent}")


def emit(rows: "pa.Table", name: str, output: str | None) -> None:
    """Rows to stdout or, atomically, to a file."""
    if file := _file_of(output):
        write_atomically(Path(file), render(rows, name))
        return
    data = render(rows, name, terminal=streams.terminal())
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def show_sql(query: Query, options: Mapping[str, Any]) -> None:
    """Print the SQL a query becomes, and on stderr what it reads."""
    from flowsql.questions import bind_all
    from flowsql.statement import parse
    from flowsql.template import render as rendered_sql
    from flowsql.window import parse_window

    dialect = options.get("dialect") or "athena"
    if dialect not in _DIALECTS:
        raise UsageError(f"no dialect {dialect!r}", hint=f"dialects: {', '.join(_DIALECTS)}")
    asked = asked_of(query, options)
    if settings_of(options).source:
        rendered = flows_of(options).question(query, asked).rendered
    else:
        window = parse_window(**{key: asked[key] for key in WINDOW_OPTIONS if key in asked})
        values = bind_all(query, {param.name: asked[param.name] for param in query.params if param.name in asked})
        rendered = rendered_sql(query, values, window)
    if dialect == "duckdb":
        from flowsql.dialects.duckdb import to_duckdb

        print(parse(rendered, to_duckdb).native)
    else:
        print(rendered.sql.strip("\n"))
    streams.flush()
    _tell_relations(rendered)


def _tell_relations(rendered: "Rendered") -> None:
    """What the names in FROM stand for: a query spells neither tables nor times."""
    what = {"flows": "the records with log-status OK", "records": "all records"}
    for relation in rendered.relations:
        diagnostics.note(f"{relation.name} are {what[relation.kind]} in {relation.window}")


def _from_stdin() -> str:
    """The SQL on stdin; raises UsageError when there is none."""
    if sys.stdin is None:
        raise UsageError("stdin is closed", hint="flowsql sql 'SELECT …', or a file: flowsql sql - < FILE")
    if sys.stdin.isatty():
        diagnostics.say("Type one SELECT, end it with Ctrl-D:")
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as failure:
        raise UsageError(f"the SQL on stdin is not UTF-8: {failure.reason} at byte {failure.start}") from failure
    except OSError as failure:
        raise FlowsqlError(f"stdin cannot be read: {failure.strerror}") from failure


def sql(
    text: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over {{ flows }}; - reads stdin.")],
    **options: Any,
) -> None:
    """Ask one SELECT of your own.

    In Athena SQL, over {{ flows }} (records of traffic) or {{ records }} (all), which are bounded to the window.
    """
    from flowsql.questions import adhoc

    given = _from_stdin() if text == "-" else text
    if not given.strip():
        raise UsageError("there is no SQL", hint="flowsql sql 'SELECT COUNT(*) AS n FROM {{ flows }}' --last 6h")
    (costs.dry_run if options.get("dry_run") else ask)(adhoc(given), options)


class SqlCommand(Command):
    """`sql`, whose argument may begin like an option: `-- a comment`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Tell SQL that begins with a comment from options, none of which holds blanks before its value."""
        return super().parse_args(ctx, [f" {arg}" if _COMMENTED.match(arg) else arg for arg in args])


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    groups: tuple[tuple[str, type[QueryGroup], str], ...] = (
        ("run", RunGroup, "Ask a saved query.\n\nExample: flowsql run rejected-ssh --last 1h --logs logs/"),
        ("render", RenderGroup, "Show the SQL a saved query becomes."),
        ("estimate", EstimateGroup, "Say what a saved query would read and cost."),
    )
    for name, kind, text in groups:
        made = typer.Typer(cls=kind, rich_markup_mode=None)
        app.add_typer(made, name=name, help=text, context_settings=SETTINGS)
    epilog = "Example: flowsql sql 'SELECT COUNT(*) AS n FROM {{ flows }}' --last 6h --logs logs/"
    command = app.command("sql", cls=SqlCommand, epilog=epilog, context_settings=SETTINGS)
    command(with_options(sql, [CONTEXT, *parameters(WINDOW, FILTERS, SOURCE, LIMITS, OUTPUT, DRY_RUN)]))
