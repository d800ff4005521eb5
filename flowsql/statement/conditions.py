"""The conditions a relation is asked alone, taken out of a statement."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flowsql.statement.scopes import alias_of, sources

if TYPE_CHECKING:
    from sqlglot import exp


def conjuncts(tree: "exp.Expression", names: set[str]) -> list[tuple[str, list["exp.Expression"]]]:
    """Per SELECT that reads one relation: its name and the conditions of its WHERE, split at AND.

    The conditions name columns only, so that they can be asked of the relation alone; they end before one that
    looks elsewhere (a subquery, a column of an outer query).
    """
    from sqlglot import exp

    found = []
    for select in tree.find_all(exp.Select):
        first, *others = [*sources(select), None]
        if not isinstance(first, exp.Table) or len(others) > 1 or first.name.lower() not in names:
            continue
        where = select.args.get("where")
        together = where.this if where else exp.And()
        parts = together.flatten() if isinstance(together, exp.And) else [together]
        found.append((first.name.lower(), list(_alone(parts, alias_of(first)))))
    return found


def _alone(conditions: "Iterable[exp.Expr]", alias: str) -> "Iterator[exp.Expression]":
    from sqlglot import exp

    for condition in conditions:
        tables = {column.table.lower() for column in condition.find_all(exp.Column)}
        if condition.find(exp.Query) is not None or tables - {"", alias}:
            return
        copy = exp.Paren(this=condition.unnest().copy())
        for column in copy.find_all(exp.Column):
            column.set("table", None)
        yield copy.this
