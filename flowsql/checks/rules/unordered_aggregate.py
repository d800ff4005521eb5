"""An aggregate keeps rows in no order.

Why: Athena reads objects in parallel: ARRAY_AGG collects and ARBITRARY picks in the order rows happen to arrive,
which differs between engines and from run to run.

Wrong:

    SELECT srcaddr, ARRAY_AGG(DISTINCT dstport) AS ports FROM {{ flows }} GROUP BY srcaddr

Right:

    SELECT srcaddr, ARRAY_AGG(DISTINCT dstport ORDER BY dstport) AS ports FROM {{ flows }} GROUP BY srcaddr
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ904", "unordered-aggregate", "warning")

_BLIND = frozenset(("any_match", "all_match", "none_match", "arrays_overlap", "array_histogram"))
"""Functions that sqlglot has no class for and that give the same for an array in any order."""


def check(subject: Subject) -> Iterator[Fault]:
    """ARRAY_AGG without ORDER BY whose order is not mended around it, and ARBITRARY."""
    from sqlglot import exp

    for node in subject.nodes(exp.ArrayAgg, exp.AnyValue):
        if isinstance(node, exp.AnyValue):
            yield subject.fault("which value is taken is left to the engine", node, "MIN(x), MAX(x) or MAX_BY(x, y)")
        elif node.find(exp.Order) is None and not _is_mended(node):
            yield subject.fault(
                "ARRAY_AGG collects in no order", node, "ARRAY_AGG(x ORDER BY x), or ARRAY_SORT around it"
            )


def _is_mended(node: "exp.Expr") -> bool:
    """Whether what is made of an array is the same in any order; looks through what only takes its values along."""
    from sqlglot import exp

    passing = (
        *(exp.Paren, exp.Filter, exp.Cast, exp.Coalesce, exp.DPipe, exp.ArrayConcat, exp.Flatten),
        *(exp.ArrayDistinct, exp.ArrayFilter, exp.ArrayRemove, exp.ArrayIntersect, exp.ArrayExcept),
        *(exp.Transform, exp.ArrayReverse),
    )
    blind = (exp.ArraySort, exp.ArraySize, exp.ArrayMax, exp.ArrayMin, exp.ArrayContains, exp.ArrayOverlaps, exp.Is)
    around = node.parent
    while isinstance(around, passing) or _is_call(around, ("array_union",)):
        around = around.parent if around is not None else None
    return isinstance(around, blind) or _is_call(around, _BLIND)


def _is_call(node: "exp.Expr | None", names: Collection[str]) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Anonymous) and node.name.lower() in names
