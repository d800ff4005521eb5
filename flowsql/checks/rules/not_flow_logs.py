"""The query reads something that is neither flow logs nor a CTE.

Why: flowsql supplies flow logs bounded to the window as `{{ flows }}` and `{{ records }}`; any other table or file
is not bounded in time, and the embedded engine does not have it.

Wrong:

    SELECT f.srcaddr FROM {{ flows }} AS f JOIN hosts AS h ON h.ip = f.srcaddr

Right:

    SELECT f.srcaddr FROM {{ flows }} AS f JOIN (VALUES ('10.0.0.1')) AS h (ip) ON h.ip = f.srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import foreign

RULE = Rule("FQ401", "not-flow-logs", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Tables of questions that flowsql runs; hand-written SQL over real tables is bounded by other rules."""
    if subject.templated and subject.relations:
        refusals = foreign(subject.nodes, subject.relations)
        yield from (subject.fault(found.message, found.at, found.hint) for found in refusals)
