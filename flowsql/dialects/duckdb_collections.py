"""Arrays, maps, lambdas and aggregates."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_addresses import in_networks
from flowsql.dialects.duckdb_kinds import WHOLE, Kind, kind_of
from flowsql.dialects.duckdb_nodes import call, cast, known_kind, refuse
from flowsql.dialects.duckdb_numbers import require_alike

if TYPE_CHECKING:
    from sqlglot import exp

WRAP = "athena_wrap"
"""In a node's meta: the DuckDB type or macro to put around an aggregate together with its FILTER and OVER."""


def item(node: "exp.Expr") -> "exp.Expr":
    """`a[i]`, which fails beyond the end, and element_at(), which does not."""
    kind = known_kind(node.this, node).name
    if kind not in ("array", "map"):
        raise refuse(node, f"of {kind} is not proven on the embedded engine", what="a subscript")
    if node.args.get("safe"):
        return node
    return call("athena_item" if kind == "array" else "athena_entry", node.this, node.expressions[0])


def size(node: "exp.Expr") -> "exp.Expr":
    """cardinality() of an array or a map."""
    kind = known_kind(node.this, node).name
    return cast(call("cardinality" if kind == "map" else "len", node.this), "BIGINT")


def contains(node: "exp.Expr") -> "exp.Expr":
    """contains(): an address in a network, or an element in an array."""
    test = in_networks(node)
    if test is not None:
        return test
    kind = known_kind(node.this, node)
    if kind.of:
        require_alike(node, kind.of[0], kind_of(node.args["expression"]))
    return call("athena_contains", node.this, node.args["expression"])


def macro(name: str) -> Callable[["exp.Expr"], "exp.Expr"]:
    """A function of arrays whose macro takes its arguments in the same order."""

    def rule(node: "exp.Expr") -> "exp.Expr":
        arguments = (node.args.get("this"), node.args.get("expression"), *node.expressions)
        return call(
            name,
            *(argument for argument in arguments if argument is not None and not isinstance(argument, str)),
        )

    return rule


def part_of(node: "exp.Expr") -> "exp.Expr":
    """slice(array, start, length)."""
    return call("athena_slice", node.this, node.args["start"], node.args["end"])


def sequence(node: "exp.Expr") -> "exp.Expr":
    """sequence() of numbers, dates or timestamps."""
    from sqlglot import exp

    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    kind = known_kind(start, node)
    if kind.name in WHOLE and step is None:
        return call("athena_sequence", start, end)
    if kind.name in WHOLE:
        return call("generate_series", cast(start, "BIGINT"), cast(end, "BIGINT"), cast(node.args["step"], "BIGINT"))
    if kind.name == "date":
        day = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("day"))
        return cast(call("generate_series", start, end, step or day), "DATE[]")
    if kind.name == "timestamp" and step is not None:
        return call("generate_series", start, end, step)
    raise refuse(node, f"of {kind.name} is refused by Athena too", "CAST the bounds AS TIMESTAMP and give a step")


def reduced(node: "exp.Expr") -> "exp.Expr":
    """reduce(): the last lambda runs once, over the one state left."""
    from sqlglot import exp

    finish = node.args["finish"]
    node.set("finish", None)
    if isinstance(finish.this, exp.Identifier) and finish.this.name == finish.expressions[0].name:
        return node
    states = exp.Array(expressions=[node.copy()])
    return exp.Bracket(
        this=exp.Transform(this=states, expression=finish), expressions=[exp.Literal.number(1)], offset=1
    )


def matching(node: "exp.Expr") -> "exp.Expr":
    """any_match(), all_match(), none_match()."""
    from sqlglot import exp

    name = node.name.lower()
    answers = exp.Transform(this=node.expressions[0], expression=node.expressions[1])
    test = call("athena_all" if name == "all_match" else "athena_any", answers)
    return exp.Paren(this=exp.Not(this=test)) if name == "none_match" else test


def _number(node: "exp.Expr", allowed: tuple[str, ...]) -> Kind:
    kind = kind_of(node.this)
    if kind.name not in (*allowed, "null", "unknown"):
        raise refuse(node, f"of {kind.name} is not proven on the embedded engine", "CAST the argument AS DOUBLE")
    return kind


def total(node: "exp.Expr") -> "exp.Expr":
    """sum(): of whole numbers a bigint, which may overflow as on Athena."""
    kind = _number(node, (*WHOLE, "decimal", "double"))
    if kind.name in WHOLE:
        node.meta[WRAP] = "BIGINT"
    return node


def related(node: "exp.Expr") -> "exp.Expr":
    """corr(), covar_*() and regr_*() of doubles: NULL where they are not defined."""
    for argument in (node.this, node.args["expression"]):
        if kind_of(argument).name != "double":
            raise refuse(node, "of anything but doubles is a real on Athena", "CAST both arguments AS DOUBLE")
    node.meta[WRAP] = "athena_defined"
    return node


def mean(node: "exp.Expr") -> "exp.Expr":
    """avg(), not of decimals, which Athena rounds to their own places."""
    _number(node, (*WHOLE, "double"))
    return node


def count_if(node: "exp.Expr") -> "exp.Expr":
    """count_if(): 0 for no rows, where DuckDB's is NULL."""
    from sqlglot import exp

    return exp.Count(this=exp.If(this=node.this, true=exp.Literal.number(1)), big_int=True)


def distinct_count(node: "exp.Expr") -> "exp.Expr":
    """approx_distinct(): approximate on Athena, exact here, which is within what Athena promises."""
    from sqlglot import exp

    return exp.Count(this=exp.Distinct(expressions=[node.this]), big_int=True)


def percentile(node: "exp.Expr") -> "exp.Expr":
    """approx_percentile(): approximate on Athena, here exactly the value Athena answers for few rows.

    That is the element at `floor(p * n)` of the sorted values: DuckDB's discrete quantile, counted from above.
    """
    from sqlglot import exp

    kind = known_kind(node.this, node)
    if kind.name not in (*WHOLE, "double"):
        raise refuse(node, f"of {kind.name} is not proven on the embedded engine", "CAST the argument AS DOUBLE")
    wanted = node.args["quantile"]
    several = wanted.key == "array"
    shares = [_share(node, share) for share in (wanted.expressions if several else [wanted])]
    made = call("quantile_disc", node.this, exp.Array(expressions=shares) if several else shares[0])
    made.meta[WRAP] = ("BIGINT" if kind.name in WHOLE else "DOUBLE") + ("[]" if several else "")
    return made


def _share(node: "exp.Expr", share: "exp.Expr") -> "exp.Expr":
    from sqlglot import exp

    if share.key != "literal" or share.args.get("is_string") or not 0 < Decimal(share.name) < 1:
        raise refuse(
            node,
            "takes written-out percentiles between 0 and 1 on the embedded engine",
            "0.5, or min() and max()",
        )
    return exp.Neg(this=exp.Literal.number(str(1 - Decimal(share.name))))


def best(node: "exp.Expr") -> "exp.Expr":
    """max_by() and min_by(): rows whose value is NULL count too."""
    from sqlglot import exp

    name = "arg_max" if node.key == "argmax" else "arg_min"
    value, key, count = node.this, node.args["expression"], node.args.get("count")
    if count is None:
        return call(f"{name}_null", value, key)
    made = call(
        name,
        exp.Struct(expressions=[exp.PropertyEQ(this=exp.to_identifier("v"), expression=value)]),
        key,
        count,
    )
    made.meta[WRAP] = "athena_ranked"
    return made


def map_of(node: "exp.Expr") -> "exp.Expr":
    """map_agg(), whose keys must differ: of equal ones Athena keeps any value."""
    from sqlglot import exp

    key, value = node.expressions
    pair = exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name), expression=item) for name, item in (("k", key), ("v", value))
        ]
    )
    made = call("list", pair)
    made.meta[WRAP] = "athena_map_agg"
    return made


def map_concat(node: "exp.Expr") -> "exp.Expr":
    """map_concat() of two maps or more: NULL when one is."""
    first, *rest = node.expressions
    made: exp.Expr = first
    for other in rest:
        made = call("athena_map_concat", made, other)
    return made


def grouping(node: "exp.Expr") -> "exp.Expr":
    """grouping(), an integer."""
    return cast(node, "INTEGER")


def over(node: "exp.Expr") -> "exp.Expr":
    """OVER, which Athena does not combine with FILTER."""
    if node.this.key == "filter":
        raise refuse(
            node,
            "combines FILTER and OVER, which Athena refuses",
            "sum(IF(condition, x)) OVER (…)",
            "a window",
        )
    return node


def every(node: "exp.Expr") -> "exp.Expr":
    """every(), another name of bool_and()."""
    return call("bool_and", *node.expressions)


def wrapped(node: "exp.Expr") -> "exp.Expr":
    """An aggregate, with its FILTER and OVER, inside the cast or the macro it asked for."""
    core = node
    while core.key in ("filter", "window"):
        core = core.this
    around = core.meta.pop(WRAP, None)
    if around is None or _continues(node):
        if around is not None:
            core.meta[WRAP] = around
        return node
    return call(around, node) if around.startswith("athena_") else cast(node, around)


def _continues(node: "exp.Expr") -> bool:
    parent = node.parent
    return parent is not None and parent.key in ("filter", "window") and parent.this is node


RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    "bracket": item,
    "arraysize": size,
    "arraycontains": contains,
    "arrayposition": macro("athena_position"),
    "arraydistinct": macro("athena_distinct"),
    "arraymax": macro("athena_max"),
    "arraymin": macro("athena_min"),
    "arrayintersect": macro("athena_intersect"),
    "arrayexcept": macro("athena_except"),
    "arrayremove": macro("athena_remove"),
    "array_union()": macro("athena_union"),
    "arrays_overlap()": macro("athena_overlap"),
    "arrayslice": part_of,
    "generateseries": sequence,
    "reduce": reduced,
    "any_match()": matching,
    "all_match()": matching,
    "none_match()": matching,
    "sum": total,
    "avg": mean,
    "corr": related,
    "covarpop": related,
    "covarsamp": related,
    "regrslope": related,
    "regrintercept": related,
    "countif": count_if,
    "approxdistinct": distinct_count,
    "approxquantile": percentile,
    "argmax": best,
    "argmin": best,
    "map_agg()": map_of,
    "map_concat()": map_concat,
    "grouping": grouping,
    "window": over,
    "every()": every,
}
