"""The tables a subject's SQL may read as flow logs, as the proof of bounds is told of them."""

from functools import partial
from typing import TYPE_CHECKING

from flowsql.checks.bounds.keys import TimeKey, guessed_keys, time_keys
from flowsql.checks.bounds.scans import Relations, Scan, scans
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import cte_of

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
    """Every table it reads that is not known to hold no flow logs; of one that is not known the keys are guessed."""
    return Relations(partial(_keys, subject), partial(columns_of, subject))


def columns_of(subject: Subject, node: "exp.Table") -> tuple[str, ...] | None:
    """The columns of a known table of flow logs, its partitions among them; None for any other."""
    known = subject.known(node)
    if known is None or known.table is None:
        return None
    names = (known.table.renamed.get(column, column) for column in known.table.columns)
    return (*names, *(partition.name for partition in known.table.partitions))


def _keys(subject: Subject, node: "exp.Table") -> tuple[TimeKey, ...] | None:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier) or (not node.db and node.name.lower() in subject.relations):
        return None
    known = subject.known(node)
    if known is not None:
        return time_keys(known.table.partitions) if known.table is not None else None
    return None if node.db.lower() in _NOT_LOGS or "$" in node.name else guessed_keys()
