"""`demo` and `sample`: flow logs to try things on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from flowsql.cli import diagnostics
from flowsql.cli.asking import ask
from flowsql.cli.options import Option, parameters, with_options
from flowsql.errors import UsageError
from flowsql.library import Library
from flowsql.window import parse_moment

_SAMPLE = (
    Option("until", "Sample", "Where the logs end. (default: now)", "TIME"),
    Option("hours", "Sample", "How long they are. (default: 3)", "NUMBER"),
    Option("seed", "Sample", "Another seed, another sample. (default: 1)", "NUMBER"),
    Option("layout", "Sample", "default or hive object keys. (default: default)", "LAYOUT"),
    Option("hourly", "Sample", "An hour folder below each day.", flag=True),
    Option("parquet", "Sample", "Parquet instead of text.", flag=True),
    Option("version", "Sample", "Fields up to this record version: 2 to 11. (default: 5)", "NUMBER"),
    Option("prefix", "Sample", "A prefix before AWSLogs/.", "PREFIX"),
    Option("accounts", "Sample", "How many accounts. (default: 1)", "NUMBER"),
    Option("regions", "Sample", "Regions, separated by commas. (default: us-east-1)", "REGIONS"),
    Option("rate", "Sample", "How much ordinary traffic. (default: 1.0)", "FACTOR"),
)


def _number(options: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    text = options.get(name)
    try:
        value = float(text) if text is not None else default
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise UsageError(f"--{name} {text} is not possible", hint=f"a number from {low:g} to {high:g}")
    return value


def _write(directory: Path, options: Mapping[str, Any]) -> Any:
    from flowsql.sample import write_sample

    now = datetime.now(UTC).replace(microsecond=0)
    layout = options.get("layout") or "default"
    if layout not in ("default", "hive"):
        raise UsageError(f"no layout {layout!r}", hint="default or hive")
    return write_sample(
        directory,
        until=parse_moment(options.get("until") or "now", now=now),
        hours=int(_number(options, "hours", 3, 1, 168)),
        seed=int(_number(options, "seed", 1, 0, 2**31)),
        layout=layout,
        hourly=bool(options.get("hourly")),
        file_format="parquet" if options.get("parquet") else "text",
        version=int(_number(options, "version", 5, 2, 11)),
        prefix=options.get("prefix") or "",
        accounts=int(_number(options, "accounts", 1, 1, 100)),
        regions=tuple((options.get("regions") or "us-east-1").split(",")),
        rate=_number(options, "rate", 1, 0.01, 1000),
    )


def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Empty, new, or an earlier sample.")],
    **options: Any,
) -> None:
    """Write flow logs with known culprits: scans, brute force, a blocked host, an exfiltration and more."""
    manifest = _write(directory, options)
    print(
        f"{manifest.records:,} records in {manifest.objects} objects under {directory}, "
        f"{manifest.since:%Y-%m-%d %H:%M} to {manifest.until:%H:%M} UTC."
    )
    print("Planted, with the question that finds it:")
    width = max(len(incident.question) for incident in manifest.incidents)
    for incident in manifest.incidents:
        given = "".join(f" --{name.replace('_', '-')} {value}" for name, value in incident.params.items())
        print(f"  {incident.question + given:<{width}}  {incident.detail}")
    print(f"Next: flowsql run rejected-ssh --last 1h --logs {directory}")


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the sample goes.")] = Path("flowsql-demo"),
) -> None:
    """Write a sample that ends now, ask who was refused on SSH in the last hour, and say what to try next."""
    diagnostics.say(f"Writing flow logs that end now to {directory} …")
    manifest = _write(directory, {})
    diagnostics.say(f"flowsql run rejected-ssh --last 1h --logs {directory}\n")
    until = manifest.until.isoformat()
    ask(Library.of().find("rejected-ssh"), {"logs": str(directory), "last": "1h", "until": until})
    diagnostics.say("\nTry next:")
    for name in ("vertical-scan", "patch-path", "large-transfers"):
        incident = next(item for item in manifest.incidents if item.question == name)
        given = "".join(f" --{key.replace('_', '-')} {value}" for key, value in incident.params.items())
        diagnostics.say(f"  flowsql run {name}{given} --last 3h --logs {directory}")
    diagnostics.say("  flowsql list")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)
    app.command("sample")(with_options(sample, parameters(_SAMPLE)))
