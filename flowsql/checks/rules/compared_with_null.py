"""Something is compared with NULL.

Why: the comparison is neither true nor false, so no row passes it, whatever it holds.

Wrong:

    SELECT srcaddr FROM {{ records }} WHERE srcaddr = NULL AND log_status = 'OK'

Right:

    SELECT srcaddr FROM {{ records }} WHERE srcaddr IS NULL AND log_status = 'OK'
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ422", "compared-with-null", "error")

_MESSAGE = "no row passes a comparison with NULL"


def check(subject: Subject) -> Iterator[Fault]:
    """Each comparison of which a side is NULL, and each list with a NULL in it."""
    from sqlglot import exp

    for node in subject.nodes(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like):
        if _is_null(node.left) or _is_null(node.right):
            yield subject.fault(_MESSAGE, node, "IS NULL, or IS NOT NULL")
    for between in subject.nodes(exp.Between):
        if _is_null(between.args["low"]) or _is_null(between.args["high"]):
            yield subject.fault(_MESSAGE, between, "<= or >= for one bound")
    for case in subject.nodes(exp.Case):
        for arm in case.args["ifs"] if case.this is not None else ():
            if _is_null(arm.this):
                yield subject.fault(_MESSAGE, case.this, f"CASE WHEN {case.this.sql('athena')} IS NULL THEN …")
    for listed in subject.nodes(exp.In):
        if any(_is_null(item) for item in listed.expressions):
            yield _in_list(subject, listed)


def _is_null(node: "exp.Expr") -> bool:
    from sqlglot import exp

    return isinstance(node.unnest(), exp.Null)


def _in_list(subject: Subject, listed: "exp.In") -> Fault:
    from sqlglot import exp

    shown, negated, around = listed.this.sql("athena"), False, listed.parent
    while isinstance(around, (exp.Paren, exp.Not)):
        negated, around = negated != isinstance(around, exp.Not), around.parent
    if negated:
        return subject.fault("no row passes NOT IN with a NULL in the list", listed, "leave NULL out of the list")
    hint = f"{shown} IN (…) OR {shown} IS NULL" if len(listed.expressions) > 1 else f"{shown} IS NULL"
    return subject.fault("no row is found by the NULL in a list", listed, hint)
