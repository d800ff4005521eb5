"""CAST and TRY_CAST as Athena makes them: what text may be a number, how numbers round, how types read as text."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_addresses import address, is_address
from flowsql.dialects.duckdb_kinds import TIMESTAMPS, WHOLE, Kind, data_type, kind_of
from flowsql.dialects.duckdb_nodes import call, cast, known_kind, outside_try, refuse, text_of

if TYPE_CHECKING:
    from sqlglot import exp

_WHOLE_TYPES = {"INT": "INTEGER", "BIGINT": "BIGINT"}
_FROM_TEXT = {
    "DOUBLE": "athena_double",
    "DECIMAL": "athena_decimal",
    "BOOLEAN": "athena_boolean",
    "DATE": "athena_date",
}
_PLAIN_TEXT = ("varchar", "integer", "bigint", "boolean", "date", "null")
_TEXT_HINT = "use format('%.2f', …) for a number, date_format(…, '%Y-%m-%d %H:%i:%s') for a time"


def cast_rule(node: "exp.Expr") -> "exp.Expr":
    """One CAST or TRY_CAST."""
    if is_address(node):
        return address(node)
    to = node.args["to"].this.value
    source = kind_of(node.this)
    if source.name == "ipaddress":
        raise refuse(node, "is not made from an IPADDRESS on the embedded engine", "keep the text of the address")
    if to in _WHOLE_TYPES:
        return _whole(node, source, _WHOLE_TYPES[to])
    if to == "VARCHAR":
        return _varchar(node, source)
    if to in ("TIMESTAMP", "TIMESTAMPTZ"):
        return _timestamp(node, source)
    if to in ("DOUBLE", "DECIMAL", "BOOLEAN", "DATE"):
        return _other(node, source, to)
    if to in ("ARRAY", "MAP", "STRUCT"):
        return node if source.name == "null" else _nested(node, source)
    raise refuse(node, f"to {to} is not proven on the embedded engine", what="a CAST")


def _safe(node: "exp.Expr") -> bool:
    return node.key == "trycast"


def _strict(node: "exp.Expr", macro: str) -> "exp.Expr":
    return call(macro if _safe(node) else f"{macro}_or_fail", node.this)


def _whole(node: "exp.Expr", source: Kind, to: str) -> "exp.Expr":
    if source.name in (*WHOLE, "boolean", "null", "decimal"):
        return cast(node.this, to, safe=_safe(node))
    if source.name == "varchar":
        return cast(_strict(node, "athena_whole"), to, safe=_safe(node))
    if source.name == "double":
        return cast(cast(call("round", node.this), "BIGINT", safe=_safe(node)), to, safe=_safe(node))
    known_kind(node.this, node)
    raise refuse(node, f"from {source.name} is refused by Athena too", "cast to a type it can become", "a CAST")


def _varchar(node: "exp.Expr", source: Kind) -> "exp.Expr":
    length = node.args["to"].expressions
    if length:
        if source.name != "varchar":
            raise refuse(
                node,
                "shortens only text on the embedded engine",
                "CAST to VARCHAR without a length",
                "a CAST",
            )
        return call("left", node.this, int(length[0].name))
    return as_text(node.this, node)


def as_text(value: "exp.Expr", user: "exp.Expr") -> "exp.Expr":
    """A value as the text Athena makes of it; raises EngineError for the types DuckDB writes otherwise."""
    kind = kind_of(value)
    if kind.name in _PLAIN_TEXT or (kind.name == "decimal" and value.key in ("literal", "cast")):
        return cast(value, "VARCHAR")
    if kind.name in TIMESTAMPS and kind.digits in (0, 3):
        pattern = "%Y-%m-%d %H:%M:%S" + (".%g" if kind.digits else "")
        return call("strftime", value, pattern + (" UTC" if kind.name == "timestamp with time zone" else ""))
    if kind.name == "unknown" and user.key != "trycast":
        outside_try(user)
        return call("athena_text", value)
    raise refuse(user, f"from {kind.name} reads otherwise on the embedded engine", _TEXT_HINT, "text made")


def _timestamp(node: "exp.Expr", source: Kind) -> "exp.Expr":
    to = node.args["to"]
    zoned = to.this.value == "TIMESTAMPTZ"
    digits = int(to.expressions[0].name) if to.expressions else 3
    text = text_of(node.this)
    if zoned and source.name == "varchar":
        if text is None or not text.endswith(" UTC"):
            raise refuse(
                node,
                "keeps its zone on Athena",
                "write TIMESTAMP '2026-01-31 12:00:00 UTC'",
                "a time with a zone",
            )
        return cast(cast(call("left", text, len(text) - 4), "TIMESTAMP"), "TIMESTAMPTZ")
    if text is not None and digits <= 3:
        # What a literal's precision is, follows from its text.
        return cast(node.this, "TIMESTAMP") if digits == 0 and not _safe(node) else _moment(node)
    if digits != 3:
        raise refuse(node, "is not rounded as on Athena", "write CAST(… AS TIMESTAMP)", f"TIMESTAMP({digits})")
    if source.name == "varchar":
        return _moment(node)
    if source.name in ("date", *TIMESTAMPS, "null"):
        return cast(node.this, "TIMESTAMPTZ" if zoned else "TIMESTAMP", safe=_safe(node))
    known_kind(node.this, node)
    raise refuse(node, f"from {source.name} is refused by Athena too", "from_unixtime() reads Unix seconds", "a CAST")


def _moment(node: "exp.Expr") -> "exp.Expr":
    return call("athena_to_millisecond", cast(_strict(node, "athena_moment"), "TIMESTAMP", safe=_safe(node)))


def _other(node: "exp.Expr", source: Kind, to: str) -> "exp.Expr":
    target = node.args["to"].sql(dialect="duckdb")
    if to == "DECIMAL" and not node.args["to"].expressions:
        raise refuse(node, "has no decimal places on Athena", "write DECIMAL(18, 2)", "DECIMAL without a precision")
    if source.name == "varchar":
        return cast(_strict(node, _FROM_TEXT[to]), target, safe=_safe(node))
    if source.name == "unknown":
        known_kind(node.this, node)
    if to == "DECIMAL" and source.name == "double":
        # Athena rounds the shortest text of a double, so 1.005 becomes 1.01.
        return cast(cast(node.this, "VARCHAR"), target, safe=_safe(node))
    if to == "DATE" and source.name not in ("date", *TIMESTAMPS, "null"):
        raise refuse(node, f"from {source.name} is refused by Athena too", "CAST(from_unixtime(…) AS DATE)", "a CAST")
    return cast(node.this, target, safe=_safe(node))


def _nested(node: "exp.Expr", source: Kind) -> "exp.Expr":
    """An array or a row keeps its elements' own text and rounding only when their types stay what they are."""
    to = node.args["to"]
    if source.name == "array" and to.this.value == "ARRAY":
        have, want = source.of[0], data_type(to.expressions[0])
        if have.name in ("null", want.name) or (have.name == "integer" and want.name in ("bigint", "varchar")):
            return node
    elif node.this.key in ("struct", "tuple") and to.this.value == "STRUCT":
        have_all = [kind_of(item) for item in node.this.expressions]
        want_all = [data_type(field.args["kind"]) for field in to.expressions]
        if len(have_all) == len(want_all) and all(
            have.name in ("null", want.name) or (have.name == "integer" and want.name == "bigint")
            for have, want in zip(have_all, want_all, strict=True)
        ):
            return node
    raise refuse(node, "of these types is not proven on the embedded engine", "cast the elements one by one", "a CAST")


def date_rule(node: "exp.Expr") -> "exp.Expr":
    """`date(x)`, which is CAST(x AS DATE)."""
    made = cast(node.this, "DATE")
    made.parent = node.parent
    return _other(made, kind_of(made.this), "DATE")


RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    "cast": cast_rule,
    "trycast": cast_rule,
    "date": date_rule,
}
