"""Two CTEs of one WITH have the same name.

Why: Athena refuses the query: a name stands for one CTE, in whatever case or quotes it is written.

Wrong:

    WITH busy AS (SELECT srcaddr FROM {{ flows }}), Busy AS (SELECT dstaddr FROM {{ flows }}) SELECT dstaddr FROM busy

Right:

    WITH busy AS (SELECT srcaddr FROM {{ flows }}), asked AS (SELECT dstaddr FROM {{ flows }})
    SELECT dstaddr FROM asked
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ426", "duplicate-cte", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each CTE whose name was given before in its WITH."""
    from sqlglot import exp

    for clause in subject.nodes(exp.With):
        seen = set[str]()
        for cte in clause.expressions:
            name = cte.alias.lower()
            if name in seen:
                message = f"there are two CTEs of the name {cte.alias}"
                yield subject.fault(message, cte.args["alias"], "give each its own name")
            seen.add(name)
