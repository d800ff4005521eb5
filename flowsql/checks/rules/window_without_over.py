"""A window function without OVER.

Why: rank, row_number, lag and their like look at a row among others; Athena refuses them without an OVER that says
which others, and in which order.

Wrong:

    SELECT srcaddr, row_number() AS place FROM {{ flows }}

Right:

    SELECT srcaddr, row_number() OVER (ORDER BY bytes DESC) AS place FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.grouping import is_over_window, is_window_only, name_of
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ427", "window-without-over", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each function that lacks it, also behind IGNORE NULLS."""
    from sqlglot import exp

    for node in subject.nodes(exp.Func):
        if is_window_only(node) and not is_over_window(node):
            name = name_of(node)
            hint = f"{name} OVER (PARTITION BY interface_id ORDER BY start_time), as the question wants"
            yield subject.fault(f"{name} stands without OVER", node, hint)
