"""Athena's limits that a statement can be held against before it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.errors import QueryError, UsageError

if TYPE_CHECKING:
    from sqlglot import exp

STATEMENT_BYTES = 262_144
"""The longest statement, UTF-8; it cannot be raised. https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""

ARRAY_ITEMS = 254
FUNCTION_ARGUMENTS = 127
LARGEST_LIMIT = 2_147_483_647
"""Of ORDER BY … LIMIT, since engine version 3."""

PARTITIONS = 1_000_000
"""Of one scan."""


FEWER_VALUES = "give fewer values (a network in place of its addresses), or ask in several runs"


def too_long(sql: str) -> str | None:
    """What is said of a statement that is longer than Athena takes; None for others."""
    size = len(sql.encode())
    return (
        f"the statement is {size:,} bytes long and Athena takes {STATEMENT_BYTES:,}" if size > STATEMENT_BYTES else None
    )


def check_size(sql: str, place: str) -> None:
    """Raise UsageError for a statement that Athena would not take."""
    if (message := too_long(sql)) is not None:
        raise UsageError(message, where=place, hint=FEWER_VALUES)


@dataclass(frozen=True, slots=True)
class Excess:
    """What Athena's engine refuses by number."""

    node: "exp.Expr"
    message: str
    hint: str | None = None


def excesses(tree: "exp.Expr") -> Iterator[Excess]:
    """Every place of a statement where something is more than Athena takes."""
    from sqlglot import exp

    special = (exp.Coalesce, exp.Struct, exp.Format)  # part of the language, with arguments without number
    for node in tree.walk():
        count = len(node.expressions) + isinstance(node.this, exp.Expr)
        if isinstance(node, exp.Array):
            if count > ARRAY_ITEMS:
                told = f"an ARRAY of {count:,} items, and Athena takes {ARRAY_ITEMS}"
                yield Excess(node, told, "IN (…) takes any number")
        elif isinstance(node, exp.Func) and not isinstance(node, special):
            if count > FUNCTION_ARGUMENTS:
                yield Excess(node, f"a function with {count:,} arguments, and Athena takes {FUNCTION_ARGUMENTS}")
        elif isinstance(node, (exp.Limit, exp.Fetch)) and node.parent is not None and node.parent.args.get("order"):
            number = node.args.get("expression") or node.args.get("count")
            if isinstance(number, exp.Literal) and number.this.isdecimal() and int(number.this) > LARGEST_LIMIT:
                told = f"LIMIT {number.this} is more than Athena's {LARGEST_LIMIT:,} behind ORDER BY"
                yield Excess(number, told, "without LIMIT all rows come")


def check_tree(tree: "exp.Expression", place: str) -> None:
    """Raise QueryError for what Athena's engine refuses by number, at its line."""
    from flowsql.statement import line_of

    for excess in excesses(tree):
        line = line_of(excess.node)
        raise QueryError(excess.message, where=f"{place}:{line}" if line else place, hint=excess.hint)
