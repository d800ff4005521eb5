"""`run`, `sql` and `render`: a question, asked."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from flowsql.cli import diagnostics
from flowsql.cli.options import (
    FILTERS,
    OUTPUT,
    QUERIES,
    SOURCE,
    WINDOW,
    Option,
    own_options,
    parameters,
    with_options,
)
from flowsql.errors import UsageError
from flowsql.library import Library
from flowsql.naming import did_you_mean
from flowsql.query import FILTER_OPTIONS, Query
from flowsql.settings import Settings, settle
from flowsql.window import WINDOW_OPTIONS

if TYPE_CHECKING:
    from flowsql.session import Flows, Outcome

_DIALECTS = ("athena", "duckdb")
_DIALECT = Option("dialect", "Output", "athena (as written) or duckdb (as the embedded engine runs it).", "DIALECT")


def settings_of(options: Mapping[str, Any]) -> Settings:
    """The settings in force, options first."""
    return settle({key: value for key, value in options.items() if isinstance(value, str)})


def library_of(settings: Settings) -> Library:
    """Packaged queries and the person's own."""
    return Library.of(*settings.queries)


class QueryGroup(TyperGroup):
    """A group whose commands are the saved queries, each made when it is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look ahead for `--queries`, which decides what commands there are."""
        for index, arg in enumerate(args):
            if arg == "--queries" and index + 1 < len(args):
                ctx.meta["queries"] = args[index + 1]
            elif arg.startswith("--queries="):
                ctx.meta["queries"] = arg.partition("=")[2]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        """The short names of all saved queries."""
        return [name.rpartition("/")[2] for name in self._library(ctx).paths]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of one query, with its parameters as options; raises NotFound with the nearest name."""
        library = self._library(ctx)
        query = library.find(cmd_name)
        maker = _render_command if ctx.info_name == "render" else _run_command
        app = typer.Typer(add_completion=False)
        app.command(query.short_name, help=f"{query.title}.\n\n{query.description}")(maker(query, library))
        return typer.main.get_command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The named query; a wrong name is flowsql's own error, not a parser's."""
        command = self.get_command(ctx, args[0])
        return command.name, command, args[1:]

    def _library(self, ctx: Any) -> Library:
        return library_of(settings_of({"queries": ctx.meta.get("queries")}))


def _run_command(query: Query, library: Library) -> Any:
    def run(**options: Any) -> None:
        _announce_override(query, library)
        ask(query, options)

    return with_options(run, [*own_options(query), *parameters(WINDOW, FILTERS, SOURCE, QUERIES, OUTPUT)])


def _render_command(query: Query, library: Library) -> Any:
    def render(**options: Any) -> None:
        show_sql(query, options)

    return with_options(render, [*own_options(query), *parameters(WINDOW, FILTERS, SOURCE, QUERIES, (_DIALECT,))])


def _announce_override(query: Query, library: Library) -> None:
    hidden = library.overridden(query.name)
    if hidden is not None:
        diagnostics.note(f"{query.name} is your own ({query.place}); it hides the packaged one")


def flows_of(options: Mapping[str, Any], progress: diagnostics.ProgressLine | None = None) -> "Flows":
    """The session that options, environment and `flowsql.toml` describe."""
    from flowsql.session import connect

    settings = settings_of(options)
    return connect(
        settings.location(),
        queries=settings.queries,
        log_format=settings.log_format,
        skip_damaged=bool(options.get("skip_damaged")),
        profile=settings.profile,
        region=settings.s3_region,
        progress=progress,
    )


def asked_of(query: Query, options: Mapping[str, Any]) -> dict[str, Any]:
    """Window, filters and parameters among the options, without those not given."""
    names = {*WINDOW_OPTIONS, *FILTER_OPTIONS, *(param.name for param in query.params)}
    return {name: value for name, value in options.items() if name in names and value is not None}


def ask(query: Query, options: Mapping[str, Any]) -> "Outcome":
    """Answer a query and print its rows and receipt."""
    from flowsql.session import bind_all

    name = output_format(options)
    asked = asked_of(query, options)
    bind_all(query, {param.name: asked.get(param.name) for param in query.params})
    progress = diagnostics.ProgressLine()
    try:
        outcome = flows_of(options, progress).ask(query, asked)
    finally:
        progress.clear()
    emit(outcome.rows, name, options.get("output"))
    if not options.get("quiet"):
        diagnostics.receipt(outcome.receipt)
    if options.get("show_rejects"):
        diagnostics.rejects(outcome.receipt)
    if options.get("receipt"):
        import json

        from flowsql.output.formats import write_atomically

        text = json.dumps(outcome.receipt.to_dict(), indent=2, ensure_ascii=False) + "\n"
        write_atomically(Path(options["receipt"]), text.encode())
    return outcome


def output_format(options: Mapping[str, Any]) -> str:
    """The format asked for, that of the file's suffix, or a table."""
    from flowsql.output.formats import FORMATS, format_for

    chosen, output = options.get("format"), options.get("output")
    if chosen is None:
        return (format_for(Path(output)) or "table") if output else "table"
    if chosen not in FORMATS:
        raise UsageError(f"no format {chosen!r}", hint=did_you_mean(chosen, FORMATS, f"formats: {', '.join(FORMATS)}"))
    if chosen == "parquet" and not output and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal", hint="-o FILE.parquet")
    return str(chosen)


def emit(rows: Any, name: str, output: str | None) -> None:
    """Rows to stdout or, atomically, to a file."""
    from flowsql.output.formats import render, write_atomically
    from flowsql.output.text import Terminal

    if output:
        write_atomically(Path(output), render(rows, name))
        return
    terminal = None
    if sys.stdout.isatty():
        color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        terminal = Terminal(shutil.get_terminal_size().columns, color, unicode)
    sys.stdout.buffer.write(render(rows, name, terminal=terminal))
    sys.stdout.buffer.flush()


def show_sql(query: Query, options: Mapping[str, Any]) -> None:
    """Print the SQL a query becomes."""
    from datetime import UTC, datetime

    from flowsql.session import bind_all
    from flowsql.statement import parse
    from flowsql.template import render
    from flowsql.window import parse_window

    dialect = options.get("dialect") or "athena"
    if dialect not in _DIALECTS:
        raise UsageError(f"no dialect {dialect!r}", hint=f"dialects: {', '.join(_DIALECTS)}")
    asked = asked_of(query, options)
    if settings_of(options).logs:
        rendered = flows_of(options).question(query, asked).rendered
    else:
        window = parse_window(now=datetime.now(UTC), **{key: asked[key] for key in WINDOW_OPTIONS if key in asked})
        values = bind_all(query, {param.name: asked.get(param.name) for param in query.params})
        rendered = render(query, values, window)
    if dialect == "duckdb":
        from flowsql.dialects.duckdb import to_duckdb

        print(parse(rendered, to_duckdb).native)
    else:
        print(rendered.sql.strip("\n"))


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(
        typer.Typer(cls=QueryGroup, no_args_is_help=True, subcommand_metavar="NAME [OPTIONS]"),
        name="run",
        help="Ask a saved query: `flowsql run rejected-ssh --last 1h --logs logs/`.",
    )
    app.add_typer(
        typer.Typer(cls=QueryGroup, no_args_is_help=True, subcommand_metavar="NAME [OPTIONS]"),
        name="render",
        help="Show the SQL a saved query becomes.",
    )

    def sql(
        text: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over {{ flows }}; - reads stdin.")],
        **options: Any,
    ) -> None:
        """Ask one SELECT of your own: `flowsql sql "SELECT COUNT(*) AS n FROM {{ flows }}" --last 6h`."""
        from flowsql.session import adhoc

        ask(adhoc(sys.stdin.read() if text == "-" else text), options)

    app.command("sql")(with_options(sql, parameters(WINDOW, FILTERS, SOURCE, OUTPUT)))
