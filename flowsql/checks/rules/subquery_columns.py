"""A subquery gives more columns than it is compared with.

Why: Athena compares one value with one column, and a row of values with as many columns.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE srcaddr IN (SELECT srcaddr, dstaddr FROM {{ flows }})

Right:

    SELECT srcaddr FROM {{ flows }} WHERE (srcaddr, dstaddr) IN (SELECT srcaddr, dstaddr FROM {{ flows }})
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ429", "subquery-columns", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each IN and comparison with a subquery of another number of columns."""
    from sqlglot import exp

    for node in subject.nodes(exp.In, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE):
        sides = [(node.this, node.args.get("query") if isinstance(node, exp.In) else node.args.get("expression"))]
        if not isinstance(node, exp.In):
            sides.append((sides[0][1], sides[0][0]))
        for value, query in sides:
            wanted, given = _width(value), _columns(query)
            if query is not None and wanted and given and wanted != given:
                message = (
                    f"the subquery gives {_counted(given, 'column')}, and is compared with {_counted(wanted, 'value')}"
                )
                yield subject.fault(message, query, "select as many as stand on the other side")
                break


def _counted(number: int, what: str) -> str:
    return f"one {what}" if number == 1 else f"{number} {what}s"


def _width(node: "exp.Expr | None") -> int | None:
    """How many values it is; None where it may be a row."""
    from sqlglot import exp

    if isinstance(node, exp.Tuple):
        return len(node.expressions)
    return 1 if node is not None and isinstance(node.unnest(), (exp.Column, exp.Literal, exp.AggFunc)) else None


def _columns(node: "exp.Expr | None") -> int | None:
    """How many columns a subquery gives, where they are named."""
    from sqlglot import exp

    while isinstance(node, (exp.Any, exp.All)):
        node = node.this
    query = node.unnest() if isinstance(node, exp.Subquery) else node
    while isinstance(query, exp.SetOperation):
        query = query.this.unnest()
    if not isinstance(query, exp.Select) or query.is_star:
        return None
    return len(query.expressions)
