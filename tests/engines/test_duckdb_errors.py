"""What the embedded engine fails at is told in the words of Athena SQL, with the line and the next step."""

import pytest

from flowsql.engines.duckdb import DuckDBEngine
from flowsql.errors import EngineError
from flowsql.questions import adhoc
from flowsql.reading.store import MemoryStore
from flowsql.session import Flows

OBJECT = b"""\
account-id interface-id srcaddr dstaddr packets bytes start end action log-status
123456789012 eni-0a1b2c3d4e5f67890 10.0.0.5 10.0.0.6 3 120 1795348860 1795348920 ACCEPT OK
123456789012 eni-0a1b2c3d4e5f67890 10.0.0.5 10.0.0.6 4 240 1795348860 1795348920 ACCEPT OK
"""
HOUR = {"since": "2026-11-22T12:00Z", "until": "2026-11-22T13:00Z"}
FLOWS = "FROM {{ flows }}"

AT_RUN_TIME = {
    "CAST(srcaddr AS integer)": ("'10.0.0.5' cannot be cast: it is no whole number", "TRY_CAST gives NULL"),
    "CAST(interface_id AS bigint)": ("'eni-0a1b2c3d4e5f67890' cannot be cast", "TRY_CAST"),
    "CAST(srcaddr AS double)": ("'10.0.0.5' cannot be cast: it is no double", "TRY_CAST"),
    "CAST(srcaddr AS boolean)": ("'10.0.0.5' cannot be cast: it is no boolean", "TRY_CAST"),
    "CAST(srcaddr AS date)": ("'10.0.0.5' cannot be cast: it is no date", "TRY_CAST"),
    "CAST(action AS timestamp)": ("'ACCEPT' cannot be cast: it is no timestamp", "TRY_CAST"),
    "CAST(bytes * 100000000 AS integer)": ("12000000000 does not fit in INTEGER", "TRY_CAST"),
    "CAST(bytes AS decimal(2, 1))": ("120 does not fit in DECIMAL(2,1)", "TRY_CAST"),
    "CAST(1e30 * bytes AS bigint)": ("does not fit in BIGINT", "DOUBLE"),
    "CAST('2026-02-31' AS date)": ("'2026-02-31' is no date there is", "DATE '2026-01-31'"),
    "CAST('2026-02-31 10:00' AS timestamp)": (
        "'2026-02-31 10:00' is no timestamp there is",
        "TIMESTAMP '2026-01-31 10:00'",
    ),
    "bytes / 0": ("division by zero", "NULLIF(…, 0)"),
    "bytes % (packets - packets)": ("division by zero", "NULLIF(…, 0)"),
    "sqrt(-1)": ("a value is not a number", "NULLIF"),
    "bytes + 9223372036854775807": ("120 + 9223372036854775807 is more than BIGINT holds", "AS DOUBLE"),
    "sum(bytes * 4611686018427387904)": ("is more than BIGINT holds", "AS DOUBLE"),
    "sum(9223372036854775807)": ("18446744073709551614 does not fit in BIGINT", "DOUBLE"),
    "split_part(srcaddr, '.', 0)": ("split_part() counts from 1", "1 is the first"),
    "split(srcaddr, '.')[9]": ("the array has no element 9", "element_at(…, 9)"),
    "MAP(ARRAY['a'], ARRAY[1])['b']": ("the map has no key 'b'", "element_at"),
    "MAP(ARRAY['a', 'a'], ARRAY[1, 2])": ("a key is twice in one map", "map_agg"),
    "regexp_like(srcaddr, '[')": ("a pattern is no regular expression: missing ]: [", r"\["),
    "regexp_like(srcaddr, '(?<=1)0')": ("regular expressions have no (?<", "--source"),
    "regexp_replace(srcaddr, '1', '$9')": ("names group 9, and the pattern has 0", "$1"),
    "chr(99999999)": ("there is no character 99999999", "1114111"),
    "date_parse(srcaddr, '%Y')": ("date_parse() cannot read '10.0.0.5'", "TRY(date_parse(…))"),
    "from_unixtime(bytes * 1000000000000)": ("beyond what a timestamp holds", "milliseconds"),
    "date_add('year', 999999, start_time)": ("beyond what a timestamp holds", "seconds"),
    "url_decode('%zz')": ("url_decode() cannot read '%zz'", "TRY(…)"),
    "to_base(bytes, 1)": ("to_base() takes a base from 2 to 36", "16"),
    "ntile(0) OVER (ORDER BY start_time)": ("ntile() takes a number from 1", "quarters"),
    "max_by(srcaddr, bytes, 0)": ("is 1 or more", "leave it out"),
    "sequence(1, 100000000000)": ("more than four billion elements", "less"),
    "(SELECT srcaddr FROM {{ flows }})": ("gives several rows", "LIMIT 1"),
}
AT_BIND_TIME = {
    f"SELECT length(element_at(ARRAY[bytes], 1)) AS x {FLOWS}": ("there is no length(bigint)", "CAST(… AS VARCHAR)"),
    f"SELECT srcaddr {FLOWS} UNION SELECT * FROM (SELECT srcaddr, bytes {FLOWS}) AS f": (
        "different numbers of columns",
        "NULL AS name",
    ),
    f"SELECT srcaddr {FLOWS} WHERE lower(srcaddr) IN (SELECT srcaddr, dstaddr {FLOWS})": (
        "has 2 columns",
        "one of them",
    ),
    f"SELECT a.srcaddr {FLOWS} a JOIN {{{{ flows }}}} a ON a.bytes = 1": ("have the name a", "{{ flows }} AS b"),
    f"SELECT u.x {FLOWS} CROSS JOIN UNNEST(element_at(ARRAY[srcaddr], 1)) AS u(x)": ("UNNEST takes an array", "split"),
    f"SELECT srcaddr LIKE 'a' ESCAPE '!!' AS x {FLOWS}": ("the ESCAPE of LIKE is one character", "ESCAPE '!'"),
    f"SELECT GROUPING(srcaddr) AS x {FLOWS}": ("GROUPING() without GROUP BY", "ROLLUP"),
    f"SELECT srcaddr {FLOWS} LIMIT 99999999999999999999": ("99999999999999999999 does not fit in BIGINT", "922337203"),
    f"SELECT sum(bytes) OVER (ORDER BY start_time RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS x {FLOWS}": (
        "a RANGE over a time is an INTERVAL",
        "INTERVAL '5' MINUTE",
    ),
    f"SELECT lpad(srcaddr, 2000000000, 'x') AS x {FLOWS}": ("more memory than the embedded engine takes", "shorter"),
}
STATEMENTS = {f"SELECT {expression} AS x {FLOWS}": told for expression, told in AT_RUN_TIME.items()} | AT_BIND_TIME
INTERNALS = ("athena_", "flow_log_rows", "INT64", "INT128", "INT32", "Error:", "SET ", "error_on", "//", "LINE 1")


@pytest.fixture(scope="module")
def flows() -> Flows:
    return Flows(DuckDBEngine(MemoryStore({"logs/object.log": OBJECT})))


def _failure(flows: Flows, text: str) -> EngineError:
    with pytest.raises(EngineError) as failed:
        flows.ask(adhoc(text), HOUR)
    return failed.value


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_failure_is_told_in_words_of_the_person(flows: Flows, text: str) -> None:
    failure = _failure(flows, text)
    message, hint = STATEMENTS[text]
    assert message in failure.message
    assert hint in str(failure.hint)
    assert failure.where in ("sql", "sql:1")
    assert failure.where == "sql:1" or "memory" in message
    assert not [word for word in INTERNALS if word in str(failure)]


def test_the_line_is_named_where_one_alone_can_be_meant(flows: Flows) -> None:
    text = f"SELECT\n    CAST(start AS varchar) AS day,\n    CAST(srcaddr AS bigint) AS n,\n    bytes / 0 AS x\n{FLOWS}"
    assert _failure(flows, text).where in ("sql:3", "sql:4")
    assert _failure(flows, text.replace("srcaddr", "start")).where == "sql:4"
    assert _failure(flows, text.replace("bytes / 0", "CAST(dstaddr AS bigint)")).where == "sql"


def test_a_filter_that_fails_is_told_alike(flows: Flows) -> None:
    failure = _failure(flows, f"SELECT srcaddr\n{FLOWS}\nWHERE\n    CAST(interface_id AS bigint) = 1")
    assert failure.where == "sql:4"
    assert "cannot be cast" in failure.message


def test_a_long_value_is_cut(flows: Flows) -> None:
    failure = _failure(flows, f"SELECT CAST(lpad(srcaddr, 5000, 'x') AS bigint) AS n {FLOWS}")
    assert "xxx…" in failure.message
    assert len(failure.message) < 150
