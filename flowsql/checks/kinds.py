"""Kinds: whether an expression is text, a number, a time or a truth value, where its form tells."""

from typing import TYPE_CHECKING

from flowsql.checks.names import Kind, Scope, Scopes
from flowsql.checks.signatures import signature_of, values_given

if TYPE_CHECKING:
    from sqlglot import exp


def kind_of(node: "exp.Expr", scope: Scope, scopes: Scopes) -> Kind | None:
    """The kind of an expression in a SELECT; None where it cannot be told."""
    key = (id(node), id(scope))
    if key not in scopes.told:
        scopes.told[key] = _kind_of(node, scope, scopes)
    return scopes.told[key]


def _kind_of(node: "exp.Expr", scope: Scope, scopes: Scopes) -> Kind | None:
    from sqlglot import exp

    match node:
        case exp.Paren():
            return kind_of(node.this, scope, scopes)
        case exp.Column():
            return scopes.kind_of_column(scope, node)
        case exp.Literal():
            return "text" if node.is_string else "number"
        case exp.Subquery() | exp.Select():
            return _of_query(node, scopes)
        case exp.Case() | exp.Coalesce() | exp.If():
            told = {kind_of(arm, scope, scopes) for arm in arms(node)}
            return told.pop() if len(told) == 1 else None
        case exp.All() | exp.Any():
            return None  # the rows of a subquery, though sqlglot calls it a predicate
        case exp.Boolean() | exp.Predicate() | exp.Connector() | exp.Not():
            return "truth"
        case exp.Cast():
            return _declared(node)
        case exp.Mod() | exp.Count() | exp.ApproxDistinct():
            return "number"
        case exp.Interval():
            return "span"
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return reckoned(node, kind_of(node.left, scope, scopes), kind_of(node.right, scope, scopes))
        case exp.Sum() | exp.Avg() | exp.Neg():
            told_of = kind_of(node.this, scope, scopes)
            return told_of if told_of in ("number", "span") else None
        case exp.Min() | exp.Max() | exp.AnyValue() | exp.ArgMax() | exp.ArgMin():
            is_one = not node.expressions and not node.args.get("count")
            return kind_of(node.this, scope, scopes) if is_one else None
        case exp.DPipe():
            return "text" if "text" in (kind_of(node.left, scope, scopes), kind_of(node.right, scope, scopes)) else None
        case exp.Concat():
            return "text" if _all_text(node, scope, scopes) else None
        case exp.CurrentDate() | exp.CurrentTimestamp():
            return "time"
    signature = signature_of(node)
    return signature.gives(kinds_given(node, scope, scopes)) if signature else None


def kinds_given(node: "exp.Expr", scope: Scope, scopes: Scopes) -> list[Kind | None]:
    """The kinds of what a call is given."""
    return [kind_of(each, scope, scopes) if each is not None else None for each in values_given(node)]


def arms(node: "exp.Expr") -> "list[exp.Expr]":
    """The values of which one becomes that of CASE, IF, COALESCE and their like; NULL fits any."""
    from sqlglot import exp

    match node:
        case exp.Case():
            found = [each.args["true"] for each in node.args["ifs"]] + [node.args.get("default")]
        case exp.If():
            found = [node.args["true"], node.args.get("false")] if not isinstance(node.parent, exp.Case) else []
        case exp.Coalesce() | exp.Greatest() | exp.Least():
            found = [node.this, *node.expressions]
        case exp.Nullif():
            found = [node.this, node.expression]
        case _:
            found = []
    return [each for each in found if each is not None and not isinstance(each, exp.Null)]


def _of_query(node: "exp.Expr", scopes: Scopes) -> Kind | None:
    """The kind of the only column of a query."""
    from sqlglot import exp

    query = node.unnest()
    inner = scopes.found.get(id(query))
    if inner is None or not isinstance(query, exp.Select) or len(query.expressions) != 1 or query.is_star:
        return None
    return kind_of(query.expressions[0].unalias(), inner, scopes)


def reckoned(node: "exp.Expr", left: Kind | None, right: Kind | None) -> Kind | None:
    """The kind of a sum, difference, product or quotient of kinds; None where it cannot be told, or there is none."""
    from sqlglot import exp

    match node, left, right:
        case _, "number", "number":
            return "number"
        case (exp.Add() | exp.Sub(), "span", "span") | (exp.Sub(), "time", "time"):
            return "span"
        case (exp.Add() | exp.Sub(), "time", "span") | (exp.Add(), "span", "time"):
            return "time"
        case (exp.Mul() | exp.Div(), "span", "number") | (exp.Mul(), "number", "span"):
            return "span"
    return None


def _declared(node: "exp.Cast") -> Kind | None:
    from sqlglot import exp

    kind = node.to.this
    if kind in exp.DataType.TEXT_TYPES:
        return "text"
    if kind in exp.DataType.NUMERIC_TYPES:
        return "number"
    if kind in (exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
        return "time"
    if kind == exp.DType.IPADDRESS:
        return "address"
    return "truth" if kind == exp.DType.BOOLEAN else None


def _all_text(node: "exp.Expr", scope: Scope, scopes: Scopes) -> bool:
    return all(kind_of(part, scope, scopes) == "text" for part in node.expressions)
