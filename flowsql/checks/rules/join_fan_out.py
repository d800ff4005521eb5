"""A join repeats rows before they are summed.

Why: Each record that matches two rows of the other side is added twice: three records of 100 bytes against a list
with two rows a port make 600. Group the other side first.

Wrong:

    SELECT f.dstport, SUM(f.bytes) AS bytes FROM {{ flows }} AS f JOIN {{ records }} AS r ON r.dstport = f.dstport
    GROUP BY f.dstport

Right:

    SELECT f.dstport, SUM(f.bytes) AS bytes FROM {{ flows }} AS f
    JOIN (SELECT dstport FROM {{ records }} GROUP BY dstport) AS r ON r.dstport = f.dstport
    GROUP BY f.dstport
"""

from collections.abc import Iterator

from flowsql.checks.reads import flow_selects, one_row
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import alias_of

RULE = Rule("FQ605", "join-fan-out", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """SUM or COUNT(*) over a join whose other side may hold a key more than once."""
    from sqlglot import exp

    for select in flow_selects(subject):
        sums = [item for each in select.expressions for item in each.find_all(exp.Sum)]
        for join in select.args.get("joins") or []:
            if sums and not one_row(join.this) and (join.args.get("on") or join.args.get("using")):
                hint = f"join a subquery that has each key once: SELECT … GROUP BY … in place of {alias_of(join.this)}"
                yield subject.fault("this join may repeat rows before they are summed", join.this, hint)
