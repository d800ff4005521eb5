"""A function is given a value of a kind it does not take.

Why: Athena turns nothing into text, a number, a time or an address by itself: lower(bytes), abs(srcaddr),
date_trunc('hour', start) and contains('10.0.0.0/8', srcaddr) are refused, and text has no elements.

Wrong:

    SELECT lower(bytes) AS b FROM {{ flows }}

Right:

    SELECT lower(action) AS a FROM {{ flows }}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.grouping import name_of
from flowsql.checks.kinds import kind_of, kinds_given
from flowsql.checks.names import SHOWN, Kind, Scope, Scopes
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.signatures import OTHER, signature_of, values_given
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ425", "wrong-argument", "error")

_IS: dict[str, str] = {"bytes": "bytes", OTHER: "an array or the like"} | {
    str(kind): shown for kind, shown in SHOWN.items()
}
_HINTS = {
    "text": "CAST(… AS varchar) makes text",
    "number": "TRY_CAST(… AS bigint) makes a number",
    "address": "TRY_CAST(… AS ipaddress) makes an address",
}
_CASTS: dict[Kind, tuple[Kind, ...]] = {
    "text": ("number", "time", "span", "truth", "address"),
    "number": ("truth",),
    "truth": ("number",),
    "time": (),
    "span": (),
    "address": (),
}
"""Kind → what else than text a CAST makes of it."""
_CAST_HINTS: dict[tuple[Kind, Kind], str] = {
    ("time", "number"): "to_unixtime(…) is seconds since 1970",
    ("number", "time"): "from_unixtime(…) is a timestamp",
    ("span", "number"): "date_diff('second', from, to) is a number",
}
_PLACES = ("", " second", " third", " fourth", " fifth")
_TIMES = {"start": "start_time", "end": "end_time"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each value that is known to be of a kind that is not taken at its place."""
    from sqlglot import exp

    scopes = subject.scopes
    for scope, node in scopes.expressions(exp.Func, exp.Binary, exp.Bracket, exp.Unnest):
        if isinstance(node, (exp.Cast, exp.Unnest)):
            yield from _made(subject, node, [kind_of(node, scope, scopes), *_kinds_within(node, scope, scopes)])
        elif isinstance(node, exp.Bracket):
            kind = kind_of(node.this, scope, scopes)
            if kind is not None:
                hint = "substr(x, 1, 1), or split(x, '.')[1]" if kind == "text" else None
                yield subject.fault(f"only arrays, maps and rows have elements, and this is {_IS[kind]}", node, hint)
        elif signature := signature_of(node):
            kinds = kinds_given(node, scope, scopes)
            if (found := signature.misfit(kinds)) is not None:
                place, taken = found
                yield _fault(subject, node, place, (kinds[place], taken))


def _kinds_within(node: "exp.Expr", scope: Scope, scopes: Scopes) -> list[Kind | None]:
    from sqlglot import exp

    within = node.expressions if isinstance(node, exp.Unnest) else [node.this]
    return [kind_of(each, scope, scopes) for each in within]


def _made(subject: Subject, node: "exp.Expr", kinds: list[Kind | None]) -> Iterator[Fault]:
    """A CAST to a kind that nothing of its value's kind becomes, and an UNNEST of what has no elements."""
    from sqlglot import exp

    to, *given = kinds
    if isinstance(node, exp.Unnest):
        if told := next(filter(None, given), None):
            hint = "split(x, ',') makes an array of text" if told == "text" else None
            yield subject.fault(f"UNNEST takes arrays and maps, and is given {_IS[told]}", node, hint)
    elif to and given[0] and to not in (given[0], "text") and to not in _CASTS[given[0]]:
        hint = _CAST_HINTS.get((given[0], to))
        yield subject.fault(f"no CAST makes {_IS[to]} of {_IS[given[0]]}", node, hint)


def _fault(subject: Subject, node: "exp.Expr", place: int, kinds: tuple[Kind | None, list[str]]) -> Fault:
    from sqlglot import exp

    kind, taken = kinds
    name = "LIKE" if isinstance(node, exp.Like) else name_of(node)
    which = f" as its{_PLACES[place]} value" if place else ""
    message = f"{name} takes {' or '.join(_IS[each] for each in taken)}{which}, and is given {_IS[kind or OTHER]}"
    given = values_given(node)
    value = given[place]
    if isinstance(node, exp.ArrayContains) and taken == ["address"]:
        return subject.fault(message, node, _within(subject, given))
    if taken == ["time"] and value is not None:
        return subject.fault(message, node, _time(subject, value, kind))
    return subject.fault(message, node, next((_HINTS[each] for each in taken if each in _HINTS), None))


def _within(subject: Subject, given: "list[exp.Expr | None]") -> str:
    """How an address is looked for in a network."""
    from sqlglot import exp

    network = next((each.name for each in given if isinstance(each, exp.Literal) and "/" in each.name), "10.0.0.0/8")
    column = next((each.name for each in given if isinstance(each, exp.Column)), "…")
    if subject.templated:
        return f"{{{{ in_cidr({column}, '{network}') }}}}"
    return f"contains('{network}', TRY_CAST({column} AS ipaddress))"


def _time(subject: Subject, value: "exp.Expr", kind: Kind | None) -> str | None:
    """How a number or a text becomes a time."""
    from sqlglot import exp

    name = value.name.lower() if isinstance(value, exp.Column) else ""
    if kind == "number":
        if name in _TIMES and subject.relations:
            return f"{_TIMES[name]} is the same as a timestamp"
        return f'from_unixtime("{name}") is a timestamp' if name in _TIMES else "from_unixtime(…) is a timestamp"
    return "date_parse(…, '%Y/%m/%d') makes a time of text" if kind == "text" else None
