"""Addresses are compared by order as text.

Why: as text '10.0.0.9' sorts after '10.0.0.10' and '172.2.3.4' lies between '172.16.0.0' and '172.31.255.255', so the
answer holds addresses of other networks and lacks some of its own.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE srcaddr BETWEEN '172.16.0.0' AND '172.31.255.255'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE {{ in_cidr(srcaddr, '172.16.0.0/12') }}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ417", "address-as-text", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """<, <=, >, >= and BETWEEN with a bare address column on one side and text on the other."""
    from sqlglot import exp

    for node in subject.nodes(exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between):
        sides = [node.this, node.args.get("expression") or node.args.get("low")]
        column = next((side for side in sides if _is_address(side)), None)
        if column is not None and any(isinstance(side, exp.Literal) and side.is_string for side in sides):
            name = column.name
            macro = f"{{{{ in_cidr({name}, '10.0.0.0/8') }}}}"
            plain = f"contains('10.0.0.0/8', TRY_CAST({name} AS IPADDRESS))"
            yield subject.fault(
                f"{name} is text, which does not sort as addresses do", column, macro if subject.templated else plain
            )


def _is_address(node: "exp.Expr | None") -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Column) and node.name.lower() in ADDRESS_COLUMNS
