"""Small steps on a syntax tree that every rule of the embedded engine takes."""

from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_kinds import NULL, UNKNOWN, Kind, kind_of, set_kind
from flowsql.errors import EngineError

if TYPE_CHECKING:
    from sqlglot import exp

ELSEWHERE = "only what is proven to answer alike runs here; where Athena knows it, ask Athena"
"""The hint when there is nothing else to write."""


def name_of(node: "exp.Expr") -> str:
    """What the rules call a node: sqlglot's key, or `name()` for a function sqlglot does not know."""
    return f"{node.name.lower()}()" if node.key in ("anonymous", "anonymousaggfunc") else str(node.key)


def spelled(node: "exp.Expr") -> str:
    """A node in Athena's words, short enough for a message; a function by its name."""
    from sqlglot import exp

    text = node.sql(dialect="athena")
    if isinstance(node, exp.Func) and "(" in text and not isinstance(node, (exp.Connector, exp.Case)):
        return f"{text.partition('(')[0].lower()}()"
    return text if len(text) <= 60 else f"{text[:57]}…"


def refuse(node: "exp.Expr", why: str, hint: str = ELSEWHERE, what: str | None = None) -> EngineError:
    """The error for a construct the embedded engine cannot answer as Athena does."""
    line = _line(node)
    place = f"line {line}: " if line else ""
    return EngineError(f"{place}{what or spelled(node)} {why}", hint=hint)


def _line(node: "exp.Expr") -> int | None:
    """The line of a node, or of the nearest one around it that knows its own."""
    at: exp.Expr | None = node
    while at is not None:
        lines = [int(child.meta["line"]) for child in at.walk() if "line" in child.meta]
        if lines:
            return int(at.meta.get("line") or min(lines))
        at = at.parent
    return None


def call(name: str, *arguments: "exp.Expr | str | int") -> "exp.Expr":
    """A call of a DuckDB function or of a macro of ours; text and numbers become literals."""
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=[_node(argument) for argument in arguments])


def _node(argument: "exp.Expr | str | int") -> "exp.Expr":
    from sqlglot import exp

    if isinstance(argument, str):
        return exp.Literal.string(argument)
    return exp.Literal.number(argument) if isinstance(argument, int) else argument


def cast(node: "exp.Expr", to: str, *, safe: bool = False) -> "exp.Expr":
    """`CAST(node AS to)`, or TRY_CAST."""
    from sqlglot import exp

    made = exp.DataType.build(to, dialect="duckdb")
    return exp.TryCast(this=node, to=made, safe=True) if safe else exp.Cast(this=node, to=made)


def paren(node: "exp.Expr") -> "exp.Expr":
    """In parentheses: DuckDB's operators do not bind as Athena's functions do."""
    from sqlglot import exp

    return node if isinstance(node, (exp.Paren, exp.Column, exp.Literal)) else exp.Paren(this=node)


def keep(new: "exp.Expr", old: "exp.Expr") -> "exp.Expr":
    """The replacement of a node, with the kind and the place of what it replaces."""
    if new is not old:
        new.meta.update({name: value for name, value in old.meta.items() if name not in new.meta})
        set_kind(new, kind_of(old))
    return new


def text_of(node: "exp.Expr | None") -> str | None:
    """The text of a string literal; None for anything else."""
    return node.name if node is not None and node.key == "literal" and node.args.get("is_string") else None


def number_of(node: "exp.Expr | None") -> int | None:
    """The value of a whole-number literal, with its sign; None for anything else."""
    if node is None:
        return None
    if node.key == "neg":
        value = number_of(node.this)
        return None if value is None else -value
    if node.key == "paren":
        return number_of(node.this)
    if node.key == "literal" and not node.args.get("is_string") and node.name.isdigit():
        return int(node.name)
    return None


def known_kind(node: "exp.Expr", user: "exp.Expr") -> Kind:
    """The kind of an argument; raises EngineError when the answer depends on one that cannot be told."""
    kind = kind_of(node)
    if kind in (UNKNOWN, NULL):
        raise refuse(
            user,
            f"needs to know the type of {spelled(node)}",
            f"write CAST({spelled(node)} AS …) with its type",
        )
    return kind


def outside_try(node: "exp.Expr") -> None:
    """Raise EngineError inside a TRY: it would make NULL of a failure that Athena does not have."""
    from sqlglot import exp

    if node.find_ancestor(exp.Try) is not None:
        raise refuse(node, "inside of TRY is not proven on the embedded engine", "a CASE or NULLIF instead of TRY")
