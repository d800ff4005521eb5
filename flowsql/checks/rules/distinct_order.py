"""SELECT DISTINCT is ordered by what it does not select.

Why: several rows become one, so that what they are ordered by has no one value; Athena refuses the query.

Wrong:

    SELECT DISTINCT srcaddr FROM {{ flows }} ORDER BY bytes

Right:

    SELECT DISTINCT srcaddr, bytes FROM {{ flows }} ORDER BY bytes
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ428", "distinct-order", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each item of ORDER BY that is neither a column of the SELECT nor its place."""
    from sqlglot import exp

    for select in subject.nodes(exp.Select):
        order = select.args.get("order")
        if not select.args.get("distinct") or order is None or select.is_star:
            continue
        names = {item.alias_or_name.lower() for item in select.expressions}
        texts = {_text(item.unalias()) for item in select.expressions}
        for item in order.expressions:
            by = item.this.unnest()
            is_name = isinstance(by, exp.Column) and not by.table and by.name.lower() in names
            if not is_name and not isinstance(by, exp.Literal) and _text(by) not in texts:
                shown = by.sql(dialect="athena", comments=False)
                message = f"SELECT DISTINCT is ordered by {shown}, which it does not select"
                yield subject.fault(message, by, "select it too, or GROUP BY and order by an aggregate such as max(…)")


def _text(node: "exp.Expr") -> str:
    """An expression, whatever its columns' aliases, case and parentheses."""
    from sqlglot import exp

    plain = node.unnest().copy()
    for column in [*plain.find_all(exp.Column)]:
        column.set("table", None)
        column.this.set("quoted", False)
    return plain.sql(dialect="athena", comments=False).lower()
