"""The clauses of a SELECT: names that Athena resolves differently, subscripts, UNNEST, what may be returned."""

import re
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_kinds import kind_of
from flowsql.dialects.duckdb_nodes import call, refuse

if TYPE_CHECKING:
    from sqlglot import exp

_HINTS = {
    "interval": "date_diff('second', earlier, later) is a number",
    "row": "return its fields as columns",
}


def prepare(tree: "exp.Expr") -> None:
    """Make explicit what Athena means and DuckDB would read otherwise, before types are looked at."""
    from sqlglot import exp

    found = list(tree.find_all(exp.Table, exp.Bracket, exp.Try))
    for table in (node for node in found if isinstance(node, exp.Table)):
        if not re.fullmatch(r"\w+", table.name):
            raise refuse(table, "names no table: DuckDB would take it for a file", "a plain name")
    for bracket in (node for node in found if isinstance(node, exp.Bracket)):
        _count_from_one(bracket)
    for attempt in (node for node in found if isinstance(node, exp.Try)):
        inner = attempt.this
        if type(inner) is exp.Cast and isinstance(inner.this, (exp.Column, exp.Literal)):
            attempt.replace(exp.TryCast(this=inner.this, to=inner.args["to"], safe=True))
    for select in list(tree.find_all(exp.Select)):
        if select.args.get("order") is not None:
            _resolve_order(select)
    if isinstance(tree, exp.Query):
        _name_columns(tree)


def _count_from_one(bracket: "exp.Bracket") -> None:
    """sqlglot keeps some subscripts from zero; from here on they are as Athena wrote them."""
    from sqlglot.expressions import apply_index_offset

    offset = bracket.args.get("offset") or 0
    written = apply_index_offset(bracket.this, bracket.expressions, 1 - offset, dialect="athena")
    bracket.set("expressions", written)
    bracket.set("offset", 1)


def _resolve_order(select: "exp.Select") -> None:
    """In ORDER BY x + 1 Athena takes x for the output column, DuckDB for the input column."""
    from sqlglot import exp

    aliases = {item.alias.lower(): item.this for item in select.expressions if isinstance(item, exp.Alias)}
    for ordered in select.args["order"].expressions:
        if isinstance(ordered.this, exp.Column):
            continue
        for column in list(ordered.find_all(exp.Column)):
            meant = aliases.get(column.name.lower())
            if meant is not None and not column.table and column.find_ancestor(exp.Select) is select:
                column.replace(exp.Paren(this=meant.copy()))


def _name_columns(tree: "exp.Query") -> None:
    """An expression without a name is `_col1` on Athena, its own text on DuckDB."""
    from sqlglot import exp

    first: exp.Expr = tree
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    items = first.expressions if isinstance(first, exp.Select) else []
    for position, item in enumerate(items):
        if item.is_star:
            return
        if not isinstance(item, (exp.Alias, exp.Column, exp.Dot)):
            item.replace(exp.alias_(item.copy(), f"_col{position}"))


def require_returnable(tree: "exp.Expr") -> None:
    """Raise EngineError for a column of a type that the two engines do not return alike."""
    from sqlglot import exp

    if not isinstance(tree, exp.Query):
        return
    for item in tree.selects:
        if kind_of(item).name in _HINTS:
            why = f"is of type {kind_of(item).name}, which the embedded engine cannot return"
            raise refuse(item.unalias(), why, _HINTS[kind_of(item).name])


def unnest(node: "exp.Expr") -> "exp.Expr":
    """UNNEST: of one array as it is, of several or of a map side by side."""
    from sqlglot import exp

    kinds = [kind_of(item) for item in node.expressions]
    names = node.alias_column_names
    if len(kinds) == 1 and kinds[0].name != "map":
        inner = kinds[0].of[0].name if kinds[0].of else "unknown"
        if inner == "row" or len(names) > 1:
            raise refuse(
                node,
                "makes columns of rows on Athena only",
                "UNNEST arrays side by side: UNNEST(a, b) AS t (x, y)",
            )
        return node
    width = sum(2 if kind.name == "map" else 1 for kind in kinds)
    if node.args.get("offset") or len(names) != width or any(kind.name == "unknown" for kind in kinds):
        raise refuse(node, f"needs {width} column names and no ordinality here", "UNNEST(a, b) AS t (x, y)")
    lists: list[exp.Expr] = []
    for item, kind in zip(node.expressions, kinds, strict=True):
        parts = [call("map_keys", item.copy()), call("map_values", item.copy())] if kind.name == "map" else [item]
        lists += [call("unnest", part) for part in parts]
    return exp.Subquery(this=exp.Select(expressions=lists), alias=node.args["alias"])
