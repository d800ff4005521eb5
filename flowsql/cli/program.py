"""The program: its commands, put together."""

from typing import Annotated

import typer

from flowsql import __version__
from flowsql.cli import (
    asking,
    catalogue,
    checking,
    history,
    policies,
    samples,
    sources,
    tables,
    trying,
    writing,
)
from flowsql.cli.commands import SETTINGS, Program

program = typer.Typer(
    name="flowsql",
    cls=Program,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=SETTINGS,
    help="Ask AWS VPC Flow Logs: saved investigations, your own SQL, answers with a receipt.",
    epilog="Begin with `flowsql demo`. Rows go to stdout, all else to stderr. Exit codes: 0 answered, "
    "1 refused or a case failed, 2 usage, 3 logs unreachable, 4 damaged logs, 5 over budget, 130 interrupted.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"flowsql {__version__}")
        raise typer.Exit


@program.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


for module in (
    samples,
    catalogue,
    asking,
    trying,
    writing,
    checking,
    tables,
    sources,
    policies,
    history,
):
    module.register(program)
