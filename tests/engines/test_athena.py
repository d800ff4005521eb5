"""Athena through its API: every type by both ways, what a receipt says, what goes wrong and what is left of it."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
        CAST(ROW(1, 'é') AS ROW(a bigint, b varchar)) AS r
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
    assert by_csv.dtypes.astype(str).to_dict() == by_unload.dtypes.astype(str).to_dict()
    assert str(by_csv.dtypes["b"]) == "Int64"
    assert by_csv.map(str).equals(by_unload.map(str))


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


def run(place: Place, table: str, folder: Path, *arguments: str, wait: bool = True, workgroup: str = "primary") -> Any:
    """The real command line, in a folder with a source."""
    source = f'engine = "athena"\ndatabase = "{place.database}"\ntable = "{table}"\n'
    source += f'output = "s3://{place.bucket}/results/"\nreuse = "off"\nworkgroup = "{workgroup}"\n'
    (folder / "flowsql.toml").write_text(f'default_source = "prod"\n[source.prod]\n{source}')
    command = [sys.executable, "-c", "from flowsql.cli.app import main; main()", *arguments]
    environ: Mapping[str, str] = {**os.environ, **place.stack.environment}
    if not wait:
        return subprocess.Popen(
            command, cwd=folder, env=environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def started(athena: Any, group: str) -> set[str]:
    """The executions of a workgroup, once there is one."""
    for _ in range(600):
        if found := set(athena.list_query_executions(WorkGroup=group)["QueryExecutionIds"]):
            return found
        time.sleep(0.1)
    raise AssertionError("the query was not started")


ASK = ("sql", "SELECT COUNT(*) AS n\nFROM {{ flows }}", "--since", HOUR["since"], "--until", HOUR["until"], "-f", "csv")


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        ({"kind": "throttled", "times": 2, "operation": "StartQueryExecution"}, 0, ""),
        ({"kind": "too_many_queries", "times": 2}, 0, ""),
        ({"kind": "expired"}, 3, "have expired"),
        ({"kind": "failed", "reason": "HIVE_BAD_DATA: bad value in s3://b/k.gz"}, 4, "s3://b/k.gz"),
        ({"kind": "failed", "reason": "Query exhausted resources at this scale factor"}, 1, "more than Athena gives"),
        ({"kind": "failed", "reason": "TYPE_MISMATCH: line 2:6: no"}, 2, "sql:2: Athena refuses the query: no"),
    ],
)
def test_faults_on_the_command_line(
    place: Place, table: str, tmp_path: Path, fault: dict[str, Any], code: int, told: str
) -> None:
    members = dict(fault)
    place.stack.fault(members.pop("kind"), **members)
    done = run(place, table, tmp_path, *ASK)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ("n\n5\n" if code == 0 else "")


@pytest.fixture
def group(place: Place) -> str:
    """A workgroup of this test's own: its executions are those of no other test."""
    name = place.stack.fresh_name("own")
    place.stack.client("athena").create_work_group(Name=name, Configuration={"EnforceWorkGroupConfiguration": False})
    return name


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
def test_ctrl_c_stops_the_query_and_says_so(place: Place, table: str, tmp_path: Path, group: str, state: str) -> None:
    place.stack.fault("slow", seconds=60, state=state, times=1)
    athena = place.stack.client("athena")
    process = run(place, table, tmp_path, *ASK, wait=False, workgroup=group)
    (query_id,) = started(athena, group)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (
        130,
        f"stopped query {query_id}; what it had scanned is billed\ninterrupted\n",
    )
    execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    assert execution["Status"]["State"] == "CANCELLED"


def test_ctrl_c_while_the_start_is_not_answered(place: Place, table: str, tmp_path: Path, group: str) -> None:
    place.stack.fault("slow", seconds=60, times=1)
    place.stack.fault("hanging_answer", seconds=20, operation="StartQueryExecution", times=1)
    athena = place.stack.client("athena")
    process = run(place, table, tmp_path, *ASK, wait=False, workgroup=group)
    (query_id,) = started(athena, group)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=15)
    assert (process.returncode, f"stopped query {query_id}" in told) == (130, True)


def test_ctrl_c_is_not_held_by_a_network_that_hangs(place: Place, table: str, tmp_path: Path, group: str) -> None:
    place.stack.fault("slow", seconds=60, times=1)
    place.stack.fault("hanging", seconds=40, operation="StopQueryExecution", times=1)
    athena = place.stack.client("athena")
    process = run(place, table, tmp_path, *ASK, wait=False, workgroup=group)
    (query_id,) = started(athena, group)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (
        130,
        f"could not stop query {query_id}: it may go on, and is billed\ninterrupted\n",
    )
    assert time.monotonic() - began < 12
    athena.stop_query_execution(QueryExecutionId=query_id)
