"""An aggregate or window function where Athena allows none.

Why: WHERE, GROUP BY and the ON of a join choose rows before anything is counted, and window functions are taken after
HAVING; an aggregate within an aggregate has nothing to work on.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE COUNT(*) > 5 GROUP BY srcaddr

Right:

    SELECT srcaddr FROM {{ flows }} GROUP BY srcaddr HAVING COUNT(*) > 5
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.grouping import is_aggregate, name_of, own_aggregates, own_nodes
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ415", "misplaced-aggregate", "error")

_HINTS = {
    "where": "conditions on groups stand in HAVING",
    "group": "group by columns, and take the aggregate of them in SELECT",
    "on": "take the aggregate in a subquery or CTE, and join that",
}
_WORDS = {"where": "WHERE", "group": "GROUP BY", "on": "ON", "having": "HAVING"}
_OUTSIDE = "take it in a subquery or CTE, and filter that"


def check(subject: Subject) -> Iterator[Fault]:
    """Both kinds in WHERE, GROUP BY and ON, window functions in HAVING, aggregates in aggregates."""
    from sqlglot import exp

    for select in subject.nodes(exp.Select):
        places = [(clause, select.args.get(clause)) for clause in ("where", "group", "having")]
        places += [("on", join.args.get("on")) for join in select.args.get("joins") or ()]
        for clause, node in places:
            if node is not None:
                yield from _in(subject, clause, node)
    yield from _nested(subject)


def _in(subject: Subject, clause: str, node: "exp.Expr") -> Iterator[Fault]:
    from sqlglot import exp

    windows = [each for each in own_nodes(node) if isinstance(each, exp.Window)]
    for window in windows:
        what = f"{name_of(window.this)} OVER (…) stands in {_WORDS[clause]}, which is read before it"
        yield subject.fault(what, window, _OUTSIDE)
    if windows or clause == "having":
        return
    for each in own_aggregates(node):
        yield subject.fault(f"{name_of(each)} stands in {_WORDS[clause]}", each, _HINTS[clause])
        return


def _nested(subject: Subject) -> Iterator[Fault]:
    from sqlglot import exp

    for each in subject.nodes(exp.AggFunc, exp.Anonymous):
        if not is_aggregate(each) or isinstance(each.parent, exp.Window):
            continue
        for inner in own_aggregates(each):
            if inner is not each and not _is_wrapper(each):
                yield subject.fault(
                    f"{name_of(inner)} stands inside {name_of(each)}", inner, "take the inner one in a subquery or CTE"
                )
                break


def _is_wrapper(node: "exp.Expr") -> bool:
    """Whether the tree has two nodes for one call, such as FILTER around an aggregate."""
    from sqlglot import exp

    return isinstance(node, (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls))
