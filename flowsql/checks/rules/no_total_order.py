"""The rows come back in no certain order.

Why: Engines run in parallel: rows that the ORDER BY leaves equal change places from run to run, and a LIMIT cuts off
others each time. The last key must break ties.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS asked
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC

Right:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS asked
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ116", "no-total-order", "warning", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """No ORDER BY on more than one row, or one that leaves groups equal."""
    from sqlglot import exp

    tree = subject.tree
    while isinstance(tree, exp.Subquery):
        tree = tree.this
    if isinstance(tree, exp.Select) and _one_row(tree):
        return
    order = tree.args.get("order")
    if order is None:
        yield subject.fault("the query has no ORDER BY", tree, "ORDER BY …, with last keys that tell all rows apart")
        return
    if not isinstance(tree, exp.Select):
        return
    meant = _expanded([ordered.this for ordered in order.expressions], tree)
    ordered = {name for key in meant for name in _columns(key)}
    spelled = {key.sql() for key in meant}
    identity = _expanded(_identity(tree), tree)
    open_keys = [item for item in identity if item.sql() not in spelled and not (len(_columns(item) & ordered) > 0)]
    if open_keys:
        names = ", ".join(item.sql(dialect="athena") for item in open_keys)
        yield subject.fault(f"rows that differ only in {names} have no order", order, f"add to the ORDER BY: {names}")


def _one_row(select: "exp.Select") -> bool:
    """Whether it is an aggregate over everything."""
    from sqlglot import exp

    limit = select.args.get("limit")
    one = isinstance(limit, exp.Limit) and limit.expression.name == "1"
    aggregated = [item.find(exp.AggFunc) for item in select.expressions]
    windows = select.find(exp.Window)
    return (one and select.args.get("order") is not None) or (
        select.args.get("group") is None and not windows and bool(aggregated) and all(aggregated)
    )


def _identity(select: "exp.Select") -> "list[exp.Expr]":
    """What tells its rows apart: the keys of its groups, or all columns where they are distinct."""
    from sqlglot import exp

    group = select.args.get("group")
    if group is not None and group.expressions and not any(group.args.get(word) for word in _SETS):
        return [item for item in group.expressions if not isinstance(item, exp.Literal) or item.is_int]
    return [item.unalias() for item in select.expressions] if select.args.get("distinct") else []


_SETS = ("grouping_sets", "cube", "rollup")


def _expanded(items: "list[exp.Expr]", select: "exp.Select") -> "list[exp.Expr]":
    """Expressions with numbers and new names of the SELECT list as what they stand for."""
    from sqlglot import exp

    named = {item.alias.lower(): item.this for item in select.expressions if isinstance(item, exp.Alias)}
    meant = []
    for item in items:
        if isinstance(item, exp.Literal) and item.is_int and 0 < int(item.name) <= len(select.expressions):
            item = select.expressions[int(item.name) - 1].unalias()
        elif isinstance(item, exp.Column) and not item.table:
            item = named.get(item.name.lower(), item)
        meant.append(item)
    return meant


def _columns(item: "exp.Expr") -> set[str]:
    from sqlglot import exp

    return {column.name.lower() for column in item.find_all(exp.Column)}
