"""The options that commands share, as data: a command's signature is made from them and a query's own parameters."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from flowsql.params import TYPES
from flowsql.query import Query


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the command line."""

    name: str
    panel: str
    help: str
    metavar: str = "TEXT"
    flag: bool = False
    short: str | None = None

    def parameter(self) -> inspect.Parameter:
        """As typer reads it from a signature; not given is None, or False for a flag."""
        names = [f"--{self.name.replace('_', '-')}", *([self.short] if self.short else [])]
        info = typer.Option(
            *names,
            help=self.help,
            rich_help_panel=self.panel,
            show_default=False,
            **({} if self.flag else {"metavar": self.metavar}),
        )
        annotation: Any = Annotated[bool, info] if self.flag else Annotated[str | None, info]  # type: ignore[valid-type]
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=False if self.flag else None, annotation=annotation
        )


WINDOW = (
    Option("last", "Window", "Ends now (or at --until): 90m, 1h, 7d. Without any option the last hour.", "LENGTH"),
    Option("since", "Window", "Begins at: ISO 8601, '2h ago', today; or an interval START/PT6H.", "TIME"),
    Option("until", "Window", "Ends at.", "TIME"),
    Option("on", "Window", "One whole day, such as 2026-11-22 or yesterday.", "DAY"),
    Option("tz", "Window", "Time zone of times without one. (default: UTC)", "ZONE"),
    Option("slack", "Window", "How late AWS may have filed a record. (default: 10m)", "LENGTH"),
)
FILTERS = (
    Option("account", "Filters", "Only these accounts (several: commas).", "ID"),
    Option("region", "Filters", "Only these regions.", "REGION"),
    Option("vpc", "Filters", "Only these VPCs.", "VPC"),
    Option("subnet", "Filters", "Only these subnets.", "SUBNET"),
    Option("interface", "Filters", "Only records of these network interfaces.", "ENI"),
    Option("instance", "Filters", "Only records of these instances.", "INSTANCE"),
)
SOURCE = (
    Option("logs", "Source", "Folder, file, glob or s3://bucket/prefix. (env: FLOWSQL_LOGS)", "WHERE"),
    Option("log_format", "Source", "Fields of files without a header: '${version} …' or default.", "FORMAT"),
    Option("profile", "Source", "AWS profile for S3.", "PROFILE"),
    Option("s3_region", "Source", "AWS region of the bucket.", "REGION"),
    Option("skip_damaged", "Source", "Answer without broken objects, and say so.", flag=True),
)
QUERIES = (Option("queries", "Source", "A folder of your own saved queries.", "FOLDER"),)
OUTPUT = (
    Option("format", "Output", "table, csv, tsv, json, jsonl, markdown, html or parquet.", "FORMAT", short="-f"),
    Option("output", "Output", "Write the rows to a file; its suffix chooses the format.", "FILE", short="-o"),
    Option("receipt", "Output", "Write the receipt to a file as JSON.", "FILE"),
    Option("show_rejects", "Output", "List the rows that are not flow log records.", flag=True),
    Option("quiet", "Output", "No receipt on stderr.", flag=True, short="-q"),
)


def own_options(query: Query) -> tuple[inspect.Parameter, ...]:
    """A query's parameters as options; all are text here, the session checks them."""
    made = []
    for param in query.params:
        legal = f"{param.help} {param.legal[0].upper()}{param.legal[1:]}.".strip()
        suffix = f" (default: {param.default})" if param.default is not None else ""
        suffix = " (required)" if param.required else suffix
        metavar = "|".join(param.choices) if param.choices else TYPES[param.type].name.upper()
        made.append(Option(param.name, "Parameters", legal + suffix, metavar).parameter())
    return tuple(made)


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
        function(*args, **values)

    command.__doc__ = doc or function.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def parameters(*groups: tuple[Option, ...]) -> tuple[inspect.Parameter, ...]:
    """Options as signature parameters."""
    return tuple(option.parameter() for group in groups for option in group)
