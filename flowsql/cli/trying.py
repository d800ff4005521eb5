"""`test`: the cases of saved queries, run on the embedded engine."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from flowsql.cli import streams
from flowsql.cli.catalogue import query_names
from flowsql.cli.commands import SETTINGS, Command
from flowsql.cli.diagnostics import ExitCode, ProgressLine, say
from flowsql.cli.options import QUERIES, Option, parameters, with_options
from flowsql.cli.places import library_of, settings_of
from flowsql.errors import FlowsqlError
from flowsql.library import Library
from flowsql.units import counted

_OPTIONS = (
    Option("quiet", "Output", "Only failures and the last line.", flag=True, short="-q"),
    Option("watch", "Output", "Run them again whenever a query or its cases are saved, until Ctrl-C.", flag=True),
)
_PAUSE = 0.3
"""Seconds between two looks at the files that are watched."""

_Stamp = tuple[tuple[int, int] | None, ...]
_Stamps = dict[str, _Stamp]


def run_cases(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="All by default.", autocompletion=query_names),
    ] = None,
    **options: Any,
) -> None:
    """Run the cases of saved queries.

    Where the rows differ, `-` is what was expected and `+` what the query returned.
    """
    library = library_of(settings_of(options))
    wanted = [library.resolve(name) for name in names or library.paths]
    # What is saved while the cases run is a change too.
    seen = _stamps(wanted, library)
    failed = _run(wanted, library, options["quiet"])
    if options["watch"]:
        _watch(seen, library, options["quiet"])
    if failed:
        raise typer.Exit(ExitCode.FAILED)


def _run(wanted: Sequence[str], library: Library, quiet: bool) -> int:
    """Run the cases of these queries; how many failed."""
    passed = failed = 0
    progress = ProgressLine(lambda done, total: f"query {done + 1} of {total}")
    for number, name in enumerate(wanted):
        if quiet:
            progress(number, len(wanted))
        for label, problems in _outcomes(name, library):
            passed, failed = passed + (not problems), failed + bool(problems)
            if problems:
                progress.clear()
                print(f"FAIL {name}: {label}")
                print("\n".join(f"    {line}" for problem in problems for line in problem.splitlines()))
            elif not quiet:
                print(f"ok   {name}: {label}")
            streams.flush()
    progress.clear()
    print(f"{counted(passed, 'case')} passed, {failed:,} failed")
    streams.flush()
    return failed


def _watch(seen: _Stamps, library: Library, quiet: bool) -> NoReturn:
    """Run the cases of whatever was saved since it was seen, until Ctrl-C."""
    say("watching; Ctrl-C ends it")
    while True:
        time.sleep(_PAUSE)
        stamps = _stamps(tuple(seen), library)
        saved = [name for name, stamp in stamps.items() if stamp != seen[name]]
        seen = stamps
        if saved:
            _run(saved, library, quiet)


def _stamps(names: Sequence[str], library: Library) -> _Stamps:
    """What tells each query's files as they are now from later ones."""
    return {name: _stamp(library.paths[name]) for name in names}


def _stamp(path: Path) -> _Stamp:
    """What changes when a query or its cases are saved; editors take a file away for a moment while they save it."""
    from flowsql.cases import cases_path

    stamps: list[tuple[int, int] | None] = []
    for file in (path, cases_path(path)):
        try:
            status = file.stat()
        except OSError:
            stamps.append(None)
        else:
            stamps.append((status.st_mtime_ns, status.st_size))
    return tuple(stamps)


def _outcomes(name: str, library: Library) -> Iterator[tuple[str, list[str]]]:
    """Each case of a query by its name, and what is wrong with it; a query without cases is wrong."""
    from flowsql.cases import cases_path, check, read_cases
    from flowsql.session import in_memory

    try:
        query = library.find(name)
        path = cases_path(query.path or library.paths[name])
        cases = read_cases(path, query) if path.is_file() else []
    except FlowsqlError as failure:
        yield "its files cannot be read", [str(failure)]
        return
    if not cases:
        yield "it has no cases", [f"write some to {path}"]
    for case in cases:
        try:
            problems = check(case, query, in_memory(query, library))
        except FlowsqlError as failure:
            problems = [str(failure)]
        yield f"{case.name} ({case.place})" if problems else case.name, problems


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("test", cls=Command, context_settings=SETTINGS)(with_options(run_cases, parameters(_OPTIONS, QUERIES)))
