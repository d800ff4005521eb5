"""What a rendered query is, which relations and columns it reads, and where. The door to sqlglot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flowsql.errors import EngineError, QueryError
from flowsql.query import Rendered
from flowsql.statement.conditions import conjuncts
from flowsql.statement.reading import Reader, scans
from flowsql.statement.refusals import NO_RELATION, foreign, hidden, natural
from flowsql.statement.tree import line_of, refuse, tree_of

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["Statement", "conjuncts", "line_of", "parse"]

_TRANSLATED_LINE = re.compile(r"line (\d+): ")


@dataclass(frozen=True)
class Statement:
    """One read-only SELECT: what it reads, and how the engine says it."""

    rendered: Rendered
    columns: dict[str, int | None]
    """The columns it reads from flow log relations, lower case, with the line of their first use."""
    reads_all: bool
    """Whether a `SELECT *` reads every column there is."""
    scans: int
    """How often a relation is scanned, CTEs counted each time they are used."""
    native: str
    """The statement in the engine's own dialect."""
    notes: tuple[str, ...] = ()
    """What the checks warn of, for the receipt."""

    @cached_property
    def tree(self) -> "exp.Expression":
        """The syntax tree of the Athena SQL."""
        return tree_of(self.rendered)


def parse(rendered: Rendered, translate: "Callable[[exp.Expression], str] | None" = None) -> Statement:
    """Athena SQL → Statement; `translate` makes the engine's dialect of the tree, without it Athena's stays.

    Raises QueryError at the line of the author's file, and EngineError for what `translate` refuses.
    """
    tree = tree_of(rendered)
    place = rendered.query.place
    names = frozenset(relation.name for relation in rendered.relations)
    if not names:
        raise QueryError("the query reads no flow logs", where=place, hint=NO_RELATION)
    refuse((*hidden(tree.find_all, names), *foreign(tree.find_all, names), *natural(tree.find_all)), place)
    reader = Reader(names, place)
    native = _translated(tree, translate, place) if translate else rendered.sql
    return Statement(rendered, reader.columns(tree), reader.reads_all(tree), scans(tree, names), native)


def _translated(tree: "exp.Expression", translate: "Callable[[exp.Expression], str]", place: str) -> str:
    """The engine's dialect; a refusal names the line of the statement, which is that of the file."""
    try:
        return translate(tree)
    except EngineError as failure:
        line = _TRANSLATED_LINE.match(failure.message)
        where = f"{place}:{line[1]}" if line else failure.where or place
        message = failure.message[line.end() :] if line else failure.message
        raise EngineError(message, where=where, hint=failure.hint) from failure
