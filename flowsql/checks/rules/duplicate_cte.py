"""Two CTEs of one WITH have the same name.

Why: Athena refuses the query: a name stands for one CTE, in whatever case or quotes it is written.

Wrong:

    WITH busy AS (SELECT srcaddr FROM {{ flows }}), Busy AS (SELECT dstaddr FROM {{ flows }}) SELECT dstaddr FROM busy

Right:

    WITH busy AS (SELECT srcaddr FROM {{ flows }}), asked AS (SELECT dstaddr FROM {{ flows }})
    SELECT dstaddr FROM asked
"""

from collections.abc import Iterator

from flowsql.checks.names import duplicate_ctes
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ426", "duplicate-cte", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each CTE whose name was given before in its WITH."""
    for cte in duplicate_ctes(subject):
        message = f"there are two CTEs of the name {cte.alias}"
        yield subject.fault(message, cte.args["alias"], "give each its own name")
