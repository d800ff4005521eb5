"""What is checked: one file (or one question) with its text, header, rendered SQL, tokens and tree, each made once."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from flowsql.checks.known import Known
from flowsql.checks.rule import Fault, Kind
from flowsql.errors import FlowsqlError, QueryError
from flowsql.query import Query, Rendered
from flowsql.statement.parts import Part, parts_of
from flowsql.statement.scopes import cte_of
from flowsql.table import Table

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

    from flowsql.checks.athena.cursor import Departure
    from flowsql.checks.bounds.scans import Scan
    from flowsql.checks.functions import Call
    from flowsql.checks.names import Scopes

Node = TypeVar("Node", bound="exp.Expr")

_PLACE = re.compile(r":(?P<line>\d+)(:(?P<column>\d+))?$")
_NAMED = re.compile(r"'([^']+)'|\{\{ (\w+) \}\}|^(\{[{%#][-+]|[-+][%#}]\})")
_TAG = re.compile(r"\{\{|\{%")


@dataclass(frozen=True, slots=True)
class Extent:
    """What an engine would read of a table, told by a partition column of time."""

    table: str
    column: str
    ends: tuple[str, str] | None
    """The first and the last value read; None where nothing limits it."""
    whole: bool
    """Whether that is all there is."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an engine says of a statement it does not run."""

    engine: str
    """The source, as a person named it."""
    refusal: FlowsqlError | None = None
    extents: tuple[Extent, ...] = ()
    """Of hand-written SQL, which names its tables itself."""


@dataclass(frozen=True)
class Subject:
    """One file or question under one set of parameter values. A rule only reads it."""

    path: str
    """What findings call it."""
    source: str
    """The whole text the author wrote, header included, with `\\n` line ends."""
    kind: Kind
    """`query` has a header; `sql` is SQL given by hand or a plain file; `ddl` makes tables."""
    query: Query | None = None
    """None when the header cannot be read, and for DDL."""
    rendered: Rendered | None = None
    """None when the template cannot be rendered, and for DDL."""
    table: Table | None = None
    """The table the SQL is about, where one is known."""
    others: tuple[Known, ...] = ()
    """Tables that are known too."""
    asked: bool = False
    """Whether this is a question about to run."""
    misread: tuple[QueryError, ...] = ()
    """What is wrong with header and template; rules sort it."""
    unreached: tuple[int, ...] = ()
    """Where in the body the pieces of SQL begin that no rendering shows."""
    judgement: Judgement | None = None
    """None where no engine was asked."""
    undocumented: tuple[str, ...] = ()
    """Columns of the flow logs asked that AWS documents nowhere; they are text."""
    only: Part | None = None
    """The one of several statements this is about."""

    @cached_property
    def sql(self) -> str:
        """The rendered SQL; a file without template tags as it is. Rules' offsets are characters of this text."""
        return self.rendered.sql if self.rendered else self.source

    @cached_property
    def templated(self) -> bool:
        """Whether flowsql supplies what it reads: a saved query, a question, or a file with `{{ … }}` in it."""
        return self.kind == "query" or self.asked or bool(_TAG.search(self.source))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The statements, split at semicolons. Each has `.sql`, `.tokens`, `.tree` and `.failure`."""
        return parts_of(self.sql) if self.only is None else (self.only,)

    @cached_property
    def statements(self) -> "tuple[Subject, ...]":
        """A subject for each SELECT; of a saved query, which must be one alone, for the first."""
        if len(self.parts) < 2 or self.kind == "ddl":
            return (self,)
        parts = self.parts[:1] if self.kind == "query" else self.parts
        return tuple(replace(self, only=part) for part in parts if _is_query(part))

    @cached_property
    def tokens(self) -> "tuple[Token, ...]":
        """sqlglot's tokens of all statements; `.start` and `.end` (inclusive) are offsets in `sql`."""
        marker = "HIVE_TOKEN_STREAM"  # what sqlglot puts before the tokens of DDL
        return tuple(token for part in self.parts for token in part.tokens if token.token_type.name != marker)

    @cached_property
    def calls(self) -> "tuple[Call, ...]":
        """The function calls of all statements."""
        from flowsql.checks.functions import calls

        return tuple(calls(self.tokens))

    @cached_property
    def departures(self) -> "tuple[tuple[Departure, ...], ...]":
        """Where each statement leaves Athena's grammar."""
        from flowsql.checks.athena.grammar import departures

        return tuple(departures(part.sql) for part in self.parts)

    @property
    def tree(self) -> "exp.Expression":
        """The tree of the only statement; asked only by rules that need one."""
        assert self._tree is not None
        return self._tree

    @cached_property
    def _tree(self) -> "exp.Expression | None":
        """With faults of grammar put right, where these are all that hides it."""
        from flowsql.checks.mending import mended

        (part,) = self.parts
        return part.tree or (mended(part) if self.kind != "ddl" else None)

    @cached_property
    def _by_kind(self) -> "dict[type[exp.Expr], list[tuple[int, exp.Expr]]]":
        """The nodes of the tree by their own class, each with its place among all."""
        found: dict[type[exp.Expr], list[tuple[int, exp.Expr]]] = {}
        for place, node in enumerate(self.tree.walk()):
            found.setdefault(type(node), []).append((place, node))
        return found

    @property
    def node_kinds(self) -> "Collection[type[exp.Expr]]":
        """The kinds of nodes there are in the tree."""
        return self._by_kind.keys()

    def nodes(self, *kinds: "type[Node]") -> "Iterator[Node]":
        """The nodes of some kinds in the tree, outer ones first."""
        found: Any = [nodes for kind, nodes in self._by_kind.items() if issubclass(kind, kinds)]
        placed = found[0] if len(found) == 1 else sorted(chain.from_iterable(found), key=itemgetter(0))
        return (node for _, node in placed)

    @cached_property
    def scopes(self) -> "Scopes":
        """Which SELECT sees which relations."""
        from flowsql.checks.names import Scopes

        return Scopes(self)

    def known(self, node: "exp.Table") -> Known | None:
        """The table of the catalogue that a name in SQL stands for; None for one that is not known, or not for sure."""
        own = Known(self.table.name, self.table) if self.table is not None and self.table.name else None
        if own is not None and own.is_meant(node):
            return own
        found = [each for each in self.others if each.is_meant(node)]
        return found[0] if found and all(each == found[0] for each in found) else None

    def strangers(self) -> "Iterator[exp.Table]":
        """The tables that hand-written SQL reads beside its own."""
        from sqlglot import exp

        for one in () if self.templated else self.statements:
            if one.has("tree"):
                read = (node for node in one.nodes(exp.Table) if isinstance(node.this, exp.Identifier))
                own = self.table and self.table.name and Known(self.table.name, self.table)
                yield from (node for node in read if cte_of(node) is None and not (own and own.is_meant(node)))

    @cached_property
    def scans(self) -> "tuple[Scan, ...]":
        """The scans of real tables in the only statement, with the conditions that reach them."""
        from flowsql.checks.bounds.judged import scans_of

        return scans_of(self)

    @cached_property
    def relations(self) -> frozenset[str]:
        """The names that stand for flow logs in `sql`: `flows`, `records`, `baseline_7d`."""
        return frozenset(relation.name for relation in self.rendered.relations) if self.rendered else frozenset()

    def has(self, needs: str) -> bool:
        """Whether there is what a rule needs."""
        match needs:
            case "text":
                return True
            case "query":
                return self.query is not None
            case "sql":
                return self._is_sql
            case "tokens":
                return self._is_sql and bool(self.tokens)
            case "engine":
                return self.judgement is not None
            case _:
                return self._is_sql and len(self.parts) == 1 and self._tree is not None

    @property
    def _is_sql(self) -> bool:
        return self.rendered is not None or self.kind == "ddl"

    def fault(self, message: str, at: "exp.Expr | Token | int | None" = None, hint: str | None = None) -> Fault:
        """A fault at a node, a token or an offset of `sql`, pointing into the author's file; None is line 1."""
        line, column = (1, 1) if at is None else self.place(self.offset_of(at))
        return Fault(message, line, column, hint)

    def fault_of(self, failure: FlowsqlError) -> Fault:
        """What reading header or template refused, at its place, or at the word it names on its line."""
        found = _PLACE.search(failure.where or "")
        line = int(found["line"]) if found else 1
        if found and found["column"]:
            return Fault(failure.message, line, int(found["column"]), failure.hint)
        lines = self.source.split("\n")
        text = lines[line - 1] if line <= len(lines) else ""
        words = [next(filter(None, groups)) for groups in _NAMED.findall(failure.message)]
        starts = [at.start() for word in words if (at := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))]
        column = starts[0] if starts else len(text) - len(text.lstrip())
        return Fault(failure.message, line, column + 1, failure.hint)

    def header_line(self, section: str, key: str) -> tuple[int, int]:
        """Line and column of a key under a section of the header."""
        head = self.source.partition("--- */")[0]
        found = re.search(rf"^{section}:.*?^(?P<blank>[ \t]+)(?={re.escape(key)}\s*:)", head, re.DOTALL | re.MULTILINE)
        return (head.count("\n", 0, found.end()) + 1, len(found["blank"]) + 1) if found else (1, 1)

    def offset_of(self, at: "exp.Expr | Token | int") -> int:
        """The first character in `sql` of a node (of its leftmost word that has a place) or a token."""
        from sqlglot import exp

        if isinstance(at, int):
            return at
        if not isinstance(at, exp.Expr):
            return int(at.start)
        starts = [child.meta["start"] for child in at.walk() if "start" in child.meta]
        if starts:
            return int(min(starts))
        return self.offset_of(at.parent) if at.parent is not None else 0

    def token_before(self, at: "exp.Expr | Token | int", *texts: str) -> "Token | None":
        """The nearest token at or before a place whose text (upper case) is one of `texts`."""
        offset = self.offset_of(at)
        found = [token for token in self.tokens if token.start <= offset and token.text.upper() in texts]
        return found[-1] if found else None

    def as_written(self, sql: str) -> str:
        """A piece of SQL printed from the tree, with the clock called as the author calls it."""
        called = {token.text.upper() for token in self.tokens} & {"NOW", "CURRENT_TIMESTAMP"}
        return sql.replace("CURRENT_TIMESTAMP", "now()") if called == {"NOW"} else sql

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, in the author's file of an offset in `sql`."""
        text = self.source
        if self.rendered is not None:
            text = self.rendered.query.body.replace("\r\n", "\n").replace("\r", "\n")
            offset = self.rendered.source_offset(offset)
        return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _is_query(part: Part) -> bool:
    """Whether a statement begins like a SELECT."""
    first = next((token.text.upper() for token in part.tokens if token.text and token.text != "("), "")
    return first in ("SELECT", "WITH", "VALUES")
