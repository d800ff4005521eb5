"""Times whole programs on the same questions; prints one table: seconds, peak memory, ratio to a reference.

Imports the standard library alone: a child's peak memory is never reported below what its parent held.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FLOWSQL = Path(sys.executable).with_name("flowsql")
PROGRAMS = ("polars", "duckdb", "flowsql")
QUESTIONS = ("text hour", "text day", "parquet day")
HEADER = ("question", "program", "median s", "min s", "peak MiB", "ratio")
COMPARED = ("srcaddr", "dstaddr", "bytes")
_PER_MIB = 1 << (20 if sys.platform == "darwin" else 10)  # Linux counts ru_maxrss in KiB, macOS in bytes.

Command = list[str]
Rows = list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """One program, from its start to its end."""

    seconds: float
    peak: float
    """Largest resident set, MiB."""
    output: str


@dataclass(frozen=True, slots=True)
class Question:
    """What every program is asked over one window of one set of objects."""

    name: str
    logs: str
    window: tuple[str, str]
    """Since and until, ISO 8601."""
    runs: int


def measure(command: Command) -> Run:
    """Run a program to its end; leaves with its error output when it fails."""
    # A program that is installed has its bytecode beside it.
    left_out = ("FLOWSQL_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment, cwd=HERE)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{errors.read()}")
        return Run(seconds, usage.ru_maxrss / _PER_MIB, output.read())


def alternate(commands: Mapping[str, Command], runs: int) -> dict[str, list[Run]]:
    """Run the programs in turn, `runs` times each, after one round that only warms the page cache."""
    rounds = [{program: measure(command) for program, command in commands.items()} for _ in range(runs + 1)]
    return {program: [done[program] for done in rounds[1:]] for program in commands}


def talkers(output: str) -> Rows:
    """The rows of an answer in CSV, as far as all programs have the same columns."""
    source, target, octets = COMPARED
    return [(row[source], row[target], int(row[octets])) for row in csv.DictReader(output.splitlines())]


def verify(question: str, measured: Mapping[str, list[Run]]) -> None:
    """Leave unless every run of every program gave the same rows."""
    (reference, runs), *_ = measured.items()
    expected = talkers(runs[0].output)
    if not expected:
        sys.exit(f"{question}: {reference} found no rows")
    for program, runs in measured.items():
        for run in runs:
            found = talkers(run.output)
            if found != expected:
                sys.exit(f"{question}: {program} and {reference} disagree:\n{found}\n{expected}")


def ask(program: str, question: Question) -> Command:
    """The command line that puts the question to a program."""
    if program == "flowsql":
        since, until = question.window
        window = ["--since", since, "--until", until]
        options = ["--format", "csv", "--limit", "20"]
        return [str(FLOWSQL), "run", "top-talkers", "--logs", question.logs, *window, *options]
    return [sys.executable, str(HERE / "peers.py"), program, question.logs, *question.window]


def median(runs: list[Run]) -> float:
    """The median time, seconds."""
    return statistics.median(run.seconds for run in runs)


def lines(question: str, measured: Mapping[str, list[Run]]) -> list[tuple[str, ...]]:
    """One line a program; the first program is the one the others are held against."""
    reference = median(next(iter(measured.values())))
    return [
        (
            question,
            program,
            f"{median(runs):.3f}",
            f"{min(run.seconds for run in runs):.3f}",
            f"{max(run.peak for run in runs):.0f}",
            f"{median(runs) / reference:.2f}",
        )
        for program, runs in measured.items()
    ]


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as they need to be, text to the left and figures to the right."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def questions(rows: int, runs: int, day_runs: int) -> list[Question]:
    """Make the logs if need be; the questions over them."""
    generator = [sys.executable, str(HERE / "generate.py"), "--rows", str(rows)]
    made = json.loads(subprocess.run(generator, stdout=subprocess.PIPE, check=True).stdout)
    hour, day = tuple(made["hour"]), tuple(made["day"])
    return [
        Question("text hour", made["text"], hour, runs),
        Question("text day", made["text"], day, day_runs),
        Question("parquet day", made["parquet"], day, day_runs),
    ]


def commands() -> dict[str, dict[str, Command]]:
    """What the start of the program costs, against a typer program that does nothing; checking all saved queries."""
    bare = [sys.executable, str(HERE / "bare_typer.py")]
    started = {
        argument: {"bare typer": [*bare, argument], "flowsql": [str(FLOWSQL), argument]}
        for argument in ("--help", "list")
    }
    lint = [str(FLOWSQL.with_name("sqlfluff")), "lint", "--processes", "2", "--disable-progress-bar"]
    checked = {"sqlfluff": [*lint, str(HERE.parent / "queries")], "flowsql": [str(FLOWSQL), "check"]}
    return {**started, "check": checked}


def main() -> None:
    """Parse the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each program for an hour and a command")
    parser.add_argument("--day-runs", type=int, default=3, help="runs of each program for a day")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the day")
    parser.add_argument(
        "--programs", nargs="+", choices=(*PROGRAMS, "arrow"), default=PROGRAMS, help="the ratio is to the first"
    )
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=QUESTIONS, metavar="QUESTION")
    options = parser.parse_args()
    if "flowsql" in options.programs and not FLOWSQL.exists():
        parser.error(f"no flowsql beside {sys.executable}: install it there, or choose other --programs")

    report: list[tuple[str, ...]] = [HEADER]
    medians: dict[tuple[str, str], float] = {}
    for question in questions(options.rows, options.runs, options.day_runs):
        if question.name not in options.questions:
            continue
        measured = alternate({program: ask(program, question) for program in options.programs}, question.runs)
        verify(question.name, measured)
        report += lines(question.name, measured)
        medians |= {(question.name, program): median(runs) for program, runs in measured.items()}
    if "flowsql" in options.programs and len(options.questions) == len(QUESTIONS):
        for argument, pair in commands().items():
            report += lines(argument, alternate(pair, options.day_runs if argument == "check" else options.runs))
    print(table(report))
    for program in options.programs if {"text hour", "text day"} <= set(options.questions) else ():
        share = medians["text day", program] / (24 * medians["text hour", program])
        print(f"{program}: text day ÷ (24 × text hour) = {share:.2f}")


if __name__ == "__main__":
    main()
