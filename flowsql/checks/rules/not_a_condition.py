"""A number, a text or a time stands where a condition is wanted.

Why: Athena takes nothing but true or false there; other engines read any number but 0 as true.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE bytes

Right:

    SELECT srcaddr FROM {{ flows }} WHERE bytes > 0
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.kinds import kind_of
from flowsql.checks.names import Kind
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ420", "not-a-condition", "error")

_IS: dict[Kind | None, str] = {"text": "text", "number": "a number", "time": "a time"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each operand of a condition whose kind is known to be another."""
    from sqlglot import exp

    scopes = subject.scopes
    conditional = (exp.Where, exp.Having, exp.Not, exp.And, exp.Or, exp.If, exp.Join)
    for scope, node in scopes.expressions(*conditional):
        for operand in _operands(node):
            if (kind := kind_of(operand, scope, scopes)) in _IS:
                yield subject.fault(f"{_IS[kind]}, where a condition is wanted", operand, _hint(node, operand, kind))


def _hint(node: "exp.Expr", operand: "exp.Expr", kind: Kind | None) -> str | None:
    """The comparison that was meant, by the one beside it."""
    from sqlglot import exp

    beside = node.left if isinstance(node, exp.Or) and operand is node.right else None
    while isinstance(beside, exp.Connector):
        beside = beside.right if isinstance(beside.right, (exp.Predicate, exp.And)) else beside.left
    if isinstance(beside, (exp.EQ, exp.Like, exp.NEQ)) and isinstance(operand, exp.Literal):
        compared = beside.this.sql(dialect="athena", comments=False)
        sign = {"eq": "=", "neq": "<>", "like": "LIKE"}[beside.key]
        value = operand.sql(dialect="athena")
        more = f", or {compared} IN (…, {value})" if sign == "=" else ""
        return f"each needs its own comparison: {compared} {sign} {value}{more}"
    return {"number": "compare it: … > 0", "text": "compare it: … = 'x'"}.get(kind or "")


def _operands(node: "exp.Expr") -> "Iterator[exp.Expr]":
    """The parts of a node that must be true or false."""
    from sqlglot import exp

    match node:
        case exp.Where() | exp.Having() | exp.Not():
            yield node.this
        case exp.And() | exp.Or():
            yield node.left
            yield node.right
        case exp.If() if not (isinstance(node.parent, exp.Case) and node.parent.this is not None):
            yield node.this
        case exp.Join() if node.args.get("on") is not None:
            yield node.args["on"]
