"""What rules about cost and meaning look for in a tree: reads of flow logs, columns by name, numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.subject import Subject
from flowsql.statement.scopes import cte_of, sources

if TYPE_CHECKING:
    from sqlglot import exp


def is_flow_logs(source: "exp.Expr", subject: Subject) -> bool:
    """Whether a source is flow logs: one of flowsql's relations, or any table in SQL over real tables."""
    from sqlglot import exp

    if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier) or cte_of(source) is not None:
        return False
    if "$" in source.name:
        return False  # what the catalogue knows of a table, such as "flow_logs$partitions"
    return source.name.lower() in subject.relations or not subject.relations


def given_names(query: "exp.Expr") -> list[str]:
    """The names that a query gives its columns, those of the first SELECT of a UNION; none where that is no SELECT."""
    from sqlglot import exp

    while isinstance(query, (exp.SetOperation, exp.Subquery, exp.Paren)):
        query = query.this
    return query.named_selects if isinstance(query, exp.Select) else []


def flow_selects(subject: Subject) -> "Iterator[exp.Select]":
    """The SELECTs that read flow logs themselves."""
    from sqlglot import exp

    for select in subject.nodes(exp.Select):
        if any(is_flow_logs(source, subject) for source in sources(select)):
            yield select


def is_column(node: "exp.Expr | None", names: frozenset[str]) -> bool:
    """Whether a node is one of these columns, whatever its alias."""
    from sqlglot import exp

    return isinstance(node, exp.Column) and node.name.lower() in names


def mentions(node: "exp.Expr", names: frozenset[str]) -> bool:
    """Whether one of these columns occurs under a node."""
    from sqlglot import exp

    return any(is_column(column, names) for column in node.find_all(exp.Column))


def number(node: "exp.Expr | None") -> float | None:
    """The value of a number."""
    from sqlglot import exp

    if isinstance(node, exp.Literal) and not node.is_string:
        try:
            return float(node.name)
        except ValueError:
            return None
    return None


def equals(test: "exp.Predicate", names: frozenset[str]) -> "list[exp.Expr]":
    """The values of an = or IN that one of these columns must have, whichever side of = it stands on."""
    from sqlglot import exp

    if isinstance(test, exp.In):
        return list(test.expressions) if is_column(test.this.unnest(), names) else []
    if not isinstance(test, exp.EQ):
        return []
    left, right = test.this.unnest(), test.expression.unnest()
    return [right] if is_column(left, names) else [left] if is_column(right, names) else []


def one_row(source: "exp.Expr") -> bool:
    """Whether a source has one row for certain, or rows that differ in what they are grouped by."""
    from sqlglot import exp

    body: exp.Expr | None = cte_of(source) if isinstance(source, exp.Table) else source
    while isinstance(body, (exp.CTE, exp.Subquery)):
        body = body.this
    if isinstance(body, (exp.Values, exp.Unnest, exp.Lateral)):
        return True
    if not isinstance(body, exp.Select):
        return False
    return bool(body.args.get("group") or body.args.get("distinct")) or (
        bool(body.expressions) and all(item.find(exp.AggFunc) for item in body.expressions)
    )
