"""traffic_path = 2 is not traffic through a NAT gateway.

Why: path 2 is an internet gateway or a gateway endpoint. What an instance sends through a NAT gateway is path 1 at the
instance and 8 at the gateway's own interface; next_hop_interface_type (since version 11) tells it.

Wrong:

    SELECT SUM(bytes) AS nat_bytes, srcaddr FROM {{ flows }} WHERE traffic_path = 2 GROUP BY srcaddr

Right:

    SELECT SUM(bytes) AS nat_bytes, srcaddr FROM {{ flows }}
    WHERE next_hop_interface_type = 'nat_gateway' GROUP BY srcaddr
"""

import re
from collections.abc import Iterator

from flowsql.checks.reads import equals, number
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ702", "nat-by-traffic-path", "warning")


_NAT = re.compile(r"(?<![a-z])nat(?![a-z])", re.IGNORECASE)
_PATH = frozenset(("traffic_path",))


def check(subject: Subject) -> Iterator[Fault]:
    """traffic_path = 2, also in a list, in a file that speaks of NAT."""
    from sqlglot import exp

    if not _NAT.search(subject.source):
        return
    for test in subject.nodes(exp.EQ, exp.In):
        if {2} <= {number(value) for value in equals(test, _PATH)} <= {1, 2}:
            hint = "next_hop_interface_type = 'nat_gateway', or the records of the gateway's own interface"
            yield subject.fault("traffic_path = 2 is not traffic through a NAT gateway", test, hint)
