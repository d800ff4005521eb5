"""Values of different kinds are compared or reckoned with.

Why: Athena never turns text into a number or a time by itself: it refuses `dstport = '22'`, and `start`, whole seconds
since 1970, against a timestamp. DuckDB accepts the first.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = '22'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = 22
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from flowsql.checks.kinds import arms, kind_of, reckoned
from flowsql.checks.names import SHOWN, Kind
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.services import PROTOCOL_NUMBERS, port_number

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ416", "mismatched-types", "error")

_DAY = re.compile(r"\d{4}-\d\d?-\d\d?([ T]|$)")
_TIMES = {"start": "start_time", "end": "end_time"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each comparison and sum whose sides are known to be of different kinds."""
    from sqlglot import exp

    scopes = subject.scopes
    for rows in subject.nodes(exp.Values):
        yield from _rows(subject, rows)
    arms_have = (exp.Case, exp.If, exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif, exp.Array)
    for scope, node in scopes.expressions(exp.Binary, exp.Between, exp.In, exp.Concat, *arms_have):
        for left, right in _pairs(node):
            kinds = kind_of(left, scope, scopes), kind_of(right, scope, scopes)
            if kinds[0] and kinds[1] and kinds[0] != kinds[1] and reckoned(node, *kinds) is None:
                joined = isinstance(node, (exp.DPipe, exp.Concat))
                fault = _fault(subject, left, right, (kinds[0], kinds[1]), joined=joined)
                number = {kinds[0]: left, kinds[1]: right}.get("number")
                if _is_one_value(node, left) and "text" in kinds and isinstance(number, exp.Column):
                    fault = replace(fault, hint=f"all are one type: CAST({_text(subject, number)} AS varchar)")
                yield fault
                break


def _is_one_value(node: "exp.Expr", value: "exp.Expr") -> bool:
    """Whether it stands for one of several values, not for what is compared."""
    from sqlglot import exp

    return isinstance(node, (exp.Case, exp.If, exp.Coalesce)) and any(value is each for each in arms(node))


def _rows(subject: Subject, values: "exp.Values") -> Iterator[Fault]:
    """The first literal of a column of VALUES that is of another kind than one before it."""
    from sqlglot import exp

    kinds: dict[int, tuple[Kind, exp.Expr]] = {}
    for row in values.expressions:
        for place, item in enumerate(row.expressions if isinstance(row, exp.Tuple) else [row]):
            kind: Kind | None = ("text" if item.is_string else "number") if isinstance(item, exp.Literal) else None
            before = kinds.setdefault(place, (kind, item)) if kind else None
            if kind and before and before[0] != kind:
                yield _fault(subject, item, before[1], (kind, before[0]), joined=False)
                return


def _pairs(node: "exp.Expr") -> "Iterator[tuple[exp.Expr, exp.Expr]]":
    from sqlglot import exp

    match node:
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE() | exp.NullSafeEQ() | exp.NullSafeNEQ():
            yield node.left, node.right
        case exp.DPipe():
            yield node.left, node.right
        case exp.Concat():
            yield from zip(node.expressions, node.expressions[1:], strict=False)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.Mod():
            yield node.left, node.right
        case exp.Between():
            yield node.this, node.args["low"]
            yield node.this, node.args["high"]
        case exp.In():
            yield from ((node.this, item) for item in node.expressions)
            if isinstance(node.args.get("query"), exp.Subquery):
                yield node.this, node.args["query"]
        case exp.Array():
            yield from ((node.expressions[0], other) for other in node.expressions[1:])
        case exp.Case() if node.this is not None:
            yield from ((node.this, each.this) for each in node.args["ifs"])
    values = arms(node)
    yield from ((values[0], other) for other in values[1:])


def _fault(subject: Subject, left: "exp.Expr", right: "exp.Expr", kinds: tuple[Kind, Kind], *, joined: bool) -> Fault:
    shown = [_text(subject, side) for side in (left, right)]
    message = f"{shown[0]} is {SHOWN[kinds[0]]} and {shown[1]} is {SHOWN[kinds[1]]}"
    if joined:
        other = shown[kinds[0] == "text"]
        return subject.fault(message, left, f"only text is joined to text: CAST({other} AS varchar)")
    return subject.fault(message, left, _hint(subject, left, right, kinds) or _hint(subject, right, left, kinds[::-1]))


def _text(subject: Subject, node: "exp.Expr") -> str:
    from sqlglot import exp

    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        return f"{node.to.this.name.lower()} '{node.this.name}'"
    text = subject.as_written(node.sql(dialect="athena", comments=False))
    return text if len(text) <= 40 else f"{text[:39]}…"


def _hint(subject: Subject, one: "exp.Expr", other: "exp.Expr", kinds: tuple[Kind, Kind]) -> str | None:
    """What to write instead, seen from one side."""
    from sqlglot import exp

    text = str(other.this) if isinstance(other, exp.Literal) else ""
    name = one.name.lower() if isinstance(one, exp.Column) else ""
    match kinds:
        case ("number", "text") if name == "protocol" and text.lower() in PROTOCOL_NUMBERS:
            return f"{text} is protocol {PROTOCOL_NUMBERS[text.lower()]}"
        case ("number", "text") if text and text.strip().isdigit():
            return f"without quotes: {text.strip()}"
        case ("number", "text") if text:
            return _instead(subject, name, text)
        case ("number", "text"):
            return f"TRY_CAST({_text(subject, other)} AS bigint) makes a number of text"
        case ("span", "number"):
            return f"INTERVAL '{text or 1}' SECOND, or date_diff('second', from, to), which is a number"
        case ("address", "text") if text:
            return f"a literal of its own: IPADDRESS '{text}'"
        case ("address", "text"):
            return f"TRY_CAST({_text(subject, other)} AS ipaddress) makes an address of text"
        case ("number", "time"):
            if name in _TIMES and subject.relations:
                return f"{_TIMES[name]} is the same as a timestamp"
            return f"from_unixtime({_text(subject, one)}) is a timestamp"
        case ("text", "number") if text:
            return f"in quotes: '{text}'"
        case ("time", "text") if text:
            return (
                f"a literal of its own: timestamp '{text}'" if ":" in text else f"a literal of its own: date '{text}'"
            )
    return None


def _instead(subject: Subject, name: str, text: str) -> str | None:
    """What a text stands for that is compared with a number."""
    if name in _TIMES and _DAY.match(text):
        moment = f"from_iso8601_timestamp('{text}')" if "T" in text else f"TIMESTAMP '{text}'"
        return f"compare {_TIMES[name]} with {moment}" if subject.relations else f"to_unixtime({moment})"
    try:
        return f"{text} is port {port_number(text)}" if name in ("srcport", "dstport") else None
    except KeyError:
        return None
