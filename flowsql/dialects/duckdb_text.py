"""Functions of text: formats, patterns (they agree on text of one line), and where DuckDB has '' for Athena's NULL."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_casts import as_text
from flowsql.dialects.duckdb_kinds import TIMESTAMPS, WHOLE, kind_of
from flowsql.dialects.duckdb_nodes import (
    call,
    cast,
    known_kind,
    number_of,
    outside_try,
    paren,
    refuse,
    spelled,
    text_of,
)

if TYPE_CHECKING:
    from sqlglot import exp

# A group that may take no part in a match: Athena answers NULL for it, DuckDB ''.
_OPTIONAL_GROUP = re.compile(r"\||\)[?*]|\)\{0")
_CONVERSION = re.compile(r"%(?P<flag>[-0,+]?)(?P<width>[0-9]*)(?:\.(?P<places>[0-9]+))?(?P<letter>[a-zA-Z])|%%|[^%]+|%")


def substring(node: "exp.Expr") -> "exp.Expr":
    """substr(): a start of zero or before the text gives '' on Athena."""
    start, length = node.args["start"], node.args.get("length")
    if (number_of(start) or 0) > 0 and (length is None or (number_of(length) or 0) > 0):
        return node
    if length is None:
        return call("athena_substr_from", node.this, start)
    return call("athena_substr", node.this, start, length)


def split_part(node: "exp.Expr") -> "exp.Expr":
    """split_part(): NULL beyond the last part."""
    return call("athena_split_part", node.this, node.args["delimiter"], node.args["part_index"])


def trim(node: "exp.Expr") -> "exp.Expr":
    """trim(), ltrim(), rtrim(): every kind of blank unless the characters are given."""
    position = str(node.args.get("position") or "BOTH").upper()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(position, "trim")
    characters = node.args.get("expression")
    return call(f"athena_{name}", node.this) if characters is None else call(name, node.this, characters)


def pad(node: "exp.Expr") -> "exp.Expr":
    """lpad(), rpad(): of any whole length."""
    node.set("expression", cast(node.args["expression"], "INTEGER"))
    return node


def character(node: "exp.Expr") -> "exp.Expr":
    """chr() of any whole number."""
    return call("chr", *(cast(item, "INTEGER") for item in node.expressions))


def reverse(node: "exp.Expr") -> "exp.Expr":
    """reverse() of text or of an array."""
    kind = known_kind(node.this, node).name
    return call("list_reverse" if kind == "array" else "athena_reverse", node.this)


def replace(node: "exp.Expr") -> "exp.Expr":
    """replace(): Athena finds the empty text between all characters."""
    from sqlglot import exp

    new = node.args.get("replacement") or exp.Literal.string("")
    if text_of(node.args["expression"]):
        return call("replace", node.this, node.args["expression"], new)
    outside_try(node)
    return call("athena_replace", node.this, node.args["expression"], new)


def regexp_extract(node: "exp.Expr") -> "exp.Expr":
    """regexp_extract(): NULL without a match."""
    pattern, group = node.args["expression"], node.args.get("group")
    number = 0 if group is None else number_of(group)
    if number is None:
        raise refuse(node, "takes a written-out group on the embedded engine")
    if number:
        _require_group(node, text_of(pattern))
    return call("athena_regexp_extract", node.this, pattern, number)


def regexp_extract_all(node: "exp.Expr") -> "exp.Expr":
    """regexp_extract_all(), with groups that take part in every match."""
    group = node.args.get("group")
    if group is not None and number_of(group) != 0:
        _require_group(node, text_of(node.args["expression"]))
    return node


def _require_group(node: "exp.Expr", pattern: str | None) -> None:
    if pattern is None or _OPTIONAL_GROUP.search(pattern):
        raise refuse(
            node,
            "answers NULL for a group that took no part in the match; the embedded engine answers ''",
            "a written-out pattern without an optional group or |",
        )


def regexp_replace(node: "exp.Expr") -> "exp.Expr":
    """regexp_replace(): `$1` is `\\1` on DuckDB."""
    pattern, new = node.args["expression"], node.args.get("replacement")
    if new is None:
        return call("regexp_replace", node.this, pattern, "", "g")
    text = text_of(new)
    if text is None or re.search(r"\$(?![0-9])|\$[0-9]{2}|\\", text):
        raise refuse(node, "takes a written-out replacement of text and $0 to $9 on the embedded engine")
    return call("regexp_replace", node.this, pattern, re.sub(r"\$([0-9])", r"\\\1", text), "g")


def group_concat(node: "exp.Expr") -> "exp.Expr":
    """listagg(): without a separator there is none on Athena, a comma on DuckDB."""
    from sqlglot import exp

    if node.args.get("separator") is None:
        node.set("separator", exp.Literal.string(""))
    return node


def joined(node: "exp.Expr") -> "exp.Expr":
    """array_join(), of elements that both engines write alike."""
    if text_of(node.args["expression"]) is None:
        raise refuse(node, "needs a written-out separator on the embedded engine")
    element = known_kind(node.this, node)
    inner = element.of[0].name if element.of else element.name
    if inner not in ("varchar", "boolean", "date", "null", *WHOLE):
        raise refuse(node, f"writes an element of type {inner} otherwise", "transform the elements to text first")
    return node


def joined_text(node: "exp.Expr") -> "exp.Expr":
    """`||` and concat(): of text, or of arrays; DuckDB would turn anything into text."""
    values = node.expressions if node.key == "concat" else [node.this, node.args["expression"]]
    arrays = any(kind_of(value).name == "array" for value in values)
    for value in values:
        kind = kind_of(value).name
        if kind not in (("array",) if arrays else ("varchar", "varbinary", "null", "unknown")):
            raise refuse(node, f"joins {spelled(value)} of type {kind}", f"CAST({spelled(value)} AS VARCHAR)")
    return paren(node)


def joined_with(node: "exp.Expr") -> "exp.Expr":
    """concat_ws() of texts; a missing array is '' on DuckDB."""
    for value in node.expressions:
        if kind_of(value).name not in ("varchar", "null", "unknown"):
            hint = "array_join() joins arrays; CAST other values AS VARCHAR"
            raise refuse(node, f"joins {kind_of(value).name}", hint)
    return node


def matched(node: "exp.Expr") -> "exp.Expr":
    """LIKE of text only."""
    kind = kind_of(node.this).name
    if kind not in ("varchar", "null", "unknown"):
        raise refuse(node, f"matches {kind}, which Athena refuses", f"CAST({spelled(node.this)} AS VARCHAR)")
    return node


def format_rule(node: "exp.Expr") -> "exp.Expr":
    """format(): Java's conversions one by one, each `null` for NULL."""
    from sqlglot import exp

    pattern = text_of(node.this)
    if pattern is None:
        raise refuse(node, "needs a written-out pattern on the embedded engine")
    arguments = list(node.expressions)
    pieces: list[exp.Expr] = []
    for piece in _CONVERSION.finditer(pattern):
        if piece["letter"]:
            if not arguments:
                raise refuse(node, "has more conversions than values", "one value for each %")
            pieces.append(_converted(node, piece, arguments.pop(0)))
        elif piece[0] == "%":
            raise refuse(node, f"does not know a conversion of {pattern!r}", "of %s, %d, %x and %.2f")
        else:
            pieces.append(exp.Literal.string(piece[0].replace("%%", "%")))
    return call("concat", *pieces)


def _converted(node: "exp.Expr", piece: "re.Match[str]", value: "exp.Expr") -> "exp.Expr":
    flag, width, letter = piece["flag"], piece["width"], piece["letter"]
    kind = kind_of(value).name
    pad = f"%{'-' if flag == '-' else ''}{width}s"
    missing = "null" if piece["places"] is None else "null"[: int(piece["places"])]
    if letter == "s" and flag in ("", "-") and piece["places"] is None and kind not in TIMESTAMPS:
        return call("printf", pad, call("coalesce", as_text(value, node), "null"))
    if letter in "dxX" and kind in (*WHOLE, "null") and piece["places"] is None:
        number = call("printf", f"%{flag}{width}{letter}", cast(value, "BIGINT"))
    elif letter == "f" and kind in ("decimal", "double"):
        outside_try(node)
        places = int(piece["places"] or 6)
        # Java rounds the shortest decimal text half up; C rounds the exact binary value.
        exact = cast(cast(value, "VARCHAR"), f"DECIMAL({15 + places}, {places})") if places <= 15 else value
        number = call("printf", f"%{flag}{width}.{places}f", cast(exact, "DOUBLE"))
    else:
        raise refuse(
            node,
            f"does not convert {kind} by {piece[0]} on the embedded engine",
            "%s takes text and whole numbers, %d whole numbers, %.2f doubles; date_format() writes times",
        )
    return call("coalesce", number, call("printf", pad, missing))


def digest(node: "exp.Expr") -> "exp.Expr":
    """sha256(); the other lengths are not proven."""
    if number_of(node.args.get("length")) != 256:
        raise refuse(node, "is not proven on the embedded engine", "sha256()")
    return node


def url_decode(node: "exp.Expr") -> "exp.Expr":
    """url_decode(): fails where the bytes are no UTF-8, which Athena replaces."""
    outside_try(node)
    return call("athena_url_decode", *node.expressions)


RULES: Mapping[str, Callable[["exp.Expr"], "exp.Expr"]] = {
    "substring": substring,
    "splitpart": split_part,
    "split": lambda node: call("athena_split", node.this, node.args["expression"]),
    "regexpsplit": lambda node: call("athena_regexp_split", node.this, node.args["expression"]),
    "trim": trim,
    "pad": pad,
    "chr": character,
    "reverse": reverse,
    "replace": replace,
    "regexpextract": regexp_extract,
    "regexpextractall": regexp_extract_all,
    "regexpreplace": regexp_replace,
    "groupconcat": group_concat,
    "arraytostring": joined,
    "dpipe": joined_text,
    "concat": joined_text,
    "concatws": joined_with,
    "like": matched,
    "format": format_rule,
    "sha2digest": digest,
    "url_decode()": url_decode,
    "url_encode()": lambda node: call("athena_url_encode", *node.expressions),
}
