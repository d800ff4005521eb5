"""Grouping: the columns that rows of a SELECT are grouped or partitioned by."""

from typing import TYPE_CHECKING

from flowsql.checks.bounds.conditions import Ref
from flowsql.checks.bounds.sources import Sources

if TYPE_CHECKING:
    from sqlglot import exp


def aggregates(select: "exp.Select") -> bool:
    """Whether it groups without saying GROUP BY."""
    from sqlglot import exp

    return any(
        each.find_ancestor(exp.Window, exp.Query) is select
        for item in select.expressions
        for each in item.find_all(exp.AggFunc)
    )


def group_keys(select: "exp.Select", sources: Sources) -> frozenset[Ref | None]:
    """The columns that rows are grouped by in every grouping set."""
    from sqlglot import exp

    group = select.args.get("group")
    if group is None or any(group.args.get(kind) for kind in ("grouping_sets", "cube", "rollup", "all")):
        return frozenset()
    keys: set[Ref | None] = set()
    for item in group.expressions:
        if isinstance(item, exp.GroupingSets):
            sets = [_grouped(each, select, sources) for each in item.expressions]
            keys |= set.intersection(*sets) if sets else set()
        elif not isinstance(item, (exp.Cube, exp.Rollup)):
            keys |= _grouped(item, select, sources)
    return frozenset(keys)


def _grouped(item: "exp.Expr", select: "exp.Select", sources: Sources) -> set[Ref | None]:
    """The columns of one item of GROUP BY, or of one grouping set."""
    from sqlglot import exp

    keys: set[Ref | None] = set()
    for part in item.expressions if isinstance(item, exp.Tuple) else [item]:
        each = part.unnest()
        if isinstance(each, exp.Literal) and each.this.isdigit() and 0 < int(each.this) <= len(select.expressions):
            each = select.expressions[int(each.this) - 1].unalias()
        if isinstance(each, exp.Column) and (ref := sources.resolve(each)):
            keys.add(ref)
    return keys


def partitioned(select: "exp.Select", sources: Sources) -> list[frozenset[Ref | None]]:
    """The columns that each window function of the SELECT is partitioned by."""
    from sqlglot import exp

    return [
        frozenset(sources.resolve(each) for each in window.args.get("partition_by") or () if type(each) is exp.Column)
        for window in select.find_all(exp.Window)
        if window.find_ancestor(exp.Query) is select
    ]
