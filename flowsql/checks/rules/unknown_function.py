"""A function that Athena does not have.

Why: Athena engine version 3 has Trino's functions. Those of other databases have other names, and sqlglot accepts many
of them, so the mistake would show only when Athena is asked.

Wrong:

    SELECT strftime('%H', start_time) AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1

Right:

    SELECT date_format(start_time, '%H') AS hour, COUNT(*) AS flows FROM {{ flows }} GROUP BY 1
"""

from collections.abc import Iterator

from flowsql.checks.functions import functions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import nearest

RULE = Rule("FQ411", "unknown-function", "error", needs="tokens", follows_here=("FQ3",))

_IN_NETWORK = "contains('10.0.0.0/8', CAST(x AS ipaddress)), or in a saved query {{ in_cidr(x, '10.0.0.0/8') }}"
_LIKENESS = 0.7
"""Below it a name is another word: `entropy` and `try`."""
_ELSEWHERE = {
    **dict.fromkeys(("int", "integer", "int64", "toint64", "toint32", "tointeger"), "CAST(… AS integer)"),
    **dict.fromkeys(("bigint", "long", "to_number", "tonumber"), "CAST(… AS bigint)"),
    **dict.fromkeys(("float", "double", "real", "float64", "todouble"), "CAST(… AS double)"),
    **dict.fromkeys(("text", "string", "str", "tostring", "to_string"), "CAST(… AS varchar)"),
    **dict.fromkeys(
        ("cidrmatch", "cidr_match", "ipv4_is_in_range", "inet_contains", "isinrange"),
        "contains('10.0.0.0/8', TRY_CAST(srcaddr AS ipaddress))",
    ),
    **dict.fromkeys(("read_csv", "read_csv_auto", "read_text", "read_json", "read_parquet"), "the name of a table"),
    "boolean": "CAST(… AS boolean)",
    "inet": "CAST(… AS ipaddress)",
    "ipaddress": "CAST(… AS ipaddress)",
    "ipprefix": "CAST(… AS ipprefix)",
    "json": "json_parse(…)",
    "struct": "ROW(…)",
    "variant": "CAST(… AS json)",
    "datetime": "CAST(… AS timestamp), from_unixtime(…) of seconds",
    "to_date": "date_parse(…) of text, date(…)",
    "safe_cast": "TRY_CAST(… AS …)",
    "try_to_number": "TRY_CAST(… AS bigint)",
    **dict.fromkeys(("timestamp_trunc", "datetime_trunc", "time_bucket"), "date_trunc('hour', …)"),
    "timestamp_seconds": "from_unixtime(…)",
    "date_part": "extract(… FROM …)",
    "datepart": "extract(… FROM …)",
    "timestamp_diff": "date_diff('second', from, to)",
    "timestampdiff": "date_diff('second', from, to)",
    "timestampadd": "date_add('day', 1, …)",
    "timestamp_add": "date_add('day', 1, …)",
    "format_date": "date_format(…)",
    "format_timestamp": "date_format(…)",
    "parse_timestamp": "date_parse(…)",
    "sysdate": "current_timestamp",
    "charindex": "strpos(…)",
    "locate": "strpos(…)",
    "substring_index": "split_part(…)",
    "contains_substr": "strpos(…) > 0",
    "uniq": "approx_distinct(…)",
    "count_distinct": "COUNT(DISTINCT …)",
    "argmax": "max_by(…)",
    "arg_max": "max_by(…)",
    "argmin": "min_by(…)",
    "arg_min": "min_by(…)",
    "percentile_cont": "approx_percentile(x, 0.95)",
    "percentile": "approx_percentile(x, 0.95)",
    "array_length": "cardinality(…)",
    "array_size": "cardinality(…)",
    "array_contains": "contains(array, value)",
    "list_contains": "contains(array, value)",
    "make_array": "ARRAY[…]",
    "array_construct": "ARRAY[…]",
    "bitand": "bitwise_and(…)",
    "bit_and": "bitwise_and_agg(…)",
    "bit_or": "bitwise_or_agg(…)",
    "char_length": "length(…)",
    "collect_list": "array_agg(…)",
    "collect_set": "array_agg(DISTINCT …)",
    "countif": "count_if(…)",
    "dateadd": "date_add('day', 1, …)",
    "datediff": "date_diff('second', from, to)",
    "date_sub": "date_add('day', -1, …)",
    "explode": "CROSS JOIN UNNEST(…)",
    "get_json_object": "json_extract_scalar(…)",
    "getdate": "current_timestamp",
    "group_concat": "listagg(x, ',') WITHIN GROUP (ORDER BY x)",
    "ifnull": "coalesce(…)",
    "iff": "if(…)",
    "inet_aton": "CAST(… AS IPADDRESS), which sorts by address",
    "instr": "strpos(…)",
    "isnull": "… IS NULL",
    "left": "substr(x, 1, n)",
    "len": "length(…)",
    "list": "array_agg(…)",
    "ip_prefix": _IN_NETWORK,
    "ip_subnet_min": _IN_NETWORK,
    "ip_subnet_max": _IN_NETWORK,
    "is_subnet_of": _IN_NETWORK,
    "median": "approx_percentile(x, 0.5)",
    "nvl": "coalesce(…)",
    "quantile": "approx_percentile(x, 0.5)",
    "right": "substr(x, -n)",
    "strftime": "date_format(…)",
    "string_agg": "listagg(x, ',') WITHIN GROUP (ORDER BY x)",
    "strptime": "date_parse(…)",
    "to_char": "date_format(…)",
    "to_timestamp": "from_unixtime(…) of seconds, date_parse(…) of text",
    "unix_timestamp": "to_unixtime(…)",
}
"""Names of other databases → what Athena has instead."""


def check(subject: Subject) -> Iterator[Fault]:
    """Each call of a name that is not in Athena's list."""
    if any(token.text.upper() == "EXTERNAL" for token in subject.tokens):
        return  # USING EXTERNAL FUNCTION declares others
    if any(part.declares_functions for part in subject.parts):
        return
    for call in subject.calls:
        if call.name in functions():
            continue
        instead = _ELSEWHERE.get(call.name)
        hint = f"write {instead}" if instead else _near(call.name)
        yield subject.fault(f"Athena has no function {call.name}", call.token, hint)


def _near(name: str) -> str:
    found = nearest(name, functions(), _LIKENESS)
    return f"did you mean {found!r}?" if found else "see Trino's list of functions"
