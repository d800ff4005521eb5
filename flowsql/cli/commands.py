"""What a command is here: help in plain text by groups, saved queries as commands, wrong names answered."""

import shlex
from abc import abstractmethod
from collections.abc import Callable
from types import NoneType
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from flowsql.cli import streams
from flowsql.cli.diagnostics import ExitCode, say
from flowsql.cli.mistakes import mistake, superfluous
from flowsql.cli.options import FLAGS
from flowsql.cli.places import library_of, settings_of
from flowsql.errors import FlowsqlError, NotFound, UsageError
from flowsql.library import Library
from flowsql.naming import did_you_mean, nearest
from flowsql.query import Query

_HELP = ("--help", "-h")
SETTINGS: dict[str, Any] = {"max_content_width": 100, "help_option_names": list(_HELP)}
"""What all commands and groups share."""


class _Text(TyperOption):
    """An option that is taken as it was typed: to check that text is text would take longer than a short answer."""

    def add_to_parser(self, parser: Any, ctx: Any) -> None:
        """Have the parser keep every value, lest the last one silently stands for all."""
        if self.is_flag or self.count:
            super().add_to_parser(parser, ctx)
        else:
            parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append", nargs=self.nargs)

    def consume_value(self, ctx: Any, opts: Any) -> tuple[Any, Any]:
        """The text, or the texts of an option that may be given more than once; raises UsageError for others."""
        value, source = super().consume_value(ctx, opts)
        if not isinstance(value, list) or self.multiple:
            return value, source
        if len(value) > 1 and not ctx.resilient_parsing:
            shown = " and ".join(repr(text) for text in value[:2])
            raise UsageError(f"{self.opts[0]} is given more than once: {shown}", hint="give one of them")
        return value[0], source

    def process_value(self, ctx: Any, value: Any) -> Any:
        """The text, or the texts of an option that may be given more than once."""
        if not isinstance(value, (str, NoneType)):
            return super().process_value(ctx, value)
        taken = () if value is None and self.multiple else value
        return self.callback(ctx, self, taken) if self.callback else taken


class _Word(TyperArgument):
    """An argument that is taken as it was typed, or several."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """The text, or the list of texts of an argument that may be given more than once; None for none."""
        if self.required and self.value_is_missing(value):
            return super().process_value(ctx, value)  # which tells it
        return list(value) or None if isinstance(value, tuple) else value


def _as_typed(params: list[Any]) -> list[Any]:
    """The same parameters, taken as they were typed."""
    for param in params:
        if type(param) is TyperOption:
            param.__class__ = _Text
        elif type(param) is TyperArgument:
            param.__class__ = _Word
    return params


class Command(TyperCommand):
    """A command whose help lists its options under their groups."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments."""
        return _as_typed(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Options and arguments; raises UsageError for arguments beyond those the command takes."""
        ctx.allow_extra_args = True
        try:
            rest = super().parse_args(ctx, args)
        except typer.TyperException as failure:
            raise mistake(failure, ctx) from failure
        if rest and not ctx.resilient_parsing:
            raise superfluous(rest, ctx)
        return rest

    def get_help(self, ctx: Any) -> str:
        """The help, in characters that can be shown."""
        return streams.shown(super().get_help(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the command's name."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then options by group, those without one last."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if parameter.param_type_name == "argument":
                # The Python type of an argument tells a person nothing.
                groups["Arguments"].append((record[0].partition(" ")[0], record[1].removesuffix("  [required]")))
            else:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(record)
        general = groups.pop("Options", [])
        for title, records in (*groups.items(), ("Options", general)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Group(TyperGroup):
    """A group that shows its help when it is given alone."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments."""
        return _as_typed(super().get_params(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help, in characters that can be shown."""
        return streams.shown(super().get_help(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The group's own options; without anything at all, the help."""
        if not args and not ctx.resilient_parsing:
            say(ctx.get_help())
            raise typer.Exit(ExitCode.USAGE)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as failure:
            raise mistake(failure, ctx) from failure

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The named command; raises NotFound with the nearest."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            hint = did_you_mean(args[0], names, f"commands: {', '.join(names)}")
            raise NotFound(f"no command `{ctx.command_path} {args[0]}`", hint=hint)
        return args[0], command, args[1:]


class Program(Group):
    """The top: its commands in the order a stranger needs them."""

    order = (
        "demo",
        "sample",
        "list",
        "show",
        "run",
        "sql",
        "render",
        "estimate",
        "new",
        "check",
        "test",
        "fields",
        "table",
        "source",
        "policy",
        "history",
        "fetch",
    )

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands' names."""
        return [name for name in self.order if name in self.commands]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The named command; raises NotFound with the nearest, also for a query named without `run`."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            raise NotFound(f"no command {args[0]!r}", hint=_meant(args[0], self.list_commands(ctx)))
        return args[0], command, args[1:]


def _meant(wrong: str, commands: list[str]) -> str:
    near = nearest(wrong, commands)
    if near:
        return f"did you mean `flowsql {near}`?"
    try:
        library = library_of(settings_of({}))
        return f"did you mean `flowsql run {library.shortest(library.resolve(wrong))}`?"
    except FlowsqlError:
        return f"commands: {', '.join(commands)}"


class QueryGroup(Group):
    """A group whose commands are the saved queries, each made when it is named."""

    @abstractmethod
    def make(self, query: Query, hidden: str | None) -> Callable[..., None]:
        """What the command of a query does, with a signature typer can read.

        `hidden` is the packaged query that would have been meant, were this one not the person's own.
        """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look ahead for `--queries`, which decides what commands there are, and let options come before the name."""
        for index, arg in enumerate(args):
            if arg == "--queries" and index + 1 < len(args):
                ctx.meta["queries"] = args[index + 1]
            elif arg.startswith("--queries="):
                ctx.meta["queries"] = arg.partition("=")[2]
        if not args or ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        ahead = 0
        while ahead < len(args) and args[ahead].startswith("-") and args[ahead] != "--":
            ahead += 1 if args[ahead] in (*FLAGS, *_HELP) or "=" in args[ahead] else 2
        name = args[ahead : ahead + 1]
        if not name and not set(_HELP) & set(args):
            raise UsageError(f"{ctx.command_path} needs the name of a query", hint="`flowsql list` shows all")
        return super().parse_args(ctx, [*name, *args[:ahead], *args[ahead + 1 :]] if name else ["--help"])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What follows the group's name."""
        return ["NAME", "[OPTIONS]"]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The queries and their titles."""
        with formatter.section("Queries"):
            formatter.write_dl([(name, query.title) for name, query in self._readable(ctx).items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """What the shell offers; names with their topic once one is begun."""
        ctx.meta["with_topic"] = "/" in incomplete
        return super().shell_complete(ctx, incomplete)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all saved queries that can be read."""
        return list(self._readable(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A query as listings show it: its name and title."""
        return Command(cmd_name, help=self._readable(ctx)[cmd_name].title)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of a query, its parameters as options; raises NotFound with the nearest name."""
        try:
            library = self._library(ctx)
            query = library.find(args[0])
        except FlowsqlError:
            if ctx.resilient_parsing:
                return None, None, args[1:]
            raise
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        command = app.command(
            library.shortest(query.name),
            cls=Command,
            help=f"{query.title}.\n\n{query.description}",
            epilog=f"Example: {ctx.command_path} {example(query, library)} --last 1h --logs logs/",
            context_settings=SETTINGS,
        )
        command(self.make(query, library.overridden(args[0])))
        return library.shortest(query.name), typer.main.get_command(app), args[1:]

    def _readable(self, ctx: Any) -> dict[str, Query]:
        """The saved queries by the shortest name that is theirs alone; none when the library cannot be read."""
        if "readable" not in ctx.meta:
            try:
                library = self._library(ctx)
                whole = ctx.meta.get("with_topic", False)
                named = ((query.name if whole else library.shortest(query.name), query) for query in library)
                ctx.meta["readable"] = dict(named)
            except FlowsqlError:
                ctx.meta["readable"] = {}
        readable: dict[str, Query] = ctx.meta["readable"]
        return readable

    def _library(self, ctx: Any) -> Library:
        return library_of(settings_of({"queries": ctx.meta.get("queries")}))


def example(query: Query, library: Library) -> str:
    """A query's name with the parameters it cannot do without, as they might be given."""
    given = [library.shortest(query.name)]
    for param in query.params:
        if param.required:
            given.append(f"--{param.name.replace('_', '-')} {shlex.quote(param.example)}")
    return " ".join(given)
