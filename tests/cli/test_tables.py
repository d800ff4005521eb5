"""`flowsql table …` against a local Glue and S3; what asks Athena is tried with Trino behind it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from moto.server import ThreadedMotoServer

from flowsql.fields import VPC_FIELDS
from flowsql.sample.writer import write_sample

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(scope="module", autouse=True)
def _service_models_read_once() -> Iterator[None]:
    """boto3 reads megabytes of JSON for every session; the sessions of one process may share them."""
    reader = JSONFileLoader()
    read = lru_cache(maxsize=None)(reader.load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def aws(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket `flows` with a sample, an empty catalogue."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)
    urlopen(Request(f"{server}/moto-api/reset", method="POST")).close()
    write_sample(tmp_path / "logs", until=datetime(2026, 11, 1, 1, tzinfo=UTC), hours=2, rate=0.01)
    client = boto3.client("s3")
    client.create_bucket(Bucket="flows")
    for path in (tmp_path / "logs").rglob("*_vpcflowlogs_*"):
        client.put_object(Bucket="flows", Key=path.relative_to(tmp_path / "logs").as_posix(), Body=path.read_bytes())
    yield client
    client.close()


def test_detect(flowsql: Any) -> None:
    done = flowsql("table", "detect", "s3://flows/")
    assert done.code == 0, done.err
    assert "records    VPC flow logs as text, default keys, daily folders" in done.out
    assert "lies at    s3://flows/AWSLogs/${account}/vpcflowlogs/${region}/" in done.out
    assert "accounts   123456789012\nregions    us-east-1" in done.out
    assert "since      2026-10-31, newest folder 2026-11-01\n" in done.out
    assert "saved questions; the others need next-hop-az-id\n" in done.out
    assert done.err == "Next: flowsql table create s3://flows/ --create-database\n"


def test_detect_as_data(flowsql: Any) -> None:
    done = flowsql("table", "detect", "s3://flows/AWSLogs/", "-f", "json")
    (row,) = json.loads(done.out)
    assert row["location"] == "s3://flows/AWSLogs/${account}/vpcflowlogs/${region}/"
    assert (row["accounts"], row["first"], len(row["columns"])) == (["123456789012"], "2026-10-31", 29)


def test_detect_without_flow_logs(flowsql: Any) -> None:
    done = flowsql("table", "detect")
    assert done.code == 3
    assert "this account has no flow logs in this region" in done.err
    assert flowsql("table", "detect", "s3://flows/AWSLogs/nothing/").code == 3


def test_what_describe_flow_logs_tells(flowsql: Any, aws: Any) -> None:
    client = boto3.client("ec2")
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    flow_log = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "REJECT"}
    client.create_flow_logs(**flow_log, LogDestinationType="s3", LogDestination="arn:aws:s3:::flows")
    client.close()
    done = flowsql("table", "detect")
    assert done.code == 0, done.err
    assert "no object seen yet" in done.out
    assert "captures only REJECT" in done.err
    made, *_ = re.findall(r"flow logs +(fl-\w+)", done.out)
    # The sample's flow log has other fields, and delivered to the same folder.
    refused = flowsql("table", "create", "--table", "net.logs", "--flow-log", made)
    assert (refused.code, "with other fields, so columns would shift" in refused.err) == (2, True)
    assert "choose: --flow-log" in flowsql("table", "ddl", "--table", "net.logs").err


def test_a_flow_log_that_has_delivered_nothing_yet(flowsql: Any, aws: Any) -> None:
    client = boto3.client("ec2")
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    flow_log = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogDestinationType": "s3"}
    aws.create_bucket(Bucket="fresh")
    client.create_flow_logs(**flow_log, LogDestination="arn:aws:s3:::fresh")
    client.close()
    ddl = flowsql("table", "ddl", "--table", "net.logs")
    assert "`log_status` string\n)" in ddl.out
    assert "not known" not in ddl.err


def test_ddl(flowsql: Any) -> None:
    done = flowsql("table", "ddl", "s3://flows/", "--table", "Net.Logs", "--since", "2026-11-01", "--inject", "account")
    assert done.code == 0, done.err
    assert done.out.startswith("CREATE EXTERNAL TABLE `net`.`logs` (\n    `version` int,\n    `account_id` string,")
    assert "'projection.day.range' = '2026/11/01,NOW'" in done.out
    assert "'projection.aws_account.type' = 'injected'" in done.out
    assert done.out.endswith(");\n")
    assert done.err == "Next: flowsql table create s3://flows/ --table net.logs\n"


def test_registered_partitions(flowsql: Any) -> None:
    done = flowsql("table", "ddl", "s3://flows/", "--registered")
    assert "projection" not in done.out
    assert (
        "    PARTITION (`aws_account` = '123456789012', `aws_region` = 'us-east-1', `day` = '2026/10/31') "
        "LOCATION 's3://flows/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/10/31/'\n" in done.out
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ddl", "s3://flows/", "--table", "logs"), "'logs' names no table"),
        (("ddl", "s3://flows/", "--inject", "vpc"), "--inject vpc is not possible"),
        (("ddl", "s3://flows/", "--flow-log", "fl-9"), "there is no flow log 'fl-9' here"),
        (("create", "s3://flows/", "--table", "net.logs"), "there is no database 'net' in the Glue Data Catalog"),
        (("create", "s3://flows/", "--table", "net.logs", "--create-database"), "nobody is there to ask"),
        (("describe", "net.logs"), "there is no database 'net'"),
        (("list",), "no table of the Glue Data Catalog holds flow logs"),
    ],
)
def test_mistakes(flowsql: Any, arguments: tuple[str, ...], message: str) -> None:
    done = flowsql("table", *arguments)
    assert done.code == 2
    assert message in done.err


def stored(day: str) -> dict[str, Any]:
    """The sample's table as Glue has it, with another first day."""
    kinds = {"srcport": "int", "dstport": "int", "protocol": "int", "version": "int", "tcp_flags": "int"}
    kinds |= {"traffic_path": "int", "packets": "bigint", "bytes": "bigint", "start": "bigint", "end": "bigint"}
    columns = [field.column for field in VPC_FIELDS if field.version <= 5]
    projection = {
        "projection.enabled": "true",
        "projection.aws_account.type": "enum",
        "projection.aws_account.values": "123456789012",
        "projection.aws_region.type": "enum",
        "projection.aws_region.values": "us-east-1",
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": f"{day},NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": "s3://flows/AWSLogs/${aws_account}/vpcflowlogs/${aws_region}/${day}/",
        "skip.header.line.count": "1",
    }
    return {
        "Name": "logs",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": projection,
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in ("aws_account", "aws_region", "day")],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kinds.get(name, "string")} for name in columns],
            "Location": "s3://flows/AWSLogs/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
        },
    }


@pytest.fixture
def glue() -> Iterator[Any]:
    client = boto3.client("glue")
    client.create_database(DatabaseInput={"Name": "net"})
    yield client
    client.close()


def test_a_table_that_exists_is_never_hidden(flowsql: Any, glue: Any) -> None:
    glue.create_table(DatabaseName="net", TableInput=stored("2026/10/31"))
    done = flowsql("table", "create", "s3://flows/", "--table", "net.logs")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("net.logs exists, defined as it should be.\n")
    glue.update_table(DatabaseName="net", TableInput=stored("2020/01/01"))
    done = flowsql("table", "create", "s3://flows/", "--table", "net.logs", "--yes")
    assert done.code == 2
    assert done.err == (
        "flowsql: there is a table net.logs already, and it is defined otherwise\n"
        "  hint: choose another name with --table, or drop it first (its objects stay)\n"
        "  projection.day.range: there is 2020/01/01,NOW, wanted is 2026/10/31,NOW\n"
    )


def test_list_and_describe(flowsql: Any, glue: Any) -> None:
    glue.create_table(DatabaseName="net", TableInput=stored("2026/10/31"))
    other = stored("2026/10/31") | {"Name": "trail"}
    other["StorageDescriptor"] = other["StorageDescriptor"] | {"Columns": [{"Name": "eventname", "Type": "string"}]}
    glue.create_table(DatabaseName="net", TableInput=other)
    done = flowsql("table", "list", "-f", "json")
    (row,) = json.loads(done.out)
    assert (row["table"], row["partitions"]) == ("net.logs", "aws_account, aws_region, day")
    assert done.err == "Next: flowsql table describe net.logs\n"
    done = flowsql("table", "describe", "net.logs", "-f", "json")
    rows = json.loads(done.out)
    assert rows[-1]["means"] == "partition: date, date yyyy/MM/dd 2026/10/31,NOW"
    assert flowsql("table", "describe", "net.trail").code == 3


def test_a_table_that_is_wrong(flowsql: Any, glue: Any) -> None:
    wrong = stored("2026/10/31")
    wrong["Parameters"]["skip.header.line.count"] = "0"
    glue.create_table(DatabaseName="net", TableInput=wrong)
    done = flowsql("table", "verify", "net.logs", "--results", "s3://flows/results/")
    assert done.code == 1
    assert "WRONG  format: skip.header.line.count is 0, and every object begins with a header line" in done.out
    assert "       skip.header.line.count should be 1" in done.out
    # The local Athena answers nothing.
    assert "WRONG  rows: no row comes back from s3://flows/AWSLogs/123456789012/vpcflowlogs/us-east-1/" in done.out
    assert "hint: skip.header.line.count should be 1" in done.err


def test_a_question_that_would_read_too_much_is_not_asked(flowsql: Any, glue: Any) -> None:
    bare = stored("2026/10/31") | {"PartitionKeys": []}
    bare["Parameters"] = {"skip.header.line.count": "1"}
    glue.create_table(DatabaseName="net", TableInput=bare)
    asked = len(boto3.client("athena").list_query_executions()["QueryExecutionIds"])
    done = flowsql("table", "verify", "net.logs", "--results", "s3://flows/results/", "--max-bytes", "10KB")
    assert done.code == 5
    assert "ok     format: text with a header line" in done.out
    assert done.err == (
        "flowsql: net.logs: a question about the newest folder would read more than 9.8 KiB; it was not asked\n"
        "  hint: --max-bytes allows more; without a partition of time every question reads all there is\n"
    )
    assert len(boto3.client("athena").list_query_executions()["QueryExecutionIds"]) == asked
