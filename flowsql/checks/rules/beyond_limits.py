"""There is more of something than Athena takes.

Why: Athena refuses statements of more than 262,144 bytes, an ARRAY of more than 254 items, a call with more than 127
arguments, and a LIMIT above 2,147,483,647 behind ORDER BY.

Wrong:

    SELECT srcaddr FROM {{ flows }} ORDER BY srcaddr LIMIT 3000000000

Right:

    SELECT srcaddr FROM {{ flows }} ORDER BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ329", "beyond-limits", "error", of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """The statement that is too long, and each part of it that is too much; other engines have other limits."""
    from flowsql.dialects.athena_limits import FEWER_VALUES, excesses, too_long

    (part,) = subject.parts
    if message := too_long(part.sql.strip()):
        yield subject.fault(message, part.tokens[0] if part.tokens else None, FEWER_VALUES)
    for excess in excesses(subject.tree):
        yield subject.fault(excess.message, excess.node, excess.hint)
