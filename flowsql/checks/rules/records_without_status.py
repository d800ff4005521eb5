"""Records of missing data are counted as traffic.

Why: `{{ records }}` and real tables hold NODATA and SKIPDATA records too, with nothing in their fields; counts and
shares are wrong with them.

Wrong:

    SELECT interface_id, COUNT(*) AS flows FROM {{ records }} GROUP BY interface_id

Right:

    SELECT interface_id, COUNT(*) AS flows FROM {{ records }} WHERE log_status = 'OK' GROUP BY interface_id
"""

from collections.abc import Iterator

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.reads import flow_selects, mentions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.scopes import sources

RULE = Rule("FQ705", "records-without-status", "warning")


_TELLING = ADDRESS_COLUMNS | {"log_status", "action", "protocol", "srcport", "dstport", "bytes", "packets"}
"""A condition on any of these leaves out records without traffic."""


def check(subject: Subject) -> Iterator[Fault]:
    """COUNT(*) over all records, where nothing looks at what they are."""
    from sqlglot import exp

    for select in flow_selects(subject):
        reads_all = not subject.relations or any(source.name.lower() == "records" for source in sources(select))
        where = select.args.get("where")
        told = where is not None and mentions(where, _TELLING)
        if not reads_all or told or mentions(select, frozenset(("log_status",))):
            continue
        for count in (found for item in select.expressions for found in item.find_all(exp.Count)):
            if isinstance(count.this, exp.Star):
                hint = "WHERE log_status = 'OK', or read FROM {{ flows }}"
                yield subject.fault("records without traffic (NODATA, SKIPDATA) are counted too", count, hint)
