"""What goes wrong at Athena, through the real command line: one clear line, the next step, nothing left running."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowsql.cases import Case, objects
from flowsql.fields import DEFAULT_FORMAT
from flowsql.window import Window
from tests.engines.conftest import Place

pytestmark = pytest.mark.trino
SINCE, UNTIL = datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
COLUMNS = tuple(name.replace("-", "_") for name in DEFAULT_FORMAT)
RECORDS = tuple({"srcport": str(40000 + number), "bytes": str(number * 100)} for number in range(1, 6))
LOGS = objects(Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS, (), (), ()), RECORDS)
WINDOW = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat())
ASK = ("sql", "SELECT COUNT(*) AS n\nFROM {{ flows }}", *WINDOW, "-f", "csv")
STATES = ("SUCCEEDED", "FAILED", "CANCELLED")


class Prod:
    """A table of five records, a bucket for results, a workgroup of the test's own, and the program that asks there."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.stack, self.folder = place.stack, folder
        self._started: list[Any] = []
        self.athena = place.stack.client("athena")
        self.said = {
            "database": place.database,
            "table": place.stack.fresh_name("logs").replace("-", "_"),
            "workgroup": place.stack.fresh_name("own"),
            "output": f"s3://{place.bucket}/results/",
            "reuse": "off",
        }
        place.table(self.said["table"], COLUMNS, LOGS)
        self.athena.create_work_group(
            Name=self.said["workgroup"], Configuration={"EnforceWorkGroupConfiguration": False}
        )

    def start(self, *arguments: str) -> Any:
        """The real command line, in a folder with this source."""
        lines = "".join(f'{key} = "{value}"\n' for key, value in self.said.items() if value)
        told = f'default_source = "prod"\n[source.prod]\nengine = "athena"\n{lines}'
        (self.folder / "flowsql.toml").write_text(told)
        environ: Mapping[str, str] = {**os.environ, **self.stack.environment}
        command = [sys.executable, "-c", "from flowsql.cli.app import main; main()", *(arguments or ASK)]
        process = subprocess.Popen(
            command, cwd=self.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """End what a test that failed left running."""
        for process in self._started:
            process.kill()
            process.communicate()
        self.athena.close()

    def ask(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def history(self) -> list[dict[str, Any]]:
        """What the program remembers, the newest first."""
        entries: list[dict[str, Any]] = json.loads(self.ask("history", "-f", "json", "--full")[1])
        return entries

    def executions(self) -> list[str]:
        """The executions of the workgroup."""
        return list(self.athena.list_query_executions(WorkGroup=self.said["workgroup"])["QueryExecutionIds"])

    def started(self) -> str:
        """The one execution of the workgroup, once there is one."""
        for _ in range(600):
            if found := self.executions():
                return found[0]
            time.sleep(0.05)
        raise AssertionError("the query was not started")

    def state(self, query_id: str) -> str:
        """The state of an execution."""
        return str(self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"])


@pytest.fixture
def prod(place: Place, tmp_path: Path) -> Iterator[Prod]:
    """The place, asked by the program."""
    made = Prod(place, tmp_path)
    yield made
    made.close()


def check_told(prod: Prod, ended: tuple[int, str, str], code: int, *told: str) -> None:
    """One error with its next step, after notes perhaps; no rows, no traceback, nothing that runs."""
    returned, out, err = ended
    assert (returned, out) == (code, ""), err
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if not line.startswith("note: ")]
    assert [line.split(":")[0].strip() for line in lines] == ["flowsql", "hint"], err
    for text in told:
        assert text in err
    assert {prod.state(each) for each in prod.executions()} <= set(STATES)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttled", "times": 2, "operation": "StartQueryExecution"},
        {"kind": "throttled", "times": 2, "operation": "GetQueryExecution"},
        {"kind": "throttled", "times": 2, "operation": "GetQueryResults"},
        {"kind": "too_many_queries", "times": 2},
        {"kind": "slow", "seconds": 1.0, "state": "QUEUED", "times": 1},
        {"kind": "hanging_answer", "seconds": 1.0, "operation": "StartQueryExecution", "times": 1},
    ],
)
def test_what_passes_is_waited_out(prod: Prod, fault: dict[str, Any]) -> None:
    prod.stack.fault(**fault)
    code, out, err = prod.ask()
    assert (code, out) == (0, "n\n5\n"), err
    assert len(prod.executions()) == 1


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("output", "s3://no-such-bucket-anywhere/", "the results cannot be written"),
        ("workgroup", "nobodys", "there is no workgroup"),
        ("output", "", "has nowhere to write results"),
    ],
)
def test_a_source_that_cannot_be_asked_does_not_pass_its_test(prod: Prod, key: str, value: str, told: str) -> None:
    code, out, err = prod.ask("source", "test", "prod")
    assert (code, err) == (0, "")
    assert out.endswith("Ask it: flowsql run rejected-ssh --last 1h --source prod\n")
    prod.said[key] = value
    code, out, err = prod.ask("source", "test", "prod")
    assert code in (2, 3)
    assert told in err
    assert "hint: " in err
    assert "Ask it" not in out


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "throttled", "operation": "StartQueryExecution"}, "Athena is asked too often (Rate exceeded)"),
        ({"kind": "too_many_queries"}, "Athena takes no more queries now: the active-query quota is used up"),
    ],
)
def test_what_is_waited_for_long_is_told_once(prod: Prod, fault: dict[str, Any], told: str) -> None:
    prod.stack.fault(**fault)
    process = prod.start()
    first = process.stderr.readline()
    time.sleep(1)
    prod.stack.clear_faults()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, first) == (0, "n\n5\n", f"note: {told}; waiting, for 5 min at most\n")
    assert "waiting" not in err


@pytest.mark.parametrize(
    ("reason", "code", "told"),
    [
        ("HIVE_BAD_DATA: bad value in s3://b/k.gz", 4, "s3://b/k.gz"),
        ("Query exhausted resources at this scale factor", 1, "more than Athena gives"),
        ("TYPE_MISMATCH: line 2:6: no", 2, "sql:2: Athena refuses the query: no"),
        ("Query cancelled! : Bytes scanned limit was exceeded", 1, "what workgroup"),
        ("TABLE_NOT_FOUND: line 2:6: Table 'a.b.c' does not exist", 2, "`flowsql table list --database"),
        ("GENERIC_INTERNAL_ERROR: nothing known", 1, "AWS support wants the query id"),
        ("ExpiredTokenException: The security token included in the request is expired", 3, "aws sso login"),
    ],
)
def test_a_query_that_fails(prod: Prod, reason: str, code: int, told: str) -> None:
    prod.stack.fault("failed", reason=reason, times=1)
    check_told(prod, prod.ask(), code, told)
    (entry,) = prod.history()
    assert ([entry["query_id"]], entry["exit"], entry["rows"]) == (prod.executions(), code, None)
    assert (entry["bytes"], entry["dollars"]) == (0, 0.0)


def test_what_failed_half_way_is_remembered_with_its_price(prod: Prod) -> None:
    check_told(prod, prod.ask("sql", "SELECT 1 / (srcport - srcport) AS n FROM {{ flows }}", *WINDOW), 1, "Division")
    (entry,) = prod.history()
    assert [entry["query_id"]] == prod.executions()
    assert entry["bytes"] is not None
    assert (entry["dollars"] > 0) == (entry["bytes"] > 0)


def test_expired_credentials(prod: Prod) -> None:
    prod.stack.fault("expired")
    ended = prod.ask()
    prod.stack.clear_faults()
    check_told(prod, ended, 3, "have expired", "`aws sso login`")


def test_credentials_that_expire_while_the_query_runs(prod: Prod) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    process = prod.start()
    query_id = prod.started()
    prod.stack.fault("expired")
    out, err = process.communicate(timeout=30)
    prod.stack.clear_faults()
    assert (process.returncode, out) == (3, "")
    assert err.startswith(f"could not stop query {query_id}: it may go on, and is billed\nflowsql: ")
    assert "have expired\n  hint: `aws sso login`" in err
    prod.athena.stop_query_execution(QueryExecutionId=query_id)


def test_a_query_that_cannot_be_watched_is_stopped(prod: Prod) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    process = prod.start()
    query_id = prod.started()
    prod.stack.fault("refused", operation="GetQueryExecution", times=1)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    assert err.startswith(f"stopped query {query_id}; what it had scanned is billed\nflowsql: ")
    assert "allow athena:GetQueryExecution on " in err
    assert prod.state(query_id) == "CANCELLED"


def test_a_bucket_of_logs_that_is_denied(prod: Prod, place: Place) -> None:
    own = Place(place.stack)
    own.table("denied", COLUMNS, LOGS)
    prod.said |= {"database": own.database, "table": "denied"}
    prod.stack.fault("denied", bucket=own.bucket)
    check_told(prod, prod.ask(), 3, "the flow logs may not be read", "s3:GetObject", own.bucket)


@pytest.mark.parametrize("results", [(), ("--results", "unload")])
def test_a_bucket_of_results_that_is_denied(prod: Prod, results: tuple[str, ...]) -> None:
    bucket = prod.stack.bucket("results")
    prod.said["output"] = f"s3://{bucket}/answers/"
    prod.stack.fault("denied", bucket=bucket)
    check_told(prod, prod.ask(*ASK, *results), 3, "the results cannot be written", "s3:PutObject", bucket)


def test_a_bucket_of_results_in_another_region(prod: Prod) -> None:
    bucket = prod.stack.fresh_name("results")
    where = {"LocationConstraint": "eu-west-1"}
    prod.stack.client("s3", "eu-west-1").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    prod.said["output"] = f"s3://{bucket}/answers/"
    told = f"the results bucket s3://{bucket}/answers/ is in another region than the query"
    check_told(prod, prod.ask(), 3, told, "a bucket in the workgroup's region")


def test_a_bucket_of_results_that_is_not_there(prod: Prod) -> None:
    prod.said["output"] = "s3://there-is-no-such-bucket/answers/"
    check_told(prod, prod.ask(), 3, "the results cannot be written", "there-is-no-such-bucket")


def test_nowhere_to_write_results(prod: Prod) -> None:
    prod.said["output"] = ""
    check_told(prod, prod.ask(), 3, "has nowhere to write results", "output = ")


def test_a_cutoff_that_the_question_exceeds(prod: Prod, place: Place) -> None:
    limit = {"BytesScannedCutoffPerQuery": 10_000_000}
    prod.athena.update_work_group(WorkGroup=prod.said["workgroup"], ConfigurationUpdates=limit)
    key = f"{prod.said['table']}/{next(iter(LOGS))}.more"
    place.s3.put_object(Bucket=place.bucket, Key=key, Body=gzip.compress(os.urandom(11_000_000)))
    check_told(prod, prod.ask(), 5, "stops a query at", "a shorter window")
    assert prod.executions() == []


def test_a_table_a_database_and_a_workgroup_that_are_not_there(prod: Prod) -> None:
    right = dict(prod.said)
    for key, told in (
        ("table", "`flowsql table list --database"),
        ("database", "databases: "),
        ("workgroup", "`aws athena list-work-groups`"),
    ):
        prod.said = right | {key: "nobodys"}
        returned, out, err = prod.ask()
        assert (returned, out, "nobodys" in err, told in err) == (2, "", True, True), err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("state", "sent", "code", "word"),
    [
        ("QUEUED", signal.SIGINT, 130, "interrupted"),
        ("RUNNING", signal.SIGINT, 130, "interrupted"),
        ("RUNNING", signal.SIGTERM, 143, "terminated"),
        ("RUNNING", signal.SIGHUP, 129, "hung up"),
    ],
)
def test_a_signal_stops_the_query_and_says_so(prod: Prod, state: str, sent: int, code: int, word: str) -> None:
    prod.stack.fault("slow", seconds=60, state=state, times=1)
    process = prod.start()
    query_id = prod.started()
    process.send_signal(sent)
    _, told = process.communicate(timeout=30)
    assert process.returncode == code
    assert told == f"stopped query {query_id}; what it had scanned is billed\n{word}\n"
    assert prod.state(query_id) == "CANCELLED"
    (entry,) = prod.history()
    assert (entry["exit"], entry["rows"], entry["query_id"], entry["bytes"]) == (code, None, query_id, 0)
    assert (entry["dollars"], entry["elapsed"] > 0, len(entry["sql_sha256"])) == (0.0, True, 64)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_that_is_sent_twice_still_stops_the_query(prod: Prod, sent: int, code: int) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    prod.stack.fault("hanging", seconds=2, operation="StopQueryExecution", times=1)
    process = prod.start()
    query_id = prod.started()
    for _ in range(2):
        process.send_signal(sent)
        time.sleep(0.3)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told.splitlines()[0]) == (
        code,
        f"stopped query {query_id}; what it had scanned is billed",
    )
    assert prod.state(query_id) == "CANCELLED"


def test_ctrl_c_while_the_start_is_not_answered(prod: Prod) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    prod.stack.fault("hanging_answer", seconds=20, operation="StartQueryExecution", times=1)
    process = prod.start()
    query_id = prod.started()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=15)
    assert (process.returncode, f"stopped query {query_id}" in told) == (130, True)
    assert prod.executions() == [query_id]


def test_ctrl_c_is_not_held_by_a_network_that_hangs(prod: Prod) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    prod.stack.fault("hanging", seconds=30, operation="StopQueryExecution", times=1)
    process = prod.start()
    query_id = prod.started()
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == f"could not stop query {query_id}: it may go on, and is billed\ninterrupted\n"
    assert time.monotonic() - began < 12
    assert [entry["query_id"] for entry in prod.history()] == [query_id]
    prod.athena.stop_query_execution(QueryExecutionId=query_id)


def test_ctrl_c_stops_the_question_of_a_proof_too(prod: Prod) -> None:
    prod.stack.fault("slow", seconds=60, times=1)
    options = ("--workgroup", prod.said["workgroup"], "--results", prod.said["output"])
    process = prod.start("table", "verify", f"{prod.said['database']}.{prod.said['table']}", *options)
    query_id = prod.started()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == f"stopped query {query_id}; what it had scanned is billed\ninterrupted\n"
    assert prod.state(query_id) == "CANCELLED"


def test_faults_while_a_table_is_proved(prod: Prod) -> None:
    verify = ("table", "verify", f"{prod.said['database']}.{prod.said['table']}")
    verify = (*verify, "--workgroup", prod.said["workgroup"], "--results", prod.said["output"])
    prod.stack.fault("throttled", operation="StartQueryExecution", times=2)
    code, out, _ = prod.ask(*verify)
    assert (code, "ok     rows: 5 in the newest day" in out) == (0, True), out
    prod.stack.fault("failed", reason="HIVE_BAD_DATA: bad value in s3://b/k.gz", times=1)
    code, out, err = prod.ask(*verify)
    assert (code, "WRONG  rows: an object is not what the table says (s3://b/k.gz)" in out) == (1, True), out + err
    returned, _, err = prod.ask(*verify[:-1], "s3://there-is-no-such-bucket/")
    assert (returned, "the results cannot be written to s3://there-is-no-such-bucket/" in err) == (3, True), err
