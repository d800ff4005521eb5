"""There is more than one statement.

Why: an answer belongs to one question, and a second statement behind a semicolon is how SQL is smuggled in.

Wrong:

    SELECT srcaddr FROM {{ flows }}; SELECT dstaddr FROM {{ flows }}

Right:

    SELECT srcaddr FROM {{ flows }} UNION ALL SELECT dstaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import several

RULE = Rule("FQ202", "several-statements", "error", needs="tokens", protects=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Where the second statement begins."""
    yield from (subject.fault(found.message, found.at, found.hint) for found in several(subject.parts))
