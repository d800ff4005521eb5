"""SELECT DISTINCT is ordered by what it does not select.

Why: several rows become one, so that what they are ordered by has no one value; Athena refuses the query.

Wrong:

    SELECT DISTINCT srcaddr FROM {{ flows }} ORDER BY bytes

Right:

    SELECT DISTINCT srcaddr, bytes FROM {{ flows }} ORDER BY bytes
"""

from collections.abc import Iterator

from flowsql.checks.grouping import key_of
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ428", "distinct-order", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each item of ORDER BY that is neither a column of the SELECT nor its place."""
    from sqlglot import exp

    for scope in subject.scopes.all():
        select = scope.select
        order = select.args.get("order")
        if not select.args.get("distinct") or order is None or select.is_star:
            continue
        names = {item.alias_or_name.lower() for item in select.expressions}
        shown = {key_of(item.unalias(), scope) for item in select.expressions}
        for item in order.expressions:
            by = item.this.unnest()
            is_name = isinstance(by, exp.Column) and not by.table and by.name.lower() in names
            if not is_name and not isinstance(by, exp.Literal) and key_of(by, scope) not in shown:
                text = by.sql(dialect="athena", comments=False)
                message = f"SELECT DISTINCT is ordered by {text}, which it does not select"
                yield subject.fault(message, by, "select it too, or GROUP BY and order by an aggregate such as max(…)")
