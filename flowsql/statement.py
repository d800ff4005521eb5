"""sqlglot: what a rendered query is, which relations and columns it reads, and where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flowsql.errors import QueryError
from flowsql.query import Rendered

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Statement:
    """One read-only SELECT: what it reads, and how the engine says it."""

    rendered: Rendered
    columns: dict[str, int | None]
    """The columns it reads from flow log relations, lower case, with the line of their first use."""
    reads_all: bool
    """Whether a `SELECT *` reads every column there is."""
    scans: int
    """How often a relation is scanned, CTEs counted each time they are used."""
    native: str
    """The statement in the engine's own dialect."""

    @cached_property
    def tree(self) -> "exp.Query":
        """The syntax tree of the Athena SQL."""
        return _tree(self.rendered)


def parse(rendered: Rendered, translate: "Callable[[exp.Expression], str] | None" = None) -> Statement:
    """Athena SQL → Statement; `translate` makes the engine's dialect of the tree, without it Athena's stays.

    Raises QueryError at the line of the author's file, and what `translate` raises.
    """
    tree = _tree(rendered)
    names = {relation.name for relation in rendered.relations}
    if not names:
        raise QueryError(
            "the query reads no flow logs", where=rendered.query.place, hint="write FROM {{ flows }} or {{ records }}"
        )
    reader = _Reader(names)
    columns: dict[str, int | None] = {}
    for name, line in reader.columns(tree):
        columns.setdefault(name, line)
    native = translate(tree) if translate else rendered.sql
    return Statement(rendered, columns, reader.reads_all(tree), _scans(tree, names), native)


def _tree(rendered: Rendered) -> "exp.Query":
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    place = rendered.query.place
    try:
        trees = [tree for tree in sqlglot.parse(rendered.sql, read="athena") if tree is not None]
    except ParseError as failure:
        first = failure.errors[0] if failure.errors else {}
        where = f"{place}:{first['line']}:{first['col']}" if first.get("line") else place
        raise QueryError(f"not SQL: {first.get('description') or failure}", where=where) from failure
    except (TokenError, RecursionError) as failure:
        raise QueryError(f"not SQL: {failure or 'nested too deeply'}", where=place) from failure
    if len(trees) != 1:
        raise QueryError(f"{len(trees)} statements instead of one SELECT", where=place)
    tree = trees[0]
    if not isinstance(tree, exp.Query):
        raise QueryError(
            f"only a SELECT may run, not {tree.key.upper()}", where=place, hint="flowsql sends read-only statements"
        )
    for node in tree.find_all(exp.DML, exp.DDL, exp.Command):
        if not isinstance(node, exp.Query):
            raise QueryError(f"only a SELECT may run, not {node.key.upper()}", where=place)
    return tree


def line_of(node: "exp.Expression") -> int | None:
    """The line of the first token under a node that has one."""
    for child in node.walk():
        if "line" in child.meta:
            return int(child.meta["line"])
    return None


def _scans(tree: "exp.Expression", names: set[str]) -> int:
    from sqlglot import exp

    bodies = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}

    def count(node: "exp.Expression", inside: frozenset[str]) -> int:
        total = 0
        for table in node.find_all(exp.Table):
            if _owner(table, node) is not None:
                continue
            if table.name in bodies:
                if table.name in inside:
                    return 2  # a recursive CTE reads its input again and again
                total += count(bodies[table.name], inside | {table.name})
            elif table.name in names:
                total += 1
        return total

    return count(tree, frozenset())


def _owner(node: "exp.Expression", top: "exp.Expression") -> "exp.Expression | None":
    """The CTE between a node and the top, if any: its tables count where it is used."""
    from sqlglot import exp

    parent = node.parent
    while parent is not None and parent is not top:
        if isinstance(parent, exp.CTE):
            return parent
        parent = parent.parent
    return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Resolves which columns belong to flow log relations."""

    names: set[str]

    def columns(self, tree: "exp.Expression") -> Iterator[tuple[str, int | None]]:
        from sqlglot import exp

        for column in tree.find_all(exp.Column):
            if not isinstance(column.this, exp.Star) and self._is_field(column):
                yield column.name.lower(), line_of(column)

    def reads_all(self, tree: "exp.Expression") -> bool:
        from sqlglot import exp

        for select in tree.find_all(exp.Select):
            stars = any(
                isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))
                for item in select.expressions
            )
            if stars and any(self._is_relation(source) for source in _sources(select)):
                return True
        return False

    def _is_relation(self, source: "exp.Expression") -> bool:
        from sqlglot import exp

        return isinstance(source, exp.Table) and source.name in self.names

    def _is_field(self, column: "exp.Column") -> bool:
        from sqlglot import exp

        select = column.parent_select
        name, table = column.name.lower(), column.table
        if isinstance(select, exp.Select) and not table and _is_order_alias(column, select):
            return False
        while isinstance(select, exp.Select):
            for source in _sources(select):
                if table:
                    if source.alias_or_name == table:
                        return self._is_relation(source)
                elif not self._is_relation(source) and name in _outputs(source):
                    return False
            if not table and any(self._is_relation(source) for source in _sources(select)):
                return True
            select = select.parent_select
        return False


def _sources(select: "exp.Select") -> list["exp.Expression"]:
    start = select.args.get("from_") or select.args.get("from")
    joins = [join.this for join in select.args.get("joins") or []]
    laterals = select.args.get("laterals") or []
    return [*([start.this] if start else []), *joins, *laterals]


def _outputs(source: "exp.Expression") -> set[str]:
    """The column names a derived source offers, as far as its text tells."""
    from sqlglot import exp

    alias = source.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.columns:
        return {column.name.lower() for column in alias.columns}
    if isinstance(source, exp.Subquery):
        return {name.lower() for name in source.this.named_selects}
    if isinstance(source, exp.Table):
        for cte in source.root().find_all(exp.CTE):
            if cte.alias == source.name:
                named = cte.args["alias"].columns
                return {column.name.lower() for column in named} or {name.lower() for name in cte.this.named_selects}
    return set()


def _is_order_alias(column: "exp.Column", select: "exp.Select") -> bool:
    from sqlglot import exp

    order = column.find_ancestor(exp.Order, exp.Select)
    if not isinstance(order, exp.Order) or order.parent is not select:
        return False
    return column.name in {item.alias for item in select.expressions if isinstance(item, exp.Alias)}


def conjuncts(tree: "exp.Expression", names: set[str]) -> list[tuple[str, list["exp.Expression"]]]:
    """Per SELECT that reads one relation: its name and the conditions of its WHERE, split at AND."""
    from sqlglot import exp

    found = []
    for select in tree.find_all(exp.Select):
        sources = _sources(select)
        where = select.args.get("where")
        if len(sources) == 1 and isinstance(sources[0], exp.Table) and sources[0].name in names:
            conditions = list(where.this.flatten()) if where and isinstance(where.this, exp.And) else []
            if where and not conditions:
                conditions = [where.this]
            found.append((sources[0].name, [condition.unnest() for condition in conditions]))
    return found
