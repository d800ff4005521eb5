"""`demo` and `sample`: flow logs to try things on."""

import shlex
import sys
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql.cli import diagnostics, streams
from flowsql.cli.asking import ask
from flowsql.cli.commands import SETTINGS, Command
from flowsql.cli.options import Option, parameters, refuse_empty, with_options
from flowsql.errors import UsageError
from flowsql.library import Library
from flowsql.window import parse_moment

if TYPE_CHECKING:
    from flowsql.sample import Incident, Manifest

_SAMPLE = (
    Option("until", "Sample", "Where the logs end. (default: now)", "TIME"),
    Option("hours", "Sample", "How long they are. (default: 3)", "NUMBER"),
    Option("seed", "Sample", "Another seed, another sample. (default: 1)", "NUMBER"),
    Option(
        "layout", "Sample", "default or hive object keys. (default: default)", "LAYOUT", choices=("default", "hive")
    ),
    Option("hourly", "Sample", "An hour folder below each day.", flag=True),
    Option("parquet", "Sample", "Parquet instead of text.", flag=True),
    Option("version", "Sample", "Fields up to this record version: 2 to 11. (default: 5)", "NUMBER"),
    Option("prefix", "Sample", "A prefix before AWSLogs/.", "PREFIX"),
    Option("accounts", "Sample", "How many accounts. (default: 1)", "NUMBER"),
    Option("regions", "Sample", "Regions, separated by commas. (default: us-east-1)", "REGIONS"),
    Option("rate", "Sample", "How much ordinary traffic. (default: 1.0)", "FACTOR"),
)
_TRY_NEXT = ("vertical-scan", "patch-path", "large-transfers")


def _whole(options: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
        raise UsageError(f"--{name} {text} is not possible", hint=f"a whole number from {low} to {high}")
    return int(text)


def _factor(options: Mapping[str, Any]) -> float:
    text = "1" if options.get("rate") is None else str(options["rate"])
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1000:
        raise UsageError(f"--rate {text} is not possible", hint="a number from 0 to 1000, such as 0.5")
    return value


def _write(directory: Path, options: Mapping[str, Any]) -> "Manifest":
    from flowsql.sample import write_sample

    now = datetime.now(UTC).replace(microsecond=0)
    layout: Any = options.get("layout") or "default"
    progress = diagnostics.ProgressLine(lambda done, total: f"writing the sample ({max(0, done) / total:.0%})")
    try:
        return write_sample(
            directory,
            until=parse_moment(options.get("until") or "now", now=now),
            hours=_whole(options, "hours", 3, 1, 168),
            seed=_whole(options, "seed", 1, 0, 2**31),
            layout=layout,
            hourly=bool(options.get("hourly")),
            file_format="parquet" if options.get("parquet") else "text",
            version=_whole(options, "version", 5, 2, 11),
            prefix=options.get("prefix") or "",
            accounts=_whole(options, "accounts", 1, 1, 100),
            regions=tuple(name.strip() for name in (options.get("regions") or "us-east-1").split(",")),
            rate=_factor(options),
            progress=progress,
        )
    finally:
        progress.clear()


def _check_named(directory: str) -> None:
    if not directory:
        raise UsageError("DIR is empty", hint="a folder, such as logs/; it is made when it does not exist")


def question(incident: "Incident") -> str:
    """The command line that finds an incident, without the logs' place."""
    given = "".join(f" --{name.replace('_', '-')} {shlex.quote(value)}" for name, value in incident.params.items())
    return f"flowsql run {incident.question}{given}"


def sample(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Empty, new, or an earlier sample.")],
    **options: Any,
) -> None:
    """Write flow logs with planted incidents.

    Scans, brute force, a blocked host, an exfiltration and more, and the question that finds each.
    """
    _check_named(directory)
    refuse_empty(options, (option.name for option in _SAMPLE))
    manifest = _write(Path(directory), options)
    width = min(streams.width(sys.stdout, 100), 100)
    until = "" if options.get("until") is None else f" --until {manifest.until:%Y-%m-%dT%H:%M:%SZ}"
    window = f" --last {round((manifest.until - manifest.since).total_seconds() / 3600)}h{until}"
    where = shlex.quote(directory)
    print(
        f"{manifest.records:,} records in {manifest.objects} objects under {directory}, "
        f"{manifest.since:%Y-%m-%d %H:%M} to {manifest.until:%Y-%m-%d %H:%M} UTC.\n"
    )
    print("Planted, each with the question that finds it:\n")
    for incident in manifest.incidents:
        print(f"  {question(incident)}{window}")
        print(textwrap.fill(incident.detail, width, initial_indent="    ", subsequent_indent="    "))
    print(f"\nTo begin:\n  export FLOWSQL_LOGS={where}\n  flowsql run rejected-ssh --last 1h{until}")


def demo(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Where the sample goes.")] = "flowsql-demo",
) -> None:
    """Make flow logs that end now and ask a first question.

    Writes a sample, asks who was refused on SSH in the last hour, and says what to try next.
    """
    _check_named(directory)
    where = shlex.quote(directory)
    manifest = _write(Path(directory), {})
    diagnostics.say(
        f"Made {manifest.records:,} flow log records that end now, under {where}. Who was refused on SSH?\n"
    )
    diagnostics.strong(f"$ flowsql run rejected-ssh --last 1h --logs {where}\n")
    ask(Library.of().find("rejected-ssh"), {"logs": directory, "last": "1h", "until": manifest.until.isoformat()})
    diagnostics.strong("\nTry next")
    diagnostics.say(f"  export FLOWSQL_LOGS={where}")
    lines = [(f"{question(incident)} --last 3h", incident.name) for incident in _worth_trying(manifest)]
    lines.append(("flowsql list", "all saved queries"))
    margin = max(len(line) for line, _ in lines)
    for line, meaning in lines:
        diagnostics.say(f"  {line:<{margin}}  # {meaning}")


def _worth_trying(manifest: "Manifest") -> "list[Incident]":
    return [incident for incident in manifest.incidents if incident.question in _TRY_NEXT]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo", cls=Command, context_settings=SETTINGS)(demo)
    app.command("sample", cls=Command, context_settings=SETTINGS)(with_options(sample, parameters(_SAMPLE)))
