"""The tree of the one SELECT a question is, or the error that says why there is none."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowsql.errors import QueryError
from flowsql.query import Rendered
from flowsql.statement.parts import parts_of
from flowsql.statement.refusals import READ_ONLY, Refusal, not_a_select, several

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token


def tree_of(rendered: Rendered) -> "exp.Expression":
    """The syntax tree of a question; raises QueryError at the line of the author's file."""
    place, parts = rendered.query.place, parts_of(rendered.sql)
    if not parts:
        raise QueryError("there is no SELECT", where=place, hint=READ_ONLY)
    refuse((*not_a_select(parts[0]), *several(parts)), place)
    tree, failure = parts[0].tree, parts[0].failure
    if tree is not None:
        return tree
    line = rendered.sql.count("\n", 0, failure.offset) + 1 if failure and failure.offset is not None else None
    where = f"{place}:{line}" if line else place
    raise QueryError(f"not SQL: {failure.message if failure else ''}", where=where)


def refuse(refusals: Iterable[Refusal], place: str) -> None:
    """Raise the first refusal as a QueryError."""
    for refusal in refusals:
        line = line_of(refusal.at) if refusal.at is not None else None
        raise QueryError(refusal.message, where=f"{place}:{line}" if line else place, hint=refusal.hint)


def line_of(node: "exp.Expr | Token") -> int | None:
    """The line of a token, or of the first one under a node that has one."""
    from sqlglot import exp

    if not isinstance(node, exp.Expr):
        return int(node.line)
    for child in node.walk():
        if "line" in child.meta:
            return int(child.meta["line"])
    return None
