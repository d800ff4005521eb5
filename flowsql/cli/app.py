"""The program's beginning and end: `main()` is the only place that ends it."""

import os
import sys
from typing import NoReturn

from flowsql.cli import diagnostics, streams
from flowsql.cli.diagnostics import ExitCode
from flowsql.errors import FlowsqlError


def main() -> None:
    """Run the command line and end the program with an ExitCode."""
    try:
        streams.prepare()
        code = _run()
        streams.flush()
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        streams.discard_stdout()
        code = ExitCode.OK
    except OSError as failure:
        diagnostics.error(streams.unwritable(failure))
        streams.discard_stdout()
        code = ExitCode.SOURCE
    if code == ExitCode.INTERRUPTED:
        _interrupted()
    sys.exit(int(code))


def _run() -> int:
    # Imported here so that Ctrl-C during the import is an interruption like any other.
    import typer

    from flowsql.cli.program import program

    try:
        return int(program(prog_name="flowsql", standalone_mode=False) or ExitCode.OK)
    except FlowsqlError as failure:
        diagnostics.error(failure)
        return failure.exit_code
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except SystemExit as end:
        # How the parser ends when nobody reads on: it makes that a failure.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise


def _interrupted() -> NoReturn:
    """End at once: threads in the middle of an object are not waited for, nobody wants their result any more."""
    diagnostics.say("interrupted")
    os._exit(ExitCode.INTERRUPTED)
