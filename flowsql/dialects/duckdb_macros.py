"""The DuckDB macros that translated statements call, and the settings they rely on.

Each macro answers what the Athena function it stands for answers, down to NULL and to failing. To fail, a macro
casts the reason to a number: unlike `error()` that may stand inside TRY and in the ORDER BY of a window.
"""

import re

from flowsql.addresses import IPV4
from flowsql.addresses import IPV6_SCOPED as IPV6

# The characters Athena trims; DuckDB's own trim takes the blank only.
_BLANKS = "".join(
    map(chr, (*range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B)))
) + "".join(map(chr, (0x2028, 0x2029, 0x205F, 0x3000)))

_WHOLE = r"[\x00- ]*[+-]?[0-9]+[\x00- ]*"
_FRACTION = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DOUBLE = rf"[\x00- ]*(?:[+-]?Infinity|{_FRACTION}[fFdD]?)[\x00- ]*"
_DAY = " *[+-]?[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2} *"
_ZONE = "(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})"
_MOMENT = (
    rf" *[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?: *| {_ZONE}"
    rf"| [0-9]{{1,2}}:[0-9]{{1,2}}(?::[0-9]{{1,2}}(?:\.[0-9]+)?)?(?: *| ?{_ZONE}))"
)

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET integer_division = true",
    "SET default_null_order = 'nulls_last'",
    # A table's name never means a variable of the program that asks.
    "SET python_enable_replacements = false",
)

_ADDRESSES = {
    "athena_octets(t)": "printf('%02x%02x%02x%02x', TRY_CAST(split_part(t, '.', 1) AS INTEGER), "
    "TRY_CAST(split_part(t, '.', 2) AS INTEGER), TRY_CAST(split_part(t, '.', 3) AS INTEGER), "
    "TRY_CAST(split_part(t, '.', 4) AS INTEGER))",
    # Eight groups as 32 hexadecimal digits, so that addresses compare as text; a dotted quad makes two of them.
    "athena_groups(t)": "array_to_string(list_transform(CASE WHEN contains(t, '::') THEN list_concat("
    "string_split(split_part(t, '::', 1), ':'), list_concat(list_transform("
    "range(0, 9 - len(string_split(t, ':')) - CAST(contains(t, '.') AS INTEGER)), lambda athena_i: '0'), "
    "string_split(split_part(t, '::', 2), ':'))) ELSE string_split(t, ':') END, lambda athena_g: "
    "CASE WHEN contains(athena_g, '.') THEN athena_octets(athena_g) ELSE lpad(athena_g, 4, '0') END), '')",
    "athena_ip6(t)": f"CASE WHEN regexp_full_match(t, '{IPV6}') THEN athena_groups(lower(split_part(t, '%', 1))) END",
    "athena_ip(t)": "CASE WHEN contains(t, ':') THEN athena_ip6(t) "
    f"WHEN regexp_full_match(t, '{IPV4}') THEN '00000000000000000000ffff' || athena_octets(t) END",
    "athena_ip_or_fail(t)": "CASE WHEN t IS NULL OR athena_ip(t) IS NOT NULL THEN athena_ip(t) "
    "ELSE CAST(CAST('Cannot cast value to IPADDRESS: ' || t AS BIGINT) AS VARCHAR) END",
    "athena_not_an_ip(t)": "CASE WHEN t IS NOT NULL THEN "
    "CAST('Cannot cast value to IPADDRESS: ' || t AS BIGINT) = 0 END",
}

_NUMBERS = {
    # NaN equals nothing on Athena and itself on DuckDB, so it is never made.
    "athena_number(x)": "CASE WHEN isnan(x) THEN CAST(CAST('not a number: guard it with NULLIF or CASE' AS BIGINT) "
    "AS DOUBLE) ELSE x END",
    "athena_ratio(a, b)": "athena_number(CASE WHEN CAST(b AS DOUBLE) = 0 THEN CAST(a AS DOUBLE) * "
    "CAST('Infinity' AS DOUBLE) ELSE CAST(a AS DOUBLE) / CAST(b AS DOUBLE) END)",
    # Athena multiplies, rounds and divides, which makes 2.68 of 2.675; DuckDB since 2.0.1 rounds the exact value.
    "athena_round(x, places)": "CASE WHEN NOT isfinite(x * pow(10, places)) THEN x "
    "ELSE round(x * pow(10, places)) / pow(10, places) END",
    "athena_defined(x)": "CASE WHEN NOT isnan(x) THEN x END",
    "athena_divide(a, b)": "CASE WHEN typeof(a) LIKE 'DECIMAL%' OR typeof(b) LIKE 'DECIMAL%' "
    "THEN a / CAST('decimals are divided otherwise on Athena: cast to double' AS INTEGER) ELSE a / b END",
    "athena_width_bucket(x, low, high, n)": "CAST(CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
    "ELSE floor(CAST(x - low AS DOUBLE) / CAST(high - low AS DOUBLE) * n) + 1 END AS BIGINT)",
    "athena_from_base(t, radix)": "list_reduce(list_transform(string_split(lower(t), ''), lambda athena_c: "
    "CASE WHEN strpos(left('0123456789abcdefghijklmnopqrstuvwxyz', CAST(radix AS INTEGER)), athena_c) > 0 "
    "THEN strpos('0123456789abcdefghijklmnopqrstuvwxyz', athena_c) - 1 "
    "ELSE CAST('Not a valid base number: ' || t AS BIGINT) END), "
    "lambda athena_s, athena_d: athena_s * CAST(radix AS BIGINT) + athena_d, CAST(0 AS BIGINT))",
    "athena_bit_count(x, bits)": "CAST(CASE WHEN bits = 64 THEN bit_count(CAST(x AS BIGINT)) "
    "WHEN x BETWEEN -(CAST(1 AS HUGEINT) << (bits - 1)) AND (CAST(1 AS HUGEINT) << (bits - 1)) - 1 "
    "THEN bit_count(CAST(x AS HUGEINT) & ((CAST(1 AS HUGEINT) << bits) - 1)) "
    "ELSE CAST('Number must be representable with the bits specified: ' || x AS BIGINT) END AS BIGINT)",
    # Athena shifts bits out without an error; the sign bit is where the two engines part, so it is left out.
    "athena_shift_left(x, n, width)": "CASE WHEN n >= width AND x IS NOT NULL THEN 0 "
    "WHEN x < 0 OR x >> (width - 1 - n) > 0 "
    "THEN CAST('The embedded engine does not shift into the sign: ' || x AS BIGINT) "
    "ELSE CAST(x AS BIGINT) << n END",
    "athena_shift_right(x, n, width)": "CASE WHEN x < 0 "
    "THEN CAST('The embedded engine does not shift a negative number: ' || x AS BIGINT) "
    "WHEN n >= width AND x IS NOT NULL THEN 0 ELSE CAST(x AS BIGINT) >> n END",
}

_CASTS = {
    "athena_whole(t)": f"CASE WHEN regexp_full_match(t, '{_WHOLE}') THEN t END",
    "athena_whole_or_fail(t)": f"CASE WHEN regexp_full_match(t, '{_WHOLE}') THEN t "
    "ELSE 'not a whole number: ' || t END",
    "athena_double(t)": f"CASE WHEN regexp_full_match(t, '{_DOUBLE}') THEN rtrim(trim(t), 'fFdD') "
    "WHEN contains(t, 'NaN') THEN CAST(CAST('the embedded engine has no NaN: ' || t AS BIGINT) AS VARCHAR) END",
    "athena_double_or_fail(t)": f"CASE WHEN regexp_full_match(t, '{_DOUBLE}') THEN rtrim(trim(t), 'fFdD') "
    "ELSE 'not a double: ' || t END",
    "athena_decimal(t)": f"CASE WHEN regexp_full_match(t, '{_FRACTION}') THEN t END",
    "athena_decimal_or_fail(t)": f"CASE WHEN regexp_full_match(t, '{_FRACTION}') THEN t "
    "ELSE 'not a decimal: ' || t END",
    "athena_boolean(t)": "CASE WHEN lower(t) IN ('true', 't', '1', 'false', 'f', '0') THEN t END",
    "athena_boolean_or_fail(t)": "CASE WHEN lower(t) IN ('true', 't', '1', 'false', 'f', '0') THEN t "
    "ELSE 'not a boolean: ' || t END",
    "athena_date(t)": f"CASE WHEN regexp_full_match(t, '{_DAY}') THEN ltrim(trim(t), '+') END",
    "athena_date_or_fail(t)": f"CASE WHEN regexp_full_match(t, '{_DAY}') THEN ltrim(trim(t), '+') "
    "ELSE 'not a date: ' || t END",
    "athena_moment(t)": rf"CASE WHEN regexp_full_match(t, '{_MOMENT}') "
    r"THEN regexp_extract(t, '[0-9]+-[0-9]+-[0-9]+( [0-9]+:[0-9:.]+)?') END",
    "athena_moment_or_fail(t)": "CASE WHEN t IS NULL OR athena_moment(t) IS NOT NULL THEN athena_moment(t) "
    "ELSE 'not a timestamp: ' || t END",
    "athena_to_millisecond(ts)": "date_trunc('millisecond', ts + INTERVAL 500 MICROSECOND)",
    # The kind of a column that only DuckDB knows: `typeof` is folded before the first row is read.
    "athena_text(x)": "CASE WHEN regexp_matches(typeof(x), '^(DOUBLE|FLOAT|TIME|DECIMAL)') "
    "THEN CAST(CAST('Athena writes this type otherwise: use format() or date_format()' AS BIGINT) AS VARCHAR) "
    "ELSE CAST(x AS VARCHAR) END",
}

_TEXT = {
    "athena_substr(t, start, n)": "CASE WHEN start = 0 OR n <= 0 OR start < -length(t) THEN substr(t, 1, 0) "
    "ELSE substr(t, start, n) END",
    "athena_substr_from(t, start)": "CASE WHEN start = 0 OR start < -length(t) THEN substr(t, 1, 0) "
    "ELSE substr(t, start) END",
    "athena_split_part(t, sep, i)": "CASE WHEN i < 1 "
    "THEN CAST(CAST('Index must be greater than zero' AS BIGINT) AS VARCHAR) "
    "WHEN split_part(t, sep, i) <> '' THEN split_part(t, sep, i) "
    "WHEN sep IS NOT NULL AND i <= len(string_split(t, sep)) THEN '' END",
    "athena_split(t, sep)": "CASE WHEN sep = '' "
    "THEN string_split(CAST(CAST('The delimiter may not be the empty string' AS BIGINT) AS VARCHAR), sep) "
    "WHEN sep IS NOT NULL THEN string_split(t, sep) END",
    "athena_regexp_split(t, p)": "CASE WHEN p IS NOT NULL THEN regexp_split_to_array(t, p) END",
    "athena_reverse(t)": "array_to_string(list_reverse(string_split(t, '')), '')",
    "athena_trim(t)": f"trim(t, '{_BLANKS}')",
    "athena_ltrim(t)": f"ltrim(t, '{_BLANKS}')",
    "athena_rtrim(t)": f"rtrim(t, '{_BLANKS}')",
    "athena_replace(t, old, new)": "CASE WHEN old = '' "
    "THEN CAST(CAST('The embedded engine replaces no empty text' AS BIGINT) AS VARCHAR) ELSE replace(t, old, new) END",
    "athena_regexp_extract(t, p, g)": "CASE WHEN regexp_matches(t, p) THEN regexp_extract(t, p, g) END",
    "athena_url_decode(t)": "CASE WHEN regexp_full_match(t, '(?s)(?:[^%]|%[0-9A-Fa-f]{2})*') "
    "THEN url_decode(replace(t, '+', ' ')) "
    "WHEN t IS NOT NULL THEN CAST(CAST('Illegal escape: ' || t AS BIGINT) AS VARCHAR) END",
    "athena_url_encode(t)": "replace(replace(replace(url_encode(t), '%20', '+'), '~', '%7E'), '%2A', '*')",
}

_TIME = {
    "athena_instant(x)": "CAST(epoch_ms(CAST(floor(CAST(x AS DOUBLE) * 1000 + 0.5) AS BIGINT)) AS TIMESTAMPTZ)",
    "athena_plus(t, i)": "CASE WHEN typeof(t) = 'DATE' "
    "THEN t + CAST('a date whose type was not known: cast it to date' AS INTERVAL) ELSE t + i END",
    "athena_trunc(unit, t)": "CASE WHEN typeof(t) = 'DATE' "
    "THEN t + CAST('a date whose type was not known: cast it to date' AS INTERVAL) ELSE date_trunc(unit, t) END",
}

_ARRAYS = {
    "athena_item(a, i)": "CASE WHEN i < 1 OR i > len(a) THEN "
    "a[CAST('Array subscript out of bounds: ' || i AS BIGINT)] ELSE a[i] END",
    "athena_entry(m, k)": "CASE WHEN m IS NULL OR map_contains(m, k) THEN m[k] "
    "ELSE map_values(m)[CAST('Key not present in map: ' || k AS BIGINT)] END",
    "athena_contains(a, x)": "CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN TRUE "
    "WHEN list_count(a) < len(a) THEN NULL ELSE FALSE END",
    "athena_position(a, x)": "CASE WHEN a IS NOT NULL AND x IS NOT NULL "
    "THEN CAST(coalesce(list_position(a, x), 0) AS BIGINT) END",
    "athena_distinct(a)": "list_filter(a, lambda athena_x, athena_i: list_position(a, athena_x) = athena_i)",
    "athena_max(a)": "CASE WHEN list_count(a) = len(a) THEN list_max(a) END",
    "athena_min(a)": "CASE WHEN list_count(a) = len(a) THEN list_min(a) END",
    "athena_union(a, b)": "CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN athena_distinct(list_concat(a, b)) END",
    # In the order of the longer array.
    "athena_intersect(a, b)": "CASE WHEN len(a) < len(b) "
    "THEN list_filter(athena_distinct(b), lambda athena_x: list_position(a, athena_x) > 0) "
    "WHEN b IS NOT NULL THEN list_filter(athena_distinct(a), lambda athena_x: list_position(b, athena_x) > 0) END",
    "athena_except(a, b)": "CASE WHEN b IS NOT NULL THEN "
    "list_filter(athena_distinct(a), lambda athena_x: list_position(b, athena_x) IS NULL) END",
    "athena_remove(a, e)": "CASE WHEN e IS NOT NULL "
    "THEN list_filter(a, lambda athena_x: athena_x IS DISTINCT FROM e) END",
    "athena_overlap(a, b)": "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN list_has_any(a, b) THEN TRUE "
    "WHEN len(a) > 0 AND len(b) > 0 AND list_count(a) + list_count(b) < len(a) + len(b) THEN NULL ELSE FALSE END",
    "athena_slice(a, start, n)": "CASE WHEN start = 0 OR n < 0 "
    "THEN a[1:0 * CAST('Invalid slice: ' || start || ', ' || n AS BIGINT)] "
    "WHEN start > 0 THEN a[start:start + n - 1] WHEN start < -len(a) THEN a[1:0] "
    "ELSE a[len(a) + start + 1:len(a) + start + n] END",
    "athena_sequence(a, b)": "CASE WHEN a <= b THEN generate_series(CAST(a AS BIGINT), CAST(b AS BIGINT)) "
    "ELSE generate_series(CAST(a AS BIGINT), CAST(b AS BIGINT), -1) END",
    # Whether any, or all, of the answers of a predicate are true, in three-valued logic.
    "athena_any(a)": "CASE WHEN list_contains(a, TRUE) THEN TRUE WHEN list_count(a) < len(a) THEN NULL "
    "WHEN a IS NOT NULL THEN FALSE END",
    "athena_all(a)": "CASE WHEN list_contains(a, FALSE) THEN FALSE WHEN list_count(a) < len(a) THEN NULL "
    "WHEN a IS NOT NULL THEN TRUE END",
    "athena_map_agg(entries)": "map_from_entries("
    "nullif(list_filter(entries, lambda athena_e: athena_e.k IS NOT NULL), []))",
    "athena_map_concat(a, b)": "CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN map_concat(a, b) END",
    "athena_ranked(items)": "list_transform(items, lambda athena_e: athena_e.v)",
}

MACROS: dict[str, str] = {
    head.partition("(")[0]: f"CREATE OR REPLACE MACRO {head} AS {body}"
    for macros in (_ADDRESSES, _NUMBERS, _CASTS, _TEXT, _TIME, _ARRAYS)
    for head, body in macros.items()
}
"""Name → the statement that makes the macro."""

_CALLED = re.compile(r"athena_\w+", re.IGNORECASE)


def setup(sql: str) -> tuple[str, ...]:
    """What a new DuckDB connection must run for one translated statement: the settings, and the macros it calls."""
    needed: set[str] = set()
    calls = _CALLED.findall(sql)
    while calls:
        name = calls.pop().lower()
        if name in MACROS and name not in needed:
            needed.add(name)
            calls += _CALLED.findall(MACROS[name])
    return (*_SETTINGS, *(macro for name, macro in MACROS.items() if name in needed))
