"""The types of Athena's expressions: what they are, what two have in common, what a function returns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

_META = "athena_kind"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type, without its length or precision."""

    name: str
    of: tuple["Kind", ...] = ()
    """The element of an array; the key and the value of a map."""
    digits: int | None = None
    """The decimal places of the seconds of a timestamp."""


UNKNOWN = Kind("unknown")
NULL = Kind("null")
BOOLEAN = Kind("boolean")
INTEGER = Kind("integer")
BIGINT = Kind("bigint")
DECIMAL = Kind("decimal")
DOUBLE = Kind("double")
VARCHAR = Kind("varchar")
VARBINARY = Kind("varbinary")
DATE = Kind("date")
INTERVAL = Kind("interval")
INSTANT = Kind("timestamp with time zone", digits=3)
MOMENT = Kind("timestamp", digits=3)
ROW = Kind("row")

WHOLE = ("integer", "bigint")
NUMBERS = ("integer", "bigint", "decimal", "double")
TIMESTAMPS = ("timestamp", "timestamp with time zone")


def array(of: Kind) -> Kind:
    """An array of one kind."""
    return Kind("array", (of,))


def kind_of(node: object) -> Kind:
    """The kind `annotate` found for a node; unknown for None and for nodes it has not seen."""
    meta = getattr(node, "meta", None) or {}
    kind = meta.get(_META, UNKNOWN)
    return kind if isinstance(kind, Kind) else UNKNOWN


def set_kind(node: "exp.Expr", kind: Kind) -> None:
    """Note the kind of a node."""
    node.meta[_META] = kind


def common(left: Kind, right: Kind) -> Kind:
    """The kind both are coerced to; unknown when Athena would refuse, or it cannot be told."""
    if left == right or right.name == "null":
        return left
    if left.name == "null":
        return right
    if left.name in NUMBERS and right.name in NUMBERS:
        return max(left, right, key=lambda kind: NUMBERS.index(kind.name))
    moments = ("date", *TIMESTAMPS)
    if left.name in moments and right.name in moments:
        later = max(left, right, key=lambda kind: moments.index(kind.name))
        digits = None if None in (left.digits, right.digits) else max(left.digits or 0, right.digits or 0)
        return Kind(later.name, digits=digits) if left.name in TIMESTAMPS and right.name in TIMESTAMPS else later
    if left.name == right.name and len(left.of) == len(right.of):
        return Kind(left.name, tuple(map(common, left.of, right.of)))
    return UNKNOWN


def unified(kinds: Iterable[Kind]) -> Kind:
    """The common kind of several."""
    return reduce(common, kinds, NULL)


def data_type(to: "exp.DataType") -> Kind:
    """The kind of a CAST's target; unknown for one this module does not follow."""
    name = to.this.value if hasattr(to.this, "value") else str(to.this)
    places = [param.name for param in to.expressions if param.key == "datatypeparam"]
    match name:
        case "INT":
            return INTEGER
        case "BIGINT" | "DECIMAL" | "DOUBLE" | "VARCHAR" | "VARBINARY" | "BOOLEAN" | "DATE" | "IPADDRESS":
            return Kind(name.lower())
        case "TIMESTAMP" | "TIMESTAMPTZ":
            kind = INSTANT if name == "TIMESTAMPTZ" else MOMENT
            return Kind(kind.name, digits=int(places[0]) if places else 3)
        case "ARRAY" | "MAP":
            return Kind(name.lower(), tuple(data_type(item) for item in to.expressions))
        case "STRUCT":
            return ROW
    return UNKNOWN


def _this(node: "exp.Expr") -> Kind:
    return kind_of(node.this)


def _item(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    if kind.name == "map":
        return kind.of[1]
    return kind.of[0] if kind.name == "array" else UNKNOWN


def _arguments(node: "exp.Expr") -> Kind:
    first = [node.this] if node.args.get("this") is not None else []
    return unified(kind_of(item) for item in (*first, *node.expressions))


def _arithmetic(node: "exp.Expr") -> Kind:
    left, right = kind_of(node.this), kind_of(node.args["expression"])
    kinds = (left.name, right.name)
    if "interval" not in kinds:
        moments = ("date", *TIMESTAMPS)
        return INTERVAL if kinds[0] in moments and kinds[1] in moments else common(left, right)
    other = left if right.name == "interval" else right
    return other if other.name in ("date", *TIMESTAMPS) else INTERVAL if other.name in (*WHOLE, "interval") else UNKNOWN


def _branches(node: "exp.Expr") -> Kind:
    if node.key == "if":
        return common(kind_of(node.args["true"]), kind_of(node.args.get("false")) if node.args.get("false") else NULL)
    arms = [kind_of(arm.args["true"]) for arm in node.args["ifs"]]
    default = node.args.get("default")
    return unified([*arms, kind_of(default) if default is not None else NULL])


def _total(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    return BIGINT if kind.name in WHOLE else kind


def _mean(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    return DOUBLE if kind.name in WHOLE else kind


def _literal(node: "exp.Expr") -> Kind:
    if node.args.get("is_string"):
        return VARCHAR
    text = node.name.lower()
    if "e" in text:
        return DOUBLE
    return DECIMAL if "." in text else INTEGER if int(text) < 2**31 else BIGINT


def _percentile(node: "exp.Expr") -> Kind:
    kind = _total(node)
    return array(kind) if kind_of(node.args.get("quantile")).name == "array" else kind


def _ranked(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    return array(kind) if node.args.get("count") is not None else kind


def _extreme(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    return array(kind) if node.expressions else kind


def _sequence(node: "exp.Expr") -> Kind:
    kind = kind_of(node.args["start"])
    return array(BIGINT if kind.name in WHOLE else kind)


def _shift(node: "exp.Expr") -> Kind:
    return kind_of(node.expressions[0])


def _map(node: "exp.Expr") -> Kind:
    keys, values = kind_of(node.args.get("keys")), kind_of(node.args.get("values"))
    if keys.name == values.name == "array":
        return Kind("map", (keys.of[0], values.of[0]))
    return UNKNOWN


def _entry(position: int) -> Callable[["exp.Expr"], Kind]:
    def rule(node: "exp.Expr") -> Kind:
        kind = kind_of(node.expressions[0] if node.key == "anonymous" else node.this)
        return array(kind.of[position]) if kind.name == "map" else UNKNOWN

    return rule


def _pairs(node: "exp.Expr") -> Kind:
    return Kind("map", (kind_of(node.expressions[0]), kind_of(node.expressions[-1])))


def _mapped(node: "exp.Expr") -> Kind:
    return array(kind_of(node.args["expression"]))


def _zoned(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this if node.key == "attimezone" else node.expressions[0])
    return Kind(INSTANT.name, digits=kind.digits)


def _flat(node: "exp.Expr") -> Kind:
    kind = kind_of(node.this)
    return kind.of[0] if kind.name == "array" else UNKNOWN


_FIXED: tuple[tuple[Kind, str], ...] = (
    (
        BOOLEAN,
        "not eq neq gt gte lt lte is in between like escape exists nullsafeeq nullsafeneq boolean startswith "
        "regexplike arraycontains logicaland logicalor every() arrays_overlap() any_match() all_match() none_match()",
    ),
    (
        BIGINT,
        "count approxdistinct countif length strposition datediff year month day dayofmonth dayofyear dayofweekiso "
        "week weekofyear yearofweek yow() quarter hour minute second millisecond() extract arraysize arrayposition "
        "bitwiseand bitwiseor bitwisexor bitwisenot bitwiseandagg bitwiseoragg bitwisexoragg bit_count() rownumber "
        "rank denserank ntile regexpcount levenshtein frombase widthbucket",
    ),
    (INTEGER, "grouping"),
    (
        DOUBLE,
        "sqrt cbrt ln log exp pow pi degrees radians sin cos tan atan atan2 timetounix stddev stddevpop "
        "stddevsamp variance variancepop corr covarpop covarsamp regrslope regrintercept geometric_mean() "
        "percentrank cumedist",
    ),
    (
        VARCHAR,
        "lower upper substring splitpart replace pad trim chr translate concatws regexpextract regexpreplace "
        "timetostr format_datetime() to_iso8601() format groupconcat arraytostring url_decode() url_encode() hex "
        "lowerhex decode tobase64 to_base()",
    ),
    (VARBINARY, "encode unhex md5digest sha2digest hexstring"),
    (DATE, "date lastday fromiso8601date currentdate"),
    (INSTANT, "unixtotime currenttimestamp fromiso8601timestamp"),
    (MOMENT, "strtotime localtimestamp"),
    (INTERVAL, "interval"),
    (ROW, "struct tuple"),
    (NULL, "null"),
    (array(VARCHAR), "split regexpextractall regexpsplit"),
)

_COMPUTED: tuple[tuple[Callable[["exp.Expr"], Kind], str], ...] = (
    (
        _this,
        "paren alias neg abs sign round floor ceil trunc anyvalue firstvalue lastvalue nthvalue lag lead filter "
        "window ignorenulls order any all try reverse arraydistinct arraysort arrayslice arrayexcept "
        "arrayremove arrayfilter timestamptrunc datetrunc dateadd",
    ),
    (_arithmetic, "add sub mul div mod"),
    (_arguments, "coalesce greatest least concat nullif"),
    (_branches, "if case"),
    (_item, "bracket arraymax arraymin"),
    (_total, "sum"),
    (_mean, "avg"),
    (_literal, "literal"),
    (_percentile, "approxquantile"),
    (_ranked, "argmax argmin"),
    (_extreme, "max min"),
    (_sequence, "generateseries"),
    (_shift, "bitwise_left_shift() bitwise_right_shift() array_union() map_concat()"),
    (_map, "map"),
    (_entry(0), "mapkeys"),
    (_entry(1), "map_values()"),
    (_pairs, "map_agg()"),
    (_mapped, "transform"),
    (_zoned, "attimezone at_timezone()"),
    (_flat, "flatten"),
    (lambda node: kind_of(node.args.get("finish") or node.args.get("initial")), "reduce"),
    (lambda node: unified(map(kind_of, node.expressions[:1])), "distinct"),
    (lambda node: array(_arguments(node)), "array"),
    (lambda node: array(kind_of(node.this)), "arrayagg"),
    (lambda node: common(kind_of(node.this), kind_of(node.args["expression"])), "dpipe"),
    (lambda node: _arguments(node), "arrayintersect"),
    (lambda node: Kind("map", (kind_of(node.expressions[0]), BIGINT)), "histogram()"),
    (lambda node: data_type(node.args["to"]), "cast trycast"),
)


def _always(kind: Kind) -> Callable[["exp.Expr"], Kind]:
    return lambda node: kind


RESULTS: Mapping[str, Callable[["exp.Expr"], Kind]] = {
    **{name: _always(kind) for kind, names in _FIXED for name in names.split()},
    **{name: rule for rule, names in _COMPUTED for name in names.split()},
}
"""The kind of a node, by its name (see `duckdb_nodes.name_of`), when its arguments have theirs."""
