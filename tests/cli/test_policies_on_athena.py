"""`flowsql policy` against something that evaluates IAM: what it prints suffices, and nothing of it is too much."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from flowsql.sample import write_sample
from tests.cli.conftest import UNTIL, Ended, Flowsql
from tests.stack.aws import Stack
from tests.stack.permissions import Asked, like

pytestmark = pytest.mark.trino

WINDOW = ["--since", "2026-11-22T11:00Z/PT1H"]
RUN = ("run", "rejected-ssh", *WINDOW)
PORTS = ("sql", "SELECT srcport FROM {{ flows }} ORDER BY srcport", *WINDOW)
UNLOAD = (*PORTS, "--results", "unload")
COMMANDS = {
    "run": RUN,
    "test": ("source", "test"),
    "estimate": ("estimate", "rejected-ssh", *WINDOW),
    "unload": UNLOAD,
}
NEVER_ASKED = {
    ("Catalogue", "athena:GetDataCatalog"): "Athena itself asks, for a statement that names its data catalogue",
    ("ReadTable", "glue:GetDatabase"): "Athena asks for the database of a table, and for `default`; Trino for neither",
    ("ReadTable", "glue:GetPartition"): "Athena asks for one partition by its values; Trino for all of a predicate",
    ("LakeFormation", "lakeformation:GetDataAccess"): "there is no Lake Formation here",
    ("FindLogs", "s3:GetBucketLocation"): "Athena asks for the region of the data; Trino is told it",
    ("LogsKey", "kms:Decrypt"): "nothing is encrypted here",
    ("ResultsKey", "kms:Decrypt"): "nothing is encrypted here",
    ("ResultsKey", "kms:GenerateDataKey"): "nothing is encrypted here",
    ("FindResults", "s3:ListBucketMultipartUploads"): "only large results are written in parts",
    ("Results", "s3:ListMultipartUploadParts"): "only large results are written in parts",
    ("Results", "s3:AbortMultipartUpload"): "only large results are written in parts",
}
"""What the policies grant by statement and action and the local AWS never asks for, and why AWS does."""

ASKED_ELSEWHERE = {
    ("Ask", "athena:StopQueryExecution"),
    ("ReadTable", "glue:GetPartitions"),
    ("ReadTable", "glue:BatchGetPartition"),
}
"""What needs a query that is stopped, or a table of registered partitions: other tests have them."""

FLOW_LOGS_REGION = "eu-south-2"
"""No other test makes flow logs there: DescribeFlowLogs tells all of a region."""
KEYS = [
    *("--logs-key", "arn:aws:kms:us-east-1:123456789012:key/logs"),
    *("--results-key", "arn:aws:kms:us-east-1:123456789012:key/results", "--lake-formation"),
]
Policy = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Flow logs in one bucket, room for results in another, a name for a database; and who is bound by policies."""

    owner: Stack
    caller: Stack
    logs: str
    results: str
    database: str
    analyst: Policy = field(default_factory=dict)
    """What `flowsql policy analyst` printed, once it did."""

    @property
    def logs_at(self) -> str:
        """The place of the flow logs."""
        return f"s3://{self.logs}/vpc/"

    @property
    def results_at(self) -> str:
        """The place for results."""
        return f"s3://{self.results}/answers/"

    @property
    def table(self) -> str:
        """The name of the table."""
        return f"{self.database}.flow_logs"

    def drop_table(self) -> None:
        """Take the table away again, with the rights of the owner."""
        client = self.owner.client("glue")
        client.delete_table(DatabaseName=self.database, Name="flow_logs")
        client.close()

    @contextmanager
    def flow_log(self) -> Iterator[str]:
        """A flow log that delivers to the logs, for a while; its id."""
        client = self.owner.client("ec2", FLOW_LOGS_REGION)
        vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = client.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{self.logs}/vpc/",
        )
        yield made["FlowLogIds"][0]
        client.delete_flow_logs(FlowLogIds=made["FlowLogIds"])
        client.close()

    def newest(self) -> str:
        """The newest object of the logs."""
        client = self.owner.client("s3")
        keys = [each["Key"] for each in client.list_objects_v2(Bucket=self.logs)["Contents"]]
        client.close()
        return f"s3://{self.logs}/{max(keys)}"

    def bind(self, policy: Policy, without: str = "") -> None:
        """Order a policy, without one of its statements, or one of its actions (of one statement: `Sid action`)."""
        kept = [
            {
                **each,
                "Action": [action for action in each["Action"] if without not in (action, f"{each['Sid']} {action}")],
            }
            for each in policy["Statement"]
            if each["Sid"] != without
        ]
        self.caller.order_policy(
            {**policy, "Statement": kept}, buckets=[self.logs, self.results], databases=[self.database]
        )


Sites = Callable[..., Site]
Become = Callable[[Site], Site]


@pytest.fixture(scope="module")
def sites(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    """Makes the site of a name once, with two buckets of its own; what else is told makes the sample."""
    caller = replace(stack, access_key=f"{stack.access_key}-caller")
    made: dict[str, Site] = {}

    def make(name: str, **sample: Any) -> Site:
        if name in made:
            return made[name]
        folder = tmp_path_factory.mktemp("sample") / "logs"
        write_sample(folder, until=UNTIL, version=5, hours=1, rate=0.1, **sample)
        database = stack.fresh_name(name).replace("-", "_")
        made[name] = Site(stack, caller, stack.bucket(), stack.bucket("results"), database)
        client = stack.client("s3")
        for path in folder.rglob("*_vpcflowlogs_*"):
            key = f"vpc/{path.relative_to(folder).as_posix()}"
            client.put_object(Bucket=made[name].logs, Key=key, Body=path.read_bytes())
        client.close()
        return made[name]

    return make


@pytest.fixture
def bound(local_aws: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Become]:
    """Makes the commands of a test those of a site's caller, and the site the source that is asked."""
    callers: list[Stack] = []

    def become(site: Site) -> Site:
        callers.append(site.caller)
        for name, value in site.caller.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("FLOWSQL_CACHE_BYTES", "0")
        Path("flowsql.toml").write_text(
            f'default_source = "prod"\n[source.prod]\nengine = "athena"\ndatabase = "{site.database}"\n'
            f'table = "flow_logs"\noutput = "{site.results_at}"\nreuse = "off"\n'
        )
        return site

    yield become
    for caller in callers:
        caller.clear_faults()
        caller.clear_policy()


@pytest.fixture
def prod(sites: Sites, bound: Become, flowsql: Flowsql) -> Site:
    """A site with its table, as whose caller every command is run; no policy binds it yet."""
    site = bound(sites("network"))
    described = flowsql("table", "describe", site.table)
    if described.code != 0:
        succeed(flowsql, *create(site))
    return site


def create(site: Site, *more: str) -> tuple[str, ...]:
    named = ("--table", site.table, "--results", site.results_at)
    return ("table", "create", site.logs_at, *named, "--create-database", "--yes", *more)


def succeed(flowsql: Flowsql, *arguments: object) -> Ended:
    ended = flowsql(*arguments)
    assert ended.code == 0, ended.err
    return ended


def policy_of(flowsql: Flowsql, who: str, *facts: str) -> Policy:
    policy: Policy = json.loads(succeed(flowsql, "policy", who, *facts).out)
    return policy


def analyst_of(site: Site, flowsql: Flowsql) -> Policy:
    """The policy of who asks a site, printed once."""
    if not site.analyst:
        site.analyst.update(policy_of(flowsql, "analyst", *KEYS))
    return site.analyst


def refused(site: Site) -> list[Asked]:
    return [asked for asked in site.caller.asked() if not asked.allowed]


def grants(policy: Policy) -> dict[tuple[str, str], list[str]]:
    """The resources of each statement's actions."""
    return {
        (statement["Sid"], action): statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }


def unasked(policy: Policy, asked: Iterable[Asked]) -> set[tuple[str, str]]:
    """What a policy grants, by statement and action, that nothing asked for."""
    seen = {(each.action, each.resource) for each in asked if each.allowed}
    return {
        (sid, action)
        for (sid, action), resources in grants(policy).items()
        if not any(action == name and like(pattern, arn) for name, arn in seen for pattern in resources)
    }


def test_setup_makes_tables_and_proves_them(flowsql: Flowsql, sites: Sites, bound: Become) -> None:
    asked: list[Asked] = []

    def make(site: Site, *more: str) -> None:
        site.bind(policy_of(flowsql, "setup", "--logs-at", site.logs_at, *KEYS))
        succeed(flowsql, *create(site, *more))
        succeed(flowsql, "table", "verify", site.table, "--results", site.results_at)

    default, hive = sites("made"), sites("hive", layout="hive")
    make(bound(default))
    succeed(flowsql, "table", "detect", default.logs_at)
    succeed(flowsql, "table", "ddl", default.logs_at, "--table", default.table)
    succeed(flowsql, "table", "list", "--database", default.database)
    succeed(flowsql, "table", "describe", default.table)
    asked.extend(default.caller.asked())
    default.drop_table()
    succeed(flowsql, *create(default, "--registered"))
    asked.extend(default.caller.asked())
    make(bound(hive), "--registered")
    succeed(flowsql, *UNLOAD)
    asked.extend(hive.caller.asked())
    hive.bind(policy_of(flowsql, "setup", *KEYS))
    with hive.flow_log() as flow_log:
        assert flow_log in succeed(flowsql, "table", "detect", "--aws-region", FLOW_LOGS_REGION).out
    asked.extend(hive.caller.asked())
    assert [each for each in asked if not each.allowed] == []
    assert unasked(policy_of(flowsql, "setup", *KEYS), asked) == NEVER_ASKED.keys() | {
        ("Ask", "athena:StopQueryExecution")
    }


def test_an_analyst_asks(flowsql: Flowsql, prod: Site, tmp_path: Path) -> None:
    policy = analyst_of(prod, flowsql)
    prod.bind(policy)
    assert "29 fields" in succeed(flowsql, "source", "test").out
    succeed(flowsql, "table", "describe", prod.table)
    succeed(flowsql, "estimate", "rejected-ssh", *WINDOW)
    succeed(flowsql, *RUN, "--dry-run")
    ran = succeed(flowsql, *RUN, "--format", "csv")
    query_id = json.loads(succeed(flowsql, "history", "--format", "json").out)[0]["query_id"]
    assert succeed(flowsql, "fetch", query_id, "--format", "csv").out == ran.out
    assert "removed the last record" in succeed(flowsql, *RUN, "--port", "2222").err
    earlier = succeed(flowsql, "run", "rejected-ssh", "--since", "2026-10-22T09:00Z/PT3H")
    assert "the newest object is s3://" in earlier.err
    as_csv, unloaded = (succeed(flowsql, *PORTS, "--results", way, "--format", "csv").out for way in ("csv", "unload"))
    assert as_csv == unloaded
    (tmp_path / "ports.sql").write_text("SELECT srcport FROM {{ flows }}")
    assert "1 also by prod" in succeed(flowsql, "check", "ports.sql", "--source", "prod").err
    assert refused(prod) == []
    assert unasked(policy, prod.caller.asked()) == NEVER_ASKED.keys() | ASKED_ELSEWHERE


def test_an_analyst_stops_a_query(
    prod: Site, flowsql: Flowsql, program: Callable[..., "subprocess.Popen[bytes]"]
) -> None:
    prod.bind(analyst_of(prod, flowsql))
    prod.caller.fault("slow", seconds=60, times=1)
    process = program(*RUN)
    until = time.monotonic() + 60
    while "athena:GetQueryExecution" not in {each.action for each in prod.caller.asked()}:
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "athena:StopQueryExecution" in {each.action for each in prod.caller.asked()}
    assert refused(prod) == []


def test_the_embedded_engine_reads(flowsql: Flowsql, prod: Site) -> None:
    for place in (prod.logs_at, prod.logs_at.rstrip("/"), f"{prod.logs_at}AWSLogs/123456789012/", prod.newest()):
        where = ("--logs", place, "--s3-region", prod.owner.region)
        policy = policy_of(flowsql, "analyst", *where)
        prod.bind(policy)
        succeed(flowsql, *RUN, *where)
        assert refused(prod) == []
        assert unasked(policy, prod.caller.asked()) == set()


def test_a_table_that_is_not_there_is_not_called_forbidden(flowsql: Flowsql, sites: Sites, bound: Become) -> None:
    site = bound(sites("never"))
    site.bind(policy_of(flowsql, "analyst", "--logs-at", site.logs_at))
    ended = flowsql(*RUN)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert "there is no table 'flow_logs'" in ended.err


@pytest.mark.parametrize(
    ("missing", "arguments", "code", "told"),
    [
        ("Ask", "test", 3, "may not athena:StartQueryExecution"),
        ("athena:GetQueryExecution", "run", 3, "may not athena:GetQueryExecution"),
        ("athena:GetQueryResults", "run", 3, "may not athena:GetQueryResults"),
        ("athena:GetWorkGroup", "run", 0, ""),
        ("ReadTable", "run", 3, "may not glue:GetTable"),
        ("ListLogs", "estimate", 3, "may not s3:ListBucket"),
        ("ListLogs", "run", 3, "allow s3:GetObject and s3:ListBucket on their bucket"),
        ("ReadLogs", "run", 3, "allow s3:GetObject and s3:ListBucket on their bucket"),
        ("FindResults", "run", 3, "cannot be written to {results}/\n  hint: allow s3:GetBucketLocation, "),
        ("ListResults", "unload", 3, "may not s3:ListBucket"),
        (
            "Results",
            "run",
            3,
            "cannot be written to {results}\n  hint: allow s3:GetBucketLocation, s3:ListBucket, s3:Put",
        ),
        ("Results s3:GetObject", "run", 3, "the results may not be read"),
        ("s3:DeleteObject", "unload", 0, "note: what UNLOAD wrote stays at {results}/flowsql-unload/"),
    ],
)
def test_an_analyst_without(flowsql: Flowsql, prod: Site, missing: str, arguments: str, code: int, told: str) -> None:
    prod.bind(analyst_of(prod, flowsql), missing)
    ended = flowsql(*COMMANDS[arguments])
    assert ended.code == code, ended.err
    assert told.format(results=prod.results_at.rstrip("/")) in ended.err
    assert refused(prod)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("FindTables", "may not glue:GetDatabases"),
        ("ListLogs", "may not s3:ListBucket"),
        ("ReadLogs", "may not s3:GetObject"),
        ("glue:CreateDatabase", "may not glue:CreateDatabase"),
        ("glue:CreateTable", "may not glue:CreateTable"),
        ("glue:BatchCreatePartition", "may not glue:BatchCreatePartition"),
        ("FindFlowLogs", "may not ec2:DescribeFlowLogs"),
    ],
)
def test_setup_without(flowsql: Flowsql, sites: Sites, bound: Become, missing: str, told: str) -> None:
    site = bound(sites("never"))
    site.bind(policy_of(flowsql, "setup", "--logs-at", site.logs_at), missing)
    ended = flowsql(*create(site, "--registered")) if missing != "FindFlowLogs" else flowsql("table", "detect")
    assert ended.code == 3, ended.err
    assert told in ended.err
