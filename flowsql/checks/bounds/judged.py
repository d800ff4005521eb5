"""The tables a subject's SQL may read as flow logs, as the proof of bounds is told of them."""

from functools import partial
from typing import TYPE_CHECKING

from flowsql.checks.bounds.keys import TimeKey, guessed_keys, time_keys
from flowsql.checks.bounds.scans import Relations, Scan, scans
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import cte_of
from flowsql.table import Table

if TYPE_CHECKING:
    from sqlglot import exp

_NOT_LOGS = frozenset(("information_schema", "system"))


def scans_of(subject: Subject) -> tuple[Scan, ...]:
    """The scans of real tables; the relations flowsql supplies are bounded by construction."""
    from sqlglot import exp

    if subject.relations and all(_is_supplied(subject, table) for table in subject.nodes(exp.Table)):
        return ()
    return scans(subject.tree, relations_of(subject))


def _is_supplied(subject: Subject, table: "exp.Table") -> bool:
    """Whether a name is flow logs that flowsql supplies, or a CTE that was written before."""
    if table.db:
        return False
    if table.name.lower() in subject.relations:
        return True
    cte = cte_of(table)
    inside = table.parent
    while inside is not None and inside is not cte:
        inside = inside.parent
    return cte is not None and inside is None and subject.offset_of(cte.args["alias"]) < subject.offset_of(table)


def relations_of(subject: Subject) -> Relations:
    """The subject's table, or without one every table it reads, its layout guessed from the usual names."""
    return Relations(partial(_keys, subject), partial(_columns, subject))


def is_table(node: "exp.Table", table: Table) -> bool:
    """Whether a name in SQL is a table of the catalogue."""
    if not table.name or node.name.lower() != table.name[-1].lower():
        return False
    return not node.db or len(table.name) < 2 or node.db.lower() == table.name[-2].lower()


def _keys(subject: Subject, node: "exp.Table") -> tuple[TimeKey, ...] | None:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier) or (not node.db and node.name.lower() in subject.relations):
        return None
    table = subject.table
    if table is not None and table.name:
        return time_keys(table.partitions) if is_table(node, table) else None
    return None if node.db.lower() in _NOT_LOGS or "$" in node.name else guessed_keys()


def _columns(subject: Subject, node: "exp.Table") -> tuple[str, ...] | None:
    table = subject.table
    if table is None or not is_table(node, table):
        return None
    names = (table.renamed.get(column, column) for column in table.columns)
    return (*names, *(partition.name for partition in table.partitions))
