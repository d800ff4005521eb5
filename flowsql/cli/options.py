"""The options that commands share, as data: a command's signature is made from them and a query's own parameters."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from flowsql.errors import FlowsqlError, UsageError
from flowsql.output.formats import FORMATS
from flowsql.params import TYPES, Param
from flowsql.query import Query
from flowsql.settings import settle


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the command line."""

    name: str
    panel: str
    help: str
    metavar: str = "TEXT"
    flag: bool = False
    several: bool = False
    """May be given more than once."""
    short: str | None = None
    choices: tuple[str, ...] = ()
    """What the shell completes; not a check."""
    complete: Callable[[], Iterable[str]] | None = None
    """Gives what the shell completes, where that is known only then."""

    def parameter(self) -> inspect.Parameter:
        """As typer reads it from a signature; not given is None, or False for a flag."""
        names = [f"--{self.name.replace('_', '-')}", *([self.short] if self.short else [])]
        info = typer.Option(
            *names,
            help=self.help,
            rich_help_panel=self.panel,
            show_default=False,
            metavar=None if self.flag else self.metavar,
            autocompletion=self._complete if self.choices or self.complete else None,
        )
        kind: Any = bool if self.flag else list[str] | None if self.several else str | None
        default = False if self.flag else None
        annotation: Any = Annotated[kind, info]
        return inspect.Parameter(self.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    def _complete(self, incomplete: str) -> list[str]:
        choices = self.complete() if self.complete else self.choices
        return [choice for choice in choices if choice.startswith(incomplete)]


def source_names() -> list[str]:
    """The names of all sources, for shell completion; none when the settings are broken."""
    try:
        return sorted(settle({}).sources)
    except FlowsqlError:
        return []


WINDOW = (
    Option("last", "Window", "Ends now (or at --until): 90m, 1h, 7d. Without any option, the last hour.", "LENGTH"),
    Option("since", "Window", "Begins at: ISO 8601, '2h ago', today; or an interval START/PT6H.", "TIME"),
    Option("until", "Window", "Ends at. (default: now)", "TIME"),
    Option("on", "Window", "One whole day, such as 2026-11-22 or yesterday.", "DAY"),
    Option("tz", "Window", "Time zone of times without one. (default: UTC)", "ZONE"),
    Option("slack", "Window", "How late AWS may have filed a record. (default: 10m)", "LENGTH"),
)
FILTERS = (
    Option("account", "Filters", "Only these accounts; several with commas.", "ID", several=True),
    Option("region", "Filters", "Only these regions.", "REGION", several=True),
    Option("vpc", "Filters", "Only these VPCs.", "VPC", several=True),
    Option("subnet", "Filters", "Only these subnets.", "SUBNET", several=True),
    Option("interface", "Filters", "Only records of these network interfaces.", "ENI", several=True),
    Option("instance", "Filters", "Only records of these instances.", "INSTANCE", several=True),
)
SOURCE = (
    Option("source", "Source", "A source of flowsql.toml. (env: FLOWSQL_SOURCE)", "NAME", complete=source_names),
    Option("logs", "Source", "Folder, file, glob or s3://bucket/prefix. (env: FLOWSQL_LOGS)", "WHERE"),
    Option("log_format", "Source", "Fields of files without a header: '${version} …' or default.", "FORMAT"),
    Option("profile", "Source", "AWS profile for S3.", "PROFILE"),
    Option("s3_region", "Source", "AWS region of the bucket.", "REGION"),
    Option(
        "results",
        "Source",
        "How rows come from Athena: csv or unload. (default: as fits)",
        "ROUTE",
        choices=("csv", "unload"),
    ),
    Option("skip_damaged", "Source", "Answer without broken objects, and say so.", flag=True),
)
LIMITS = (Option("max_bytes", "Source", "Run nothing that reads more: 10GB. (env: FLOWSQL_MAX_BYTES)", "SIZE"),)
DRY_RUN = (Option("dry_run", "Output", "Show SQL, partitions and estimate, and run nothing.", flag=True),)
QUERIES = (Option("queries", "Source", "A folder of saved queries of your own. (env: FLOWSQL_QUERIES)", "FOLDER"),)
FORMAT = (
    Option("format", "Output", f"{', '.join(FORMATS[:-1])} or parquet.", "FORMAT", short="-f", choices=FORMATS),
    Option("output", "Output", "Write to a file; its suffix chooses the format.", "FILE", short="-o"),
)
OUTPUT = (
    *FORMAT,
    Option("receipt", "Output", "Write the receipt to a file as JSON.", "FILE"),
    Option("show_rejects", "Output", "List the rows that are not flow log records, at most 1,000.", flag=True),
    Option("quiet", "Output", "No receipt on stderr.", flag=True, short="-q"),
)
FLAGS = frozenset(
    name
    for option in (*SOURCE, *OUTPUT, *DRY_RUN)
    if option.flag
    for name in (f"--{option.name.replace('_', '-')}", option.short)
    if name
)
"""Options of a question that take no value."""


CONTEXT = inspect.Parameter("_context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
"""Not an option: typer hands over the context of the command here, by a name that no parameter of a query has."""


def own_options(query: Query) -> tuple[inspect.Parameter, ...]:
    """A query's parameters as options; all are text here, the session checks them."""
    made = []
    for param in query.params:
        suffix = f" (default: {param.default})" if param.default is not None else ""
        suffix = " (required)" if param.required else suffix
        text = f"{sentence(param.help)} {legal(param)}".strip() + suffix
        metavar = "|".join(param.choices) if param.choices else TYPES[param.type].name.upper()
        choices = param.choices or (("ACCEPT", "REJECT") if param.type == "action" else ())
        several = TYPES[param.type].plural
        made.append(Option(param.name, "Parameters", text, metavar, several=several, choices=choices).parameter())
    return tuple(made)


def legal(param: Param) -> str:
    """What may be typed, as a sentence; empty where the type's name or the choices say it."""
    plain = param.type in ("int", "float", "string", "bool") and param.min is None and param.max is None
    return "" if param.choices or plain else sentence(param.legal)


def sentence(text: str) -> str:
    """Words as a sentence: with a capital and a full stop."""
    words = text.strip()
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}" if words else ""


_NEVER_EMPTY = ("dialect", "format", "topic", "tag", "version", "workgroup", "results")
"""Options for which an empty text, as an unset variable of a shell gives it, means nothing."""


def refuse_empty(values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise UsageError for an option given without a value (`--logs ""`)."""
    for name in names:
        if values.get(name) == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty", hint="leave it out, or give it a value")


def with_options(
    function: Callable[..., None], options: Iterable[inspect.Parameter], *, doc: str | None = None
) -> Callable[..., None]:
    """A function that typer sees with the given options in place of `**options`."""
    own = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    parameters = [*own, *options]

    def command(*args: Any, **values: Any) -> None:
        refuse_empty(values, _NEVER_EMPTY)
        function(*args, **values)

    command.__doc__ = doc or function.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def parameters(*groups: tuple[Option, ...]) -> tuple[inspect.Parameter, ...]:
    """Options as signature parameters."""
    return tuple(option.parameter() for group in groups for option in group)
