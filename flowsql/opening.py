"""From a source to the engine that answers from it; nothing is read or asked yet."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flowsql.engines.base import Engine, RemoteProgress
from flowsql.engines.duckdb import DuckDBEngine
from flowsql.errors import UsageError
from flowsql.fields import known, parse_log_format
from flowsql.reading.scan import Progress, ReadOptions
from flowsql.reading.store import LocalStore, Store
from flowsql.settings import DuckDBSource, Source
from flowsql.sources import AthenaSource, TrinoSource

if TYPE_CHECKING:
    from flowsql.engines.athena import AthenaEngine, Route

_REQUESTS = 16
"""Objects fetched from S3 at a time."""


def open_source(
    source: Source,
    *,
    skip_damaged: bool = False,
    progress: Progress | None = None,
    remote: RemoteProgress | None = None,
    results: str | None = None,
) -> Engine:
    """The engine of a source; raises UsageError for a log format without fields, SourceError for no bucket.

    `progress` is told what the embedded engine reads, `remote` how far a remote execution is; `results` forces the
    way rows come from Athena (`csv`, `unload`).
    """
    match source:
        case DuckDBSource():
            columns = read_log_format(source.log_format) if source.log_format is not None else None
            options = ReadOptions(log_format=columns, skip_damaged=skip_damaged, progress=progress)
            if source.logs.startswith("s3://"):
                # A request waits most of its time: more at once, each holding less.
                options = replace(options, threads=_REQUESTS, held=options.held // 4)
            return DuckDBEngine(open_store(source.logs, profile=source.profile, region=source.region), options)
        case AthenaSource():
            return open_athena(source, remote=remote, results=results)
        case TrinoSource():
            from flowsql.engines.trino import TrinoEngine, describe

            return TrinoEngine(source, describe, progress=remote)


def open_athena(
    source: AthenaSource, *, remote: RemoteProgress | None = None, results: str | None = None
) -> "AthenaEngine":
    """Athena over the source's table, which is looked up in the Glue Data Catalog when it is needed."""
    from flowsql.aws.glue import Catalogue
    from flowsql.engines.athena import AthenaEngine
    from flowsql.tables.catalogue import listed_partitions, open_table

    catalogue = Catalogue(source.profile, source.region)
    return AthenaEngine(
        source,
        lambda: open_table(catalogue, source.database, source.table),
        partial(listed_partitions, catalogue),
        results=_route(results),
        progress=remote,
    )


def _route(results: str | None) -> "Route":
    match results:
        case None | "auto":
            return "auto"
        case "csv":
            return "csv"
        case "unload":
            return "unload"
    raise UsageError(f"rows do not come by {results!r}", hint="--results csv or --results unload; without it, as fits")


def open_store(location: str, *, profile: str | None = None, region: str | None = None) -> Store:
    """The store behind a location."""
    if location.startswith("s3://"):
        from flowsql.aws.s3 import S3Store

        return S3Store(location, profile=profile, region=region)
    return LocalStore(location)


def read_log_format(text: str) -> tuple[str, ...]:
    """The columns a log format names; raises UsageError when none is a field of flow logs, or one is named twice."""
    hint = "'${version} ${account-id} …' or default"
    try:
        columns = parse_log_format(text)
    except ValueError as failure:
        raise UsageError(str(failure), hint=hint) from failure
    if not any(known(column) or known(column, "tgw") for column in columns):
        raise UsageError(f"{text!r} names no field of flow logs", hint=hint)
    if twice := [column for index, column in enumerate(columns) if column in columns[:index]]:
        raise UsageError(f"the given log format names {twice[0].replace('_', '-')} twice", hint=hint)
    return columns
