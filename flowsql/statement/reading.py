"""Which columns of flow logs a statement reads, and how often it scans them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.errors import QueryError
from flowsql.naming import did_you_mean
from flowsql.statement.scopes import alias_of, is_output, is_under, outer, outputs, sources
from flowsql.statement.tree import line_of

if TYPE_CHECKING:
    from sqlglot import exp


def scans(tree: "exp.Expr", names: frozenset[str]) -> int:
    from sqlglot import exp

    ctes = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}
    tables = [(table.name.lower(), table.find_ancestor(exp.CTE)) for table in tree.find_all(exp.Table)]

    def count(body: "exp.Expr | None", inside: frozenset[str]) -> int:
        """The scans of a CTE's body, or of the query itself: each CTE's tables count where it is used."""
        read = [name for name, owner in tables if owner is body]
        if inside.intersection(read):
            return 2  # a recursive CTE reads its input again and again
        own = sum(name in names for name in read)
        return own + sum(count(ctes[name], inside | {name}) for name in read if name in ctes)

    return count(None, frozenset())


@dataclass(frozen=True, slots=True)
class Reader:
    """Resolves which columns belong to flow log relations."""

    names: frozenset[str]
    place: str

    def columns(self, tree: "exp.Expr") -> dict[str, int | None]:
        """The fields read, in the order of their first lines."""
        from sqlglot import exp

        read = [
            (column.name.lower(), line_of(column))
            for column in tree.find_all(exp.Column)
            if not isinstance(column.this, exp.Star) and self._is_field(column)
        ]
        for select in tree.find_all(exp.Select):
            read.extend(self._joined(select))
        first: dict[str, int | None] = {}
        for name, line in sorted(read, key=lambda item: item[1] or 0):
            first.setdefault(name, line)
        return first

    def reads_all(self, tree: "exp.Expr") -> bool:
        """Whether a star stands for the columns of flow logs."""
        from sqlglot import exp

        for select in tree.find_all(exp.Select):
            for item in select.expressions:
                if not item.is_star or isinstance(select.parent, exp.Exists):
                    continue
                alias = item.table.lower() if isinstance(item, exp.Column) else ""
                read_from = [source for source in sources(select) if not alias or alias_of(source) == alias]
                if any(self._is_relation(source) for source in read_from):
                    return True
        return False

    def _is_relation(self, source: "exp.Expr") -> bool:
        from sqlglot import exp

        return isinstance(source, exp.Table) and source.name.lower() in self.names

    def _is_field(self, column: "exp.Column") -> bool:
        """Follow a column outward through the queries it can see; raises QueryError when nothing offers it."""
        from sqlglot import exp

        name, table = column.name.lower(), column.table.lower()
        query = column.find_ancestor(exp.Select, exp.SetOperation)
        if not isinstance(query, exp.Select) or (not table and is_output(column, query)):
            return False  # ORDER BY of a union, or by a column's new name
        complete = True
        offered: set[str] = set()
        above: exp.Select | None = query
        while above is not None:
            read_from = [source for source in sources(above) if not is_under(column, source)]
            if table:
                named = next((source for source in read_from if alias_of(source) == table), None)
                if named is not None:
                    return self._is_relation(named)
            else:
                derived_from = [outputs(source) for source in read_from if not self._is_relation(source)]
                if any(name in output.names for output in derived_from):
                    return False
                if len(derived_from) < len(read_from):
                    return True
                complete = complete and not any(output.more for output in derived_from)
                offered.update(*(output.names for output in derived_from))
            above = outer(above)
        if not table and complete and offered:
            hint = did_you_mean(name, offered, f"columns: {', '.join(sorted(offered))}")
            raise QueryError(f"there is no column {name!r}", where=f"{self.place}:{line_of(column)}", hint=hint)
        return False

    def _joined(self, select: "exp.Select") -> Iterator[tuple[str, int | None]]:
        """The fields that `USING (…)` names without being columns of the tree."""
        from sqlglot import exp

        read_from = sources(select)
        for join in select.find_all(exp.Join):
            if join.this not in read_from:
                continue
            left = read_from[: next(index for index, source in enumerate(read_from) if source is join.this)]
            for column in join.args.get("using") or []:
                name = column.name.lower()
                derived = any(name in outputs(source).names for source in left if not self._is_relation(source))
                if self._is_relation(join.this) or (not derived and any(map(self._is_relation, left))):
                    yield name, line_of(column)
