"""The program: its commands and `main()`, the only place that ends it."""

import os
import sys
from typing import Annotated

import typer

from flowsql import __version__
from flowsql.cli import asking, catalogue, diagnostics, samples, trying
from flowsql.cli.diagnostics import ExitCode
from flowsql.errors import FlowsqlError

app = typer.Typer(
    name="flowsql",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask AWS VPC Flow Logs: saved investigations, your own SQL, answers with a receipt.",
    epilog="Begin with `flowsql demo`. Exit codes: 0 answered, 1 refused or a case failed, 2 usage, "
    "3 logs unreachable, 4 damaged logs, 130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"flowsql {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


samples.register(app)
catalogue.register(app)
asking.register(app)
trying.register(app)


def main() -> None:
    """Run the command line and end the program with an ExitCode."""
    try:
        code = app(standalone_mode=False) or ExitCode.OK
    except FlowsqlError as failure:
        diagnostics.error(failure)
        code = failure.exit_code
    except (KeyboardInterrupt, typer.Abort):
        diagnostics.say("interrupted")
        sys.stderr.flush()
        # Reading threads may be in the middle of an object; nobody waits for their result any more.
        os._exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    except typer.TyperException as failure:
        failure.show()
        code = ExitCode.USAGE
    sys.exit(int(code))
