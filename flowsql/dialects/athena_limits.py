"""Athena's limits that a statement can be held against before it is sent."""

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


def check_size(sql: str, place: str) -> None:
    """Raise UsageError for a statement that Athena would not take."""
    size = len(sql.encode())
    if size > STATEMENT_BYTES:
        raise UsageError(
            f"the statement is {size:,} bytes long and Athena takes {STATEMENT_BYTES:,}",
            where=place,
            hint="give fewer values (a network in place of its addresses), or ask in several runs",
        )


def check_tree(tree: "exp.Expression", place: str) -> None:
    """Raise QueryError for what Athena's engine refuses by number, at its line."""
    from sqlglot import exp

    from flowsql.statement import line_of

    for node in tree.walk():
        where = f"{place}:{line_of(node)}" if line_of(node) else place
        if isinstance(node, exp.Array) and len(node.expressions) > ARRAY_ITEMS:
            message = f"an ARRAY of {len(node.expressions):,} items, and Athena takes {ARRAY_ITEMS}"
            raise QueryError(message, where=where, hint="IN (…) takes any number")
        if (
            isinstance(node, exp.Func)
            and len(node.expressions) > FUNCTION_ARGUMENTS
            and not isinstance(node, exp.Array)
        ):
            message = f"a function with {len(node.expressions):,} arguments, and Athena takes {FUNCTION_ARGUMENTS}"
            raise QueryError(message, where=where)
        if isinstance(node, exp.Limit) and isinstance(node.expression, exp.Literal):
            number = str(node.expression.this)
            if number.isdecimal() and int(number) > LARGEST_LIMIT:
                raise QueryError(f"LIMIT {number} is more than Athena's {LARGEST_LIMIT:,}", where=where)
