"""The SELECTs of a UNION, INTERSECT or EXCEPT do not fit together.

Why: Athena puts their columns together by position: both sides need as many, of the same kind.

Wrong:

    SELECT srcaddr AS x FROM {{ flows }} UNION ALL SELECT dstport AS x FROM {{ flows }}

Right:

    SELECT srcport AS x FROM {{ flows }} UNION ALL SELECT dstport AS x FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.kinds import kind_of
from flowsql.checks.names import SHOWN
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ421", "set-operation", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each right side with another number of columns, or a column of another kind."""
    from sqlglot import exp

    scopes = subject.scopes
    scopes.all()
    for node in subject.nodes(exp.SetOperation):
        left, right = node.this.unnest(), node.expression.unnest()
        while isinstance(left, exp.SetOperation):
            left = left.this.unnest()
        if not (isinstance(left, exp.Select) and isinstance(right, exp.Select)) or left.is_star or right.is_star:
            continue
        pairs = list(zip(left.expressions, right.expressions, strict=False))
        if len(left.expressions) != len(right.expressions):
            told = f"{len(left.expressions)} and {len(right.expressions)}"
            at = right.expressions[0] if right.expressions else right
            yield subject.fault(f"the SELECTs have {told} columns", at, "give both as many")
            continue
        above, here = scopes.found.get(id(left)), scopes.found.get(id(right))
        for one, other in pairs:
            if above is None or here is None:
                break
            kinds = kind_of(one.unalias(), above, scopes), kind_of(other.unalias(), here, scopes)
            if kinds[0] and kinds[1] and kinds[0] != kinds[1]:
                name = one.alias_or_name or other.alias_or_name
                message = f"column {name} is {SHOWN[kinds[0]]} above and {SHOWN[kinds[1]]} here"
                yield subject.fault(message, other, "CAST(… AS varchar) makes text of a number")
                break
