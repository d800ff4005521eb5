"""A CTE has the name that stands for flow logs.

Why: whoever reads FROM flows expects flow logs in their window, and so does the proof that the query is bounded.

Wrong:

    WITH flows AS (SELECT srcaddr FROM {{ records }}) SELECT srcaddr FROM {{ flows }}

Right:

    WITH refused AS (SELECT srcaddr FROM {{ records }}) SELECT srcaddr FROM refused
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import hidden

RULE = Rule("FQ402", "cte-hides-flow-logs", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """CTEs called flows, records or like a baseline."""
    refusals = hidden(subject.nodes, subject.relations)
    yield from (subject.fault(found.message, found.at, found.hint) for found in refusals)
