"""A function is called in the form of another engine.

Why: current_date takes no parentheses, LEFT and RIGHT are words of joins, IGNORE NULLS stands behind the
parentheses, only LISTAGG has WITHIN GROUP, and arguments have no names.

Wrong:

    SELECT LEFT(interface_id, 5) AS start FROM {{ flows }}

Right:

    SELECT SUBSTR(interface_id, 1, 5) AS start FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ323", "function-form", "error", needs="sql")

_SAID = {
    "clock-parentheses": ("{text} takes no empty parentheses", "{text} alone"),
    "left-right": (
        "Athena has no function {text}",
        "SUBSTR(x, 1, n) for the first n characters, SUBSTR(x, -n) for the last",
    ),
    "within-group": (
        "{text} takes no WITHIN GROUP",
        "only LISTAGG does; APPROX_PERCENTILE(x, 0.5), ARRAY_AGG(x ORDER BY y)",
    ),
    "listagg-order": ("LISTAGG lacks its order", "LISTAGG(x, ',') WITHIN GROUP (ORDER BY x)"),
    "nulls-inside": ("{text} NULLS stands inside the parentheses", "LAG(x) {text} NULLS OVER (…)"),
    "named-argument": ("arguments of Athena functions have no names", "the values in their order"),
    "extract-field": (
        "Athena extracts no {text}",
        "YEAR, MONTH, WEEK, DAY, DAY_OF_WEEK, HOUR, MINUTE or SECOND; TO_UNIXTIME(x) for the seconds since 1970",
    ),
    "frame-exclude": ("Athena excludes no rows from a frame", "another frame"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
