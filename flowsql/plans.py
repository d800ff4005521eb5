"""What a rendered query reads and how an engine says it, remembered between runs: parsing SQL costs more than asking it.

A plan depends on nothing but the SQL, the dialect and the code that makes plans, and its name is the hash of those.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from flowsql.query import Rendered
from flowsql.statement import Statement, parse

if TYPE_CHECKING:
    from sqlglot import exp

_KEPT = 500
"""Plans kept; beyond it the oldest are removed."""


def cache_folder() -> Path:
    """Where flowsql keeps what it can make again: `FLOWSQL_CACHE`, or the user's cache directory."""
    if chosen := os.environ.get("FLOWSQL_CACHE"):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("flowsql")


@dataclass(slots=True)
class Plans:
    """Plans in a folder; a folder that cannot be read or written only costs time."""

    folder: Path = field(default_factory=lambda: cache_folder() / "plans")

    def plan(self, rendered: Rendered, dialect: str, translate: "Callable[[exp.Expression], str]") -> Statement:
        """The statement of a rendered query, from the folder or made; raises QueryError, EngineError."""
        path = self.folder / f"{_key(rendered, dialect)}.json"
        try:
            kept = json.loads(path.read_bytes())
            return Statement(rendered, kept["columns"], kept["reads_all"], kept["scans"], kept["native"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        statement = parse(rendered, translate)
        self._keep(path, statement)
        return statement

    def _keep(self, path: Path, statement: Statement) -> None:
        content = {
            "columns": statement.columns,
            "reads_all": statement.reads_all,
            "scans": statement.scans,
            "native": statement.native,
        }
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(content), "utf-8")
            partial.replace(path)
            kept = sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
            for old in kept[:-_KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            return


def _key(rendered: Rendered, dialect: str) -> str:
    """Covers the SQL, the relations' names and the code that reads and translates SQL, down to the file."""
    here = Path(__file__).parent
    code = [here / "statement.py", *sorted((here / "dialects").glob("*.py"))]
    stamps = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in code]
    names = sorted(relation.name for relation in rendered.relations)
    return sha256("\0".join((dialect, *names, *stamps, rendered.sql)).encode()).hexdigest()
