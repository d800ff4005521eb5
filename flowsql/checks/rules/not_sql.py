"""The text cannot be read as a statement of Athena SQL.

Why: Athena would refuse it; the other rules cannot judge what has no structure.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE action = 'REJECT

Right:

    SELECT srcaddr FROM {{ flows }} WHERE action = 'REJECT'
"""

from collections.abc import Iterator

from flowsql.checks.athena.grammar import is_athena
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ300", "not-sql", "error", needs="text", follows=("FQ3", "FQ201", "FQ412"))

_UNREAD = "Athena's grammar allows it, but what flowsql cannot read it cannot prove bounded: write it another way"


def check(subject: Subject) -> Iterator[Fault]:
    """Where the parser gave up."""
    if subject.rendered is None:
        return
    if not subject.parts:
        last = subject.source.count("\n") if subject.kind == "query" else 1
        yield Fault("there is no SELECT", max(last, 1), 1, "SELECT … FROM {{ flows }}")
    for part in subject.parts:
        if part.failure is not None:
            what, hint = ("flowsql cannot read this", _UNREAD) if is_athena(part.sql) else ("not SQL", None)
            yield subject.fault(f"{what}: {part.failure.message}", part.failure.offset, hint)
