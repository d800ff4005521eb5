"""Athena SQL → DuckDB SQL that answers the same: what is proven passes, what is not is refused."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flowsql.dialects import duckdb_casts, duckdb_collections, duckdb_numbers, duckdb_text, duckdb_time
from flowsql.dialects.duckdb_addresses import join_networks
from flowsql.dialects.duckdb_collections import wrapped
from flowsql.dialects.duckdb_nodes import ELSEWHERE, keep, name_of, refuse
from flowsql.dialects.duckdb_proven import PROVEN
from flowsql.dialects.duckdb_scopes import annotate
from flowsql.dialects.duckdb_selects import prepare, require_returnable, unnest
from flowsql.errors import EngineError

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["PROVEN", "to_duckdb"]

_RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    **duckdb_casts.RULES,
    **duckdb_numbers.RULES,
    **duckdb_text.RULES,
    **duckdb_time.RULES,
    **duckdb_collections.RULES,
    "unnest": unnest,
}
_OUTSIDE_TRY = "put the TRY around the expression that may fail, inside of the aggregate or subquery"


def to_duckdb(tree: "exp.Expr") -> str:
    """A query, or a condition cut out of one, in the SQL of a DuckDB connection that ran `duckdb_macros.setup` of it.

    The tree is sqlglot's, of the dialect `athena`, and stays as it is. Raises EngineError, naming the construct
    and its line, for what the embedded engine cannot answer as Athena would.
    """
    from sqlglot.errors import ErrorLevel, UnsupportedError

    made = tree.copy()
    try:
        _require_proven(made)
        prepare(made)
        join_networks(made)
        annotate(made)
        require_returnable(made)
        made = _rewritten(made)
        return str(
            made.sql(dialect="duckdb", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE, copy=False)
        )
    except UnsupportedError as failure:
        raise EngineError(f"not proven on the embedded engine: {failure}", hint=ELSEWHERE) from failure
    except RecursionError:
        raise EngineError("an expression is nested too deeply for the embedded engine", hint=ELSEWHERE) from None


def _require_proven(tree: "exp.Expr") -> None:
    from sqlglot import exp

    for node in tree.walk():
        name = name_of(node)
        proven = PROVEN.get(name)
        if proven is None:
            raise refuse(node, "is not proven on the embedded engine")
        for argument, value in node.args.items():
            if value is not None and value != [] and value is not False and argument not in proven:
                raise refuse(node, f"with {argument.replace('_', ' ')} is not proven on the embedded engine")
        if isinstance(node, exp.Try) and node.find(exp.AggFunc, exp.Window, exp.Query) is not None:
            raise refuse(node, "around an aggregate or a query is not proven", _OUTSIDE_TRY)


def _rewritten(tree: "exp.Expr") -> "exp.Expr":
    """Children before their parents, so that a rule sees rewritten arguments below and Athena's tree above."""
    for node in reversed(list(tree.walk(bfs=True))):
        place = node.parent, node.arg_key, node.index
        rule = _RULES.get(name_of(node))
        made = _put(keep(rule(node), node), *place) if rule else node
        outer = wrapped(made)
        if outer is not made:
            made = _put(keep(outer, made), *place)
        if place[0] is None:
            tree = made
    return tree


def _put(node: "exp.Expr", parent: "exp.Expr | None", key: str | None, index: int | None) -> "exp.Expr":
    """Set a node where the one it replaces was before the rule moved that one into it."""
    if parent is None or key is None:
        node.parent = None
    else:
        parent.set(key, node, index)
    return node
