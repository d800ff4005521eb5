"""The query reads no flow logs.

Why: flowsql supplies the table, the window and the filters where the query says `{{ flows }}` or `{{ records }}`;
without one of them there is nothing to answer from.

Wrong:

    /* ---
    title: Nothing
    description: Reads nothing.
    columns:
      x: int
    --- */
    SELECT 1 AS x

Right:

    /* ---
    title: All
    description: Counts records.
    columns:
      x: int
    --- */
    SELECT COUNT(*) AS x FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import NO_RELATION

RULE = Rule("FQ403", "reads-no-flow-logs", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Saved queries and questions without a relation; what is no SELECT at all is another rule's."""
    from sqlglot import exp

    if not isinstance(subject.tree, exp.Query):
        return
    if (subject.kind == "query" or subject.asked) and not subject.relations:
        yield subject.fault("the query reads no flow logs", 0 if subject.kind == "sql" else subject.tree, NO_RELATION)
