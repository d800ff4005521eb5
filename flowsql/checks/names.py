"""Names: which SELECT sees which relations, what a column stands for there, and what kind of value it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from flowsql.checks.bounds.judged import columns_of
from flowsql.checks.bounds.sources import Named, Source, Sources, sources_of, with_ctes
from flowsql.checks.subject import Subject
from flowsql.fields import ALL_COLUMNS, column_type, known
from flowsql.macros import DERIVED_COLUMNS

if TYPE_CHECKING:
    from sqlglot import exp

Kind = Literal["text", "number", "time", "span", "truth", "address"]
SHOWN: dict[Kind, str] = {
    "text": "text",
    "number": "a number",
    "time": "a time",
    "span": "a length of time",
    "truth": "true or false",
    "address": "an address",
}
"""Kinds, for a person."""
_DECLARED: dict[str, Kind] = {
    **dict.fromkeys(("string", "varchar", "char"), "text"),
    **dict.fromkeys(
        ("tinyint", "smallint", "int", "integer", "bigint", "double", "float", "real", "decimal"), "number"
    ),
    **dict.fromkeys(("date", "timestamp"), "time"),
    "boolean": "truth",
}


@dataclass(frozen=True)
class Scope:
    """One SELECT and what it sees."""

    select: "exp.Select"
    sources: Sources
    outer: "Scope | None"
    seen: "dict[str, list[exp.Column]]" = field(default_factory=dict, compare=False, repr=False)
    """The columns of each clause, once looked for."""

    def owner(self, column: "exp.Column") -> "tuple[Scope, list[Source]]":
        """The nearest SELECT that offers a column, and the relations there that do; none when nothing does."""
        name, table = column.name.lower(), column.table.lower()
        at: Scope | None = self
        while at is not None:
            found = at.sources.offering(name, {table} if table else None)
            if found:
                return at, found
            at = at.outer
        return self, []

    def sees(self, alias: str) -> bool:
        """Whether a relation, or a column that may be a row, has this name."""
        at: Scope | None = self
        while at is not None:
            if any(source.alias == alias for source in at.sources.items) or at.sources.offering(alias):
                return True
            at = at.outer
        return False

    @property
    def offered(self) -> tuple[str, ...]:
        """The columns it offers, each once."""
        return tuple(dict.fromkeys(name for source in self.sources.items for name in source.columns or ()))

    @property
    def aliases(self) -> dict[str, "exp.Expr"]:
        """The new names of the SELECT list."""
        from sqlglot import exp

        return {item.alias.lower(): item for item in self.select.expressions if isinstance(item, exp.Alias)}

    def columns(self, *clauses: str) -> "Iterator[exp.Column]":
        """The columns of its own clauses, not those of queries within."""
        for clause in clauses:
            if clause not in self.seen:
                value = self.select.args.get(clause)
                nodes = value if isinstance(value, list) else [value]
                self.seen[clause] = [each for node in nodes if node is not None for each in own_columns(node)]
            yield from self.seen[clause]


def own_columns(node: "exp.Expr") -> "Iterator[exp.Column]":
    """The columns under a node, without those of queries within it."""
    from sqlglot import exp

    todo: list[exp.Expr] = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, exp.Column) and not isinstance(each.this, exp.Star):
            yield each
        elif not isinstance(each, exp.Query):
            todo.extend(reversed(list(each.iter_expressions())))


@dataclass
class Scopes:
    """All SELECTs of a subject's statement."""

    subject: Subject
    found: dict[int, Scope] = field(default_factory=dict)
    kinds: "dict[tuple[int, str], Kind | None]" = field(default_factory=dict)
    """Of columns of queries, once told."""
    told: "dict[tuple[int, int], Kind | None]" = field(default_factory=dict)
    """The kinds that `kinds.kind_of` has told, by expression and scope."""
    own: "list[tuple[Scope, exp.Expr]]" = field(default_factory=list)
    """Every expression with the SELECT it belongs to, once looked for."""

    def all(self) -> tuple[Scope, ...]:
        """Outer ones first."""
        if not self.found:
            self._query(self.subject.tree, {}, None)
        return tuple(self.found.values())

    def expressions(self, *kinds: "type[exp.Expr]") -> "list[tuple[Scope, exp.Expr]]":
        """Every expression, or those of some kinds, with the SELECT it belongs to."""
        from sqlglot import exp

        if not self.own:
            for scope in self.all():
                todo = [
                    child for child in scope.select.iter_expressions() if not isinstance(child, (exp.With, exp.From))
                ]
                todo.reverse()
                while todo:
                    each = todo.pop()
                    if not isinstance(each, exp.Query):
                        self.own.append((scope, each))
                        todo.extend(each.iter_expressions(reverse=True))
        return [each for each in self.own if isinstance(each[1], kinds)] if kinds else self.own

    def is_flows(self, node: "exp.Expr") -> bool:
        """Whether a relation is flow logs, whose fields are known."""
        from sqlglot import exp

        return isinstance(node, exp.Table) and known_columns(self.subject, node) is not None

    def kind_of_column(self, scope: Scope, column: "exp.Column") -> Kind | None:
        """The kind of value of a column; None where it cannot be told."""
        from sqlglot import exp

        _, offering = scope.owner(column)
        if len(offering) != 1:
            return None
        source, name = offering[0], column.name.lower()
        if source.columns is None or source.inner is None or len(source.columns) != len(source.inner):
            return None
        if source.named is None and isinstance(source.node, exp.Table) and self.is_flows(source.node):
            return self._kind_of_field(source.node, name) if name in source.columns else None
        query = source.named.cte.this if source.named else source.node
        inner = source.inner[source.columns.index(name)] if name in source.columns else ""
        return self._kind_of_output(query, inner)

    def _kind_of_output(self, query: "exp.Expr", name: str) -> Kind | None:
        query = query.unnest()
        told = (id(query), name)
        if told not in self.kinds:
            self.kinds[told] = self._kind_of_item(query, name)
        return self.kinds[told]

    def _kind_of_item(self, query: "exp.Expr", name: str) -> Kind | None:
        from sqlglot import exp

        from flowsql.checks.kinds import kind_of

        inner = self.found.get(id(query))
        if not isinstance(query, exp.Select) or inner is None:
            return None
        items = [item for item in query.expressions if not item.is_star and item.alias_or_name.lower() == name]
        if len(items) == 1:
            return kind_of(items[0].unalias(), inner, self)
        star = exp.column(name)
        return (
            self.kind_of_column(inner, star) if not items and any(item.is_star for item in query.expressions) else None
        )

    def _kind_of_field(self, node: "exp.Table", name: str) -> Kind | None:
        known_table = None if self.subject.relations else self.subject.known(node)
        table = known_table.table if known_table else self.subject.table
        if name in DERIVED_COLUMNS and self.subject.relations:
            return "time"
        if table is not None and known_table is not None:
            declared = {partition.name: partition.sql_type for partition in table.partitions} | dict(table.types)
            if name in declared:
                return _DECLARED.get(declared[name].partition("(")[0].lower())
        kind = table.kind if table else "vpc" if known(name) else "tgw"
        return _DECLARED[column_type(name, kind)]

    def _query(self, query: "exp.Expr", names: Mapping[str, Named], outer: Scope | None) -> None:
        from sqlglot import exp

        with_ = query.args.get("with_")
        seen = with_ctes(query, names, partial(known_columns, self.subject))
        for cte in with_.expressions if with_ is not None else ():
            named = seen[cte.alias.lower()]
            inner = {**named.names, cte.alias.lower(): named} if named.recursive else named.names
            self._query(cte.this, inner, None)
        names = seen
        if isinstance(query, exp.Select):
            self._select(query, names, outer)
            return
        for child in query.iter_expressions():
            if not isinstance(child, exp.With):
                self._inside(child, names, outer)

    def _select(self, select: "exp.Select", names: Mapping[str, Named], outer: Scope | None) -> None:
        from sqlglot import exp

        sources = sources_of(select, names, partial(known_columns, self.subject))
        scope = Scope(select, sources, outer)
        self.found[id(select)] = scope
        derived = {id(source.node) for source in sources.items if isinstance(source.node, exp.Subquery)}
        todo: list[exp.Expr] = [child for child in select.iter_expressions() if not isinstance(child, exp.With)]
        while todo:
            each = todo.pop(0)
            if id(each) in derived:
                self._query(each, names, None)
            elif isinstance(each, exp.Query):
                self._query(each, names, scope)
            else:
                todo.extend(each.iter_expressions())

    def _inside(self, node: "exp.Expr", names: Mapping[str, Named], outer: Scope | None) -> None:
        from sqlglot import exp

        if isinstance(node, exp.Query):
            self._query(node, names, outer)
            return
        for child in node.iter_expressions():
            self._inside(child, names, outer)


def known_columns(subject: Subject, node: "exp.Table") -> tuple[str, ...] | None:
    """The columns of flow logs under a name; None for any other table."""
    table = subject.table
    if not node.db and node.name.lower() in subject.relations:
        if table is not None:
            return (*table.columns, *DERIVED_COLUMNS)
        return (*ALL_COLUMNS, *subject.undocumented, *DERIVED_COLUMNS)
    return columns_of(subject, node)


def has_patterns(subject: Subject, select: "exp.Select") -> bool:
    """Whether a row pattern makes columns of its own."""
    from sqlglot import exp

    # Hardly any statement has one, and few have to be looked for where it stands.
    return exp.MatchRecognize in subject.node_kinds and select.find(exp.MatchRecognize) is not None


def duplicate_ctes(subject: Subject) -> "Iterator[exp.CTE]":
    """The CTEs whose name was given before in their WITH."""
    from sqlglot import exp

    for clause in subject.nodes(exp.With):
        seen = set[str]()
        for cte in clause.expressions:
            name = cte.alias.lower()
            if name in seen:
                yield cte
            seen.add(name)
