"""What a sample shall be: the arguments of a person, checked."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from flowsql.errors import UsageError
from flowsql.fields import DEFAULT_FORMAT, VPC_FIELDS, column_name, known
from flowsql.layout import Style
from flowsql.sample.estate import Estate, build_estate

FileFormat = Literal["text", "parquet"]

_FIRST_ACCOUNT = 123456789012
_MOST_ESTATES = 200
_MOST_HOURS = 31 * 24
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_VERSIONS = sorted({field.version for field in VPC_FIELDS})


@dataclass(frozen=True, slots=True)
class Plan:
    """A sample before it is written."""

    since: int
    """Unix seconds."""
    until: int
    seed: int
    rate: float
    columns: tuple[str, ...]
    estates: tuple[Estate, ...]
    layout: Style
    hourly: bool
    file_format: FileFormat
    prefix: str


def columns_of(version: int, flow_log_format: tuple[str, ...] | None) -> tuple[str, ...]:
    """The columns of a log format: the fields named, or all up to a record version; raises UsageError."""
    if flow_log_format is None:
        if version not in _VERSIONS:
            raise UsageError(
                f"{version} is not a version of VPC flow log records",
                hint=f"one of {', '.join(map(str, _VERSIONS))}",
            )
        if version == 2:
            return tuple(column_name(name) for name in DEFAULT_FORMAT)
        return tuple(field.column for field in VPC_FIELDS if field.version <= version)
    columns = tuple(column_name(name) for name in flow_log_format)
    unknown = [name for name in columns if known(name) is None]
    if unknown or len(set(columns)) != len(columns) or not columns:
        problem = f"no VPC flow log field is called {unknown[0]!r}" if unknown else "each field is named once"
        raise UsageError(problem, hint="the fields of the log format, such as version, srcaddr, pkt-srcaddr")
    return columns


def estates_of(seed: int, accounts: int, regions: tuple[str, ...]) -> tuple[Estate, ...]:
    """One estate an account and region, each with a network of its own; raises UsageError."""
    wrong = [region for region in regions if not _REGION.fullmatch(region)]
    if wrong or not regions or len(set(regions)) != len(regions):
        raise UsageError(
            f"{wrong[0]!r} is not a region" if wrong else "a sample needs one or more regions, each once",
            hint="names such as us-east-1 or ap-southeast-2",
        )
    if not 1 <= accounts * len(regions) <= _MOST_ESTATES:
        raise UsageError(
            f"{accounts} accounts in {len(regions)} regions are not between 1 and {_MOST_ESTATES} networks",
            hint="fewer accounts or regions",
        )
    places = [(str(_FIRST_ACCOUNT + account), region) for account in range(accounts) for region in regions]
    return tuple(build_estate(seed, number, *place) for number, place in enumerate(places))


def interval_of(until: datetime, hours: int, rate: float) -> tuple[int, int]:
    """The Unix seconds between which all records lie; raises UsageError."""
    if until.tzinfo is None:
        raise UsageError("the end of a sample needs a time zone", hint="datetime.now(UTC)")
    if not 1 <= hours <= _MOST_HOURS:
        raise UsageError(f"{hours} hours are not a sample", hint=f"1 to {_MOST_HOURS} hours")
    if not 0 <= rate <= 1000:
        raise UsageError(f"{rate} is not a rate of traffic", hint="1.0 is about 8,000 records an hour; 0 to 1000")
    end = until.astimezone(UTC).replace(microsecond=0)
    return int((end - timedelta(hours=hours)).timestamp()), int(end.timestamp())


def prefix_of(prefix: str) -> str:
    """A prefix that stays below its directory and is not AWS's own; raises UsageError."""
    inner = prefix.strip("/")
    illegal = {"", ".", "..", "AWSLogs"}.intersection(inner.split("/")) or re.search(r"[\\:\0]", inner)
    if inner and illegal:
        raise UsageError(
            f"{prefix!r} cannot be the prefix of flow logs",
            hint="names between slashes, as in logs/network; AWS keeps AWSLogs for itself",
        )
    return inner


def style_of(layout: Style, file_format: FileFormat) -> tuple[Style, FileFormat]:
    """A layout and a file format AWS offers; raises UsageError."""
    if layout not in get_args(Style):
        raise UsageError(f"{layout!r} is not a layout", hint="default or hive")
    if file_format not in get_args(FileFormat):
        raise UsageError(f"{file_format!r} is not a file format", hint="text or parquet")
    return layout, file_format
