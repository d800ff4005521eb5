"""A column that USING merges is named with its table.

Why: Athena refuses the query. Of the columns in USING the join has one each, which belongs to neither of the tables;
other engines, DuckDB among them, know it by the names of the tables too.

Wrong:

    SELECT a.srcaddr FROM {{ flows }} AS a INNER JOIN {{ records }} AS b USING (srcaddr)

Right:

    SELECT srcaddr FROM {{ flows }} AS a INNER JOIN {{ records }} AS b USING (srcaddr)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ430", "merged-column", "error")

_Merged = dict[str, frozenset[str]]
"""The relations in sight, and the columns of each that a USING has merged; lower case."""


def check(subject: Subject) -> Iterator[Fault]:
    """Each `table.column` whose column a USING of the SELECT that reads the table has merged."""
    from sqlglot import exp

    if all(not join.args.get("using") for join in subject.nodes(exp.Join)):
        return
    seen: dict[int, _Merged] = {}
    for scope in subject.scopes.all():
        _select(scope.select, seen)
    for scope, column in subject.scopes.expressions(exp.Column):
        if not isinstance(column, exp.Column) or not column.table or isinstance(column.this, exp.Star):
            continue
        name, table = column.name.lower(), column.table.lower()
        owner, _ = scope.owner(column)
        merged = next((seen[id(each)] for each in _around(column, owner.select) if id(each) in seen), {})
        if name in merged.get(table, ()):
            hint = f"{column.name} without the table, or ON … = … in place of USING"
            yield subject.fault(f"{column.name} is merged by USING and belongs to no table", column, hint)


def _around(column: "exp.Expr", select: "exp.Select") -> "list[exp.Expr]":
    """The joins of a SELECT that a column stands in, inner ones first, and the SELECT."""
    from sqlglot import exp

    found: list[exp.Expr] = []
    each: exp.Expr | None = column
    while each is not None and each is not select:
        if isinstance(each, exp.Select):
            found = []  # what stands in a query within is not of this FROM
        elif isinstance(each, exp.Join):
            found.append(each)
        each = each.parent
    return [*found, select]


def _select(select: "exp.Select", seen: dict[int, _Merged]) -> None:
    """Take down what the parts of a SELECT see: its joins what is to their left and right, the rest everything."""
    start = select.args.get("from_")
    merged = _item(start.this, seen) if start is not None else {}
    for join in select.args.get("joins") or ():
        merged = _joined(join, merged, seen)
    seen[id(select)] = merged


def _item(node: "exp.Expr", seen: dict[int, _Merged]) -> _Merged:
    from sqlglot import exp

    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query) and not node.alias:
        merged = _item(node.this, seen)
    else:
        merged = {str(node.alias_or_name).lower(): frozenset[str]()}
    for join in node.args.get("joins") or ():
        merged = _joined(join, merged, seen)
    return merged


def _joined(join: "exp.Join", left: _Merged, seen: dict[int, _Merged]) -> _Merged:
    merged = left | _item(join.this, seen)
    seen[id(join)] = merged
    using = frozenset(each.name.lower() for each in join.args.get("using") or ())
    return {alias: columns | using for alias, columns in merged.items()} if using else merged
