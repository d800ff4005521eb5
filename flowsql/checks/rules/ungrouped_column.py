"""A column beside aggregates that is not grouped by.

Why: a group has many values of it, and Athena refuses to choose one. MySQL and others take any.

Wrong:

    SELECT srcaddr, dstport, COUNT(*) AS flows FROM {{ flows }} GROUP BY srcaddr

Right:

    SELECT srcaddr, dstport, COUNT(*) AS flows FROM {{ flows }} GROUP BY srcaddr, dstport
"""

from collections.abc import Iterator

from flowsql.checks.grouping import ungrouped
from flowsql.checks.names import has_patterns
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ413", "ungrouped-column", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each such column of the SELECT list, HAVING and ORDER BY."""
    for scope in subject.scopes.all():
        if has_patterns(subject, scope.select):
            continue
        for column in ungrouped(scope):
            grouped = scope.select.args.get("group") is not None
            what = "is neither grouped by nor aggregated" if grouped else "stands beside an aggregate without GROUP BY"
            name = column.name
            yield subject.fault(f"{name} {what}", column, f"GROUP BY {name}, or an aggregate such as max({name})")
