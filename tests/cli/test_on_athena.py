"""Estimate, budget, history and fetch on Athena: what was said before is what was scanned after."""

import json
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from flowsql.caching import cache_folder
from flowsql.sample import write_sample
from tests.cli.conftest import UNTIL, Flowsql
from tests.stack.aws import Stack

pytestmark = pytest.mark.trino

WINDOW = ["--since", "2026-11-22T09:00Z/PT3H"]


@pytest.fixture
def prod(local_aws: Stack, tmp_path: Path, flowsql: Flowsql) -> str:
    """A source over flow logs in a bucket; the bucket of its results."""
    write_sample(tmp_path / "logs", until=UNTIL, version=5, rate=0.3)
    bucket, results = local_aws.bucket(), local_aws.bucket("results")
    client = local_aws.client("s3")
    for path in (tmp_path / "logs").rglob("*_vpcflowlogs_*"):
        client.put_object(Bucket=bucket, Key=path.relative_to(tmp_path / "logs").as_posix(), Body=path.read_bytes())
    client.close()
    database = local_aws.fresh_name("network").replace("-", "_")
    made = flowsql(
        *("table", "create", f"s3://{bucket}/", "--table", f"{database}.flow_logs", "--create-database", "--yes"),
        *("--results", f"s3://{results}/made/"),
    )
    assert made.code == 0, made.err
    (tmp_path / "flowsql.toml").write_text(
        f'default_source = "prod"\n[source.prod]\nengine = "athena"\ndatabase = "{database}"\ntable = "flow_logs"\n'
        f'output = "s3://{results}/answers/"\nbudget = 0.01\n'
    )
    return results


def test_the_estimate_is_what_is_scanned_and_the_answer_is_fetched_again(
    flowsql: Flowsql, prod: str, tmp_path: Path
) -> None:
    estimated = json.loads(flowsql("estimate", "rejected-ssh", *WINDOW, "--format", "json").out)[0]
    ran = flowsql("run", "rejected-ssh", *WINDOW, "--format", "csv", "--receipt", tmp_path / "r.json")
    assert ran.code == 0, ran.err
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert estimated["bytes"] == receipt["bytes_read"] > 0
    assert estimated["dollars"] == receipt["dollars"] == 0.00005
    entry = json.loads(flowsql("history", "--full", "--format", "json").out)[0]
    kept = (entry["source"], entry["query_id"], entry["bytes"], entry["dollars"], entry["rows"])
    assert kept == ("prod", receipt["query_id"], receipt["bytes_read"], receipt["dollars"], receipt["rows"])
    again = flowsql("fetch", receipt["query_id"], "--format", "csv")
    assert (again.code, again.out) == (0, ran.out)
    assert again.err.endswith("; nothing was scanned\n")


def test_what_was_unloaded_is_fetched_again(flowsql: Flowsql, prod: str, local_aws: Stack, tmp_path: Path) -> None:
    """Athena keeps no rows of an UNLOAD: this machine does, until they have to make room."""
    sql = "SELECT srcport, ARRAY[bytes, NULL] AS a, DATE '2026-11-22' AS d FROM {{ flows }} ORDER BY srcport"
    ask = ("sql", sql, *WINDOW, "--results", "unload")
    ran = flowsql(*ask, "-o", tmp_path / "first.parquet")
    assert ran.code == 0, ran.err
    entry = json.loads(flowsql("history", "--format", "json").out)[0]
    assert entry["kept"] == "here"
    again = flowsql("fetch", entry["query_id"], "-o", tmp_path / "again.parquet")
    assert again.code == 0, again.err
    first, second = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("first", "again"))
    assert second.equals(first)
    assert second.schema.field("a").type == pa.list_(pa.int64())
    (kept,) = (cache_folder() / "answers").iterdir()
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(kept.parent.stat().st_mode)) == (0o600, 0o700)
    kept.unlink()
    assert json.loads(flowsql("history", "--format", "json").out)[0]["kept"] == "no"
    gone = flowsql("fetch", entry["query_id"])
    assert (gone.code, gone.out) == (2, "")
    assert "were unloaded, and are not kept on this machine\n  hint: run the question again; " in gone.err


def test_an_answer_that_is_not_kept_says_so(flowsql: Flowsql, prod: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWSQL_ANSWERS_BYTES", "0")
    ran = flowsql("sql", "SELECT srcport FROM {{ flows }}", *WINDOW, "--results", "unload")
    assert ran.code == 0, ran.err
    assert "note: the unloaded rows are not kept: `flowsql fetch` cannot give them again" in ran.err
    assert json.loads(flowsql("history", "--format", "json").out)[0]["kept"] == "no"


def test_what_came_as_csv_is_fetched_with_its_types(flowsql: Flowsql, prod: str, tmp_path: Path) -> None:
    sql = """SELECT srcport, ARRAY[bytes, NULL] AS a, MAP(ARRAY['x'], ARRAY[bytes]) AS m,
        CAST(ROW(1, 'x') AS ROW("a*/""b" bigint, b varchar)) AS r FROM {{ flows }} ORDER BY srcport LIMIT 5"""
    ran = flowsql("sql", sql, *WINDOW, "--results", "csv", "-o", tmp_path / "first.parquet")
    assert ran.code == 0, ran.err
    entry = json.loads(flowsql("history", "--format", "json").out)[0]
    assert entry["kept"] == "athena"
    again = flowsql("fetch", entry["query_id"], "-o", tmp_path / "again.parquet")
    assert again.code == 0, again.err
    first, second = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("first", "again"))
    assert second.equals(first)
    assert second.schema.field("a").type == pa.list_(pa.int64())


def test_the_fetch_of_what_left_no_rows(flowsql: Flowsql, prod: str, local_aws: Stack) -> None:
    local_aws.fault("failed", reason="HIVE_BAD_DATA: bad value", times=1)
    assert flowsql("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", *WINDOW).code == 4
    failed = json.loads(flowsql("history", "--format", "json").out)[0]
    told = flowsql("fetch", failed["query_id"])
    assert (told.code, told.out) == (1, "")
    assert f"flowsql: query {failed['query_id']} failed and left no rows: an object is not what " in told.err
    client = local_aws.client("athena")
    local_aws.fault("slow", seconds=60, times=1)
    started = client.start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{prod}/answers/"}
    )
    client.stop_query_execution(QueryExecutionId=started["QueryExecutionId"])
    client.close()
    told = flowsql("fetch", started["QueryExecutionId"])
    assert (told.code, told.out) == (1, "")
    assert "was cancelled and left no rows: " in told.err
    assert "\n  hint: run the question again; `flowsql history --full` shows its window and parameters\n" in told.err


def test_beyond_the_budget_athena_is_not_asked(flowsql: Flowsql, prod: str, local_aws: Stack, tmp_path: Path) -> None:
    client = local_aws.client("athena")
    group = local_aws.fresh_name("own")
    client.create_work_group(Name=group, Configuration={"EnforceWorkGroupConfiguration": False})
    with (tmp_path / "flowsql.toml").open("a") as file:
        file.write(f'workgroup = "{group}"\n')
    ended = flowsql("run", "rejected-ssh", *WINDOW, "--max-bytes", "10KB")
    assert (ended.code, ended.out) == (5, "")
    assert "no window does: the least that is read is 24 h" in ended.err
    path = tmp_path / "flowsql.toml"
    path.write_text(path.read_text().replace("budget = 0.01", "budget = 0.00001"))
    ended = flowsql("run", "rejected-ssh", *WINDOW)
    assert ended.code == 5
    assert "for $0.000050, and $0.000010 is allowed" in ended.err
    assert flowsql("run", "rejected-ssh", *WINDOW, "--dry-run").code == 5
    assert client.list_query_executions(WorkGroup=group)["QueryExecutionIds"] == []
    client.close()


def test_a_dry_run_shows_what_would_be_sent(flowsql: Flowsql, prod: str) -> None:
    ended = flowsql("run", "rejected-ssh", *WINDOW, "--dry-run")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("WITH flows AS (SELECT ")
    assert "\"day\" = '2026/11/22'" in ended.out
    assert "\n  partitions: \"day\" = '2026/11/22'\n  s3://" in ended.err


def test_an_unknown_execution(flowsql: Flowsql, prod: str) -> None:
    ended = flowsql("fetch", "00000000-0000-0000-0000-000000000000")
    assert (ended.code, ended.out) == (2, "")
    assert "00000000-0000-0000-0000-000000000000" in ended.err


def test_the_policy_is_made_for_what_is_there(flowsql: Flowsql, prod: str) -> None:
    ended = flowsql("policy", "analyst")
    assert ended.code == 0, ended.err
    assert f"arn:aws:s3:::{prod}/answers/*" in ended.out
    assert "arn:aws:athena:us-east-1:123456789012:workgroup/primary" in ended.out
    assert flowsql("source", "test").out.count("VPC flow logs: 29 fields") == 1


def test_the_policy_of_a_workgroup_that_is_not_there(flowsql: Flowsql, prod: str, tmp_path: Path) -> None:
    path = tmp_path / "flowsql.toml"
    said = "".join(line for line in path.read_text().splitlines(True) if not line.startswith("output"))
    path.write_text(f'{said}workgroup = "nobodys"\n')
    ended = flowsql("policy", "analyst")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(
        "flowsql: workgroup nobodys: there is no workgroup 'nobodys' here\n  hint: `aws athena "
    )
