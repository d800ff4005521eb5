"""The grammar of Athena stops at a word.

Why: Athena reads SELECT with the grammar of Trino. What it cannot read it refuses with a position; this rule reads the
statement with the same grammar before it is sent, and says what could have stood there.

Wrong:

    SELECT srcaddr FROM {{ flows }} ORDER BY srcaddr WHERE dstport = 22

Right:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = 22 ORDER BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.athena.cursor import Departure
from flowsql.checks.athena.tokens import END
from flowsql.checks.athena.words import RESERVED
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import nearest

RULE = Rule("FQ330", "syntax", "error", needs="sql", follows_here=("FQ2",))

_CLAUSES = ("SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "OFFSET", "LIMIT", "WITH")
_SPELT = (*_CLAUSES, "JOIN", "UNION", "BETWEEN", "DISTINCT")
_LIKENESS = 0.75
"""A column is easily like a clause by less."""
_ORDER = "WITH, SELECT, FROM, WHERE, GROUP BY, HAVING, WINDOW, ORDER BY, OFFSET, LIMIT stand in this order"
_ARM = "put the SELECT with its own ORDER BY or LIMIT in parentheses"
_COMPARED = ("=", "<>", "!=", "<", "<=", ">", ">=", "IS", "IN", "LIKE", "BETWEEN")


def check(subject: Subject) -> Iterator[Fault]:
    """The place the reading ends at, in each statement that has one."""
    for part, departures in zip(subject.parts, subject.departures, strict=True):
        for departure in departures:
            if departure.kind == "syntax":
                before = [token.text for token in part.tokens if token.start < departure.start][-1:]
                after = [token.text for token in part.tokens if token.start > departure.start][:1]
                hint = _lacking(departure.text, before, after) or _misspelt(*before, departure.text) or _hint(departure)
                yield subject.fault(_message(departure), departure.start, hint)


def _lacking(word: str, before: list[str], after: list[str]) -> str | None:
    """The word that was left out beside this one."""
    if word.upper() in ("GROUP", "ORDER", "PARTITION") and after and after[0].upper() != "BY":
        return f"BY is missing: {word.upper()} BY {after[0]}"
    if word.upper() in ("IN", "LIKE", "BETWEEN") and before and before[0].upper() in ("NOT", "AND", "OR", "WHERE"):
        return f"what is compared stands before it: srcaddr {'NOT ' * (before[0].upper() == 'NOT')}{word.upper()} …"
    if before and before[0].upper() in ("LIMIT", "OFFSET") and word != END:
        return f"{before[0].upper()} takes a whole number"
    return None


def _misspelt(*words: str) -> str | None:
    """The clause that one of these words may have been meant as."""
    for word in words:
        meant = nearest(word, _SPELT, _LIKENESS) if len(word) > 3 and word.upper() not in RESERVED else None
        if meant is not None and meant != word.upper():
            return f"did you mean {meant} instead of {word}?"
    return None


def _message(departure: Departure) -> str:
    if departure.text == END:
        return "the statement ends too early"
    return (
        f"Athena cannot read {departure.text!r} here"
        if "'" not in departure.text
        else (f"Athena cannot read {departure.text} here")
    )


def _hint(departure: Departure) -> str:
    word, expected = departure.text.upper(), departure.detail
    if word in ("UNION", "EXCEPT", "INTERSECT"):
        return _ARM
    if word in _COMPARED:
        return "compare two values at a time: a = b AND b = c"
    if expected != "the end of the statement":
        return f"it expects {expected}"
    return _ORDER if word in _CLAUSES else "nothing may follow what stands before it"
