"""`flowsql.toml` files: where they lie, on which line a key stands, and a change that leaves the rest as it was."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowsql.errors import UsageError

FILE_NAME = "flowsql.toml"


@dataclass(frozen=True, slots=True)
class TomlFile:
    """One file as it was read."""

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """Nested key → the line it first stands on."""

    def place(self, *keys: str) -> str:
        """file:line of a nested key, or of the innermost table around it that has a line of its own."""
        for length in range(len(keys), 0, -1):
            if line := self.lines.get(keys[:length]):
                return f"{self.path}:{line}"
        return str(self.path)


def project_path(folder: Path) -> Path | None:
    """The nearest `flowsql.toml` at or above a folder."""
    return next((path for base in (folder, *folder.parents) if (path := base / FILE_NAME).is_file()), None)


def user_path(environ: Mapping[str, str]) -> Path:
    """The person's own file: `FLOWSQL_CONFIG`, or `flowsql.toml` in the user's configuration directory."""
    if chosen := environ.get("FLOWSQL_CONFIG"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_config_path

    return user_config_path("flowsql") / FILE_NAME


def read(path: Path) -> TomlFile:
    """A file's content with its lines; raises UsageError when it is no TOML."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise UsageError(f"not TOML: {failure}", where=str(path)) from failure
    return TomlFile(path, content, _lines(text))


def with_values(text: str, table: tuple[str, ...], values: Mapping[str, Any]) -> str:
    """A file's text with values set in a (nested) table, all else and its comments as they were."""
    import tomlkit

    document = tomlkit.parse(text)
    place: Any = document
    for depth, name in enumerate(table, 1):
        if name not in place:
            # The tables above a new one have nothing of their own, so they get no header either.
            place[name] = tomlkit.table(is_super_table=depth < len(table))
        place = place[name]
    place.update(values)
    return tomlkit.dumps(document)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            keys = _keys(line)
            if keys:
                table = keys
                found.setdefault(table, number)
        elif "=" in line:
            keys = _keys(f"{line.partition('=')[0]} = 1")
            for length in range(1, len(keys) + 1):
                found.setdefault((*table, *keys[:length]), number)
    return found


def _keys(line: str) -> tuple[str, ...]:
    """The nested keys of a header or an assignment; none for a line that is neither, such as one within a text."""
    try:
        content: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(content, (dict, list)) and content:
        if isinstance(content, list):
            content = content[0]
            continue
        name, content = next(iter(content.items()))
        keys.append(name)
    return tuple(keys)
