"""A function of a connector is called, which may write.

Why: `TABLE(system.query(…))` sends its argument to another database as it is, where it may do anything; only functions
that make rows of their arguments are read-only for certain. A call whose name has dots is refused as
well: Athena's own functions have none.

Wrong:

    SELECT srcaddr FROM {{ flows }} CROSS JOIN TABLE(mysql.system.query(query => 'DELETE FROM hosts')) AS t

Right:

    SELECT srcaddr, n FROM {{ flows }} CROSS JOIN UNNEST(sequence(1, 3)) AS t (n)
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.statement.refusals import READ_ONLY

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

RULE = Rule("FQ203", "table-function", "error", needs="tokens", protects=True)


_HARMLESS = ("SEQUENCE", "EXCLUDE_COLUMNS")


def check(subject: Subject) -> Iterator[Fault]:
    """`TABLE(name.name(` for any function that is not known to be harmless."""
    words = subject.tokens
    for number, word in enumerate(words[:-2]):
        if _is_qualified_call(words, number):
            name = f"{words[number - 2].text}.{word.text}"
            yield subject.fault(f"{name} may do anything where it runs", words[number - 2], READ_ONLY)
        if word.text.upper() != "TABLE" or words[number + 1].text != "(":
            continue
        name = "".join(token.text for token in takewhile(lambda token: token.text not in "()", words[number + 2 :]))
        if name and name.upper() not in _HARMLESS:
            yield subject.fault(f"{name} may do anything where it runs", words[number + 2], READ_ONLY)


def _is_qualified_call(words: "Sequence[Token]", at: int) -> bool:
    """Whether the word ends `name.name(`, outside TABLE( … )."""
    if at < 2 or words[at + 1].text != "(" or words[at - 1].text != "." or words[at].token_type.name == "STRING":
        return False
    while at > 2 and words[at - 1].text == ".":
        at -= 2
    return [word.text.upper() for word in words[max(at - 2, 0) : at]] != ["TABLE", "("]
