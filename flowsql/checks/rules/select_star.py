"""SELECT * reads every column of the flow logs.

Why: Athena bills the bytes of the columns it reads, so on Parquet a star costs several times what the few columns of a
question cost; and what it returns changes with the log format.

Wrong:

    SELECT * FROM {{ flows }} ORDER BY start_time LIMIT 10

Right:

    SELECT srcaddr, dstaddr, bytes FROM {{ flows }} ORDER BY start_time LIMIT 10
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import alias_of, cte_of, sources

RULE = Rule("FQ601", "select-star", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """A star of the SELECT list that stands for the columns of a table, not of a subquery or CTE."""
    from sqlglot import exp

    for select in subject.nodes(exp.Select):
        for item in select.expressions:
            if not item.is_star or isinstance(select.parent, exp.Exists) or isinstance(item, exp.Count):
                continue
            alias = item.table.lower() if isinstance(item, exp.Column) else ""
            for source in sources(select):
                named = not alias or alias_of(source) == alias
                if named and isinstance(source, exp.Table) and source.name and cte_of(source) is None:
                    yield subject.fault(
                        f"SELECT * reads every column of {source.name}",
                        item,
                        "name the columns: those not read cost nothing on Parquet",
                    )
                    break
