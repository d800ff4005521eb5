"""`policy`: the IAM policy that asking, or setting up, a source needs."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import typer

from flowsql.cli import diagnostics
from flowsql.cli.commands import SETTINGS, Command, Group
from flowsql.cli.options import SOURCE, Option, parameters, with_options
from flowsql.cli.places import settings_of
from flowsql.errors import NotFound, UsageError
from flowsql.settings import AthenaSource, DuckDBSource

if TYPE_CHECKING:
    from flowsql.aws.policies import Access, Bucket, Policy

_ACCOUNT = re.compile(r"\d{12}")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/\S+")

_FACTS = (
    Option("account_id", "Facts", "The account. (default: that of your credentials)", "ID"),
    Option("logs_at", "Facts", "s3://bucket/prefix of the logs. (default: the table's location)", "PLACE"),
    Option("results_at", "Facts", "s3://bucket/prefix of results. (default: the source's or the workgroup's)", "PLACE"),
    Option("logs_key", "Facts", "ARN of the KMS key of the logs.", "ARN"),
    Option("results_key", "Facts", "ARN of the KMS key of the results.", "ARN"),
    Option("lake_formation", "Facts", "Lake Formation governs the table.", flag=True),
)
_NAMED = tuple(option for option in SOURCE if option.name in ("source", "logs", "profile", "s3_region"))


def analyst(**options: Any) -> None:
    """Print the policy for who asks questions.

    Enough for run, sql, estimate and fetch, and nothing more. What the source does not say is looked up in AWS; with
    all facts given, AWS is not asked.
    """
    _print("analyst", options)


def setup(**options: Any) -> None:
    """Print the policy for who makes the table.

    Enough for table detect, create and verify, and for asking. What the source does not say is looked up in AWS; with
    all facts given, AWS is not asked.
    """
    _print("setup", options)


def _print(kind: Literal["analyst", "setup"], options: Mapping[str, Any]) -> None:
    from flowsql.aws import policies

    source = settings_of(options).chosen()
    match source:
        case AthenaSource():
            made = getattr(policies, kind)(_access(source, options))
            what = source.location
        case DuckDBSource() if source.logs.startswith("s3://"):
            logs = replace(_bucket(source.logs, "--logs"), key=_key(options, "logs_key"))
            made, what = policies.reader(_region(source), logs), source.logs
        case _:
            raise UsageError(
                f"{source.location} needs no permission of AWS", where=source.origin, hint="--source names another"
            )
    _show(made, f"{kind} of {what}")


def _show(made: "Policy", what: str) -> None:
    from flowsql.aws.policies import LIMIT, size

    characters = size(made)
    if characters > LIMIT:
        raise UsageError(
            f"the policy has {characters:,} characters, and a managed policy at most {LIMIT:,}",
            hint="shorter prefixes, or two policies",
        )
    print(json.dumps(made, indent=2, ensure_ascii=False))
    diagnostics.say(f"{what}: {len(made['Statement'])} statements, {characters:,} of {LIMIT:,} characters")


def _access(source: AthenaSource, options: Mapping[str, Any]) -> "Access":
    """What a source consists of; AWS is asked for what neither it nor an option says. Raises SourceError."""
    from flowsql.aws import identity
    from flowsql.aws.policies import Access

    region = _region(source)
    given = options["account_id"]
    if given is not None and not _ACCOUNT.fullmatch(given):
        raise UsageError(f"--account-id {given} is no account", hint="twelve digits")
    logs = _bucket(options["logs_at"] or _location(source, region), "--logs-at")
    results = options["results_at"] or _results(source, region)
    return Access(
        region,
        given or identity.account(source.profile, region),
        source.database,
        source.table,
        source.workgroup,
        source.catalog,
        replace(logs, key=_key(options, "logs_key")),
        replace(_bucket(results, "--results-at"), key=_key(options, "results_key")) if results else None,
        options["lake_formation"],
    )


def _region(source: AthenaSource | DuckDBSource) -> str:
    from flowsql.aws.identity import default_region

    return source.region or default_region(source.profile)


def _location(source: AthenaSource, region: str) -> str:
    from flowsql.aws.glue import Catalogue

    try:
        table = Catalogue(source.profile, region).table(source.database, source.table)
    except NotFound as failure:
        hint = "--logs-at s3://bucket/prefix says where the logs are, before there is a table"
        raise NotFound(failure.message, where=source.origin, hint=hint) from failure
    return str(table.get("StorageDescriptor", {}).get("Location", ""))


def _results(source: AthenaSource, region: str) -> str | None:
    """Where results really go: a workgroup may enforce its own place, or keep them to itself."""
    from flowsql.aws.identity import workgroup

    if source.output:
        return source.output
    configuration = workgroup(source.workgroup, source.profile, region)
    if configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled"):
        return None
    place: str | None = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if not place:
        raise UsageError(
            f"neither the source nor workgroup {source.workgroup} says where results go",
            where=source.origin,
            hint='output = "s3://bucket/results/" in the source, or --results-at',
        )
    return place


def _bucket(place: str, option: str) -> "Bucket":
    from flowsql.aws.policies import Bucket

    name, _, prefix = place.removeprefix("s3://").partition("/")
    if not place.startswith("s3://") or not name or not re.fullmatch(r"[^*?\"\\]*", prefix):
        raise UsageError(f"{option}: {place!r} is no place in S3", hint="s3://bucket/prefix/")
    return Bucket(name, prefix.strip("/"))


def _key(options: Mapping[str, Any], name: str) -> str | None:
    arn: str | None = options[name]
    if arn is not None and not _KEY.fullmatch(arn):
        hint = "arn:aws:kms:REGION:ACCOUNT:key/ID"
        raise UsageError(f"--{name.replace('_', '-')} {arn!r} is no ARN of a KMS key", hint=hint)
    return arn


def register(app: typer.Typer) -> None:
    """Add the group of this module."""
    group = typer.Typer(cls=Group, rich_markup_mode=None)
    for name, function in (("analyst", analyst), ("setup", setup)):
        command = group.command(name, cls=Command, context_settings=SETTINGS)
        command(with_options(function, parameters(_NAMED, _FACTS)))
    app.add_typer(
        group,
        name="policy",
        help="The least IAM policy that a source needs: analyst, setup.",
        context_settings=SETTINGS,
    )
