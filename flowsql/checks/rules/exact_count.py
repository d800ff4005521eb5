"""Distinct values of everything are counted exactly, where about as many would do.

Why: COUNT(DISTINCT …) holds every value it has seen; approx_distinct is within some 2 % of it, and much lighter over
many records. Where the exact number matters, leave it.

Wrong:

    SELECT COUNT(DISTINCT srcaddr) AS sources FROM {{ flows }}

Right:

    SELECT approx_distinct(srcaddr) AS sources FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ606", "exact-count", "hint")


def check(subject: Subject) -> Iterator[Fault]:
    """Each exact count in a SELECT that makes one row of all records; in groups the values are few."""
    from sqlglot import exp

    for scope in subject.scopes.all():
        reads_logs = any(subject.scopes.is_flows(source.node) for source in scope.sources.items)
        if not reads_logs or scope.select.args.get("group") is not None:
            continue
        for item in scope.select.expressions:
            for count in item.find_all(exp.Count):
                if isinstance(count.this, exp.Distinct):
                    yield subject.fault(
                        "every distinct value is kept to count it", count, "approx_distinct(…) counts about as many"
                    )
