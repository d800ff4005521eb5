"""Scans: every place of a statement that reads a table of flow logs, with the conditions that Trino brings to it.

Conditions go inward as Trino's predicate pushdown takes them: through subqueries, CTEs (each use is a scan of its own),
set operations, grouping by the column, and inner joins; not past LIMIT, window functions or the kept side of an outer
join. Where it is not sure that they are brought, they are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowsql.checks.bounds.conditions import Condition, Reader, Ref
from flowsql.checks.bounds.grouping import aggregates, group_keys, partitioned
from flowsql.checks.bounds.hull import met
from flowsql.checks.bounds.joins import Joined
from flowsql.checks.bounds.keys import Range, TimeKey
from flowsql.checks.bounds.sources import Named, Source, Sources, output_names, select_outputs, sources_of, with_ctes
from flowsql.checks.bounds.told import Told
from flowsql.checks.reads import given_names

if TYPE_CHECKING:
    from sqlglot import exp

_MOST_USES = 256
"""CTEs that use each other twice are as many scans as 2 to the power of their number. Beyond this many different uses
the conditions of outside are not followed, so that a scan is bounded only by what its CTE says itself."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Which tables hold flow logs."""

    keys: "Callable[[exp.Table], tuple[TimeKey, ...] | None]"
    """The partition columns that tell time; none for a table without, None for a table that is not flow logs."""
    columns: "Callable[[exp.Table], tuple[str, ...] | None]"
    """All columns of a table, lower case; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of a table."""

    table: "exp.Table"
    keys: tuple[TimeKey, ...]
    conditions: tuple[Condition, ...]
    """What is brought to it, or would be if nothing blocked it."""

    @property
    def range(self) -> Range | None:
        """The finite time that the partitions read lie in; None when the scan is open."""
        usable = [condition for condition in self.conditions if not condition.blocked and None not in condition.refs]
        ranges = [found for key in self.keys if (found := key.range(met(each.of(key.name) for each in usable)))]
        return min(ranges, key=lambda found: found[1] - found[0], default=None)


def scans(tree: "exp.Expr", relations: Relations, now: datetime | None = None) -> tuple[Scan, ...]:
    """Every scan of flow logs in a statement, in no order; a CTE's once for each use."""
    from sqlglot import exp

    walker = _Walker(relations, Told(relations.columns, now or datetime.now(UTC)))
    walker.query(tree, (), {})
    unused = {id(cte) for cte in tree.find_all(exp.CTE)} - walker.used
    for table in tree.find_all(exp.Table):
        if id(table) in walker.seen or any(id(cte) in unused for cte in _owners(table)):
            continue
        keys = relations.keys(table)
        if keys is not None:  # a place this proof does not know
            walker.found.append(Scan(table, keys, ()))
    return tuple(walker.found)


def _owners(table: "exp.Expr") -> "list[exp.Expr]":
    from sqlglot import exp

    found: list[exp.Expr] = []
    at = table.parent
    while at is not None:
        if isinstance(at, exp.CTE):
            found.append(at)
        at = at.parent
    return found


@dataclass(frozen=True, slots=True)
class _Outer:
    """The SELECT around a query in an expression: what is said of its columns holds of those that they equal within."""

    sources: Sources
    joined: Joined
    members: "Mapping[int, exp.Column]"
    """The queries that must hold a column's value: of `column IN (query)` joined by AND alone."""

    def demand(self, query: "exp.Expr") -> tuple[Condition, ...]:
        """The conditions on the only column of such a query."""
        column = self.members.get(id(query))
        ref = self.sources.resolve(column) if column is not None else None
        names = given_names(query)
        if ref is None or len(names) != 1:
            return ()
        return tuple(each.renamed({ref: ("", names[0].lower())}) for each in self.joined.told_of(ref))

    def brought(self, where: "exp.Expr", sources: Sources) -> "Iterator[Condition]":
        """The conditions on columns within that must equal one of outside."""
        from sqlglot import exp

        aliases = {source.alias for source in sources.items}
        for node in _all_of(where):
            sides = [node.this.unnest(), node.expression.unnest()] if isinstance(node, exp.EQ) else []
            for inner, outer in (sides, sides[::-1]) if sides else ():
                if not (isinstance(inner, exp.Column) and isinstance(outer, exp.Column) and outer.table):
                    continue
                mine = sources.resolve(inner)
                theirs = self.sources.resolve(outer) if outer.table.lower() not in aliases else None
                if mine is not None and theirs is not None:
                    yield from (each.renamed({theirs: mine}) for each in self.joined.told_of(theirs))


@dataclass(frozen=True)
class _Walker:
    relations: Relations
    told: Told
    found: list[Scan] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    """The tables that were come by."""
    used: set[int] = field(default_factory=set)
    uses: set[tuple[int, object]] = field(default_factory=set)
    """The CTEs that were followed, each with what was brought to it."""

    def query(
        self, node: "exp.Expr", demand: tuple[Condition, ...], names: Mapping[str, Named], outer: _Outer | None = None
    ) -> None:
        """A query whose rows must fulfil `demand`, conditions about its columns under the alias ''."""
        from sqlglot import exp

        names = with_ctes(node, names, self.relations.columns)
        if node.args.get("limit") or node.args.get("offset") or node.args.get("fetch"):
            demand = _blocked(demand, "it stands outside a LIMIT, which is taken first")
            outer = outer if node.args.get("order") or _takes_one(node) else None
        match node:
            case exp.Subquery():
                self.query(node.this, demand, names, outer)
            case exp.Select():
                self._select(node, demand, names, outer)
            case exp.SetOperation():
                self._set(node, demand, names)
            case _:
                self._inside(node, names)

    def _set(self, node: "exp.SetOperation", demand: tuple[Condition, ...], names: Mapping[str, Named]) -> None:
        own = output_names(node, names, self.relations.columns)
        for arm in (node.this, node.expression):
            theirs = output_names(arm, names, self.relations.columns)
            renaming: dict[Ref, Ref] = {}
            if own is not None and theirs is not None and len(own) == len(theirs):
                renaming = {("", mine): ("", other) for mine, other in zip(own, theirs, strict=True)}
            self.query(arm, tuple(condition.renamed(renaming) for condition in demand), names)

    def _select(
        self, select: "exp.Select", demand: tuple[Condition, ...], names: Mapping[str, Named], outer: _Outer | None
    ) -> None:
        from sqlglot import exp

        sources = sources_of(select, names, self.relations.columns)
        demanded = self._demanded(select, demand, sources)
        brought: list[Condition] = []
        said: list[Condition] = []
        where, group = select.args.get("where"), select.args.get("group")
        reader = Reader(sources.resolve, self.told.now)
        if where is not None:
            brought += outer.brought(where.this, sources) if outer is not None else ()
            said += [*reader.read(where.this).conjuncts(), *brought]
        joined = self.told.joined(select, sources, names, [*demanded, *brought])
        around = _Outer(sources, Joined(sources, said, reader), _members(where))
        for source in sources.items:
            self._source(source, joined.about(source), around)
        for child in select.iter_expressions():
            if not isinstance(child, (exp.From, exp.With, exp.Join)):
                # What is grouped may be NULL outside WHERE, which equals nothing.
                self._inside(child, names, around if isinstance(child, exp.Where) or group is None else None)
            elif isinstance(child, exp.Join) and child.args.get("on") is not None:
                self._inside(child.args["on"], names)

    def _demanded(self, select: "exp.Select", demand: Sequence[Condition], sources: Sources) -> "list[Condition]":
        """The conditions on the SELECT's columns as conditions on what it reads."""
        renaming = select_outputs(select, sources, {ref[1] for each in demand for ref in each.refs if ref})
        found = [condition.renamed(renaming) for condition in demand]
        if select.args.get("group") is not None or aggregates(select):
            keys = group_keys(select, sources)
            found = [
                each if each.refs <= keys else _block(each, "it stands outside a GROUP BY that lacks the column")
                for each in found
            ]
        if over := partitioned(select, sources):
            found = [
                each if each.refs <= keys else _block(each, "it stands outside a window function, which is taken first")
                for each in found
                for keys in [frozenset.intersection(*over)]
            ]
        return found

    def _source(self, source: Source, conditions: list[Condition], outer: _Outer) -> None:
        from sqlglot import exp

        node = source.node
        inward = source.inward(conditions)
        if isinstance(node, exp.Table):
            self.seen.add(id(node))
            if source.named is None:
                keys = self.relations.keys(node)
                if keys is not None:
                    self.found.append(Scan(node, keys, inward))
                return
            self._use(source.named, inward)
        elif isinstance(node, exp.Subquery):
            self.query(node.this, inward, with_ctes(node, source.names, self.relations.columns))
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            self.query(node.this, inward, source.names, outer)
        else:
            self._inside(node, source.names)

    def _use(self, named: Named, conditions: tuple[Condition, ...]) -> None:
        self.used.add(id(named.cte))
        names = named.names
        if named.recursive:
            conditions = _blocked(conditions, "it stands outside a recursive CTE")
            if named.cte.alias.lower() in named.open:
                return
            inner = replace(named, open=named.open | {named.cte.alias.lower()})
            names = {**names, named.cte.alias.lower(): inner}
        if len(self.uses) >= _MOST_USES:
            conditions = ()
        use = (id(named.cte), (named.open, tuple(map(_identity, conditions))))
        if use in self.uses:
            return
        self.uses.add(use)
        self.query(named.cte.this, conditions, names)

    def _inside(self, node: "exp.Expr", names: Mapping[str, Named], outer: _Outer | None = None) -> None:
        """The queries within an expression: what is brought to them is said of columns of the SELECT around it."""
        from sqlglot import exp

        todo: list[exp.Expr] = [node]
        while todo:
            each = todo.pop()
            if isinstance(each, exp.Query):
                self.query(each, outer.demand(each) if outer is not None else (), names, outer)
            else:
                todo.extend(each.iter_expressions())


def _takes_one(query: "exp.Expr") -> bool:
    """Whether it is LIMIT 1, which says of a query in an expression no more than what it is asked."""
    from sqlglot import exp

    limit = query.args.get("limit")
    return isinstance(limit, exp.Limit) and limit.expression.name == "1"


def _all_of(node: "exp.Expr") -> "Iterator[exp.Expr]":
    """The parts of a condition that all hold."""
    from sqlglot import exp

    todo = [node.unnest()]
    while todo:
        part = todo.pop()
        if isinstance(part, exp.And):
            todo += [part.left.unnest(), part.right.unnest()]
        else:
            yield part


def _members(where: "exp.Expr | None") -> "dict[int, exp.Column]":
    from sqlglot import exp

    parts = _all_of(where.this) if where is not None else ()
    found = (part for part in parts if isinstance(part, exp.In) and part.args.get("query") is not None)
    return {id(part.args["query"]): part.this for part in found if isinstance(part.this, exp.Column)}


def _identity(condition: Condition) -> object:
    """What tells conditions apart, quickly: equal ones of two places in the statement are two."""
    parts = tuple(map(_identity, condition.parts))
    return id(condition.node), condition.refs, condition.column, condition.hull, condition.blocked, parts


def _block(condition: Condition, reason: str) -> Condition:
    return condition if condition.blocked else replace(condition, blocked=reason)


def _blocked(conditions: Sequence[Condition], reason: str) -> tuple[Condition, ...]:
    return tuple(_block(condition, reason) for condition in conditions)
