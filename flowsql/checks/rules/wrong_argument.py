"""A function is given a value of a kind it does not take.

Why: Athena turns nothing into text or a number by itself: lower(bytes) and abs(srcaddr) are refused.

Wrong:

    SELECT lower(bytes) AS b FROM {{ flows }}

Right:

    SELECT lower(action) AS a FROM {{ flows }}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.grouping import name_of
from flowsql.checks.kinds import kind_of
from flowsql.checks.names import Kind
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ425", "wrong-argument", "error")

_IS: dict[Kind, str] = {"text": "text", "number": "a number", "time": "a time", "truth": "true or false"}
_HINTS: dict[Kind, str] = {"text": "CAST(… AS varchar) makes text", "number": "TRY_CAST(… AS bigint) makes a number"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each first argument that is known to be of another kind."""
    from sqlglot import exp

    scopes = subject.scopes
    for scope, node in scopes.expressions(exp.Func, exp.Binary):
        if (wanted := _wanted(node)) and (kind := kind_of(node.this, scope, scopes)) and kind != wanted:
            message = f"{name_of(node)} takes {_IS[wanted]}, and is given {_IS[kind]}"
            yield subject.fault(message, node, _HINTS[wanted])


def _wanted(node: "exp.Expr") -> Kind | None:
    from sqlglot import exp

    match node:
        case exp.Lower() | exp.Upper() | exp.Length() | exp.Trim() | exp.Substring() | exp.SplitPart():
            return "text"
        case exp.Like() | exp.RegexpLike() | exp.StrPosition():
            return "text"
        case exp.Abs() | exp.Ceil() | exp.Floor() | exp.Round() | exp.Sum() | exp.Avg():
            return "number"
    return None
