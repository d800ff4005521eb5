"""DescribeFlowLogs: paged, over HTTP from moto, and with the options moto does not give back through a stub."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from flowsql.aws import flow_logs as module
from flowsql.aws.flow_logs import deliveries, flow_logs
from flowsql.fields import DEFAULT_FORMAT, TGW_DEFAULT_FORMAT, column_name
from flowsql.tables.design import designs

CREATED = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def endpoint(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in (
        ("AWS_ENDPOINT_URL", moto_endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    return moto_endpoint


def test_over_http(endpoint: str, bucket: Any) -> None:
    client = boto3.client("ec2")
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    client.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flow-logs",
        LogFormat="${version} ${end} ${start} ${srcaddr}",
    )
    (found,) = flow_logs()
    client.close()
    assert (found.resource, found.traffic, found.destination, found.problem) == (vpc, "REJECT", "s3://flow-logs/", "")
    assert found.delivery is not None
    assert found.delivery.columns == ("version", "end", "start", "srcaddr")
    assert found.delivery.folder == "s3://flow-logs/AWSLogs/123456789012/vpcflowlogs/us-east-1/"
    assert (found.delivery.style, found.delivery.hourly, found.delivery.file_format) == ("default", False, "text")


def answered(items: list[list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> list[module.FlowLog]:
    """What is made of these pages of an answer that botocore finds valid."""
    client = boto3.client("ec2", region_name="eu-west-1")
    identity = boto3.client("sts", region_name="eu-west-1")
    with Stubber(client) as ec2, Stubber(identity) as sts:
        for number, page in enumerate(items, 1):
            more = {"NextToken": f"t{number}"} if number < len(items) else {}
            ec2.add_response("describe_flow_logs", {"FlowLogs": page, **more})
        sts.add_response("get_caller_identity", {"Account": "000000000012"})
        clients = {"ec2": client, "sts": identity}
        monkeypatch.setattr(module, "connect", lambda service, asked, region: clients[service])
        return flow_logs()


def test_every_page_and_option(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = {
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws-us-gov:s3:::logs/team/net/",
        "CreationTime": CREATED,
    }
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": True}
    found = answered(
        [
            [{"FlowLogId": "fl-1", "ResourceId": "vpc-1", **bucket, "DestinationOptions": options}],
            [
                {"FlowLogId": "fl-2", "ResourceId": "tgw-1", **bucket, "LogFormat": ""},
                {
                    "FlowLogId": "fl-3",
                    "ResourceId": "eni-1",
                    "LogGroupName": "/flows",
                    "DeliverLogsStatus": "FAILED",
                    "DeliverLogsErrorMessage": "Access error",
                },
            ],
        ],
        monkeypatch,
    )
    assert [item.id for item in found] == ["fl-1", "fl-2", "fl-3"]
    first, second, third = (item.delivery for item in found)
    assert first is not None
    assert second is not None
    assert third is None
    assert found[2].destination == "cloud-watch-logs /flows"
    assert found[2].problem == "Access error"
    assert first.folder == (
        "s3://logs/team/net/AWSLogs/aws-account-id=000000000012/aws-service=vpcflowlogs/aws-region=eu-west-1/"
    )
    assert (first.file_format, first.style, first.hourly, first.first) == ("parquet", "hive", True, CREATED)
    assert first.columns == tuple(map(column_name, DEFAULT_FORMAT))
    assert (second.kind, second.columns) == ("tgw", tuple(map(column_name, TGW_DEFAULT_FORMAT)))
    assert len(designs(deliveries(found))) == 2


def test_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered([[]], monkeypatch) == []
