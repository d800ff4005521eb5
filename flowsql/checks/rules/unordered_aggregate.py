"""An aggregate keeps rows in no order.

Why: Athena reads objects in parallel: ARRAY_AGG collects and ARBITRARY picks in the order rows happen to arrive,
which differs between engines and from run to run.

Wrong:

    SELECT srcaddr, ARRAY_AGG(DISTINCT dstport) AS ports FROM {{ flows }} GROUP BY srcaddr

Right:

    SELECT srcaddr, ARRAY_AGG(DISTINCT dstport ORDER BY dstport) AS ports FROM {{ flows }} GROUP BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ904", "unordered-aggregate", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """ARRAY_AGG without ORDER BY whose order is not mended around it, and ARBITRARY."""
    from sqlglot import exp

    mended = (exp.ArraySort, exp.ArraySize, exp.ArrayMax, exp.ArrayMin, exp.ArrayContains)
    for node in subject.nodes(exp.ArrayAgg, exp.AnyValue):
        if isinstance(node, exp.AnyValue):
            yield subject.fault("which value is taken is left to the engine", node, "MIN(x), MAX(x) or MAX_BY(x, y)")
        elif node.find(exp.Order) is None and not isinstance(node.parent, mended):
            yield subject.fault(
                "ARRAY_AGG collects in no order", node, "ARRAY_AGG(x ORDER BY x), or ARRAY_SORT around it"
            )
