"""What the functions of Athena take and give: kinds of values, as Trino's SHOW FUNCTIONS says of each form."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from flowsql.checks.names import SHOWN, Kind

if TYPE_CHECKING:
    from sqlglot import exp

_KINDS: dict[str, Kind] = {kind: kind for kind in SHOWN}
ANY, OTHER, _BYTES = "any", "other", "bytes"
"""What a form may take or give too: a value of any kind; one of none of the kinds that are told apart, as an array."""

_NODES: dict[str, tuple[str, tuple[str, ...]]] = {
    "abs": ("abs", ("this",)),
    "approxquantile": ("approx_percentile", ("this", "quantile")),
    "arraycontains": ("contains", ("this", "expression")),
    "arraysize": ("cardinality", ("this",)),
    "arraytostring": ("array_join", ("this", "expression")),
    "argmax": ("max_by", ("this", "expression", "count")),
    "argmin": ("min_by", ("this", "expression", "count")),
    "avg": ("avg", ("this",)),
    "bitwiseand": ("bitwise_and", ("this", "expression")),
    "bitwiseandagg": ("bitwise_and_agg", ("this",)),
    "bitwisenot": ("bitwise_not", ("this",)),
    "bitwiseor": ("bitwise_or", ("this", "expression")),
    "bitwiseoragg": ("bitwise_or_agg", ("this",)),
    "bitwisexor": ("bitwise_xor", ("this", "expression")),
    "ceil": ("ceil", ("this",)),
    "countif": ("count_if", ("this",)),
    "dateadd": ("date_add", ("expression", "this")),
    "datediff": ("date_diff", ("expression", "this")),
    "day": ("day", ("this",)),
    "dayofmonth": ("day_of_month", ("this",)),
    "dayofweekiso": ("day_of_week", ("this",)),
    "dayofyear": ("day_of_year", ("this",)),
    "floor": ("floor", ("this",)),
    "fromiso8601date": ("from_iso8601_date", ("this",)),
    "fromiso8601timestamp": ("from_iso8601_timestamp", ("this",)),
    "hour": ("hour", ("this",)),
    "extract": ("extract", ("expression",)),
    "jsonextractscalar": ("json_extract_scalar", ("this", "expression")),
    "lastday": ("last_day_of_month", ("this",)),
    "length": ("length", ("this",)),
    "like": ("like", ("this", "expression")),
    "ln": ("ln", ("this",)),
    "logicaland": ("bool_and", ("this",)),
    "logicalor": ("bool_or", ("this",)),
    "lower": ("lower", ("this",)),
    "max": ("max", ("this", "expressions")),
    "min": ("min", ("this", "expressions")),
    "minute": ("minute", ("this",)),
    "month": ("month", ("this",)),
    "pad": ("lpad", ("this", "expression", "fill_pattern")),
    "parsedatetime": ("parse_datetime", ("this", "format")),
    "pow": ("pow", ("this", "expression")),
    "quarter": ("quarter", ("this",)),
    "regexpcount": ("regexp_count", ("this", "expression")),
    "regexpextract": ("regexp_extract", ("this", "expression", "group")),
    "regexpextractall": ("regexp_extract_all", ("this", "expression", "group")),
    "regexplike": ("regexp_like", ("this", "expression")),
    "regexpreplace": ("regexp_replace", ("this", "expression")),
    "regexpsplit": ("regexp_split", ("this", "expression")),
    "replace": ("replace", ("this", "expression", "replacement")),
    "reverse": ("reverse", ("this",)),
    "round": ("round", ("this", "decimals")),
    "second": ("second", ("this",)),
    "sign": ("sign", ("this",)),
    "split": ("split", ("this", "expression", "limit")),
    "splitpart": ("split_part", ("this", "delimiter", "part_index")),
    "sqrt": ("sqrt", ("this",)),
    "startswith": ("starts_with", ("this", "expression")),
    "stddev": ("stddev", ("this",)),
    "strposition": ("strpos", ("this", "substr", "occurrence")),
    "strtotime": ("date_parse", ("this", "format")),
    "substring": ("substr", ("this", "start", "length")),
    "sum": ("sum", ("this",)),
    "timestamptrunc": ("date_trunc", ("this",)),
    "timetostr": ("date_format", ("this", "format")),
    "timetounix": ("to_unixtime", ("this",)),
    "translate": ("translate", ("this", "from_", "to")),
    "trim": ("trim", ("this",)),
    "trunc": ("truncate", ("this",)),
    "unixtotime": ("from_unixtime", ("this",)),
    "upper": ("upper", ("this",)),
    "variance": ("variance", ("this",)),
    "weekofyear": ("week", ("this",)),
    "year": ("year", ("this",)),
}
"""sqlglot's nodes for calls → the function, and under what the node keeps the values it is given, in their order."""
_UNITS = ("date_add", "date_diff", "date_trunc")
"""The functions whose first value, a unit, the node keeps as a word."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What one function takes and gives."""

    forms: tuple[tuple[tuple[str, ...], str], ...]
    """What each of its forms takes, and what it gives for that."""

    def gives(self, given: "list[Kind | None]") -> Kind | None:
        """The kind of what comes of values; None where it is of none that is told apart, or may be of several."""
        told = {made for taken, made in self.forms if len(taken) == len(given) and all(map(_fits, given, taken))}
        told.discard(_BYTES)
        return _KINDS.get(told.pop()) if len(told) == 1 else None

    def misfit(self, given: "list[Kind | None]") -> tuple[int, list[str]] | None:
        """The first value no form takes beside those before it, and what is taken there; None where one takes all."""
        forms = [taken for taken, _ in self.forms if len(taken) == len(given)]
        for place, kind in enumerate(given if forms else ()):
            fitting = [form for form in forms if _fits(kind, form[place])]
            if not fitting:
                return place, sorted({form[place] for form in forms})
            forms = fitting
        return None


def _fits(kind: Kind | None, taken: str) -> bool:
    return kind is None or taken in (kind, ANY)


@cache
def signatures() -> dict[str, Signature]:
    """Lower-case name → signature, of the functions and predicates that take or give one of the kinds told apart."""
    found = dict(_GRAMMAR)
    for line in files("flowsql.data").joinpath("athena-signatures.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, forms = line.split("\t")
            found[name] = Signature(tuple(map(_form, forms.split("|"))))
    return found


def _form(text: str) -> tuple[tuple[str, ...], str]:
    taken, _, made = text.partition(">")
    return tuple(taken.split(",")) if taken else (), made


_GRAMMAR = {
    "extract": Signature(((("time",), "number"), (("span",), "number"))),
    "like": Signature(((("text", "text"), "truth"),)),
}


def signature_of(node: "exp.Expr") -> Signature | None:
    """What a call takes and gives; None for what is no call, or whose kinds are not told."""
    from sqlglot import exp

    name = node.name.lower() if isinstance(node, exp.Anonymous) else _NODES.get(node.key, ("",))[0]
    return signatures().get(name)


def values_given(node: "exp.Expr") -> "list[exp.Expr | None]":
    """What a call is given, in order; None for a unit that its node keeps as a word."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    name, keys = _NODES[node.key]
    kept = (node.args.get(key) for key in keys)
    every = (each for part in kept for each in (part if isinstance(part, list) else [part]))
    found: list[exp.Expr | None] = [each for each in every if isinstance(each, exp.Expr)]
    return [None, *found] if name in _UNITS else found
