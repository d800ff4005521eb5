"""DescribeFlowLogs: all flow logs of an account in a region, and how each delivers.

EC2 API Reference, "FlowLog": absent DestinationOptions mean plain text, default keys, daily folders.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.delivery import Delivery
from flowsql.fields import DEFAULT_FORMAT, TGW_DEFAULT_FORMAT, RecordKind, column_name, parse_log_format
from flowsql.layout import Style

_BUCKET_ARN = re.compile(r"arn:[a-z-]+:s3:::(?P<bucket>[^/]+)(?:/(?P<prefix>.*))?")


@dataclass(frozen=True, slots=True)
class FlowLog:
    """One flow log as DescribeFlowLogs gives it."""

    id: str
    resource: str
    """What it captures: `vpc-…`, `subnet-…`, `eni-…`, `tgw-…`."""
    traffic: str
    """ALL, ACCEPT or REJECT; empty for a transit gateway."""
    destination: str
    """`s3://bucket/prefix/`, or the kind of another destination and its name."""
    problem: str
    """Why it does not deliver; empty when it does."""
    delivery: Delivery | None
    """None when it does not deliver to S3."""


def flow_logs(*, profile: str | None = None, region: str | None = None) -> list[FlowLog]:
    """The flow logs of the account whose credentials are used, in one region; raises SourceError."""
    asked = Asked("ec2:DescribeFlowLogs", "DescribeFlowLogs", "", "*", profile, "EC2")
    client = connect("ec2", asked, region)
    with asking(asked):
        pages = client.get_paginator("describe_flow_logs").paginate()
        found: list[Mapping[str, Any]] = [item for page in pages for item in page["FlowLogs"]]
    if not found:
        return []
    account = _account(profile, client.meta.region_name)
    return [_flow_log(item, account, client.meta.region_name) for item in found]


def _account(profile: str | None, region: str) -> str:
    asked = Asked("sts:GetCallerIdentity", "GetCallerIdentity", "", "*", profile, "STS")
    client = connect("sts", asked, region)
    with asking(asked):
        return client.get_caller_identity()["Account"]


def _flow_log(item: Mapping[str, Any], account: str, region: str) -> FlowLog:
    bucket = _BUCKET_ARN.fullmatch(item.get("LogDestination") or "")
    kind = item.get("LogDestinationType") or "cloud-watch-logs"
    name = item.get("LogDestination") or item.get("LogGroupName") or ""
    failed = item.get("DeliverLogsStatus") == "FAILED"
    is_s3 = kind == "s3" and bucket is not None
    return FlowLog(
        id=item["FlowLogId"],
        resource=item.get("ResourceId") or "",
        traffic=item.get("TrafficType") or "",
        destination=_destination(bucket) if is_s3 and bucket else f"{kind} {name}".strip(),
        problem=(item.get("DeliverLogsErrorMessage") or "its deliveries fail") if failed else "",
        delivery=_delivery(item, _destination(bucket), account, region) if is_s3 and bucket else None,
    )


def _destination(bucket: re.Match[str]) -> str:
    prefix = (bucket["prefix"] or "").strip("/")
    return f"s3://{bucket['bucket']}/{prefix}/" if prefix else f"s3://{bucket['bucket']}/"


def _delivery(item: Mapping[str, Any], destination: str, account: str, region: str) -> Delivery:
    options = item.get("DestinationOptions") or {}
    kind: RecordKind = "tgw" if str(item.get("ResourceId") or "").startswith("tgw-") else "vpc"
    default = TGW_DEFAULT_FORMAT if kind == "tgw" else DEFAULT_FORMAT
    stated = item.get("LogFormat") or ""
    style: Style = "hive" if options.get("HiveCompatiblePartitions") else "default"
    folder = f"{account}/vpcflowlogs/{region}/"
    if style == "hive":
        folder = f"aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/"
    created = item.get("CreationTime")
    return Delivery(
        folder=f"{destination}AWSLogs/{folder}",
        account=account,
        region=region,
        flow_log=item["FlowLogId"],
        columns=parse_log_format(stated) if stated.strip() else tuple(map(column_name, default)),
        kind=kind,
        file_format="parquet" if options.get("FileFormat") == "parquet" else "text",
        style=style,
        hourly=bool(options.get("PerHourPartition")),
        first=created.astimezone(UTC) if isinstance(created, datetime) else datetime.fromtimestamp(0, UTC),
    )


def deliveries(found: list[FlowLog]) -> Iterator[Delivery]:
    """Those that deliver to S3."""
    return (item.delivery for item in found if item.delivery is not None)
