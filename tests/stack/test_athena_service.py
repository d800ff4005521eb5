"""The Athena API's own rules: workgroups, tokens, pages, reuse, cutoff, stop, UNLOAD."""

import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyathena import connect
from pyathena.pandas.cursor import PandasCursor

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino

SLOW = (
    "SELECT count(*) FROM UNNEST(sequence(1, 9999)) a(x), UNNEST(sequence(1, 9999)) b(y), UNNEST(sequence(1, 99)) c(z)"
)


class Athena:
    """boto3's Athena client with a bucket for results."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.bucket = stack.bucket("results")
        self.location = f"s3://{self.bucket}/q/"
        self.client = stack.client("athena")

    def start(self, sql: str, **members: Any) -> str:
        """StartQueryExecution → the id."""
        members.setdefault("ResultConfiguration", {"OutputLocation": self.location})
        return str(self.client.start_query_execution(QueryString=sql, **members)["QueryExecutionId"])

    def get(self, query_id: str) -> dict[str, Any]:
        """GetQueryExecution."""
        found: dict[str, Any] = self.client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        return found

    def run(self, sql: str, **members: Any) -> dict[str, Any]:
        """Start and wait for the end."""
        return self.wait(self.start(sql, **members))

    def wait(self, query_id: str, *states: str) -> dict[str, Any]:
        """Wait until it is in one of the states, the final ones unless given."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = self.get(query_id)
            if found["Status"]["State"] in (states or ("SUCCEEDED", "FAILED", "CANCELLED")):
                return found
            time.sleep(0.02)
        raise AssertionError(f"still {found['Status']}")

    def object(self, location: str) -> bytes:
        """The object at an s3:// location."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        body: bytes = self.stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


@pytest.fixture
def athena(local_aws: Stack) -> Athena:
    """A client of the local Athena."""
    return Athena(local_aws)


def refused(code: str, match: str) -> Any:
    """An API call that is refused with this code."""
    return pytest.raises(ClientError, match=rf"\({code}\).*{match}")


def test_states_statistics_and_the_csv_as_athena_writes_it(athena: Athena) -> None:
    done = athena.run("""SELECT 'a "b"' AS q, '' AS e, NULL AS n, ARRAY[1, NULL] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m,
        CAST(ROW('x', 2) AS ROW(s varchar, i integer)) AS r, ROW(1, true) AS u, TIMESTAMP '2026-11-22 10:00:00' AS t,
        TIMESTAMP '2026-11-22 10:00:00.5 UTC' AS z, 1e10 AS d, 0.5e0 AS h, X'00ff' AS b, JSON '{"k": 1}' AS j,
        CAST('10.0.0.1' AS ipaddress) AS i""")
    assert done["Status"]["State"] == "SUCCEEDED"
    assert (done["StatementType"], done["SubstatementType"]) == ("DML", "SELECT")
    location = done["ResultConfiguration"]["OutputLocation"]
    assert location == f"{athena.location}{done['QueryExecutionId']}.csv"
    header, row = athena.object(location).decode().splitlines()
    assert header == '"q","e","n","a","m","r","u","t","z","d","h","b","j","i"'
    assert row == (
        '"a ""b""","",,"[1, null]","{k=1}","{s=x, i=2}","{field0=1, field1=true}","2026-11-22 10:00:00.000",'
        '"2026-11-22 10:00:00.500 UTC","1.0E10","0.5","00 ff","{""k"":1}","10.0.0.1"'
    )
    assert athena.object(f"{location}.metadata")
    assert done["Statistics"]["TotalExecutionTimeInMillis"] >= done["Statistics"]["EngineExecutionTimeInMillis"]


def test_results_come_in_pages(athena: Athena) -> None:
    query = athena.run("SELECT x FROM UNNEST(sequence(1, 2500)) t(x) ORDER BY x")["QueryExecutionId"]
    pages = list(athena.client.get_paginator("get_query_results").paginate(QueryExecutionId=query))
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]
    rows = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert rows == ["x", *map(str, range(1, 2501))]
    few = athena.client.get_query_results(QueryExecutionId=query, MaxResults=2)
    assert len(few["ResultSet"]["Rows"]) == 2
    with refused("InvalidRequestException", "MaxResults"):
        athena.client.get_query_results(QueryExecutionId=query, MaxResults=1001)


def test_a_token_begins_one_query(athena: Athena) -> None:
    token = str(uuid.uuid4())
    first = athena.start("SELECT 1", ClientRequestToken=token)
    assert athena.start("SELECT 1", ClientRequestToken=token) == first
    with refused("InvalidRequestException", "Idempotent"):
        athena.start("SELECT 2", ClientRequestToken=token)


def test_what_the_api_refuses(athena: Athena) -> None:
    unknown = str(uuid.uuid4())
    with refused("InvalidRequestException", "was not found"):
        athena.get(unknown)
    batch = athena.client.batch_get_query_execution(QueryExecutionIds=[unknown])
    assert batch["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == unknown
    with refused("InvalidRequestException", "No output location"):
        athena.start("SELECT 1", ResultConfiguration={})
    with refused("InvalidRequestException", "output bucket"):
        athena.start("SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket-here/"})
    with refused("InvalidRequestException", "WorkGroup nope is not found"):
        athena.start("SELECT 1", WorkGroup="nope")
    with refused("InvalidRequestException", "262144"):
        athena.start(f"SELECT '{'é' * 131_072}'")
    failed = athena.run("SELECT * FROM nowhere")
    assert failed["Status"]["AthenaError"]["ErrorCategory"] == 2
    assert failed["Status"]["StateChangeReason"].startswith("TABLE_NOT_FOUND: line 1:15:")
    with refused("InvalidRequestException", "did not finish successfully"):
        athena.client.get_query_results(QueryExecutionId=failed["QueryExecutionId"])


def test_a_workgroup_decides_where_results_go(athena: Athena) -> None:
    name = athena.stack.fresh_name("group")
    own = f"s3://{athena.bucket}/group/"
    configuration = {"ResultConfiguration": {"OutputLocation": own}, "EnforceWorkGroupConfiguration": True}
    athena.client.create_work_group(Name=name, Configuration=configuration)
    enforced = athena.run("SELECT 1", WorkGroup=name)
    assert enforced["ResultConfiguration"]["OutputLocation"].startswith(own)
    athena.client.update_work_group(WorkGroup=name, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    assert athena.run("SELECT 1", WorkGroup=name)["ResultConfiguration"]["OutputLocation"].startswith(athena.location)
    listed = athena.client.list_query_executions(WorkGroup=name)["QueryExecutionIds"]
    assert listed[1] == enforced["QueryExecutionId"]
    assert name in {group["Name"] for group in athena.client.list_work_groups()["WorkGroups"]}


def test_managed_results_have_no_location(athena: Athena) -> None:
    name = athena.stack.fresh_name("managed")
    configuration = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    athena.client.create_work_group(Name=name, Configuration=configuration)
    done = athena.run("SELECT 1 AS one", WorkGroup=name, ResultConfiguration={})
    assert "ResultConfiguration" not in done
    page = athena.client.get_query_results(QueryExecutionId=done["QueryExecutionId"])
    assert page["ResultSet"]["Rows"][1]["Data"] == [{"VarCharValue": "1"}]


def test_stop_stops_the_query_on_trino(athena: Athena) -> None:
    query = athena.start(SLOW)
    athena.wait(query, "RUNNING")
    athena.client.stop_query_execution(QueryExecutionId=query)
    assert athena.get(query)["Status"]["State"] == "CANCELLED"
    running = f"SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' AND query = '{SLOW}'"
    deadline = time.monotonic() + 10
    while athena.stack.trino(running).rows != [[0]]:
        assert time.monotonic() < deadline, "it still runs on Trino"
        time.sleep(0.2)


def test_a_result_is_reused_by_age(athena: Athena) -> None:
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}

    def reused(sql: str) -> bool:
        done = athena.run(sql, ResultReuseConfiguration=reuse)
        assert done["Status"]["State"] == "SUCCEEDED"
        return bool(done["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"])

    assert not reused("SELECT 1 AS one")
    assert reused("SELECT  1 AS one -- again")
    assert not reused("SELECT 1 AS two")
    for never in ("SELECT 1 AS x LIMIT 1", "SELECT rand() AS x"):
        assert not reused(never)
        assert not reused(never)


def test_the_cutoff_cancels_what_scans_more(athena: Athena) -> None:
    database = athena.stack.database()
    s3 = athena.stack.client("s3")
    lines = (b"x" * 1_000_000 + b"\n") * 4
    for part in range(3):
        s3.put_object(Bucket=athena.bucket, Key=f"big/{part}", Body=lines)
    ddl = f"CREATE EXTERNAL TABLE {database}.big (line string) LOCATION 's3://{athena.bucket}/big/'"
    assert athena.run(ddl)["Status"]["State"] == "SUCCEEDED"
    group = athena.stack.fresh_name("bounded")
    athena.client.create_work_group(Name=group, Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    done = athena.run(f"SELECT max(line) FROM {database}.big", WorkGroup=group)
    assert done["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in done["Status"]["StateChangeReason"]
    assert done["Statistics"]["DataScannedInBytes"] > 10_000_000


def test_unload_writes_parquet_and_a_manifest(athena: Athena) -> None:
    target = f"s3://{athena.bucket}/unloaded/"
    sql = f"""UNLOAD (SELECT x, 'a)' AS y, TIMESTAMP '2026-11-22 10:00:00.000' AS t FROM UNNEST(ARRAY[1, 2, 3]) u(x))
        TO '{target}' WITH (format = 'PARQUET', compression = 'SNAPPY')"""
    done = athena.run(sql)
    assert done["Status"]["State"] == "SUCCEEDED", done["Status"]
    assert done["SubstatementType"] == "UNLOAD"
    files = athena.object(done["Statistics"]["DataManifestLocation"]).decode().split()
    assert files
    assert all(file.startswith(target) for file in files)
    again = athena.run(sql)
    assert again["Status"]["StateChangeReason"].startswith("HIVE_PATH_ALREADY_EXISTS")
    wrong = athena.run(f"UNLOAD (\nSELECT nope) TO '{target}x/' WITH (format = 'PARQUET')")
    assert wrong["Status"]["StateChangeReason"].startswith("COLUMN_NOT_FOUND: line 2:8:")


def test_a_cursor_reads_what_it_unloads(athena: Athena) -> None:
    cursor = connect(s3_staging_dir=athena.location, poll_interval=0.02).cursor(
        PandasCursor, unload=True, engine="pyarrow"
    )
    frame = cursor.execute("SELECT x, CAST(x AS varchar) AS y FROM UNNEST(sequence(1, 100)) t(x)").as_pandas()
    assert sorted(frame["x"]) == list(range(1, 101))


def test_parameters_are_literals(athena: Athena) -> None:
    done = athena.run("SELECT '?' AS q, x FROM (VALUES 'a', 'b') t(x) WHERE x = ?", ExecutionParameters=["'b'"])
    assert done["Status"]["State"] == "SUCCEEDED", done["Status"]
    rows = athena.client.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert [cell["VarCharValue"] for cell in rows[1]["Data"]] == ["?", "b"]
