"""Origins: which field of flow logs a column surely is, through aliases, subqueries, CTEs and the arms of UNION."""

from typing import TYPE_CHECKING

from flowsql.checks.bounds.sources import Source
from flowsql.checks.names import Scope, Scopes
from flowsql.checks.reads import is_flow_logs
from flowsql.fields import ALL_COLUMNS, RecordKind, known

if TYPE_CHECKING:
    from sqlglot import exp

_TELLING = frozenset(
    (
        *("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr", "log_status", "flow_direction", "tcp_flags"),
        *("pkt_src_aws_service", "pkt_dst_aws_service"),
    )
)
"""Columns that hardly any other table has."""

_CLAUSES = ("expressions", "where", "group", "having", "order", "joins")

Place = tuple[Scope, "exp.Column"]


class Origins:
    """The origins of a statement's columns."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._subject = scopes.subject
        self._telling: dict[tuple[int, str], bool] = {}
        """Whether a table that is not known is read as flow logs are, by SELECT and alias, once told."""

    def field(self, scope: Scope, column: "exp.Column") -> tuple[str, RecordKind] | None:
        """The column of the field, and of which records; None where it is not sure to be one field of them alone."""
        todo: list[Place] = [(scope, column)]
        seen, found = set[tuple[int, str, str]](), set[tuple[str, RecordKind]]()
        while todo:
            place = todo.pop()
            told = (id(place[0]), place[1].table.lower(), place[1].name.lower())
            if told in seen:
                continue
            seen.add(told)
            step = self._step(*place)
            if step is None:
                return None
            if isinstance(step, list):
                todo.extend(step)
            else:
                found.add(step)
        return found.pop() if len(found) == 1 else None

    def _step(self, scope: Scope, column: "exp.Column") -> "tuple[str, RecordKind] | list[Place] | None":
        """The field, or the columns that this one is made of; None where neither is sure."""
        from sqlglot import exp

        owner, offering = scope.owner(column)
        name = column.name.lower()
        merged = not column.table and any(name in step.using for step in owner.sources.steps)
        if len(offering) != 1 and not (offering and merged):
            return None
        source = offering[0]
        if source.columns is not None and source.inner is not None and source.columns != source.inner:
            if len(source.columns) != len(source.inner) or name not in source.columns:
                return None
            name = source.inner[source.columns.index(name)]
        if source.named is None and isinstance(source.node, exp.Table):
            return self._field(owner, source, name)
        return self._outputs(source.named.cte.this if source.named else source.node, name)

    def _outputs(self, query: "exp.Expr", name: str) -> "list[Place] | None":
        """The columns that a query gives under a name, one of each arm."""
        from sqlglot import exp

        first, *others = _arms(query)
        if others:
            return self._of_arms([first, *others], name)
        inner = self._scopes.found.get(id(first))
        if inner is None or not isinstance(first, exp.Select):
            return None
        items = [item for item in first.expressions if not item.is_star and item.alias_or_name.lower() == name]
        if len(items) == 1:
            made_of = items[0].unalias()
            return [(inner, made_of)] if isinstance(made_of, exp.Column) else None
        if not items and any(item.is_star for item in first.expressions):
            return [(inner, exp.column(name))]
        return None

    def _of_arms(self, arms: "list[exp.Expr]", name: str) -> "list[Place] | None":
        """What each arm of UNION and its like has where the first has a name."""
        from sqlglot import exp

        named = [
            [item.alias_or_name.lower() for item in arm.expressions] for arm in arms if isinstance(arm, exp.Select)
        ]
        if len(named) != len(arms) or named[0].count(name) != 1 or any(len(each) != len(named[0]) for each in named):
            return None
        found: list[Place] = []
        for arm, names in zip(arms, named, strict=True):
            places = self._outputs(arm, names[named[0].index(name)])
            if places is None:
                return None
            found.extend(places)
        return found

    def _field(self, owner: Scope, source: Source, name: str) -> tuple[str, RecordKind] | None:
        from sqlglot import exp

        subject, node = self._subject, source.node
        if not isinstance(node, exp.Table) or not is_flow_logs(node, subject):
            return None
        real = subject.known(node) if not subject.relations else None
        if real is not None and real.table is None:
            return None
        table = real.table if real else subject.table
        if real is not None and table is not None:
            name = next((column for column, stored in table.renamed.items() if stored == name), name)
            return (name, table.kind) if name in table.columns and known(name, table.kind) else None
        if not subject.relations and "flow" not in node.name.lower() and not self._tells(owner, source):
            return None  # any table may have an action or a type
        kind = table.kind if table is not None else "vpc" if known(name) else "tgw"
        return (name, kind) if name in ALL_COLUMNS and known(name, kind) else None

    def _tells(self, owner: Scope, source: Source) -> bool:
        place = id(owner), source.alias
        if place not in self._telling:
            is_only = len(owner.sources.items) == 1
            columns = (column for column in owner.columns(*_CLAUSES) if column.table.lower() == source.alias or is_only)
            self._telling[place] = any(column.name.lower() in _TELLING for column in columns)
        return self._telling[place]


def _arms(query: "exp.Expr") -> "list[exp.Expr]":
    """The queries that UNION and its like put together, the first first; of another query itself."""
    from sqlglot import exp

    todo, found = [query], list[exp.Expr]()
    while todo:
        each = todo.pop().unnest()
        if isinstance(each, exp.SetOperation):
            todo.extend((each.expression, each.this))
        else:
            found.append(each)
    return found
