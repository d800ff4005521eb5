"""A table function hands text to a connector, which runs it unread.

Why: `TABLE(system.query(…))` sends its argument to another database as it is, where it may do anything; only functions
that make rows of their arguments are read-only for certain.

Wrong:

    SELECT srcaddr FROM {{ flows }} CROSS JOIN TABLE(mysql.system.query(query => 'DELETE FROM hosts')) AS t

Right:

    SELECT srcaddr, n FROM {{ flows }} CROSS JOIN UNNEST(sequence(1, 3)) AS t (n)
"""

from collections.abc import Iterator
from itertools import takewhile

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import READ_ONLY

RULE = Rule("FQ203", "table-function", "error", needs="tokens", protects=True)


_HARMLESS = ("SEQUENCE", "EXCLUDE_COLUMNS")


def check(subject: Subject) -> Iterator[Fault]:
    """`TABLE(name.name(` for any function that is not known to be harmless."""
    words = subject.tokens
    for number, word in enumerate(words[:-2]):
        if word.text.upper() != "TABLE" or words[number + 1].text != "(":
            continue
        name = "".join(token.text for token in takewhile(lambda token: token.text not in "()", words[number + 2 :]))
        if name and name.upper() not in _HARMLESS:
            yield subject.fault(f"{name} may do anything where it runs", words[number + 2], READ_ONLY)
