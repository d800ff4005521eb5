"""A filter on "$path" does not choose what is read.

Why: The engine lists and opens the objects of the partitions first and compares their names then; only partition
columns, or the window of `{{ flows }}`, keep objects unread.

Wrong:

    SELECT srcaddr FROM vpc_flow_logs WHERE "$path" LIKE '%/2026/11/22/%'

Right:

    SELECT srcaddr FROM vpc_flow_logs WHERE day = '2026/11/22'
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ602", "path-filter", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """`"$path"` in a WHERE clause."""
    from sqlglot import exp

    for where in subject.nodes(exp.Where):
        for column in where.find_all(exp.Column):
            if column.name.lower() == "$path":
                hint = "bound the partition columns too, or read FROM {{ flows }}"
                yield subject.fault('a filter on "$path" does not reduce what is scanned', column, hint)
