"""A large threshold is asked of each record alone.

Why: A record covers one to ten minutes of one connection at one interface: a transfer of 600 MB in two intervals is
two records of 300 MB, and both stay under a threshold of 500 MB. Sum first, then compare.

Wrong:

    SELECT srcaddr, dstaddr FROM {{ flows }} WHERE bytes > 500000000

Right:

    SELECT srcaddr, dstaddr FROM {{ flows }} GROUP BY srcaddr, dstaddr, interface_id HAVING SUM(bytes) > 500000000
"""

from collections.abc import Iterator

from flowsql.checks.reads import flow_selects, number
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ708", "threshold-per-record", "warning")


_LARGE = {"bytes": 1_000_000, "packets": 10_000}


def check(subject: Subject) -> Iterator[Fault]:
    """bytes or packets above a large number in the WHERE of flow logs."""
    from sqlglot import exp

    for select in flow_selects(subject):
        where = select.args.get("where")
        for test in where.find_all(exp.GT, exp.GTE) if where else ():
            name = test.this.name.lower() if isinstance(test.this, exp.Column) else ""
            if name in _LARGE and (number(test.expression) or 0) >= _LARGE[name]:
                yield subject.fault(f"{name} of one record is compared", test, f"HAVING SUM({name}) > … for each pair")
