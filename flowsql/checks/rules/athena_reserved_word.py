"""A word that Athena reserves and Trino does not stands as a name.

Why: FIRST and LAST are on Athena's list of reserved words, though the engine it is made from takes them as names;
in double quotes they are names everywhere.

Wrong:

    SELECT MIN(start_time) AS first FROM {{ flows }}

Right:

    SELECT MIN(start_time) AS first_seen FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ906", "athena-reserved-word", "warning")

_RESERVED = ("first", "last")


def check(subject: Subject) -> Iterator[Fault]:
    """Each name of these without double quotes."""
    from sqlglot import exp

    for name in subject.nodes(exp.Identifier):
        if name.name.lower() in _RESERVED and not name.args.get("quoted"):
            yield subject.fault(
                f"Athena lists {name.name} as reserved", name, f'"{name.name}" in double quotes, or another name'
            )
