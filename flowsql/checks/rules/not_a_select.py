"""The statement is not a SELECT, or something inside of it writes.

Why: flowsql answers questions; it never changes a table, a bucket or a setting. This is judged on the whole tree, so
that a DELETE behind a WITH or a comment is found too.

Wrong:

    WITH old AS (SELECT srcaddr FROM {{ flows }}) INSERT INTO kept SELECT srcaddr FROM old

Right:

    WITH old AS (SELECT srcaddr FROM {{ flows }}) SELECT srcaddr FROM old
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import not_a_select

RULE = Rule("FQ201", "not-a-select", "error", needs="tokens", protects=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Every statement that is no SELECT, every node that writes."""
    for part in subject.parts:
        find = subject.nodes if len(subject.parts) == 1 and part.tree is not None else None
        yield from (subject.fault(found.message, found.at, found.hint) for found in not_a_select(part, find))
