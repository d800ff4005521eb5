"""The engine of the source would read a table from its first day to its last (`flowsql check --source NAME`).

Why: what a statement is bounded to is told by the engine's own plan, EXPLAIN (TYPE IO), which runs nothing and costs
nothing; a scan of every partition is billed for every object there is.

Wrong:

    SELECT COUNT(*) AS n FROM network.flow_logs WHERE day >= '2000/01/01' AND day <= '2099/12/31'

Right:

    SELECT COUNT(*) AS n FROM network.flow_logs WHERE day >= '2026/01/01' AND day <= '2026/01/02'
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ540", "engine-reads-all", "warning", needs="engine")


def check(subject: Subject) -> Iterator[Fault]:
    """The tables of which all partitions are read."""
    from sqlglot import exp

    if subject.judgement is None:
        return
    for extent in subject.judgement.extents:
        if extent.whole:
            named = (node for node in subject.nodes(exp.Table) if node.name.lower() == extent.table)
            span = f", {extent.column} {' … '.join(extent.ends)}" if extent.ends else ""
            yield subject.fault(
                f"{subject.judgement.engine} would read all of {extent.table}{span}",
                next(named, None),
                f"bound {extent.column} on both sides",
            )
