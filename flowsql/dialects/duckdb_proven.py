"""What a statement may be made of: each syntax node and function with the arguments proven by the tests."""

from collections.abc import Mapping

_THIS = ("this",)
_TWO = ("this", "expression")
_LIST = ("expressions",)
_CALL = ("this", "expressions")

_SYNTAX: Mapping[str, tuple[str, ...]] = {
    "select": (
        *("with_", "distinct", "expressions", "from_", "joins", "where", "group", "having", "windows"),
        *("order", "offset", "limit"),
    ),
    "from": _THIS,
    "table": ("this", "db", "catalog", "alias"),
    "tablealias": ("this", "columns"),
    "subquery": ("this", "alias", "with_", "order", "offset", "limit"),
    "join": ("this", "kind", "side", "on", "using"),
    "lateral": ("this", "alias"),
    "unnest": ("expressions", "alias", "offset"),
    "values": ("expressions", "alias"),
    "where": _THIS,
    "group": _LIST,
    "groupingsets": _LIST,
    "cube": _LIST,
    "rollup": _LIST,
    "having": _THIS,
    "order": _CALL,
    "ordered": ("this", "desc", "nulls_first"),
    "limit": ("expression",),
    "offset": ("expression",),
    "fetch": ("direction", "count", "limit_options"),
    "limitoptions": ("rows",),
    "with": ("expressions", "recursive"),
    "cte": ("this", "alias"),
    **{name: ("this", "expression", "distinct", "with_", "order", "offset", "limit") for name in ("union", "except", "intersect")},
    "distinct": _LIST,
    "window": ("this", "partition_by", "order", "spec", "alias", "over"),
    "windowspec": ("kind", "start", "start_side", "end", "end_side"),
    "filter": _TWO,
    "ignorenulls": _THIS,
    "alias": ("this", "alias"),
    "column": ("this", "table"),
    "identifier": ("this", "quoted"),
    "star": (),
    "var": _THIS,
    "literal": ("this", "is_string"),
    "null": (),
    "boolean": _THIS,
    "hexstring": _THIS,
    "paren": _THIS,
    "tuple": _LIST,
    "struct": _LIST,
    "dot": _TWO,
    "array": _LIST,
    "map": ("keys", "values"),
    "bracket": ("this", "expressions", "offset", "safe"),
    "lambda": _CALL,
    "interval": ("this", "unit"),
    "attimezone": ("this", "zone"),
    "cast": ("this", "to"),
    "trycast": ("this", "to", "safe"),
    "datatype": ("this", "expressions", "nested"),
    "datatypeparam": _THIS,
    "columndef": ("this", "kind"),
    "case": ("this", "ifs", "default"),
    "if": ("this", "true", "false"),
    "exists": _THIS,
    "in": ("this", "expressions", "query"),
    "between": ("this", "low", "high"),
    "like": ("this", "expression", "negate"),
    **dict.fromkeys(("any", "all", "not", "neg"), _THIS),
    **dict.fromkeys(
        "and or is eq neq gt gte lt lte add sub mul mod dpipe escape nullsafeeq nullsafeneq".split(), _TWO
    ),
    "div": ("this", "expression", "typed"),
}

_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "abs sign floor ceil sqrt cbrt exp ln degrees radians sin cos tan atan bitwisenot length lower "
        "upper hex lowerhex unhex md5digest tobase64 reverse date timetounix year quarter month weekofyear day "
        "dayofmonth dayofweekiso dayofyear yearofweek hour minute second lastday fromiso8601date "
        "fromiso8601timestamp try arraysize arraydistinct arraymax arraymin flatten mapkeys mapfromentries sum avg "
        "countif anyvalue arrayagg logicaland logicalor bitwiseandagg bitwiseoragg bitwisexoragg stddev stddevpop "
        "stddevsamp variance variancepop firstvalue lastvalue ntile".split(),
        _THIS,
    ),
    **dict.fromkeys(
        "pow atan2 log bitwiseand bitwiseor bitwisexor nullif startswith levenshtein regexplike regexpcount regexpsplit "
        "split frombase extract arraycontains arrayposition arrayremove arrayexcept arrayfilter transform corr "
        "covarpop covarsamp regrslope regrintercept".split(),
        _TWO,
    ),
    **dict.fromkeys(("grouping", "chr"), _LIST),
    **dict.fromkeys(("coalesce", "greatest", "least", "min", "max", "format"), _CALL),
    **dict.fromkeys(("rownumber", "rank", "denserank", "percentrank", "cumedist", "pi"), ()),
    **dict.fromkeys(("currentdate", "currenttimestamp", "localtimestamp"), ()),
    "count": ("this", "big_int"),
    "approxdistinct": ("this", "accuracy"),
    "approxquantile": ("this", "quantile"),
    "argmax": ("this", "expression", "count"),
    "argmin": ("this", "expression", "count"),
    "groupconcat": ("this", "separator"),
    "lag": ("this", "offset", "default"),
    "lead": ("this", "offset", "default"),
    "nthvalue": ("this", "offset"),
    "round": ("this", "decimals"),
    "trunc": ("this", "decimals"),
    "widthbucket": ("this", "min_value", "max_value", "num_buckets"),
    "substring": ("this", "start", "length"),
    "splitpart": ("this", "delimiter", "part_index"),
    "strposition": ("this", "substr"),
    "replace": ("this", "expression", "replacement"),
    "translate": ("this", "from_", "to"),
    "trim": ("this", "position", "expression"),
    "pad": ("this", "expression", "fill_pattern", "is_left"),
    "concat": _LIST,
    "concatws": ("expressions", "coalesce"),
    "regexpextract": ("this", "expression", "group", "null_if_pos_overflow"),
    "regexpextractall": ("this", "expression", "group"),
    "regexpreplace": ("this", "expression", "replacement"),
    "encode": ("this", "charset"),
    "decode": ("this", "charset"),
    "sha2digest": ("this", "length"),
    "unixtotime": _THIS,
    "timetostr": ("this", "format"),
    "strtotime": ("this", "format"),
    "timestamptrunc": ("this", "unit"),
    "datetrunc": ("this", "unit"),
    "dateadd": ("this", "expression", "unit"),
    "datediff": ("this", "expression", "unit"),
    "arraytostring": ("this", "expression", "null"),
    "arraysort": ("this", "nulls_first"),
    "arrayslice": ("this", "start", "end"),
    "arrayintersect": _LIST,
    "generateseries": ("start", "end", "step"),
    "reduce": ("this", "initial", "merge", "finish"),
    **dict.fromkeys(
        "bit_count() bitwise_left_shift() bitwise_right_shift() to_base() "
        "url_decode() url_encode() at_timezone() format_datetime() to_iso8601() millisecond() yow() array_union() "
        "arrays_overlap() any_match() all_match() none_match() map_values() map_concat() every() histogram() map_agg() "
        "geometric_mean()".split(),
        _CALL,
    ),
}

PROVEN: Mapping[str, tuple[str, ...]] = {**_SYNTAX, **_FUNCTIONS}
"""Node → the arguments it may have, by sqlglot's names; `name()` is a function sqlglot has no node for."""
