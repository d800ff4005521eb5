"""LIMIT does not bound what is read.

Why: Athena may read every object of the table before it has ten rows, and bills them all; only the time range of the
partitions bounds a scan.

Wrong:

    SELECT srcaddr FROM vpc_flow_logs LIMIT 10

Right:

    SELECT srcaddr FROM vpc_flow_logs WHERE day = '2026/11/22' LIMIT 10
"""

from collections.abc import Iterator

from flowsql.checks.reads import flow_selects
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ603", "limit-is-no-bound", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """LIMIT over a real table without any WHERE."""
    if subject.templated:
        return
    for select in flow_selects(subject):
        limit = select.args.get("limit")
        if limit is not None and select.args.get("where") is None:
            at = subject.token_before(limit, "LIMIT") or limit
            yield subject.fault("LIMIT does not bound what is read", at, "bound the partition columns in WHERE")
