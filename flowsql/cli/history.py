"""`history` and `fetch`: what was run, and an earlier answer again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql.answers import Answers
from flowsql.cli import diagnostics
from flowsql.cli.asking import emit, output_format
from flowsql.cli.commands import SETTINGS, Command
from flowsql.cli.options import FORMAT, QUERIES, SOURCE, Option, parameters, with_options
from flowsql.cli.places import flows_of
from flowsql.errors import UsageError
from flowsql.history import Entry, History
from flowsql.units import counted

if TYPE_CHECKING:
    import pyarrow as pa

_HISTORY = (
    Option("number", "Search", "How many, the newest first. (default: 20)", "NUMBER", short="-n"),
    Option("query", "Search", "Only this query.", "NAME"),
    Option("full", "Output", "Also parameters, window and hash.", flag=True),
)
_NAMED = tuple(option for option in SOURCE if option.name in ("source", "profile", "s3_region"))


def history(**options: Any) -> None:
    """List what was run, the newest first.

    Kept on this machine alone, without rows; of parameters that may name somebody, the name alone. Where `fetch` finds
    the rows again: athena (until they are deleted from the results bucket), here (what was unloaded), or no more.
    """
    text = options["number"] or "20"
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise UsageError(f"--number {text} is not possible", hint="a whole number from 1")
    log = History.own()
    wanted = options["query"]
    found = [entry for entry in log.entries() if not wanted or wanted in (entry.query, entry.query.rpartition("/")[2])]
    emit(_table(found[: int(text)], full=options["full"]), output_format(options), options["output"])
    if not found:
        diagnostics.say(f"Nothing yet in {log.path}.")


def _table(entries: list[Entry], *, full: bool) -> "pa.Table":
    import pyarrow as pa

    text, number, real = pa.string(), pa.int64(), pa.float64()
    columns: list[tuple[str, Any]] = [("when", text), ("source", text), ("query", text), ("rows", number)]
    columns += [("bytes", number), ("dollars", real), ("elapsed", real), ("exit", number), ("query_id", text)]
    columns.append(("kept", text))
    if full:
        columns += [("engine", text), ("since", text), ("until", text), ("params", text), ("sql_sha256", text)]
    answers = Answers.own()
    rows = []
    for entry in entries:
        made = {"params": _params(entry.params), "kept": _kept(entry, answers)}
        rows.append({name: made[name] if name in made else getattr(entry, name) for name, _ in columns})
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _kept(entry: Entry, answers: Answers) -> str | None:
    """Where `fetch` finds the rows; None for what it never could."""
    if entry.engine != "athena" or entry.exit or entry.query_id is None:
        return None
    if entry.route != "unload":
        return "athena"
    return "here" if answers.has(entry.query_id) else "no"


def _params(params: Mapping[str, str | None]) -> str:
    return " ".join(f"--{name.replace('_', '-')} {'…' if value is None else value}" for name, value in params.items())


def _query_ids(incomplete: str) -> list[tuple[str, str]]:
    entries = (entry for entry in History.own().entries() if entry.query_id and entry.query_id.startswith(incomplete))
    return [(str(entry.query_id), f"{entry.query} {entry.when}") for entry in entries]


def fetch(
    query_id: Annotated[
        str, typer.Argument(metavar="QUERY_ID", help="As receipts and history show it.", autocompletion=_query_ids)
    ],
    **options: Any,
) -> None:
    """Get an Athena answer again without paying again.

    The source is the one it was asked of, unless --source names another. Athena keeps a result until it is deleted
    from the results bucket; what was unloaded is kept on this machine, in the user's cache directory: 1 GiB at most,
    unless FLOWSQL_ANSWERS_BYTES says otherwise.
    """
    name = output_format(options)
    entry = History.own().find(query_id)
    if entry is not None and not options["source"]:
        options["source"] = entry.source
    flows = flows_of(options)
    rows = flows.fetch(query_id, entry.query if entry is not None else None)
    emit(rows, name, options["output"])
    asked = (
        f"{entry.query}, asked {entry.when} for {entry.since} … {entry.until}" if entry is not None else "its answer"
    )
    count = counted(rows.num_rows, "row")
    diagnostics.say(f"{count} of query {query_id}: {asked}; nothing was scanned")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command = app.command("history", cls=Command, context_settings=SETTINGS)
    command(with_options(history, parameters(_HISTORY, FORMAT)))
    command = app.command("fetch", cls=Command, context_settings=SETTINGS)
    command(with_options(fetch, parameters(_NAMED, QUERIES, FORMAT)))
