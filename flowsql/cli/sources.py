"""`source`: the named places to ask, listed, added, tried and chosen."""

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from flowsql.cli import diagnostics, streams
from flowsql.cli.asking import emit, output_format
from flowsql.cli.commands import SETTINGS, Command, Group
from flowsql.cli.options import FORMAT, Option, parameters, source_names, with_options
from flowsql.cli.places import settings_of
from flowsql.errors import NotFound, UsageError
from flowsql.naming import did_you_mean
from flowsql.output.formats import write_atomically
from flowsql.settings import Settings, Source
from flowsql.sources import ENGINES, keys, make_source
from flowsql.toml_files import FILE_NAME, project_path, user_path, with_values
from flowsql.units import human_bytes

_NOT_TEXT: Mapping[str, Callable[[str], Any]] = {
    "port": int,
    "tls": {"true": True, "false": False}.__getitem__,
    "budget": float,
    "price_per_tb": float,
}
_HELP = {
    "logs": "Folder, file, glob or s3://bucket/prefix.",
    "log_format": "Fields of files without a header.",
    "database": "Database in the Glue Data Catalog.",
    "table": "Table of flow logs.",
    "workgroup": "Athena workgroup. (default: primary)",
    "output": "s3://bucket/prefix/ for results. (default: the workgroup's)",
    "catalog": "Data catalog. (Athena's default: AwsDataCatalog)",
    "region": "AWS region.",
    "profile": "AWS profile.",
    "max_bytes": "Most bytes a question may read: 10GB.",
    "budget": "Most dollars a question may cost: 0.50.",
    "price_per_tb": "Dollars Athena takes for a terabyte. (default: 5)",
    "reuse": "How old a result may be to be given again: 1h, or off.",
    "host": "Host of the Trino cluster.",
    "port": "Its port. (default: 443, or 8080 without TLS)",
    "schema": "Schema of the table.",
    "user": "User name. (default: your own)",
    "tls": "Whether to use TLS: true or false. (default: true)",
    "ca": "PEM file of the authority to trust.",
}
_FLAGS = {"mine": "In your own file instead of the project's."}
_ADD = (
    Option("engine", "Source", "athena, duckdb or trino.", "ENGINE", choices=tuple(ENGINES)),
    *(
        Option(key, f"{'/'.join(engine for engine in ENGINES if key in keys(engine))}", text, key.upper())
        for key, text in _HELP.items()
    ),
    Option("mine", "Source", _FLAGS["mine"], flag=True),
)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="A source.", autocompletion=source_names)]


def listing(**options: Any) -> None:
    """List the sources, which one is asked, and who says so."""
    import pyarrow as pa

    settings = settings_of({})
    asked = settings.source
    rows = [_row(source, settings, source is asked) for source in _all(settings)]
    names = ("asked", "name", "engine", "place", "at_most", "said_by")
    schema = pa.schema([(name, pa.string()) for name in names])
    emit(pa.Table.from_pylist(rows, schema=schema), output_format(options), options["output"])
    streams.flush()
    for hidden in settings.hidden:
        diagnostics.note(f"{hidden.origin}: {hidden.name} is hidden by {settings.sources[hidden.name].origin}")
    for failure in settings.broken.values():
        diagnostics.note(f"{failure.where}: {failure.message}; until then that source cannot be asked")
    if not rows and not settings.broken:
        diagnostics.say("No sources. `flowsql source add NAME --engine athena --database … --table …` adds one.")


def _all(settings: Settings) -> list[Source]:
    """The named sources, and the place that was given without a name; the one asked as it would be asked."""
    asked = settings.source
    named = [
        asked if asked is not None and source.name == asked.name else source for source in settings.sources.values()
    ]
    return [*([asked] if asked is not None and not asked.name else []), *named]


def _row(source: Source, settings: Settings, asked: bool) -> dict[str, str | None]:
    said = settings.origins.get("source") if asked and source.name else None
    return {
        "asked": "→" if asked else None,
        "name": source.name or None,
        "engine": source.engine,
        "place": source.location,
        "at_most": human_bytes(source.max_bytes) if source.max_bytes else None,
        "said_by": f"{source.origin}, chosen by {said}" if said else source.origin,
    }


def add(name: Annotated[str, typer.Argument(metavar="NAME", help="A name for it.")], **options: Any) -> None:
    """Write a source into flowsql.toml, the rest of which stays as it is.

    Passwords and keys are no part of it: an AWS profile or the environment holds them.
    """
    settings = settings_of({})
    path = _file(options)
    if name in settings.broken:
        raise settings.broken[name]
    if name in settings.sources and settings.sources[name].origin.rpartition(":")[0] == str(path):
        raise UsageError(f"there is a source {name} already", where=settings.sources[name].origin, hint="edit it there")
    table = {"engine": options["engine"]} if options["engine"] else {}
    table |= {key: _typed(key, options[key]) for key in _HELP if options[key] is not None}
    # Checked as it would be read, so that nothing gets into the file that does not get out of it again.
    source = make_source(name, table, lambda _, key=None: f"--{key.replace('_', '-')}" if key else "", path.parent)
    _write(path, with_values(_text(path), ("source", name), table))
    where = f"--source {name}"
    diagnostics.say(f"Added to {path}. `flowsql source test {name}` tries it; {where} asks it, here or below.")
    if settings.source is None and len(settings.sources) == 0:
        diagnostics.say(f"`flowsql source use {name}` makes it the one asked without {where}.")
    if source.engine == "athena":
        diagnostics.say(f"`flowsql policy analyst {where}` shows the permissions it needs.")


def use(name: _Name, **options: Any) -> None:
    """Make a source the one that is asked when nothing else is said."""
    settings = settings_of({})
    _known(name, settings)
    project = project_path(Path.cwd())
    own = options["mine"] or project is None
    path = _file({"mine": own})
    text = _text(path)
    content = tomllib.loads(text)
    if "logs" in content:
        raise UsageError(
            f"{path} says `logs = …`, which is asked now",
            hint="make it a source: `flowsql source add NAME --engine duckdb --logs …`, and remove the line",
        )
    changed = with_values(text, (), {"default_source": name})
    _write(path, changed)
    now = settings_of({})
    diagnostics.say(f"{path} says: default_source = {name!r}")
    if now.source is None or now.source.name != name:
        said = now.origins.get("source") or now.origins.get("logs")
        asked = now.source.name or now.source.location if now.source else "nothing"
        diagnostics.note(f"{said} comes before it, and asks {asked}")


def tried(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The one in force by default.", autocompletion=source_names),
    ] = None,
) -> None:
    """Open a source, say what it holds, and prove that it can be asked.

    Looks at the flow logs of the last day and reads no records; Athena and Trino are asked for a plan, which is free.
    """
    from flowsql.engines.base import Explains
    from flowsql.engines.remote import prove
    from flowsql.session import connect

    source = settings_of({"source": name}).chosen()
    flows = connect(source=source)
    tables = dict.fromkeys(table for table in flows.tables({"last": "1d"}) if table.columns)
    print(f"{source.name or source.location}: {source.engine}, {source.location} ({source.origin})")
    for table in tables:
        where = f", regions {', '.join(table.regions)}" if table.regions else ""
        what = "VPC flow logs" if table.kind == "vpc" else "transit gateway flow logs"
        print(f"  {what}: {len(table.columns)} fields{where}")
        print(f"    {', '.join(table.columns)}")
    streams.flush()
    if isinstance(flows.engine, Explains) and tables:
        prove(flows.engine, next(iter(tables)))
    print(f"Ask it: flowsql run rejected-ssh --last 1h{f' --source {source.name}' if source.name else ''}")


def _typed(key: str, text: str) -> Any:
    """An option's text as TOML has it; text where it cannot be anything else, so that the error names the key."""
    try:
        value: Any = _NOT_TEXT.get(key, str)(text)
    except (ValueError, KeyError):
        return text
    return value


def _known(name: str, settings: Settings) -> None:
    if name in settings.broken:
        raise settings.broken[name]
    if name not in settings.sources:
        listed = f"sources: {', '.join(settings.sources)}" if settings.sources else "`flowsql source add` makes one"
        raise NotFound(f"there is no source {name!r}", hint=did_you_mean(name, settings.sources, listed))


def _file(options: Mapping[str, Any]) -> Path:
    """The file to change: one's own, or the project's, which is made here when there is none."""
    import os

    return user_path(os.environ) if options["mine"] else project_path(Path.cwd()) or Path.cwd() / FILE_NAME


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())


def register(app: typer.Typer) -> None:
    """Add the group of this module."""
    group = typer.Typer(cls=Group, rich_markup_mode=None)
    mine = (Option("mine", "Source", _FLAGS["mine"], flag=True),)
    command = partial(group.command, cls=Command, context_settings=SETTINGS)
    command("list")(with_options(listing, parameters(FORMAT)))
    command("add", epilog="Example: flowsql source add prod --engine athena --database network --table vpc_flow_logs")(
        with_options(add, parameters(_ADD))
    )
    command("test")(tried)
    command("use")(with_options(use, parameters(mine)))
    app.add_typer(
        group, name="source", help="The named places to ask: list, add, test, use.", context_settings=SETTINGS
    )
