"""The files that `check` is given: names of saved queries, files, folders, and what is typed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowsql.cli import diagnostics
from flowsql.errors import FlowsqlError, NotFound, UsageError
from flowsql.library import Library, short_path

_Named = tuple[Path, str | None]
"""A file, with its name where it is a saved query."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text to check."""

    source: str
    path: str
    """What findings call it."""
    name: str | None = None
    """The name of a saved query."""
    file: Path | None = None
    """Where it lies."""


def texts_of(targets: Sequence[str], library: Callable[[], Library], failures: list[FlowsqlError]) -> Iterator[Text]:
    """The texts that targets stand for, each once, all saved queries by default; what cannot be had is a failure."""
    seen: set[Path | None] = set()
    for path, name in _files(targets, library, failures):
        place = path and path.resolve()
        if place in seen:
            continue
        seen.add(place)
        if path is None:
            yield Text(_stdin(), "stdin")
            continue
        shown = str(short_path(path))
        if not path.is_file():
            missing = "nothing is there" if not path.exists() else "no file"
            failures.append(UsageError(f"cannot be read: {missing}", where=shown))
            continue
        try:
            yield Text(path.read_text("utf-8"), shown, name, path)
        except (OSError, UnicodeDecodeError) as failure:
            reason = "not UTF-8 text" if isinstance(failure, UnicodeDecodeError) else failure.strerror
            failures.append(UsageError(f"cannot be read: {reason}", where=shown))


def _files(
    targets: Sequence[str], library: Callable[[], Library], failures: list[FlowsqlError]
) -> Iterator[_Named | tuple[None, None]]:
    """The files to check; None is stdin."""
    if not targets:
        yield from ((path, name) for name, path in library().paths.items())
    for target in targets:
        path = Path(target)
        if target == "-":
            yield None, None
        elif target and path.is_dir():
            inside = sorted(found for found in path.rglob("*.sql") if not found.is_dir())
            yield from ((found, found.relative_to(path).with_suffix("").as_posix()) for found in inside)
            if not inside:
                failures.append(UsageError(f"no .sql file in {target}"))
        elif path.is_file():
            yield path, None
        else:
            found = _saved(target, library())
            if isinstance(found, FlowsqlError):
                failures.append(found)
            else:
                yield found


def _saved(target: str, library: Library) -> _Named | FlowsqlError:
    """The saved query of a name, or why there is none."""
    try:
        name = library.resolve(target)
    except NotFound as failure:
        if library.named(target):
            return failure
        return NotFound(f"{target!r} is not a file, a folder or the name of a saved query", hint=failure.hint)
    return library.paths[name], name


def _stdin() -> str:
    if sys.stdin is None:
        raise UsageError("stdin is closed")
    if sys.stdin.isatty():
        diagnostics.say("Type SQL, end it with Ctrl-D:")
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as failure:
        raise UsageError(f"the SQL on stdin is not UTF-8: {failure.reason} at byte {failure.start}") from failure
