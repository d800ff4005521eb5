"""A new name of the SELECT list is used in WHERE, GROUP BY or HAVING.

Why: Athena reads these clauses before the SELECT list, so the name does not exist there yet; only ORDER BY knows it.
DuckDB and others accept it.

Wrong:

    SELECT srcaddr, COUNT(*) AS attempts FROM {{ flows }} GROUP BY srcaddr HAVING attempts > 5

Right:

    SELECT srcaddr, COUNT(*) AS attempts FROM {{ flows }} GROUP BY srcaddr HAVING COUNT(*) > 5
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.grouping import is_aggregate, own_nodes
from flowsql.checks.names import Scope, has_patterns
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.fields import ALL_COLUMNS

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ414", "alias-before-select", "error")

_CLAUSES = {"where": "WHERE", "group": "GROUP BY", "having": "HAVING"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each use of a new name that no relation has as a column."""
    for scope in subject.scopes.all():
        if has_patterns(subject, scope.select) or any(source.columns is None for source in scope.sources.items):
            items = {name: item for name, item in scope.aliases.items() if item.find_ancestor(type(item)) is None}
            items = {name: item for name, item in items.items() if _is_made(item)}
            columns = {name for name in items if _is_column(name, scope)}
        else:
            columns = set()
            items = dict(scope.aliases)
        grouped = {column.name.lower() for column in scope.columns("group")}
        for clause, word in _CLAUSES.items():
            for column in scope.columns(clause):
                name = column.name.lower()
                # HAVING refuses a column too, unless it is grouped by.
                meant = name in columns and (clause != "having" or name in grouped)
                item = None if meant else items.get(name)
                if item is None or column.table or any(s.columns is not None for s in scope.owner(column)[1]):
                    continue
                made = item.this.sql(dialect="athena", comments=False)
                position = next(n for n, each in enumerate(scope.select.expressions, 1) if each is item)
                hint = f"GROUP BY {position}, or repeat {made}" if clause == "group" else _instead(item, clause, made)
                yield subject.fault(
                    f"{column.name} is a new name of the SELECT list, which {word} does not know", column, hint
                )


def _is_made(item: object) -> bool:
    """Whether a name stands for what is surely no column of the table: an aggregate or a window function."""
    from sqlglot import exp

    return isinstance(item, exp.Alias) and isinstance(item.this, (exp.AggFunc, exp.Window))


def _is_column(name: str, scope: Scope) -> bool:
    """Whether a name may be a column of a table that is not known: a field, or what the SELECT list itself reads."""
    from sqlglot import exp

    read = (column for item in scope.select.expressions for column in item.find_all(exp.Column))
    return name in ALL_COLUMNS or any(column.name.lower() == name for column in read)


def _instead(item: "exp.Expr", clause: str, made: str) -> str:
    """Where a new name is known, or what may stand for it."""
    from sqlglot import exp

    if item.find(exp.Window) is not None:
        return f"a query around this one knows it: SELECT … FROM (SELECT …) AS q WHERE q.{item.alias} …"
    if clause == "where" and any(is_aggregate(node) for node in own_nodes(item)):
        return f"behind GROUP BY: HAVING {made} …"
    return f"repeat it: {made}"
