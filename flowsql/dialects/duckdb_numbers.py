"""Arithmetic, comparisons and the functions of numbers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_kinds import NUMBERS, TIMESTAMPS, WHOLE, Kind, kind_of
from flowsql.dialects.duckdb_nodes import (
    call,
    cast,
    known_kind,
    number_of,
    outside_try,
    paren,
    refuse,
)

if TYPE_CHECKING:
    from sqlglot import exp

_NESTED = ("row", "array", "map")
_OPEN = frozenset(("unknown", "null", "row"))
_CAST_HINT = "write CAST(… AS DOUBLE), or a literal such as 100e0"


def divide(node: "exp.Expr") -> "exp.Expr":
    """`/`: whole numbers truncate, doubles follow IEEE 754, decimals round (and are refused)."""
    from sqlglot import exp

    left, right = node.this, node.args["expression"]
    kinds = (kind_of(left).name, kind_of(right).name)
    if "double" in kinds:
        outside_try(node)
        return call("athena_ratio", left, right)
    if "decimal" in kinds:
        raise refuse(node, "is rounded to the decimals' own places by Athena", _CAST_HINT, "the division of decimals")
    plain = exp.Div(this=left, expression=right, typed=False, safe=False)
    if set(kinds) <= {*WHOLE, "null"}:
        return plain
    if "unknown" not in kinds:
        raise refuse(node, "is not proven on the embedded engine", what=f"{kinds[0]} / {kinds[1]}")
    outside_try(node)
    return call("athena_divide", left, right)


def modulo(node: "exp.Expr") -> "exp.Expr":
    """`%` and mod(): one operator to sqlglot, so a call needs parentheses."""
    kinds = {kind_of(node.this).name, kind_of(node.args["expression"]).name}
    if not kinds <= {*WHOLE, "decimal", "null"}:
        raise refuse(node, f"of {' and '.join(sorted(kinds))} is not proven on the embedded engine", "CAST to BIGINT")
    return paren(node)


def defined(node: "exp.Expr") -> "exp.Expr":
    """sqrt(), ln(), log() and power(), where they are numbers."""
    outside_try(node)
    return call("athena_number", node)


def bitwise(node: "exp.Expr") -> "exp.Expr":
    """bitwise_and and its like: 64 bits on Athena, and operators that bind loosely on DuckDB."""
    node.set("this", cast(node.this, "BIGINT"))
    if node.args.get("expression") is not None:
        node.set("expression", cast(node.args["expression"], "BIGINT"))
    return paren(node)


def bitwise_aggregate(node: "exp.Expr") -> "exp.Expr":
    """bitwise_or_agg and its like: 64 bits on Athena."""
    node.set("this", cast(node.this, "BIGINT"))
    return node


def shift(node: "exp.Expr") -> "exp.Expr":
    """bitwise_left_shift and bitwise_right_shift, within the bits of the argument's type."""
    value, places = node.expressions
    outside_try(node)
    kind = known_kind(value, node)
    if kind.name not in WHOLE:
        raise refuse(node, "shifts whole numbers", "CAST the argument AS BIGINT")
    side = "left" if "left" in node.name.lower() else "right"
    made = call(f"athena_shift_{side}", value, places, 32 if kind.name == "integer" else 64)
    return cast(made, "INTEGER" if kind.name == "integer" else "BIGINT")


def sign(node: "exp.Expr") -> "exp.Expr":
    """sign(), which has the type of its argument."""
    kind = known_kind(node.this, node)
    return cast(node, {"integer": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE"}.get(kind.name, "DECIMAL(1, 0)"))


def whole_part(node: "exp.Expr") -> "exp.Expr":
    """floor() and ceil(): a whole number stays as it is."""
    return paren(node.this) if known_kind(node.this, node).name in WHOLE else node


def rounded(node: "exp.Expr") -> "exp.Expr":
    """round() and truncate(): the type decides how."""
    kind = known_kind(node.this, node)
    if node.key == "trunc" and kind.name == "double" and node.args.get("decimals") is not None:
        raise refuse(node, "takes no places for a double on Athena", "round(x, places)")
    if node.key == "round" and kind.name == "double" and node.args.get("decimals") is not None:
        return call("athena_round", node.this, node.args["decimals"])
    return node


def negative(node: "exp.Expr") -> "exp.Expr":
    """The least integer, which DuckDB since 2.0.1 takes for a bigint: it reads the digits before the sign."""
    return cast(node, "INTEGER") if node.this.is_number and node.this.name == "2147483648" else node


def compared(node: "exp.Expr") -> "exp.Expr":
    """A comparison, of types that Athena compares: DuckDB would cast text to a number."""
    others = [node.args.get(name) for name in ("expression", "low", "high", "query")]
    for other in (*filter(None, others), *node.expressions):
        require_alike(node, kind_of(node.this), kind_of(other))
    if kind_of(node.this).name in _NESTED and not node.key.startswith("nullsafe"):
        why = f"compares values of type {kind_of(node.this).name}, whose NULLs equal each other on the embedded engine"
        raise refuse(node, why, "compare their parts one by one: a = c AND b = d")
    return node


def _family(kind: Kind) -> str:
    if kind.name in NUMBERS:
        return "number"
    return "time" if kind.name in ("date", *TIMESTAMPS) else kind.name


def require_alike(node: "exp.Expr", left: Kind, right: Kind) -> None:
    """Raise EngineError when Athena would not compare the two kinds."""
    if _OPEN.isdisjoint((left.name, right.name)) and _family(left) != _family(right):
        raise refuse(
            node,
            f"mixes {left.name} and {right.name}, which Athena refuses",
            "write the literal in the column's type, or CAST one side",
        )


def merged(node: "exp.Expr") -> "exp.Expr":
    """COALESCE, IF, CASE and their like give one type; DuckDB would turn a number into text."""
    kinds = [kind_of(value) for value in _results(node) if kind_of(value).name not in _OPEN]
    for kind in kinds[1:]:
        if _family(kind) != _family(kinds[0]):
            raise refuse(node, f"mixes {kinds[0].name} and {kind.name}, which Athena refuses", "CAST one of them")
    if node.key == "case" and node.args.get("this") is not None:
        for arm in node.args["ifs"]:
            require_alike(node, kind_of(node.this), kind_of(arm.this))
    return node


def _results(node: "exp.Expr") -> "list[exp.Expr]":
    if node.key == "case":
        values = [arm.args["true"] for arm in node.args["ifs"]] + [node.args.get("default")]
    elif node.key == "if":
        values = [node.args["true"], node.args.get("false")]
    else:
        values = [node.args.get("this"), node.args.get("expression"), *node.expressions]
    return [value for value in values if value is not None]


def arithmetic(node: "exp.Expr") -> "exp.Expr":
    """`+`, `-`, `*` of numbers; of times, see the rules of time."""
    for side in (node.this, node.args["expression"]):
        if kind_of(side).name in ("varchar", "boolean", "array"):
            raise refuse(node, f"calculates with {kind_of(side).name}, which Athena refuses", "CAST it to a number")
    return node


def branches_alike(node: "exp.Expr") -> "exp.Expr":
    """UNION and its like, of columns of the same types."""
    for left, right in zip(node.this.selects, node.expression.selects, strict=False):
        require_alike(node, kind_of(left), kind_of(right))
    return node


def bit_count(node: "exp.Expr") -> "exp.Expr":
    """bit_count(x, bits)."""
    return call("athena_bit_count", *node.expressions)


def width_bucket(node: "exp.Expr") -> "exp.Expr":
    """width_bucket(x, low, high, n), with whole n and low < high."""
    if number_of(node.args.get("num_buckets")) is None:
        raise refuse(node, "takes two bounds and a written-out number of buckets on the embedded engine")
    return call(
        "athena_width_bucket", node.this, *(node.args[name] for name in ("min_value", "max_value", "num_buckets"))
    )


def from_base(node: "exp.Expr") -> "exp.Expr":
    """from_base(text, radix), without a sign."""
    outside_try(node)
    if number_of(node.args["expression"]) is None:
        raise refuse(node, "needs a written-out radix on the embedded engine")
    return call("athena_from_base", node.this, node.args["expression"])


_NAMES: tuple[tuple[Callable[["exp.Expr"], "exp.Expr"], str], ...] = (
    (divide, "div"),
    (modulo, "mod"),
    (arithmetic, "mul"),
    (bitwise, "bitwiseand bitwiseor bitwisexor bitwisenot"),
    (bitwise_aggregate, "bitwiseandagg bitwiseoragg bitwisexoragg"),
    (shift, "bitwise_left_shift() bitwise_right_shift()"),
    (bit_count, "bit_count()"),
    (sign, "sign"),
    (whole_part, "floor ceil"),
    (rounded, "round trunc"),
    (negative, "neg"),
    (compared, "eq neq gt gte lt lte between in nullsafeeq nullsafeneq"),
    (merged, "coalesce if case nullif greatest least"),
    (defined, "sqrt ln log pow"),
    (width_bucket, "widthbucket"),
    (branches_alike, "union except intersect"),
    (from_base, "frombase"),
    (lambda node: call("lower", node), "to_base()"),
)

RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    name: rule for rule, names in _NAMES for name in names.split()
}
