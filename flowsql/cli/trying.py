"""`test`: the cases of saved queries, run on the embedded engine."""

from typing import Annotated, Any

import typer

from flowsql.cli.asking import library_of, settings_of
from flowsql.cli.catalogue import query_names
from flowsql.cli.diagnostics import ExitCode
from flowsql.cli.options import QUERIES, parameters, with_options


def test(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="All by default.", autocompletion=query_names),
    ] = None,
    **options: Any,
) -> None:
    """Run the cases of saved queries and show how the rows differ."""
    from flowsql.cases import cases_path, check, read_cases
    from flowsql.session import in_memory

    library = library_of(settings_of(options))
    wanted = [library.resolve(name) for name in names or library.paths]
    passed = failed = 0
    for name in wanted:
        query, path = library.find(name), cases_path(library.paths[name])
        if not path.is_file():
            print(f"FAIL {name}: no cases at {path.name}")
            failed += 1
            continue
        for case in read_cases(path, query):
            problems = check(case, query, in_memory(query, library))
            passed, failed = passed + (not problems), failed + bool(problems)
            if problems:
                print(f"FAIL {name}: {case.name} ({case.place})")
                print("\n".join(f"    {line}" for line in problems))
            else:
                print(f"ok   {name}: {case.name}")
    print(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(ExitCode.FAILED)


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("test")(with_options(test, parameters(QUERIES)))
