"""The query does not return the columns its header promises.

Why: Code, cases and charts rely on names, order and types of the header; the answer has what the SELECT list says.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS questions
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC

Right:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS asked
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import did_you_mean

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ115", "columns-contract", "error", kinds=("query",))


def check(subject: Subject) -> Iterator[Fault]:
    """Names and order against the outermost SELECT list, types where the list tells them."""
    from sqlglot import exp

    query, select = subject.query, subject.tree
    while isinstance(select, (exp.SetOperation, exp.Subquery)):
        select = select.this
    if query is None or not isinstance(select, exp.Select) or not query.columns:
        return
    declared = [column.name for column in query.columns]
    for item in select.expressions:
        if item.is_star:
            yield subject.fault(
                "SELECT * does not say which columns come back", item, f"name them: {', '.join(declared)}"
            )
            return
    returned = [item.alias_or_name.lower() for item in select.expressions]
    for item, name in zip(select.expressions, returned, strict=True):
        if name not in declared:
            hint = did_you_mean(name, declared, f"declared: {', '.join(declared)}")
            yield subject.fault(
                f"column {name or '(without a name)'} is not declared in the header", _named(item), hint
            )
    lacking = [name for name in declared if name not in returned]
    for name in lacking:
        place = subject.header_line("columns", name)
        yield Fault(f"the header promises column {name!r}, which the query does not return", *place)
    if not lacking and len(returned) == len(declared) and returned != declared:
        first = next(number for number, name in enumerate(declared) if returned[number] != name)
        message = f"column {declared[first]!r} comes in another order than in the header"
        yield subject.fault(message, _named(select.expressions[first]), f"the header says: {', '.join(declared)}")
    for item in select.expressions:
        declaration = next((each for each in query.columns if each.name == item.alias_or_name.lower()), None)
        kind = kind_of(item.unalias())
        if declaration and kind and declaration.type and kind != declaration.type:
            message = f"column {declaration.name!r} is {kind}, and the header says {declaration.type}"
            yield subject.fault(message, _named(item), f"{declaration.name}: {kind}")


def _named(item: "exp.Expr") -> "exp.Expr":
    alias = item.args.get("alias")
    return alias if alias is not None and not isinstance(alias, str) else item


def kind_of(expression: "exp.Expr") -> str | None:
    """The header's type of an expression, where its own shape tells without doubt."""
    from sqlglot import exp

    if isinstance(expression, (exp.Count, exp.CountIf)):
        return "int"
    if isinstance(expression, exp.Literal) and expression.is_string:
        return "string"
    if isinstance(expression, (exp.Predicate, exp.Boolean, exp.And, exp.Or, exp.Not)) and not isinstance(
        expression, exp.SubqueryPredicate
    ):
        return "bool"
    if isinstance(expression, (exp.Min, exp.Max)) and isinstance(expression.this, exp.Column):
        expression = expression.this
    if isinstance(expression, exp.Column) and expression.name.lower() in ("start_time", "end_time"):
        return "timestamp"
    if isinstance(expression, exp.Cast) and expression.to.this in exp.DataType.TEXT_TYPES:
        return "string"
    return None
