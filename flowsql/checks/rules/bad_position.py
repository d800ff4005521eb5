"""A number in ORDER BY or GROUP BY that is no column of the SELECT list.

Why: a number there is a position from 1, and Athena refuses one past the end.

Wrong:

    SELECT srcaddr, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1 ORDER BY 3

Right:

    SELECT srcaddr, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1 ORDER BY 2
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ418", "bad-position", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each whole number that stands alone and is past the SELECT list, or 0."""
    from sqlglot import exp

    for query in subject.nodes(exp.Query):
        columns = _columns(query)
        if columns is None:
            continue
        order, group = query.args.get("order"), query.args.get("group")
        items = [("ORDER BY", item.this) for item in (order.expressions if order is not None else ())]
        items += [("GROUP BY", item) for item in (group.expressions if group is not None else ())]
        for clause, item in items:
            if isinstance(item, exp.Literal) and item.this.isdigit() and not 0 < int(item.this) <= columns:
                many = f"{columns} column{'s' * (columns != 1)}"
                yield subject.fault(
                    f"{clause} {item.this}: the SELECT list has {many}",
                    item,
                    f"a position from 1 to {columns}, or a name",
                )


def _columns(query: "exp.Expr") -> int | None:
    """How many columns a query has; None with a star among them."""
    from sqlglot import exp

    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    if not isinstance(query, exp.Select) or any(item.is_star for item in query.expressions):
        return None
    return len(query.expressions)
