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
    listed_by: str = "`flowsql list`"
    """What shows all of them, as messages name it."""

    @classmethod
    def of(cls, *own: Path) -> "Library":
        """The packaged queries and those of a person's own folders; raises UsageError for a missing folder."""
        for folder in own:
            if not folder.is_dir():
                raise UsageError(
                    f"no folder of queries at {folder}",
                    hint="--queries, or connect(queries=…) in Python, takes a folder of .sql files",
                )
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

    def overridden(self, asked: str) -> str | None:
        """The packaged query that a person's own hides under the name it is asked by, full or short; None for none."""
        wanted = _plain(asked)
        if self._is_packaged(self.resolve(asked)):
            return None
        shipped = self.folders[0]
        same_short = (path for path in sorted(shipped.rglob("*.sql")) if "/" not in wanted)
        hidden = (path for path in same_short if python_name(path.stem) == python_name(wanted))
        found = next((path for path in (shipped / f"{wanted}.sql", *hidden) if path.is_file()), None)
        return found.relative_to(shipped).with_suffix("").as_posix() if found else None

    def _is_packaged(self, name: str) -> bool:
        return self.paths[name].is_relative_to(self.folders[0])

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

    def named(self, name: str) -> tuple[str, ...]:
        """The full names that a full or short name, in either spelling, may mean; one's own before packaged ones."""
        wanted = _plain(name)
        if wanted in self.paths:
            return (wanted,)
        short = python_name(wanted)
        matches = tuple(full for full in self.paths if python_name(full) == short and "/" not in wanted)
        own = tuple(full for full in matches if not self._is_packaged(full))
        return own if len(own) == 1 else matches

    def resolve(self, name: str) -> str:
        """A full or short name, in either spelling → the full name; raises NotFound with the nearest."""
        if not isinstance(name, str):
            raise UsageError(f"a query's name is a text, not {type(name).__name__}", hint='flows.run("rejected-ssh")')
        matches = self.named(name)
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise NotFound(f"{name!r} names several queries", hint=f"say which: {', '.join(matches)}")
        shorts = {full.rpartition("/")[2]: full for full in self.paths}
        close = nearest(_plain(name).rpartition("/")[2], shorts)
        seen = f"{self.listed_by} shows all {len(self)}"
        hint = f"did you mean {shorts[close]}?  {seen}" if close else seen
        raise NotFound(f"no query named {name!r}", hint=hint)

    def shortest(self, name: str) -> str:
        """A full name as it is typed: without its topic, where that means no other query."""
        short = name.rpartition("/")[2]
        return short if self.named(short) == (name,) else name

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


def _plain(name: str) -> str:
    """A name as it was typed, without what may be left out."""
    return name.removesuffix(".sql").strip("/")


def short_path(path: Path) -> Path:
    """A path as a person at this working directory would write it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
