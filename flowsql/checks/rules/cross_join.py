"""Every row of one side meets every row of the other.

Why: Two hours of flow logs are millions of records: their product never ends, and a forgotten condition looks just
like it.

Wrong:

    SELECT f.srcaddr FROM {{ flows }} AS f, {{ records }} AS r

Right:

    SELECT f.srcaddr FROM {{ flows }} AS f JOIN {{ records }} AS r ON r.srcaddr = f.dstaddr
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.reads import one_row
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import alias_of, sources

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ604", "cross-join", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """A comma or CROSS JOIN of sources that both may have many rows, and no condition that names both."""
    from sqlglot import exp

    for select in subject.nodes(exp.Select):
        joined = [join for join in select.args.get("joins") or [] if isinstance(join, exp.Join)]
        first = sources(select)[:1]
        for join in joined:
            open_ended = not join.args.get("on") and not join.args.get("using") and join.method.upper() != "NATURAL"
            many = first and not _few(first[0]) and not _few(join.this)
            if open_ended and many and not _linked(select, alias_of(join.this)):
                hint = "JOIN … ON what both sides share"
                yield subject.fault("every row of one side meets every row of the other", join.this, hint)


def _few(source: "exp.Expr") -> bool:
    from sqlglot import exp

    return isinstance(source, (exp.Unnest, exp.Lateral, exp.Values)) or one_row(source)


def _linked(select: "exp.Select", alias: str) -> bool:
    """Whether a condition of the WHERE compares a column of this side with one of another."""
    from sqlglot import exp

    where = select.args.get("where")
    for comparison in where.find_all(exp.Binary) if where else ():
        tables = {column.table.lower() for column in comparison.find_all(exp.Column)}
        if alias in tables and len(tables) > 1 and not isinstance(comparison, exp.Connector):
            return True
    return False
