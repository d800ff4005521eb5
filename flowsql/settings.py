"""Where to ask: options of the command line > environment > `flowsql.toml`, remembering which won."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowsql.errors import UsageError
from flowsql.naming import did_you_mean

FILE_NAME = "flowsql.toml"
ENVIRONMENT: dict[str, str] = {
    "logs": "FLOWSQL_LOGS",
    "log_format": "FLOWSQL_LOG_FORMAT",
    "queries": "FLOWSQL_QUERIES",
    "profile": "FLOWSQL_PROFILE",
    "s3_region": "FLOWSQL_S3_REGION",
}
"""Setting → environment variable; `queries` may hold several folders, separated as in PATH."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided, and by whom."""

    logs: str | None = None
    log_format: str | None = None
    queries: tuple[Path, ...] = ()
    profile: str | None = None
    s3_region: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    """Setting → what set it: `--logs`, `FLOWSQL_LOGS` or the file."""

    def location(self) -> str:
        """Where the flow logs are; raises UsageError when nothing says so."""
        if not self.logs:
            raise UsageError(
                "nothing says where the flow logs are",
                hint="--logs FOLDER_OR_S3, or FLOWSQL_LOGS, or `logs = …` in flowsql.toml; "
                "`flowsql demo` makes some to try",
            )
        return self.logs


def settle(
    options: Mapping[str, str | None], environ: Mapping[str, str] = os.environ, folder: Path | None = None
) -> Settings:
    """The settings in force in a folder; raises UsageError for a broken or unknown entry of `flowsql.toml`."""
    folder = (folder or Path.cwd()).absolute()
    chosen: dict[str, str] = {}
    origins: dict[str, str] = {}
    file, base = _read(folder)
    for name, variable in ENVIRONMENT.items():
        for origin, value in (
            (f"--{name.replace('_', '-')}", options.get(name)),
            (variable, environ.get(variable)),
            (str(base / FILE_NAME), file.get(name)),
        ):
            if value:
                chosen[name], origins[name] = value, origin
                break
    if origins.get("logs", "").endswith(FILE_NAME):
        chosen["logs"] = _beside(base, chosen["logs"])
    own = [Path(part).expanduser() for part in chosen.pop("queries", "").split(os.pathsep) if part]
    if origins.get("queries", "").endswith(FILE_NAME):
        own = [base / part for part in own]
    local = folder / "queries"
    if not own and local.is_dir():
        own, origins["queries"] = [local], "./queries"
    return Settings(queries=tuple(own), origins=origins, **chosen)


def _beside(base: Path, logs: str) -> str:
    """A relative folder in the file is meant from where the file is."""
    return logs if "://" in logs else str(base / Path(logs).expanduser())


def _read(folder: Path) -> tuple[dict[str, str], Path]:
    """The nearest `flowsql.toml` at or above a folder, as text by setting."""
    for base in (folder, *folder.parents):
        path = base / FILE_NAME
        if path.is_file():
            break
    else:
        return {}, folder
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise UsageError(f"not TOML: {failure}", where=str(path)) from failure
    found = {}
    for name, value in content.items():
        where = f"{path}:{_line(text, name)}"
        if name not in ENVIRONMENT:
            hint = did_you_mean(name, ENVIRONMENT, f"settings: {', '.join(ENVIRONMENT)}")
            raise UsageError(f"unknown setting {name!r}", where=where, hint=hint)
        values = value if isinstance(value, list) and name == "queries" else [value]
        if not all(isinstance(item, str) for item in values):
            listed = ", or a list of texts" if name == "queries" else ""
            raise UsageError(f"{name} is a text{listed}", where=where, hint=f'{name} = "…"')
        found[name] = os.pathsep.join(values)
    return found, base


def _line(text: str, name: str) -> int:
    """The line on which a top-level key or table begins."""
    key = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[]=.]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key.match(line)), 1)
