"""The engine of the source refuses the statement (`flowsql check --source NAME`).

Why: the engine knows what no file tells: which tables, columns, types and functions it has. It is asked with EXPLAIN
(TYPE VALIDATE), which runs nothing and costs nothing.

Wrong:

    SELECT COUNT(*) AS n FROM network.no_such_table WHERE day = '2026/01/01'

Right:

    SELECT COUNT(*) AS n FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ340", "engine-refuses", "error", needs="engine")


def check(subject: Subject) -> Iterator[Fault]:
    """What the engine said, at the line it named."""
    if subject.judgement is not None and subject.judgement.refusal is not None:
        yield subject.fault_of(subject.judgement.refusal)
