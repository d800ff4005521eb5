"""Questions to the Amazon DNS server are in no flow log.

Why: AWS never records traffic to its own resolver, so port 53 shows only other servers, and no rows are no proof of
no DNS.

Wrong:

    SELECT srcaddr, COUNT(*) AS asked FROM {{ flows }} WHERE dstport = 53 GROUP BY srcaddr

Right:

    SELECT srcaddr, COUNT(*) AS asked FROM {{ flows }}
    WHERE dstport = 53 AND dstaddr IN ('10.0.0.53', '10.0.1.53') GROUP BY srcaddr
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.reads import equals, mentions, number
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ707", "amazon-dns", "warning")


_PORTS = frozenset(("dstport", "srcport"))
_AMAZON = frozenset(("169.254.169.253", "fd00:ec2::253"))
"""Where the Amazon DNS server answers in every VPC; it also does at the VPC's first address plus two."""


def check(subject: Subject) -> Iterator[Fault]:
    """Port 53 as a condition of its own, in a query that names no resolver or the Amazon one."""
    from sqlglot import exp

    for test in subject.nodes(exp.EQ, exp.In):
        if {53} <= {number(value) for value in equals(test, _PORTS)} <= {53, 853} and not _names_servers(test):
            hint = "name the servers you mean (dstaddr), or use the Resolver query logs"
            yield subject.fault("DNS by the Amazon server is never recorded", test, hint)


def _names_servers(test: "exp.Expr") -> bool:
    """Whether its SELECT also chooses by an address that is not Amazon's."""
    from sqlglot import exp

    select = test.find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    if where is None or not mentions(where, ADDRESS_COLUMNS):
        return False
    named = [value.name for each in where.find_all(exp.EQ, exp.In) for value in equals(each, ADDRESS_COLUMNS)]
    return not named or not _AMAZON.issuperset(named)
