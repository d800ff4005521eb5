"""An operator is of another engine.

Why: Athena has + - * / % || and no others on values: bits, powers and JSON are reached with functions.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE tcp_flags & 2 = 2

Right:

    SELECT srcaddr FROM {{ flows }} WHERE BITWISE_AND(tcp_flags, 2) = 2
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ320", "foreign-operator", "error", needs="sql")

_SAID = {
    "bit-operator": (
        "Athena has no operator {text} on bits",
        "BITWISE_AND(a, b), BITWISE_OR, BITWISE_XOR, BITWISE_NOT, BITWISE_LEFT_SHIFT or BITWISE_RIGHT_SHIFT",
    ),
    "power-sign": ("Athena has no **", "POWER(a, b)"),
    "json-arrow": ("Athena has no ->>", "JSON_EXTRACT_SCALAR(x, '$.key')"),
    "division-word": ("Athena has no operator {text}", "a / b divides whole numbers without rest; a % b is the rest"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
