"""Where a command asks: settings, saved queries and flow logs, from its options, the environment and `flowsql.toml`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowsql.cli.options import refuse_empty
from flowsql.library import Library
from flowsql.params import TYPES
from flowsql.query import FILTER_OPTIONS, Query
from flowsql.settings import ENVIRONMENT, Settings, settle
from flowsql.window import WINDOW_OPTIONS

if TYPE_CHECKING:
    from flowsql.budget import Announce
    from flowsql.engines.base import RemoteProgress
    from flowsql.reading.scan import Progress
    from flowsql.session import Flows


def settings_of(options: Mapping[str, Any]) -> Settings:
    """The settings in force, options first; raises UsageError for an option given without a value (`--logs ""`)."""
    refuse_empty(options, ENVIRONMENT)
    return settle({key: value for key, value in options.items() if isinstance(value, str)})


def library_of(settings: Settings) -> Library:
    """Packaged queries and the person's own."""
    return Library.of(*settings.queries)


def flows_of(
    options: Mapping[str, Any],
    progress: "Progress | None" = None,
    announce: "Announce | None" = None,
    remote: "RemoteProgress | None" = None,
) -> "Flows":
    """The session that options, environment and `flowsql.toml` describe."""
    from flowsql.session import connect

    settings = settings_of(options)
    return connect(
        source=settings.chosen(),
        queries=settings.queries,
        skip_damaged=bool(options.get("skip_damaged")),
        progress=progress,
        announce=announce,
        remote=remote,
        results=options.get("results"),
    )


def asked_of(query: Query, options: Mapping[str, Any]) -> dict[str, Any]:
    """Window, filters and parameters among the options, without those not given."""
    names = {*WINDOW_OPTIONS, *FILTER_OPTIONS, *(param.name for param in query.params)}
    lists = {param.name for param in query.params if TYPES[param.type].plural}
    asked = {name: value for name, value in options.items() if name in names and value not in (None, [], ())}
    return {name: ",".join(value) if name in lists else value for name, value in asked.items()}
