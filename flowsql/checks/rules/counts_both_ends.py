"""SUM(bytes) counts traffic inside the VPC twice.

Why: Traffic between two interfaces with flow logs is recorded at both. Unless the query looks at one interface, one
direction or one end only, its sums are up to twice the traffic.

Wrong:

    SELECT SUM(bytes) AS bytes FROM {{ flows }}

Right:

    SELECT SUM(bytes) AS bytes FROM {{ flows }} WHERE flow_direction = 'egress'
"""

from collections.abc import Iterator

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.reads import flow_selects, mentions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ701", "counts-both-ends", "warning")


_ENDS = frozenset(
    (
        *("interface_id", "flow_direction", "instance_id", "subnet_id", "vpc_id", "az_id", "traffic_path"),
        *("next_hop_interface_id", "next_hop_interface_type"),
        *("tgw_attachment_id", "tgw_pair_attachment_id"),
    )
)
"""A query that looks at any of these says, on purpose, whose traffic it counts."""


def check(subject: Subject) -> Iterator[Fault]:
    """The first sum of bytes or packets of a SELECT of which nothing tells the ends apart."""
    from sqlglot import exp

    for select in flow_selects(subject):
        where = select.args.get("where")
        if mentions(select, _ENDS) or (where is not None and mentions(where, ADDRESS_COLUMNS)):
            continue  # grouped by both addresses, a flow is still recorded at both of them
        sums = (found for item in select.expressions for found in item.find_all(exp.Sum))
        total = next((each for each in sums if mentions(each, frozenset(("bytes", "packets")))), None)
        if total is not None:
            hint = "GROUP BY interface_id, or flow_direction = 'egress', or MAX per pair over both interfaces"
            yield subject.fault("traffic between two of your interfaces is counted twice here", total, hint)
