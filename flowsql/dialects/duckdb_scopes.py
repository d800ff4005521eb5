"""Which type every expression of a statement has: columns followed from the flow logs to where they are used."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_kinds import (
    BIGINT,
    BOOLEAN,
    INSTANT,
    INTEGER,
    NULL,
    RESULTS,
    UNKNOWN,
    VARCHAR,
    Kind,
    common,
    kind_of,
    set_kind,
    unified,
)
from flowsql.dialects.duckdb_nodes import name_of
from flowsql.fields import known
from flowsql.macros import DERIVED_COLUMNS

if TYPE_CHECKING:
    from sqlglot import exp

_FIELD_KINDS = {"int": INTEGER, "bigint": BIGINT, "string": VARCHAR}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a FROM item offers: named columns, or the columns of flow logs, or both after a `SELECT *`."""

    columns: tuple[tuple[str, Kind], ...] = ()
    stored: bool = False

    def find(self, name: str) -> Kind | None:
        """The kind of a column; None when this relation has none of that name."""
        return dict(reversed(self.columns)).get(name, _stored(name) if self.stored else None)

    def renamed(self, names: list[str]) -> "Relation":
        """With the column names of `AS t (a, b)`."""
        if not names or self.stored:
            return self
        kinds = [kind for _, kind in self.columns] + [UNKNOWN] * len(names)
        return Relation(tuple(zip([name.lower() for name in names], kinds, strict=False)))


def _stored(name: str) -> Kind:
    field = known(name) or known(name, "tgw")
    if field is None:
        return INSTANT if name in DERIVED_COLUMNS else UNKNOWN
    return _FIELD_KINDS[field.type]


def annotate(tree: "exp.Expr") -> None:
    """Note the kind of every expression of a statement, or of a condition on flow logs cut out of one."""
    reader = Reader({}, ({"": Relation(stored=True)},))
    if _is_query(tree):
        reader.query(tree)
    else:
        reader.kind(tree)


def _is_query(node: "exp.Expr") -> bool:
    from sqlglot import exp

    return isinstance(node, (exp.Select, exp.SetOperation, exp.Subquery, exp.Values))


@dataclass(frozen=True, slots=True)
class Reader:
    """Walks one query with what is in scope."""

    ctes: Mapping[str, Relation]
    scopes: tuple[Mapping[str, Relation], ...]
    """The FROM items by alias, those of the innermost query first."""
    variables: Mapping[str, Kind] | None = None
    """The parameters of the lambdas around."""

    def query(self, node: "exp.Expr") -> Relation:
        """The columns of a SELECT, a set operation, VALUES or a subquery."""
        from sqlglot import exp

        reader = self._with_ctes(node)
        if isinstance(node, exp.Subquery):
            result = reader.query(node.this).renamed(node.alias_column_names)
            reader._clauses(node, result)
        elif isinstance(node, exp.SetOperation):
            left, right = reader.query(node.this), reader.query(node.expression)
            pairs = zip(left.columns, right.columns, strict=False)
            result = replace(left, columns=tuple((name, common(kind, other)) for (name, kind), (_, other) in pairs))
            reader._clauses(node, result)
        elif isinstance(node, exp.Values):
            result = reader._values(node)
        else:
            result = reader._select(node)
        set_kind(node, result.columns[0][1] if result.columns else UNKNOWN)
        return result

    def kind(self, node: "exp.Expr | None") -> Kind:
        """The kind of an expression, noted on it and on everything under it."""
        from sqlglot import exp

        if node is None:
            return UNKNOWN
        if _is_query(node):
            self.query(node)
            return kind_of(node)
        if isinstance(node, exp.Column):
            found = self._column(node)
        elif isinstance(node, exp.Connector):
            # Hundreds of conditions make a tree as deep: its leaves are read in a row.
            for leaf in node.flatten():
                self.kind(leaf)
            found = BOOLEAN
        elif isinstance(node, exp.Identifier):
            found = (self.variables or {}).get(node.name.lower(), UNKNOWN)
        else:
            self._under(node)
            rule = RESULTS.get(name_of(node))
            found = rule(node) if rule else UNKNOWN
        set_kind(node, found)
        return found

    def _under(self, node: "exp.Expr") -> None:
        """The arguments first, and of those the lambdas last, since their parameters come from the others."""
        from sqlglot import exp

        children = list(node.iter_expressions())
        lambdas = [child for child in children if isinstance(child, exp.Lambda)]
        for child in children:
            if not isinstance(child, exp.Lambda):
                self.kind(child)
        first = kind_of(children[0]) if children else UNKNOWN
        element = first.of[0] if first.name == "array" else UNKNOWN
        state = kind_of(node.args.get("initial"))
        for child in lambdas:
            names = [parameter.name.lower() for parameter in child.expressions]
            kinds = [element] if node.key != "reduce" else [state, element]
            inner = {**(self.variables or {}), **dict(zip(names, [*kinds, UNKNOWN], strict=False))}
            set_kind(child, replace(self, variables=inner).kind(child.this))

    def _column(self, node: "exp.Column") -> Kind:
        name, table = node.name.lower(), node.table.lower()
        for scope in self.scopes:
            for alias, relation in scope.items():
                if table in ("", alias) or "" in scope:
                    found = relation.find(name)
                    if found is not None:
                        return found
        return UNKNOWN

    def _with_ctes(self, node: "exp.Expr") -> "Reader":
        clause = node.args.get("with_")
        if clause is None:
            return self
        reader = self
        for cte in clause.expressions:
            names = cte.alias_column_names
            inner = reader
            if clause.args.get("recursive") and cte.this.key == "union":
                anchor = reader.query(cte.this.this).renamed(names)
                inner = replace(reader, ctes={**reader.ctes, cte.alias.lower(): anchor})
            relation = inner.query(cte.this).renamed(names)
            reader = replace(reader, ctes={**reader.ctes, cte.alias.lower(): relation})
        return reader

    def _select(self, node: "exp.Expr") -> Relation:
        scope: dict[str, Relation] = {}
        reader = replace(self, scopes=(scope, *self.scopes))
        origin = node.args.get("from_")
        joins = node.args.get("joins") or []
        for source in ([origin.this] if origin else []) + [join.this for join in joins]:
            scope[source.alias_or_name.lower() or f"?{len(scope)}"] = reader._source(source)
        for join in joins:
            reader.kind(join.args.get("on"))
        columns: list[tuple[str, Kind]] = []
        stored = False
        for item in node.expressions:
            kind = reader.kind(item)
            if not item.is_star:
                columns.append((item.alias_or_name.lower(), kind))
                continue
            sources = [scope.get(item.table.lower())] if item.key == "column" else list(scope.values())
            for relation in filter(None, sources):
                columns += relation.columns
                stored = stored or relation.stored
        for name in ("where", "group", "having", "windows", "distinct"):
            clause = node.args.get(name)
            for part in clause if isinstance(clause, list) else [clause]:
                reader.kind(part)
        result = Relation(tuple(columns), stored)
        reader._clauses(node, result)
        return result

    def _clauses(self, node: "exp.Expr", output: Relation) -> None:
        """ORDER BY, LIMIT and OFFSET, where the names of the output come first."""
        named = Relation(tuple(column for column in output.columns if column[0]), output.stored)
        reader = replace(self, scopes=({"?output": named}, *self.scopes))
        for name in ("order", "limit", "offset"):
            reader.kind(node.args.get(name))

    def _source(self, node: "exp.Expr") -> Relation:
        from sqlglot import exp

        if isinstance(node, exp.Table):
            return self.ctes.get(node.name.lower(), Relation(stored=True)).renamed(node.alias_column_names)
        if isinstance(node, exp.Lateral):
            return self.query(node.this).renamed(node.alias_column_names)
        if isinstance(node, exp.Unnest):
            return self._unnest(node)
        return self.query(node) if _is_query(node) else Relation()

    def _unnest(self, node: "exp.Unnest") -> Relation:
        kinds: list[Kind] = []
        for item in node.expressions:
            kinds += self.kind(item).of or (UNKNOWN,)
        offset = node.args.get("offset")
        ordinal = [(offset.name.lower(), BIGINT)] if isinstance(offset, _identifier()) else []
        columns = Relation(tuple(("", kind) for kind in kinds)).renamed(node.alias_column_names).columns
        return Relation((*columns, *ordinal))

    def _values(self, node: "exp.Values") -> Relation:
        rows = []
        for row in node.expressions:
            self.kind(row)
            rows.append([kind_of(item) for item in (row.expressions if row.key == "tuple" else [row])])
        width = max(map(len, rows), default=0)
        columns = [unified(row[index] if index < len(row) else NULL for row in rows) for index in range(width)]
        return Relation(tuple(("", kind) for kind in columns)).renamed(node.alias_column_names)


def _identifier() -> "type[exp.Identifier]":
    from sqlglot import exp

    return exp.Identifier
