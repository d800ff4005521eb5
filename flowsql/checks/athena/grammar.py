"""Where a statement leaves the grammar of Athena's SELECT."""

from functools import lru_cache

from flowsql.checks.athena.cursor import Departure, Refused
from flowsql.checks.athena.queries import FOREIGN_CLAUSES
from flowsql.checks.athena.relations import Relations

_PLACEHOLDERS = (":", "@", "$", "%", "{")


@lru_cache(maxsize=16)
def departures(sql: str) -> tuple[Departure, ...]:
    """Every construct of one statement that Athena's parser refuses, in the order of the text.

    A construct a rule knows is noted and read on behind; the first other one ends the reading as kind `syntax`,
    with what Athena expects there in `detail`. What is no query, has a quote or comment that is not closed, or is
    nested too deeply to read, has none: that is refused elsewhere.
    """
    reader = Relations(sql)
    if not _is_query(reader):
        return ()
    try:
        reader.query()
        while reader.take(";"):
            pass
        if reader.token.kind != "end":
            raise reader.refused("the end of the statement")
    except Refused:
        if not any(departure.kind in ("from-first", "inline-function") for departure in reader.faults):
            reader.faults.append(_unknown(reader))
    except RecursionError:
        return ()
    return tuple(sorted(set(reader.faults), key=lambda departure: (departure.start, departure.kind)))


def is_athena(sql: str) -> bool:
    """Whether a statement is a query within Athena's grammar."""
    return _is_query(Relations(sql)) and not departures(sql)


def _is_query(reader: Relations) -> bool:
    return reader.key in ("SELECT", "WITH", "VALUES", "TABLE", "FROM", "(") and reader.is_closed()


def _unknown(reader: Relations) -> Departure:
    """What stopped the reading, under the name of its rule when the word tells which it is."""
    at, expected = reader.furthest
    token = reader.tokens[at]
    before = reader.tokens[max(at - 1, 0)]
    kind = FOREIGN_CLAUSES.get(token.key) or FOREIGN_CLAUSES.get(before.key) or "syntax"
    if token.kind == "stray":
        kind = "stray-character"
    elif token.key in _PLACEHOLDERS and before.kind not in ("word", "quoted"):
        kind = "foreign-placeholder"
    return Departure(kind, token.start, token.text, expected)
