"""The program's beginning and end: `main()` is the only place that ends it.

Everything is imported inside, so that Ctrl-C during an import is an interruption like any other.
"""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowsql.cli.interruption import Interruption


def main() -> None:
    """Run the command line and end the program with an ExitCode."""
    # A run is short: looking for cycles while importing costs more than the memory it frees.
    gc.disable()
    # NumPy, which Arrow imports, starts a thread for each further core, and they wait for work by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from flowsql.cli import diagnostics, streams
        from flowsql.cli.diagnostics import ExitCode
        from flowsql.cli.interruption import Interruption

        # A stream that is interrupted while it is prepared takes no more text.
        streams.prepare()
        interruption = Interruption()
        interruption.watch()
    except KeyboardInterrupt:
        with suppress(OSError):
            os.write(2, b"interrupted\n")
        os._exit(130)
    try:
        code = run(None, interruption)
        streams.flush()
    except KeyboardInterrupt:
        code = interruption.exit_code
    except BrokenPipeError:
        streams.discard_stdout()
        code = ExitCode.OK
    except OSError as failure:
        diagnostics.error(streams.failed(failure))
        streams.discard_stdout()
        code = ExitCode.SOURCE
    if interruption.happened or code == ExitCode.INTERRUPTED:
        interruption.end()
    # The interpreter's own way out takes apart what the operating system takes back anyway.
    os._exit(int(code))


def run(arguments: Sequence[str] | None, interruption: "Interruption") -> int:
    """The exit code of a command line (None: the program's own); what fails because of a signal ends as one does."""
    import typer

    from flowsql.cli import diagnostics
    from flowsql.cli.diagnostics import ExitCode
    from flowsql.cli.program import program
    from flowsql.errors import FlowsqlError

    given = sys.argv[1:] if arguments is None else arguments
    try:
        return int(program(given)(given, prog_name="flowsql", standalone_mode=False, obj=interruption) or ExitCode.OK)
    except typer.Abort:
        return interruption.exit_code
    except SystemExit as end:
        # How the parser ends when nobody reads on: it makes that a failure.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    except Exception as failure:
        if interruption.happened:
            return interruption.exit_code
        if not isinstance(failure, FlowsqlError):
            raise
        diagnostics.error(failure)
        return failure.exit_code
