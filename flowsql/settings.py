"""Where to ask: options of the command line > environment > the project's file > one's own, remembering which won."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flowsql.errors import UsageError
from flowsql.naming import did_you_mean
from flowsql.sources import AthenaSource, DuckDBSource, Source, TrinoSource, read_sources
from flowsql.toml_files import TomlFile, project_path, read, user_path
from flowsql.units import parse_bytes

__all__ = ["AthenaSource", "DuckDBSource", "Settings", "Source", "TrinoSource", "settle"]

ENVIRONMENT: dict[str, str] = {
    "source": "FLOWSQL_SOURCE",
    "logs": "FLOWSQL_LOGS",
    "log_format": "FLOWSQL_LOG_FORMAT",
    "queries": "FLOWSQL_QUERIES",
    "profile": "FLOWSQL_PROFILE",
    "s3_region": "FLOWSQL_S3_REGION",
    "max_bytes": "FLOWSQL_MAX_BYTES",
}
"""Setting → environment variable; `queries` may hold several folders, separated as in PATH."""

_KEYS = {"default_source": "source", **{name: name for name in ENVIRONMENT if name != "source"}}
"""Key at the top of a file → setting."""

_OF_A_SOURCE = {"log_format": "log_format", "profile": "profile", "s3_region": "region", "max_bytes": "max_bytes"}
"""Setting → the key of a source it stands for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided, and by whom."""

    source: Source | None = None
    """The place to ask."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    """All that have a name and can be read."""
    broken: Mapping[str, UsageError] = field(default_factory=dict)
    """The others, with what is wrong; it stops only who asks them."""
    hidden: tuple[Source, ...] = ()
    """Sources of one's own file that the project's file names too, and so hides."""
    queries: tuple[Path, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    """Setting → what set it: `--logs`, `FLOWSQL_LOGS`, or file:line."""

    def chosen(self) -> Source:
        """The place to ask; raises UsageError when nothing says which."""
        if self.source is not None:
            return self.source
        if self.broken and not self.sources:
            raise next(iter(self.broken.values()))
        if self.sources:
            raise UsageError(
                "nothing says which source to ask",
                hint=f"--source {' or '.join(self.sources)}; `flowsql source use NAME` makes one the default",
            )
        raise UsageError(
            "nothing says where the flow logs are",
            hint="--logs FOLDER_OR_S3, or FLOWSQL_LOGS, or `logs = …` in flowsql.toml; "
            "`flowsql demo` makes some to try",
        )


@dataclass(frozen=True, slots=True)
class _Level:
    """What one of the four says."""

    values: Mapping[str, str]
    origins: Mapping[str, str]


def settle(
    options: Mapping[str, str | None], environ: Mapping[str, str] = os.environ, folder: Path | None = None
) -> Settings:
    """The settings in force in a folder; raises UsageError for a broken or unknown entry of `flowsql.toml`."""
    folder = (folder or Path.cwd()).absolute()
    files = list(_files(folder, environ))
    levels = [
        _level({name: value for name, value in options.items() if name in ENVIRONMENT}, "--"),
        _level({name: environ.get(variable) for name, variable in ENVIRONMENT.items()}, ""),
        *(_file_level(file) for file in files),
    ]
    named = [read_sources(file) for file in files]
    last = {name: found for each in reversed(named) for name, found in each.items()}
    sources = {name: found for name, found in last.items() if not isinstance(found, UsageError)}
    broken = {name: found for name, found in last.items() if isinstance(found, UsageError)}
    hidden = tuple(
        found
        for each in named
        for name, found in each.items()
        if last[name] is not found and not isinstance(found, UsageError)
    )
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for level in reversed(levels):
        values.update(level.values)
        origins.update(level.origins)
    own = [Path(part).expanduser() for part in values.get("queries", "").split(os.pathsep) if part]
    if not own and (folder / "queries").is_dir():
        own, origins["queries"] = [folder / "queries"], "./queries"
    source = _source(levels, last, origins)
    return Settings(source, sources, broken, hidden, tuple(own), origins)


def _source(levels: list[_Level], sources: Mapping[str, Source | UsageError], origins: dict[str, str]) -> Source | None:
    """The place the first level that names one means, with what the options and the environment say of it."""
    for level in levels:
        if "logs" in level.values and "source" in level.values:
            raise UsageError(
                f"{level.origins['source']} and {level.origins['logs']} each say where to ask", hint="leave one out"
            )
        if "source" in level.values:
            name, origin = level.values["source"], level.origins["source"]
            origins.pop("logs", None)
            if name not in sources:
                listed = f"sources: {', '.join(sources)}" if sources else "`flowsql source add` makes one"
                raise UsageError(f"there is no source {name!r}", where=origin, hint=did_you_mean(name, sources, listed))
            found = sources[name]
            if isinstance(found, UsageError):
                raise found
            return _adjusted(found, levels)
        if "logs" in level.values:
            origins.pop("source", None)
            return _adjusted(DuckDBSource("", level.values["logs"], origin=level.origins["logs"]), levels)
    return None


def _adjusted(source: Source, levels: list[_Level]) -> Source:
    """A source with what options and environment say instead, and what the top of the files says besides."""
    said: dict[str, Any] = {}
    for setting, key in _OF_A_SOURCE.items():
        for number, level in enumerate(levels):
            if setting not in level.values:
                continue
            if not hasattr(source, key):
                if number == 0:
                    raise UsageError(
                        f"{level.origins[setting]} says nothing about source {source.name}, "
                        f"whose engine is {source.engine}",
                        where=source.origin,
                        hint="leave it out",
                    )
                continue
            if number < 2 or getattr(source, key) is None:
                value = level.values[setting]
                said[key] = _size(value, level.origins[setting]) if key == "max_bytes" else value
            break
    return replace(source, **said)


def _size(text: str, origin: str) -> int:
    try:
        return parse_bytes(text)
    except UsageError as failure:
        raise UsageError(failure.message, where=origin, hint=failure.hint) from failure


def _files(folder: Path, environ: Mapping[str, str]) -> Iterator[TomlFile]:
    """The project's file, then one's own, as far as they exist."""
    project, user = project_path(folder), user_path(environ)
    if project is not None and project != user:
        yield read(project)
    if user.is_file():
        yield read(user)


def _level(given: Mapping[str, str | None], prefix: str) -> _Level:
    """What options (`--`) or the environment say."""
    values = {name: value for name, value in given.items() if value}
    spelled = {name: f"--{name.replace('_', '-')}" if prefix else ENVIRONMENT[name] for name in values}
    return _Level(values, spelled)


def _file_level(file: TomlFile) -> _Level:
    """What the top of a file says."""
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for key, value in file.content.items():
        where = file.place(key)
        if key == "source":
            continue
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS, f"settings: {', '.join(_KEYS)}, and tables [source.NAME]")
            raise UsageError(f"unknown setting {key!r}", where=where, hint=hint)
        texts = value if isinstance(value, list) and key == "queries" else [value]
        if key == "max_bytes" and isinstance(value, int):
            texts = [str(value)]
        if not all(isinstance(item, str) for item in texts):
            listed = " or a list of texts" if key == "queries" else ""
            raise UsageError(f"{key} must be a text in quotes{listed}, not {value!r}", where=where, hint=f'{key} = "…"')
        text = os.pathsep.join(_placed(key, item, file.path.parent) for item in texts if item)
        if text:
            values[_KEYS[key]], origins[_KEYS[key]] = text, where
    return _Level(values, origins)


def _placed(key: str, text: str, base: Path) -> str:
    """A relative folder in a file is meant from where the file is."""
    if key == "queries" or (key == "logs" and "://" not in text):
        return str(base / Path(text).expanduser())
    return text
