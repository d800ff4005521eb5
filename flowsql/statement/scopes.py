"""Which queries see which sources, and what columns a source offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Outputs:
    """The column names a derived source offers."""

    names: frozenset[str] = frozenset()
    more: bool = False
    """Whether it offers others too, as a `SELECT *` does."""


def sources(select: "exp.Select") -> list["exp.Expr"]:
    """What a FROM clause reads, left to right, with its parentheses opened."""
    start = select.args.get("from_") or select.args.get("from")
    items = [start.this] if start else []
    items += [join.this for join in select.args.get("joins") or []]
    return [source for item in (*items, *(select.args.get("laterals") or [])) for source in opened(item)]


def opened(item: "exp.Expr") -> Iterator["exp.Expr"]:
    from sqlglot import exp

    if isinstance(item, exp.Subquery) and not isinstance(item.this, exp.Query) and not item.alias:
        yield from opened(item.this)
    else:
        yield item
    for join in item.args.get("joins") or []:
        yield from opened(join.this)


def alias_of(source: "exp.Expr") -> str:
    return str(source.alias_or_name).lower()


def is_under(node: "exp.Expr", source: "exp.Expr") -> bool:
    parent = node.parent
    while parent is not None and parent is not source:
        parent = parent.parent
    return parent is source


def outer(select: "exp.Select") -> "exp.Select | None":
    """The query whose columns a subquery can see: none from a CTE or a derived table, unless it is LATERAL."""
    from sqlglot import exp

    node: exp.Expr = select
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.CTE) or (isinstance(node, exp.Subquery) and isinstance(parent, exp.From)):
            return None
        if isinstance(node, exp.Subquery) and isinstance(parent, exp.Join) and parent.this is node:
            return None
        if isinstance(parent, exp.Select):
            return parent
        node = parent
    return None


def outputs(source: "exp.Expr") -> Outputs:
    """The column names a derived source offers, as far as its text tells."""
    from sqlglot import exp

    alias = source.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.columns:
        offset = source.args.get("offset")
        numbered = [offset.name] if isinstance(offset, exp.Identifier) else []
        return Outputs(frozenset(name.lower() for name in (*(column.name for column in alias.columns), *numbered)))
    if isinstance(source, exp.Table):
        cte = cte_of(source)
        return outputs(cte) if cte is not None else Outputs(more=True)
    if isinstance(source, (exp.CTE, exp.Subquery, exp.Lateral)):
        return outputs(source.this)
    if isinstance(source, exp.SetOperation):
        return outputs(source.this)
    if isinstance(source, exp.Select):
        items = [item for item in source.expressions if not item.is_star]
        names = frozenset(item.alias_or_name.lower() for item in items)
        return Outputs(names, len(items) < len(source.expressions))
    return Outputs(more=True)


def cte_of(table: "exp.Expr") -> "exp.Expr | None":
    """The CTE a table stands for: the nearest around it of that name."""
    node: exp.Expr | None = table
    while node is not None:
        ctes: list[exp.CTE] = node.args["with_"].expressions if node.args.get("with_") else []
        for cte in ctes:
            if cte.alias.lower() == table.name.lower():
                return cte
        node = node.parent
    return None


def is_output(column: "exp.Column", select: "exp.Select") -> bool:
    """Whether a column of ORDER BY is one of the SELECT list's new names."""
    from sqlglot import exp

    order = column.find_ancestor(exp.Order, exp.Select)
    if not isinstance(order, exp.Order) or order.parent is not select:
        return False
    return column.name.lower() in {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias)}
