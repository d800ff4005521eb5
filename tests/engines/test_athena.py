"""Athena through its API: every type by both ways, what a receipt says, what is left of it."""

import gzip
import os
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from flowsql.cases import Case, objects
from flowsql.errors import OverBudget
from flowsql.fields import DEFAULT_FORMAT
from flowsql.window import Window
from tests.engines.conftest import Place

pytestmark = pytest.mark.trino
SINCE, UNTIL = datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
HOUR = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
COLUMNS = tuple(name.replace("-", "_") for name in DEFAULT_FORMAT)
RECORDS = tuple({"srcport": str(40000 + number), "bytes": str(number * 100)} for number in range(1, 6))
EVERY_TYPE = """
    SELECT
        srcport AS i, bytes AS b, '007' AS digits, '' AS empty, CAST(NULL AS varchar) AS n, 'a "b", c' AS quoted,
        1.5e0 AS f, DECIMAL '12.50' AS d, true AS t, DATE '2026-11-22' AS day, start_time AS at,
        from_unixtime(0, 'Asia/Tokyo') AS tokyo, CAST('10.0.0.1' AS ipaddress) AS ip, ARRAY['a, b', NULL, ''] AS list,
        MAP(ARRAY['x'], ARRAY[CAST(9007199254740993 AS bigint)]) AS m,
        CAST(ROW(1, 'é') AS ROW(a bigint, b varchar)) AS r, X'00ff' AS bin, CAST(NULL AS varbinary) AS nobin,
        REAL '0.1' AS re, ARRAY[REAL '0.1'] AS res
    FROM {{ flows }}
    ORDER BY i DESC
"""


@pytest.fixture
def table(place: Place) -> str:
    """Five records in one hour."""
    name = place.stack.fresh_name("logs").replace("-", "_")
    case = Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS, (), (), ())
    place.table(name, COLUMNS, objects(case, RECORDS))
    return name


def test_every_type_arrives_alike_by_both_ways(place: Place, table: str) -> None:
    by_csv, by_unload = (place.athena(table, results=way).sql(EVERY_TYPE, **HOUR) for way in ("csv", "unload"))
    for frame in (by_csv, by_unload):
        first = frame.iloc[0].to_dict()
        assert frame["i"].tolist() == [40005, 40004, 40003, 40002, 40001]
        assert (first["digits"], first["empty"], first["quoted"], first["ip"]) == ("007", "", 'a "b", c', "10.0.0.1")
        assert frame["n"].isna().all()
        assert (first["list"], first["m"], first["r"]) == (
            ["a, b", None, ""],
            {"x": 9007199254740993},
            {"a": 1, "b": "é"},
        )
        assert first["tokyo"] == datetime(1970, 1, 1, tzinfo=UTC)
        assert (first["bin"], first["nobin"]) == (b"\x00\xff", None)
        assert (first["re"], first["res"]) == (0.10000000149011612, [0.10000000149011612])
    assert by_csv.dtypes.astype(str).to_dict() == by_unload.dtypes.astype(str).to_dict()
    assert str(by_csv.dtypes["b"]) == "Int64"
    assert by_csv.map(str).equals(by_unload.map(str))


def test_bytes_are_alike_everywhere_and_fetched_again(place: Place, table: str) -> None:
    sql = "SELECT X'00ff' AS bin, sha256(to_utf8('a')) AS h, X'' AS nothing, COUNT(*) AS n FROM {{ flows }}"
    frames = [
        *(place.athena(table, results=way).sql(sql, **HOUR) for way in ("csv", "unload")),
        place.trino(table).sql(sql, **HOUR),
    ]
    for frame in frames:
        assert frame["bin"].tolist() == [b"\x00\xff"]
        assert frame["h"].tolist() == [sha256(b"a").digest()]
        assert frame["nothing"].tolist() == [b""]
    fetched = place.athena(table).engine.fetch(frames[0].receipt.query_id)  # type: ignore[attr-defined]
    assert fetched.rows.to_pylist()[0]["bin"] == b"\x00\xff"


def test_a_sketch_is_bytes_and_its_question_is_not_lost(place: Place, table: str) -> None:
    sql = "SELECT approx_set(srcport) AS ports FROM {{ flows }}"
    found = [
        *(place.athena(table, results=way).sql(sql, **HOUR)["ports"].tolist() for way in ("csv", "unload")),
        place.trino(table).sql(sql, **HOUR)["ports"].tolist(),
    ]
    assert found[0] == found[1] == found[2]
    assert isinstance(found[0][0], bytes)


@pytest.mark.parametrize(
    ("order", "ports"),
    [
        ("bytes * -1, srcport", [40005, 40004, 40003, 40002]),
        ("end_time DESC, srcport + 0 DESC", [40005, 40004, 40003, 40002]),
        ("a DESC", [40005, 40004, 40003, 40002]),
        ("CAST('10.0.0.1' AS ipaddress), -srcport", [40005, 40004, 40003, 40002]),
        ("if(bytes > 300, NULL, bytes) NULLS FIRST, 1 DESC", [40005, 40004, 40001, 40002]),
    ],
)
def test_nested_values_are_typed_in_whatever_order(place: Place, table: str, order: str, ports: list[int]) -> None:
    sql = f"SELECT srcport, ARRAY[bytes, NULL] AS a FROM {{{{ flows }}}} ORDER BY {order} LIMIT 4"
    frame = place.athena(table).sql(sql, **HOUR)
    assert frame["srcport"].tolist() == ports
    assert [list(each) for each in frame["a"]] == [[port % 100 * 100, None] for port in ports]
    assert not any("came as text" in note for note in frame.receipt.notes)


def test_nested_values_of_which_the_order_is_not_known_come_as_text_and_say_so(place: Place, table: str) -> None:
    sql = "SELECT srcport AS bytes, ARRAY[bytes] AS a FROM {{ flows }} ORDER BY bytes + 1"
    receipt = place.athena(table).sql(sql, **HOUR).receipt
    assert any(note.startswith("column a is an array and came as text") for note in receipt.notes)


def test_an_unload_leaves_nothing_behind(place: Place, table: str) -> None:
    flows = place.athena(table, results="unload")
    assert flows.sql("SELECT srcport FROM {{ flows }}", **HOUR).receipt.results_route == "unload"
    left = place.s3.list_objects_v2(Bucket=place.bucket, Prefix="results/flowsql-unload/")
    assert left["KeyCount"] == 0


def test_the_receipt_of_a_remote_answer(place: Place, table: str) -> None:
    frame = place.athena(table).sql("SELECT COUNT(*) AS n FROM {{ flows }}", **HOUR)
    receipt = frame.receipt
    assert frame["n"].tolist() == [5]
    assert (receipt.engine, receipt.workgroup, receipt.reused) == ("athena", "primary", False)
    assert receipt.query_id
    assert receipt.bytes_read
    assert receipt.dollars == pytest.approx(0.00005)
    assert (receipt.objects_opened, receipt.records_in_window, receipt.rejected) == (None, None, None)
    again = place.athena(table).sql("SELECT COUNT(*) AS n FROM {{ flows }}", **HOUR).receipt
    assert (again.reused, again.dollars) == (True, 0.0)
    fetched = place.athena(table).engine.fetch(receipt.query_id)  # type: ignore[attr-defined]
    assert fetched.rows.to_pylist() == [{"n": 5}]


def test_no_rows_are_explained_as_on_the_embedded_engine(place: Place, table: str) -> None:
    receipt = (
        place.athena(table, explains=True)
        .sql("SELECT srcaddr FROM {{ flows }} WHERE bytes > 100 AND dstport = 9", **HOUR)
        .receipt
    )
    told = receipt.why_empty.splitlines()
    assert told[0] == "`dstport = 9` removed the last record."
    assert [line.split()[0] for line in told[1:4]] == ["5", "4", "0"]
    later = {"since": "2026-11-24T10:00Z", "until": "2026-11-24T11:00Z"}
    empty = place.athena(table, explains=True).sql("SELECT srcaddr FROM {{ flows }}", **later).receipt.why_empty
    assert "no object" in empty
    assert "the newest object is" in empty


def test_the_workgroup_s_cutoff_is_read_and_respected(place: Place, table: str) -> None:
    athena = place.stack.client("athena")
    group = place.stack.fresh_name("small")
    athena.create_work_group(Name=group, Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    flows = place.athena(table, workgroup=group)
    assert flows.sql("SELECT COUNT(*) AS n FROM {{ flows }}", **HOUR)["n"].tolist() == [5]
    noise = os.urandom(11_000_000)
    key = next(iter(objects(Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS[:1], (), (), ()), RECORDS[:1])))
    place.s3.put_object(Bucket=place.bucket, Key=f"{table}/{key}.more", Body=gzip.compress(noise))
    with pytest.raises(OverBudget, match="stops a query at"):
        place.athena(table, workgroup=group).sql("SELECT COUNT(*) AS n FROM {{ flows }}", **HOUR)
