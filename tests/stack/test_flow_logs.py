"""EC2's flow logs as the stack's moto tells them."""

from typing import Any

import pytest

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino


def test_a_flow_log_tells_its_prefix_and_options_again(local_aws: Stack) -> None:
    ec2, bucket = local_aws.client("ec2"), local_aws.bucket()
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    options: dict[str, Any] = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    request = {"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "s3"}
    for destination, chosen in ((f"arn:aws:s3:::{bucket}/a/b/", options), (f"arn:aws:s3:::{bucket}", None)):
        extra = {"DestinationOptions": chosen} if chosen else {}
        made = ec2.create_flow_logs(**request, LogDestination=destination, **extra)
        assert not made["Unsuccessful"]
        (told,) = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"]
        assert told["LogDestination"] == destination
        default = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
        assert told["DestinationOptions"] == (chosen or default)
