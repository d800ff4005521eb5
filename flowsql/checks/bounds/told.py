"""What a query tells of its columns: constants, and what its own conditions leave of them, for the query around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from flowsql.checks.bounds.conditions import Condition, Reader
from flowsql.checks.bounds.constants import fold
from flowsql.checks.bounds.grouping import aggregates, group_keys
from flowsql.checks.bounds.hull import EVERYTHING, Constant, Hull, joined, met, of_values
from flowsql.checks.bounds.joins import Joined
from flowsql.checks.bounds.sources import (
    Named,
    Source,
    Sources,
    output_names,
    select_outputs,
    sources_of,
    with_ctes,
)

if TYPE_CHECKING:
    from sqlglot import exp

Hulls = tuple[Hull, ...]
"""What is left of each column of a query, in order; none where nothing is told."""


@dataclass(frozen=True)
class Told:
    """Reads SELECTs with what the queries in their FROM and IN tell."""

    columns: "Callable[[exp.Table], tuple[str, ...] | None]"
    now: datetime
    _found: dict[int, Hulls] = field(default_factory=dict)
    """Of the queries that were asked: CTEs that use each other twice are asked once."""

    def joined(
        self,
        select: "exp.Select",
        sources: Sources,
        names: Mapping[str, Named],
        others: Sequence[Condition] = (),
    ) -> Joined:
        """What is said of the relations of a SELECT, by itself and by `others` of outside."""
        facts = [fact for source in sources.items for fact in self._facts(source)]
        plain = Reader(sources.resolve, self.now)
        said = Joined(sources, self._conditions(select, sources, names, others, plain), plain, facts)
        known = said.known()
        if not known:
            return said
        reader = replace(plain, known=known)
        conditions = self._conditions(select, sources, names, others, reader)
        # Trino puts no value into the ON of an outer join.
        return Joined(sources, conditions, reader if said.is_inner else plain, facts)

    def _conditions(
        self,
        select: "exp.Select",
        sources: Sources,
        names: Mapping[str, Named],
        others: Sequence[Condition],
        reader: Reader,
    ) -> list[Condition]:
        where, kept = select.args.get("where"), select.args.get("having")
        found = [*others]
        if where is not None:
            found += [self._member(each, sources, names) for each in reader.read(where.this).conjuncts()]
        if kept is not None and select.args.get("group") is not None:
            keys = group_keys(select, sources)
            found += [each for each in reader.read(kept.this).conjuncts() if each.refs and each.refs <= keys]
        if select.args.get("match") is not None:
            blocked = "it stands outside MATCH_RECOGNIZE, which is taken first"
            found = [replace(each, blocked=each.blocked or blocked) for each in found]
        return found

    def _member(self, condition: Condition, sources: Sources, names: Mapping[str, Named]) -> Condition:
        """Of `column IN (query)`, what the query tells of its only column."""
        from sqlglot import exp

        node = condition.node
        if condition.negated or not isinstance(node, exp.In) or not isinstance(node.this, exp.Column):
            return condition
        if node.args.get("query") is None:
            return condition
        ref, hulls = sources.resolve(node.this), self._of(node.args["query"], names)
        if ref is None or len(hulls) != 1 or hulls[0] == EVERYTHING:
            return condition
        return Condition(node, refs=frozenset((ref,)), column=ref, hull=hulls[0])

    def _facts(self, source: Source) -> list[Condition]:
        """What the query or the VALUES of a FROM tells of its columns."""
        from sqlglot import exp

        hulls: Hulls = ()
        if source.named is not None:
            hulls = () if source.named.recursive else self._of(source.named.cte.this, source.named.names)
        elif isinstance(source.node, exp.Subquery):
            hulls = self._of(source.node, source.names)
        elif isinstance(source.node, exp.Values):
            hulls = self._of_values(source.node)
        if source.columns is None or len(source.columns) != len(hulls):
            return []
        told = [((source.alias, name), hull) for name, hull in zip(source.columns, hulls, strict=True)]
        return [
            Condition(source.node, refs=frozenset((ref,)), column=ref, hull=hull)
            for ref, hull in told
            if hull != EVERYTHING
        ]

    def _of(self, query: "exp.Expr", names: Mapping[str, Named]) -> Hulls:
        from sqlglot import exp

        if id(query) not in self._found:
            inside = with_ctes(query, names, self.columns)
            hulls: Hulls = ()
            if isinstance(query, exp.Values):
                hulls = self._of_values(query)
            elif isinstance(query, exp.Subquery):
                hulls = self._of(query.this, inside)
            elif isinstance(query, exp.Select) and not any(query.args.get(each) for each in ("match", "offset")):
                hulls = self._of_select(query, inside)
            self._found[id(query)] = hulls
        return self._found[id(query)]

    def _of_select(self, select: "exp.Select", names: Mapping[str, Named]) -> Hulls:
        outputs = output_names(select, names, self.columns)
        if outputs is None or not _groups_plainly(select):
            return ()
        sources = sources_of(select, names, self.columns)
        said = self.joined(select, sources, names)
        refs = select_outputs(select, sources, outputs)
        kept = {ref for ref in refs.values() if said.keeps(ref)}
        if select.args.get("group") is not None or aggregates(select):
            kept &= group_keys(select, sources)
        constants = self._constants(select)
        found = []
        for name in outputs:
            ref = refs.get(("", name))
            if name in constants and outputs.count(name) == 1:
                found.append(of_values((constants[name],)))
            else:
                found.append(met(each.of(ref[1]) for each in said.told_of(ref)) if ref in kept else EVERYTHING)
        return tuple(found)

    def _constants(self, select: "exp.Select") -> dict[str, Constant]:
        """The constants among a SELECT's columns; Trino keeps no trace of them where GROUP BY may number them."""
        from sqlglot import exp

        group = select.args.get("group")
        if group is not None and any(isinstance(each, exp.Literal) for each in group.expressions):
            return {}
        folded = ((each.alias_or_name.lower(), fold(each.unalias(), self.now)) for each in select.expressions)
        return {name: value for name, value in folded if value is not None}

    def _of_values(self, values: "exp.Values") -> Hulls:
        from sqlglot import exp

        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        if len({len(row) for row in rows}) != 1:
            return ()
        folded = [[fold(each, self.now) for each in row] for row in rows]
        return tuple(
            joined(EVERYTHING if value is None else of_values((value,)) for value in column)
            for column in zip(*folded, strict=True)
        )


def _groups_plainly(select: "exp.Select") -> bool:
    """Whether it groups by columns alone, named or numbered, or not at all: of grouping sets Trino tells nothing."""
    from sqlglot import exp

    group = select.args.get("group")
    return group is None or all(isinstance(each, (exp.Column, exp.Literal)) for each in group.expressions)
