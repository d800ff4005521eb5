"""Grouping: what is an aggregate, and which expressions a grouped SELECT may show."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.functions import aggregates
from flowsql.checks.names import Scope

if TYPE_CHECKING:
    from sqlglot import exp

_RANKS = ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile")
_WINDOW_ONLY = frozenset((*_RANKS, "lag", "lead", "first_value", "last_value", "nth_value"))


def is_aggregate(node: "exp.Expr") -> bool:
    """Whether a node is an aggregate function of its own SELECT, not one taken over a window."""
    from sqlglot import exp

    if isinstance(node, exp.AggFunc):
        named = not is_window_only(node)
    else:
        named = isinstance(node, exp.Anonymous) and node.name.lower() in aggregates()
    return named and not is_over_window(node)


def own_aggregates(node: "exp.Expr") -> "Iterator[exp.Expr]":
    """The aggregates at and under a node, without those of queries within."""
    from sqlglot import exp

    maybe = (each for each in own_nodes(node) if isinstance(each, (exp.AggFunc, exp.Anonymous)))
    return (each for each in maybe if is_aggregate(each))


def is_window_only(node: "exp.Expr") -> bool:
    """Whether a call is a function that stands over a window alone, with or without one."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return node.name.lower() in _WINDOW_ONLY
    names = type(node).sql_names() if isinstance(node, exp.Func) else []
    return any(name.lower() in _WINDOW_ONLY for name in names)


def is_over_window(node: "exp.Expr") -> bool:
    """Whether a call is taken over a window."""
    from sqlglot import exp

    parent = node.parent
    while isinstance(parent, (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)):
        node, parent = parent, parent.parent
    return isinstance(parent, exp.Window) and parent.this is node


def name_of(node: "exp.Expr") -> str:
    """What a call is, for a person: `COUNT(…)`."""
    from sqlglot import exp

    if isinstance(node, (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)):
        return name_of(node.this)
    name = node.name if isinstance(node, exp.Anonymous) else node.sql(dialect="athena").partition("(")[0]
    return f"{name.lower()}(…)"


def own_nodes(node: "exp.Expr") -> "Iterator[exp.Expr]":
    """A node and those under it, without those of queries within."""
    from sqlglot import exp

    todo: list[exp.Expr] = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, exp.Query):
            continue
        yield each
        todo.extend(reversed(list(each.iter_expressions())))


def ungrouped(scope: Scope) -> "Iterator[exp.Column]":
    """The columns that a grouped SELECT shows, sorts or filters by without grouping by them."""
    select = scope.select
    shown = [item.unalias() for item in select.expressions]
    later = [select.args[clause] for clause in ("having", "order") if select.args.get(clause) is not None]
    if select.args.get("group") is None and not any(
        aggregate for part in (*shown, *later) for aggregate in own_aggregates(part)
    ):
        return
    keys = _keys(scope)
    if keys is None:
        return
    for part in shown:
        yield from _loose(part, scope, keys)
    for part in later:
        aliases = scope.aliases if part.key == "order" else {}
        yield from (column for column in _loose(part, scope, keys) if column.name.lower() not in aliases)


def _keys(scope: Scope) -> dict[object, type] | None:
    """What is grouped by: columns as (alias, name), others as SQL, with the kind of node; None where it is not told."""
    from sqlglot import exp

    group = scope.select.args.get("group")
    keys: dict[object, type] = {}
    todo = list(group.iter_expressions()) if group is not None else []
    while todo:
        each = todo.pop()
        if isinstance(each, (exp.Cube, exp.Rollup, exp.GroupingSets, exp.Tuple, exp.Paren)):
            todo.extend(each.iter_expressions())
        if (
            isinstance(each, exp.Literal)
            and each.this.isdigit()
            and 0 < int(each.this) <= len(scope.select.expressions)
        ):
            each = scope.select.expressions[int(each.this) - 1].unalias()
            if each.is_star:
                return None
        if isinstance(each, exp.Column) and not scope.owner(each)[1]:
            # Another rule says that GROUP BY knows no new names; what is meant is clear.
            each = scope.aliases[each.name.lower()].unalias() if each.name.lower() in scope.aliases else each
        keys[key_of(each, scope)] = type(each.unnest())
    return keys


def key_of(node: "exp.Expr", scope: Scope) -> object:
    """What expressions of a SELECT that mean the same have in common: an alias and a name, or SQL."""
    from sqlglot import exp

    node = node.unnest()
    if isinstance(node, exp.Column):
        _, offering = scope.owner(node)
        return (offering[0].alias if offering else node.table.lower(), node.name.lower())
    copy = node.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
        if isinstance(column.this, exp.Identifier):
            column.this.set("quoted", False)
    return copy.sql(dialect="athena", comments=False).lower()


def _loose(node: "exp.Expr", scope: Scope, keys: dict[object, type]) -> "Iterator[exp.Column]":
    """The columns of an expression that stand outside aggregates and grouped expressions."""
    from sqlglot import exp

    kinds = set(keys.values())
    todo: list[exp.Expr] = [node]
    while todo:
        each = todo.pop()
        if is_aggregate(each) or isinstance(each, (exp.Query, exp.Filter, exp.WithinGroup)) or each.key == "grouping":
            continue
        if type(each.unnest()) in kinds and key_of(each, scope) in keys:
            continue
        if isinstance(each, exp.Column):
            if not isinstance(each.this, exp.Star) and scope.owner(each)[0] is scope and scope.owner(each)[1]:
                yield each
            continue
        todo.extend(reversed(list(each.iter_expressions())))
