"""What a rendered query reads and how an engine says it, remembered between runs, since parsing costs more than asking.

A plan depends on nothing but the SQL, the dialect and the code that makes plans, and its name is the hash of those.
"""

import json
import os
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from flowsql.caching import cache_folder
from flowsql.engines.base import Translate
from flowsql.query import Rendered
from flowsql.statement import Statement, parse

_CODE = ("__init__.py", "plans.py", "fields.py", "macros.py", "query.py", "addresses.py")
_KEPT = 500
"""Plans kept; beyond it the oldest are removed."""


def planned(rendered: Rendered, translate: Translate | None, undocumented: tuple[str, ...] = ()) -> Statement:
    """A question checked and parsed; raises Refused with all that the checks find wrong, and EngineError.

    `undocumented` are columns of the flow logs that AWS documents nowhere.
    """
    from flowsql.checks import guard

    notes = guard(rendered, undocumented)
    return replace(parse(rendered, translate), notes=notes)


@dataclass(slots=True)
class Plans:
    """Plans in a folder; a folder that cannot be read or written only costs time."""

    folder: Path = field(default_factory=lambda: cache_folder() / "plans")

    def plan(
        self, rendered: Rendered, dialect: str, translate: Translate | None, undocumented: tuple[str, ...] = ()
    ) -> Statement:
        """The statement of a rendered query, from the folder or as `planned` makes it."""
        try:
            path = self.folder / f"{_key(rendered, dialect, undocumented)}.json"
        except OSError:
            return planned(rendered, translate, undocumented)
        kept = _kept(path, rendered)
        if kept is not None:
            return kept
        statement = planned(rendered, translate, undocumented)
        self._keep(path, statement)
        return statement

    def _keep(self, path: Path, statement: Statement) -> None:
        content = {
            "columns": statement.columns,
            "reads_all": statement.reads_all,
            "scans": statement.scans,
            "native": statement.native,
            "notes": statement.notes,
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


def _kept(path: Path, rendered: Rendered) -> Statement | None:
    """The plan in a file; None when there is none, or no whole one."""
    try:
        content = json.loads(path.read_bytes())
        columns, native = content["columns"], content["native"]
        reads_all, scans, notes = content["reads_all"], content["scans"], content["notes"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (isinstance(columns, dict) and isinstance(native, str) and isinstance(scans, int)):
        return None
    if not (isinstance(notes, list) and all(isinstance(note, str) for note in notes)):
        return None
    return Statement(rendered, columns, bool(reads_all), scans, native, tuple(notes))


def _key(rendered: Rendered, dialect: str, undocumented: tuple[str, ...]) -> str:
    """Covers the SQL, the query's own text, the names it may use and the code: every byte of what reads and translates
    SQL, and of the checks, which are many files, the release, sizes and times.

    Raises OSError when the code cannot be read as files.
    """
    here = Path(__file__).parent
    made = sha256()
    for path in (*_code(here), _sqlglot()):
        made.update(path.read_bytes())
    checks = here / "checks"
    for folder in (here, checks, *(checks / inside for inside in ("athena", "bounds", "rules"))):
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    made.update(f"{entry.name} {status.st_size} {status.st_mtime_ns}\0".encode())
    names = sorted(relation.name for relation in rendered.relations)
    query = rendered.query
    declared = repr((query.name, query.place, query.params, query.columns))
    for text in (dialect, *names, repr(undocumented), rendered.sql, query.body, declared):
        made.update(b"\0" + text.encode())
    return made.hexdigest()


def _code(here: Path) -> list[Path]:
    """What reads and translates SQL."""
    inside = (path for folder in ("statement", "dialects") for path in (here / folder).rglob("*.py"))
    return [*(here / name for name in _CODE), *sorted(inside)]


def _sqlglot() -> Path:
    """The file that says which sqlglot is installed, found without importing it."""
    found = find_spec("sqlglot")
    if found is None or found.origin is None:
        raise FileNotFoundError("sqlglot")
    return Path(found.origin).with_name("_version.py")
