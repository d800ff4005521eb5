"""Find, load and index saved queries: packaged ones and a person's own, which win."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flowsql.errors import NotFound, QueryError, UsageError
from flowsql.frontmatter import parse
from flowsql.naming import nearest, python_name
from flowsql.query import Query


def packaged_folder() -> Path:
    """Where the shipped queries are: inside the wheel, or beside the package in a checkout."""
    inside = Path(__file__).parent / "queries"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "queries"


@dataclass(frozen=True)
class Library:
    """The saved queries of some folders; of two with the same name the later folder's wins."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, *own: Path) -> "Library":
        """The packaged queries and those of a person's own folders; raises UsageError for a missing folder."""
        for folder in own:
            if not folder.is_dir():
                raise UsageError(f"no folder of queries at {folder}", hint="--queries takes a folder of .sql files")
        shipped = packaged_folder()
        return cls((shipped, *(folder for folder in own if folder.resolve() != shipped.resolve())))

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Name (`connectivity/rejected-ssh`) → file, sorted by name."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            for path in sorted(folder.rglob("*.sql")):
                inside = path.relative_to(folder)
                if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                    found[inside.with_suffix("").as_posix()] = path
        return dict(sorted(found.items()))

    def overridden(self, name: str) -> Path | None:
        """The packaged file that a person's own query of this name hides, if it does: a full name or a short one."""
        shipped, own = self.folders[0], self.paths[name]
        if own.is_relative_to(shipped):
            return None
        same = shipped / f"{name}.sql"
        hidden = [path for full, path in self.paths.items() if full.endswith(f"/{name}")]
        return next((path for path in (same, *hidden) if path.is_file() and path.is_relative_to(shipped)), None)

    @cached_property
    def loaded(self) -> tuple[tuple[Query, ...], tuple[QueryError, ...]]:
        """All queries that can be read, and what is wrong with the others."""
        queries, problems = [], []
        for name in self.paths:
            try:
                queries.append(self._load(name))
            except QueryError as failure:
                problems.append(failure)
        return tuple(queries), tuple(problems)

    def __iter__(self) -> Iterator[Query]:
        """The queries that can be read; `loaded` tells of the others."""
        return iter(self.loaded[0])

    def __len__(self) -> int:
        return len(self.paths)

    def resolve(self, name: str) -> str:
        """A full or short name, in either spelling → the full name; raises NotFound with the nearest."""
        if not isinstance(name, str):
            raise UsageError(f"a query's name is a text, not {type(name).__name__}", hint='flows.run("rejected-ssh")')
        wanted = name.removesuffix(".sql").strip("/")
        if wanted in self.paths:
            return wanted
        short = python_name(wanted)
        matches = [full for full in self.paths if python_name(full) == short and "/" not in wanted]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise NotFound(f"{name!r} names several queries", hint=f"say which: {', '.join(matches)}")
        shorts = {full.rpartition("/")[2]: full for full in self.paths}
        close = nearest(wanted.rpartition("/")[2], shorts)
        seen = f"`flowsql list` shows all {len(self)}"
        hint = f"did you mean {shorts[close]}?  {seen}" if close else seen
        raise NotFound(f"no query named {name!r}", hint=hint)

    def find(self, name: str) -> Query:
        """Load one query by name; raises NotFound or QueryError."""
        return self._load(self.resolve(name))

    def _load(self, name: str) -> Query:
        path = self.paths[name]
        try:
            return parse(path.read_text("utf-8"), name, short_path(path))
        except OSError as failure:
            raise QueryError(f"cannot be read: {failure.strerror}", where=str(short_path(path))) from failure
        except UnicodeDecodeError as failure:
            encoding = "UTF-16" if failure.object[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "not UTF-8"
            where, hint = str(short_path(path)), "save it as UTF-8"
            raise QueryError(f"cannot be read: it is {encoding} text", where=where, hint=hint) from failure


def short_path(path: Path) -> Path:
    """A path as a person at this working directory would write it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
