"""Header and body of a `.sql` file, without losing a line number; every scalar stays text.

Owns YAML: `no`, `22:30` and `2024-01-01` stay what the author typed, and duplicate keys are found with their line.
"""

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from flowsql.errors import QueryError, UsageError
from flowsql.macros import MACROS
from flowsql.naming import did_you_mean, nearest
from flowsql.params import TYPES, Param, bind
from flowsql.query import COLUMN_TYPES, Column, Query

if TYPE_CHECKING:
    import yaml

_KEYS = ("title", "description", "params", "columns", "tags")
_PARAM_KEYS = ("type", "default", "help", "optional", "choices", "min", "max")
_BOUNDED = ("int", "float")
"""The types of parameter that may have a `min` and a `max`."""
_OPEN, _CLOSE = "/* ---", "--- */"
_KEY_AND_TEXT = re.compile(r"(?P<key>\s*(?:- )?[\w-]+:)\s+(?P<text>[^\s{\['\"].*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = frozenset((*MACROS, *keyword.kwlist, "true", "false", "none", "self", "loop"))
COMMON_OPTIONS: tuple[str, ...] = (
    *("last", "since", "until", "on", "tz", "slack"),
    *("account", "region", "vpc", "subnet", "interface", "instance"),
    *("logs", "source", "results", "log_format", "queries", "profile", "s3_region", "skip_damaged"),
    *("format", "output", "receipt", "show_rejects", "quiet", "dialect", "help", "name"),
    *("max_bytes", "dry_run", "into"),
)
"""Options every query takes, which no query may declare as a parameter of its own."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text with the line it stands on."""

    text: str
    line: int
    block: bool = False
    """Whether the text stands below that line, each of its lines on one of the file's (`|`)."""


Kind = Literal["header", "key", "type", "default"]
T = TypeVar("T")
Tree = Scalar | list["Tree"] | dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as texts, lists and mappings, with the line of every key and every item of a list."""

    tree: Tree
    key_lines: dict[tuple[str, ...], int]
    place: str

    def line(self, *path: str) -> int:
        """The line of a key given by its path from the top; of what it would stand in, where it is missing."""
        found = (self.key_lines.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), 1)

    def error(self, message: str, *path: str, hint: str | None = None, kind: Kind = "header") -> "Misread":
        """An error at the line of a key."""
        return self.error_at(self.line(*path), message, hint=hint, kind=kind)

    def error_at(self, line: int, message: str, *, hint: str | None = None, kind: Kind = "header") -> "Misread":
        """An error at a line."""
        return Misread(message, where=f"{self.place}:{line}", hint=hint, kind=kind)


class Misread(QueryError):
    """What is wrong with a header, and which kind of wrong."""

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None, kind: Kind = "header"):
        super().__init__(message, where=where, hint=hint)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class _Collector:
    """Raises the first problem, or collects all of them: the same code finds both."""

    problems: list[QueryError] | None

    def read(self, reader: "Callable[[], T]", otherwise: "T") -> "T":
        """What a reader gives; `otherwise` when it finds a problem and all are wanted."""
        try:
            return reader()
        except QueryError as failure:
            if self.problems is None:
                raise
            self.problems.append(failure)
            return otherwise


def read_yaml(text: str, place: str, first_line: int = 1) -> Document:
    """YAML text → texts, lists and mappings; raises QueryError with file and line."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lines: dict[tuple[str, ...], int] = {}
    try:
        node = yaml.compose(text, Loader=loader)
        tree: Tree = {} if node is None else _Reading(place, first_line, lines, set()).plain(node, ())
    except yaml.MarkedYAMLError as failure:
        # A quote that is never closed is told where it opens.
        mark = failure.context_mark if "end of stream" in str(failure.problem) else failure.problem_mark
        row, column = (mark.line, mark.column) if mark else (0, 0)
        what = "nested too deeply" if "nesting depth" in str(failure.problem) else str(failure.problem)
        hint = _mended(what, text.split("\n")[row]) if row <= text.count("\n") else None
        raise QueryError(f"not YAML: {what}", where=f"{place}:{row + first_line}:{column + 1}", hint=hint) from failure
    except (yaml.YAMLError, UnicodeEncodeError) as failure:
        at = text.encode("utf-8", "replace")[: getattr(failure, "position", 0) or 0].count(b"\n") + first_line
        raise QueryError("not YAML: a character here is not text", where=f"{place}:{at}") from failure
    except RecursionError as failure:
        raise QueryError("not YAML: nested too deeply", where=f"{place}:{first_line}") from failure
    return Document(tree, lines, place)


def _mended(problem: str, line: str) -> str | None:
    """What to write in place of a line that YAML refuses; None where that is not known."""
    if "\t" in line:
        return "indent with blanks, not with tabs"
    if "end of stream" in problem:
        return "a quote is not closed"
    if "expected ',' or" in problem:
        return "a text with a colon or a comma stands in quotes: {type: port, help: 'Here: the port, or more.'}"
    found = _KEY_AND_TEXT.fullmatch(line)
    if found is None:
        return None
    quoted = found["text"].strip().replace("'", "''")
    return f"a text with a colon or a special character stands in quotes: {found['key'].strip()} '{quoted}'"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One walk over YAML's nodes."""

    place: str
    first_line: int
    lines: dict[tuple[str, ...], int]
    seen: set[int]

    def plain(self, node: "yaml.Node", path: tuple[str, ...]) -> Tree:
        import yaml

        line = node.start_mark.line + self.first_line
        if id(node) in self.seen:
            raise QueryError("YAML's anchors and aliases are not read here", where=f"{self.place}:{line}")
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return Scalar(str(node.value), line, node.style == "|")
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.lines[(*path, str(index))] = item.start_mark.line + self.first_line
            return [self.plain(item, (*path, str(index))) for index, item in enumerate(node.value)]
        mapping: dict[str, Tree] = {}
        for key, value in node.value:
            at = key.start_mark.line + self.first_line
            if not isinstance(key, yaml.ScalarNode):
                raise QueryError("a key is a text", where=f"{self.place}:{at}")
            name = str(key.value)
            if name in mapping:
                raise QueryError(f"key {name!r} stands twice", where=f"{self.place}:{at}")
            self.lines[(*path, name)] = at
            mapping[name] = self.plain(value, (*path, name))
        return mapping


def parse(text: str, name: str, path: Path | None = None, problems: list[QueryError] | None = None) -> Query:
    """The text of a `.sql` file → a Query; raises QueryError with file and line.

    With `problems` given, all that is wrong is put there, and the Query is what could be read; QueryError is then
    raised only where there is no header at all.
    """
    place = str(path) if path else name
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith(_OPEN):
        raise QueryError("a saved query begins with its header", where=f"{place}:1", hint=f"line 1 is {_OPEN}")
    head, closed, rest = text.partition(_CLOSE)
    if not closed:
        raise QueryError("the header is not closed", where=f"{place}:1", hint=f"end it with a line {_CLOSE}")
    document = read_yaml(head.removeprefix(_OPEN), place)
    header, collector = document.tree, _Collector(problems)
    if not isinstance(header, dict):
        raise QueryError("the header is not a mapping", where=f"{place}:2", hint=f"keys: {', '.join(_KEYS)}")
    collector.read(lambda: _known(document, header, _KEYS), None)
    body = "\n" * head.count("\n") + rest
    if not body.strip():
        raise QueryError("there is no SELECT after the header", where=f"{place}:{text.count(chr(10))}")
    return Query(
        name=name,
        title=" ".join(collector.read(lambda: _text(document, header, "title"), "").split()),
        description=" ".join(collector.read(lambda: _text(document, header, "description"), "").split()),
        params=_params(document, header, collector),
        columns=_columns(document, header, collector),
        tags=collector.read(lambda: _tags(document, header), ()),
        body=body if body.endswith("\n") else f"{body}\n",
        path=path,
    )


def _known(document: Document, mapping: dict[str, Tree], legal: tuple[str, ...], *path: str) -> None:
    for key in mapping:
        if key not in legal:
            inside = f" in {'.'.join(path)}" if path else ""
            hint = did_you_mean(key, legal, f"known keys: {', '.join(legal)}")
            raise document.error(f"unknown key {key!r}{inside}", *path, key, hint=hint, kind="key")


def _text(document: Document, mapping: dict[str, Tree], *path: str) -> str:
    value = mapping.get(path[-1])
    if value is None:
        raise document.error(f"the header lacks {'.'.join(path)!r}", *path[:-1])
    if not isinstance(value, Scalar):
        raise document.error(f"{'.'.join(path)} is a text", *path)
    if not value.text.strip() and path[-1] != "help":
        raise document.error(f"{'.'.join(path)} is empty", *path)
    return value.text


def _params(document: Document, header: dict[str, Tree], collector: _Collector) -> tuple[Param, ...]:
    nothing: dict[str, Tree] = {}

    def declared() -> dict[str, Tree]:
        given = header.get("params", {})
        if not isinstance(given, dict):
            raise document.error("params is a mapping of names", "params", hint="port: {type: port, default: 22}")
        return given

    def param(name: str, body: Tree) -> Param:
        return collector.read(lambda: _param(document, name, body), _stand_in(name, body))

    return tuple(param(name, body) for name, body in collector.read(declared, nothing).items())


def _stand_in(name: str, body: Tree) -> Param:
    """A parameter that is declared wrong as one of its type, so that what follows is not told as a fault of its own."""
    given = body.get("type") if isinstance(body, dict) else None
    kind = nearest(given.text, TYPES) if isinstance(given, Scalar) else None
    if kind is None or kind == "choice":
        return Param(name, "string", default=name)
    return Param(name, kind, default=TYPES[kind].example)


def _param(document: Document, name: str, body: Tree) -> Param:
    at = ("params", name)
    if not _NAME.fullmatch(name):
        raise document.error(f"{name!r} is not a parameter name", *at, hint="lower-case letters, digits and _")
    if name in _TAKEN:
        hint = "choose another name: macros, `self`, `loop` and the words of Python are taken"
        raise document.error(f"{name!r} means something else in a template", *at, hint=hint)
    if name in COMMON_OPTIONS:
        hint = f"choose another name: {', '.join(COMMON_OPTIONS)} are taken"
        raise document.error(f"{name!r} is an option every query has", *at, hint=hint)
    if not isinstance(body, dict):
        raise document.error(f"parameter {name!r} is a mapping", *at, hint=f"{name}: {{type: int, default: 10}}")
    _known(document, body, _PARAM_KEYS, *at)
    kind = _text(document, body, *at, "type")
    if kind not in TYPES:
        hint = did_you_mean(kind, TYPES, f"types: {', '.join(TYPES)}")
        raise document.error(f"parameter {name!r} has unknown type {kind!r}", *at, "type", hint=hint, kind="type")
    choices = body.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(item, Scalar) for item in choices):
        raise document.error(f"choices of {name!r} is a list of texts", *at, "choices", hint="[bytes, packets]")
    if (kind == "choice") != bool(choices):
        raise document.error(f"parameter {name!r}: type choice goes with a list of choices", *at)
    default = body.get("default")
    if default is not None and not isinstance(default, Scalar):
        raise document.error(f"the default of {name!r} is a text", *at, "default", hint="a list is written 22,3389")
    optional = _text(document, body, *at, "optional") if "optional" in body else "false"
    if optional not in ("true", "false"):
        raise document.error(f"optional of {name!r} is true or false", *at, "optional")
    param = Param(
        name=name,
        type=kind,
        help=_text(document, body, *at, "help") if "help" in body else "",
        default=default.text if default else None,
        optional=optional == "true",
        choices=tuple(item.text for item in choices if isinstance(item, Scalar)),
        min=_bound(document, body, kind, *at, "min"),
        max=_bound(document, body, kind, *at, "max"),
    )
    if param.min is not None and param.max is not None and not param.holds(TYPES[kind].parse(param.min)):
        raise document.error(
            f"min of {name!r} is more than its max", *at, "min", hint=f"swap {param.min} and {param.max}"
        )
    if param.default is not None:
        try:
            bind(param)
        except UsageError as failure:
            raise document.error(
                f"the default does not fit: {failure.message}", *at, "default", hint=failure.hint, kind="default"
            ) from failure
    return param


def _bound(document: Document, body: dict[str, Tree], kind: str, *at: str) -> str | None:
    """The `min` or `max` of a parameter as written."""
    if at[-1] not in body:
        return None
    if kind not in _BOUNDED:
        raise document.error(
            f"{at[-1]} goes with type {' or '.join(_BOUNDED)}, not {kind}", *at, hint="a type checks its own values"
        )
    text = _text(document, body, *at)
    try:
        bind(Param(at[-1], kind), text)
    except UsageError as failure:
        raise document.error(f"{'.'.join(at)} is {TYPES[kind].legal}, not {text!r}", *at) from failure
    return text.strip()


def _columns(document: Document, header: dict[str, Tree], collector: _Collector) -> tuple[Column, ...]:
    nothing: dict[str, Tree] = {}

    def declared() -> dict[str, Tree]:
        given = header.get("columns")
        if not isinstance(given, dict) or not given:
            raise document.error("columns names what the query returns", "columns", hint="srcaddr: string")
        return given

    def column(name: str, kind: Tree) -> Column:
        return collector.read(lambda: _column(document, name, kind), Column(name, ""))

    return tuple(column(name, kind) for name, kind in collector.read(declared, nothing).items())


def _column(document: Document, name: str, kind: Tree) -> Column:
    if not _NAME.fullmatch(name):
        raise document.error(f"{name!r} is not a column name", "columns", name, hint="lower-case letters, digits and _")
    if not isinstance(kind, Scalar) or kind.text not in COLUMN_TYPES:
        listed = f"types: {', '.join(COLUMN_TYPES)}"
        hint = did_you_mean(kind.text, COLUMN_TYPES, listed) if isinstance(kind, Scalar) else listed
        raise document.error(f"column {name!r} has an unknown type", "columns", name, hint=hint, kind="type")
    return Column(name, kind.text)


def _tags(document: Document, header: dict[str, Tree]) -> tuple[str, ...]:
    tags = header.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, Scalar) for tag in tags):
        raise document.error("tags is a list of words", "tags", hint="[ssh, reject]")
    return tuple(tag.text for tag in tags if isinstance(tag, Scalar))
