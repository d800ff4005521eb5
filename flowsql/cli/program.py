"""The program: its commands, put together."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from flowsql import __version__
from flowsql.cli.commands import SETTINGS, Program

MODULES: dict[str, tuple[str, ...]] = {
    "samples": ("demo", "sample"),
    "catalogue": ("list", "show", "fields"),
    "asking": ("run", "sql", "render", "estimate"),
    "trying": ("test",),
    "writing": ("new",),
    "checking": ("check",),
    "tables": ("table",),
    "sources": ("source",),
    "policies": ("policy",),
    "history": ("history", "fetch"),
}
"""The modules of this package that hold commands, and the commands of each."""


def program(arguments: Sequence[str]) -> typer.Typer:
    """The program as far as a command line needs it: to import every command takes longer than a short answer."""
    app = typer.Typer(
        name="flowsql",
        cls=Program,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=SETTINGS,
        help="Ask AWS VPC Flow Logs: saved investigations, your own SQL, answers with a receipt.",
        epilog="Begin with `flowsql demo`. Rows go to stdout, all else to stderr. Exit codes: 0 answered, "
        "1 refused or a case failed, 2 usage, 3 logs unreachable, 4 damaged logs, 5 over budget, 130 interrupted.",
    )
    app.callback()(_top)
    named = [module for module, commands in MODULES.items() if arguments and arguments[0] in commands]
    for module in named or MODULES:
        import_module(f"flowsql.cli.{module}").register(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"flowsql {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass
