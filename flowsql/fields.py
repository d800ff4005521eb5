"""The fields of flow logs as data: name, type, version, meaning, values.

A field AWS invents is one more line in one of the two tables.
"""

from dataclasses import dataclass
from typing import Literal

RecordKind = Literal["vpc", "tgw"]
FieldType = Literal["int", "bigint", "string"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a flow log record."""

    name: str
    """As AWS writes it in a log format: `log-status`."""
    version: int
    """The record version that introduced the field."""
    type: FieldType
    """The Athena type; `int` is 32 bits."""
    description: str
    values: str
    """The legal values, separated by `|`; empty when free."""

    @property
    def column(self) -> str:
        """The underscored form used in SQL: `log_status`."""
        return self.name.replace("-", "_")


# fmt: off
VPC_FIELDS: tuple[Field, ...] = (
    Field("version", 2, "int", "Format version: 2 for the default format; with a custom format the highest version among the chosen fields", "2|3|4|5|7|8|9|10|11 (6 is used only by transit gateway flow logs)"),
    Field("account-id", 2, "string", "Account that owns the network interface; can be the word unknown for interfaces an AWS service created (VPC endpoint or NLB)", "12 digits|unknown"),
    Field("interface-id", 2, "string", "Network interface where the traffic was recorded; - for a regional NAT gateway", "eni-...|-"),
    Field("srcaddr", 2, "string", "Ingress: sender address as seen at the interface. Egress: the interface's own primary private IPv4 or its IPv6. Regional NAT gateway egress: same as pkt-srcaddr", ""),
    Field("dstaddr", 2, "string", "Egress: destination address. Ingress: the interface's primary private IPv4 (always private and always the primary) or its IPv6. Regional NAT gateway ingress: same as pkt-dstaddr", ""),
    Field("srcport", 2, "int", "Source port; 0 for protocols without ports (ICMP sample record)", "0-65535"),
    Field("dstport", 2, "int", "Destination port; 0 for protocols without ports (ICMP sample record)", "0-65535"),
    Field("protocol", 2, "int", "IANA protocol number (AWS sample DDL declares it bigint; the Parquet physical type is INT_32)", "1=ICMP|6=TCP|17=UDP|58=ICMPv6|..."),
    Field("packets", 2, "bigint", "Packets in the flow within the window", ""),
    Field("bytes", 2, "bigint", "Bytes in the flow within the window; not reported on VPC Block Public Access (BPA) rejects", ""),
    Field("start", 2, "bigint", "Unix seconds of the first packet in the aggregation window; may be up to 60 s before reception or up to 60 s after transmission", ""),
    Field("end", 2, "bigint", "Unix seconds of the last packet in the aggregation window; may be up to 60 s late. Reserved word in Athena DDL and DML and in DuckDB", ""),
    Field("action", 2, "string", "Verdict; REJECT covers security groups, network ACLs and packets arriving after the connection closed; - on NODATA/SKIPDATA", "ACCEPT|REJECT|-"),
    Field("log-status", 2, "string", "Logging status: OK = normal; NODATA = no traffic in the window; SKIPDATA = records were dropped by AWS (capacity or error)", "OK|NODATA|SKIPDATA"),
    Field("vpc-id", 3, "string", "VPC of the network interface", "vpc-..."),
    Field("subnet-id", 3, "string", "Subnet of the network interface; - for a regional NAT gateway", "subnet-...|-"),
    Field("instance-id", 3, "string", "Instance of the interface if you own it; - for requester-managed interfaces (NAT gateway and similar)", "i-...|-"),
    Field("tcp-flags", 3, "int", "OR of the flags seen in the window, only FIN/SYN/RST/SYN-ACK supported; ACK-only or PSH-only traffic gives 0; - when the combination is invalid", "bitmask: FIN=1|SYN=2|RST=4|SYN-ACK=18; e.g. 3=SYN+FIN; 19=SYN-ACK+FIN; 0=none of the supported flags"),
    Field("type", 3, "string", "Traffic type", "IPv4|IPv6|EFA"),
    Field("pkt-srcaddr", 3, "string", "Original packet source address; differs from srcaddr behind a NAT gateway / transit gateway interface / EKS pod; may show the preserved client IP", ""),
    Field("pkt-dstaddr", 3, "string", "Original packet destination address; differs from dstaddr for secondary IPs, NAT gateway, transit gateway interface, EKS pod", ""),
    Field("region", 4, "string", "Region of the network interface", "us-east-1|..."),
    Field("az-id", 4, "string", "Availability Zone ID of the interface; - when traffic is from a sublocation", "use1-az1|...|-"),
    Field("sublocation-type", 4, "string", "Kind of sublocation", "wavelength|outpost|localzone|-"),
    Field("sublocation-id", 4, "string", "ID of the sublocation", "...|-"),
    Field("pkt-src-aws-service", 5, "string", "AWS IP-range subset name of pkt-srcaddr when it is an AWS address; one value only when ranges overlap", "AMAZON|AMAZON_APPFLOW|AMAZON_CONNECT|API_GATEWAY|AURORA_DSQL|CHIME_MEETINGS|CHIME_VOICECONNECTOR|CLOUD9|CLOUDFRONT|CLOUDFRONT_ORIGIN_FACING|CODEBUILD|DYNAMODB|EBS|EC2|EC2_INSTANCE_CONNECT|GLOBALACCELERATOR|IVS_LOW_LATENCY|IVS_REALTIME|KINESIS_VIDEO_STREAMS|MEDIA_PACKAGE_V2|ROUTE53|ROUTE53_HEALTHCHECKS|ROUTE53_HEALTHCHECKS_PUBLISHING|ROUTE53_RESOLVER|S3|WORKSPACES_GATEWAYS"),
    Field("pkt-dst-aws-service", 5, "string", "AWS IP-range subset name of pkt-dstaddr when it is an AWS address; one value only when ranges overlap", "AMAZON|AMAZON_APPFLOW|AMAZON_CONNECT|API_GATEWAY|AURORA_DSQL|CHIME_MEETINGS|CHIME_VOICECONNECTOR|CLOUD9|CLOUDFRONT|CLOUDFRONT_ORIGIN_FACING|CODEBUILD|DYNAMODB|EBS|EC2|EC2_INSTANCE_CONNECT|GLOBALACCELERATOR|IVS_LOW_LATENCY|IVS_REALTIME|KINESIS_VIDEO_STREAMS|MEDIA_PACKAGE_V2|ROUTE53|ROUTE53_HEALTHCHECKS|ROUTE53_HEALTHCHECKS_PUBLISHING|ROUTE53_RESOLVER|S3|WORKSPACES_GATEWAYS"),
    Field("flow-direction", 5, "string", "Direction relative to the recording interface", "ingress|egress"),
    Field("traffic-path", 5, "int", "Path that EGRESS traffic takes; - for ingress or when nothing applies", "1=same VPC resource (incl. AWS-managed ENI or Outpost local gateway)|2=internet gateway or gateway VPC endpoint|3=virtual private gateway|4=intra-region VPC peering|5=inter-region VPC peering|6=Local Zone or Wavelength Zone (older docs: local gateway)|7=gateway VPC endpoint (older docs: Nitro only)|8=internet gateway (older docs: Nitro only)|-"),
    Field("ecs-cluster-arn", 7, "string", "ARN of the ECS cluster for traffic of a running ECS task in awsvpc mode", "arn:...|-"),
    Field("ecs-cluster-name", 7, "string", "Name of the ECS cluster", ""),
    Field("ecs-container-instance-arn", 7, "string", "ARN of the ECS container instance (EC2 launch); - on Fargate", "arn:...|-"),
    Field("ecs-container-instance-id", 7, "string", "ID of the ECS container instance (EC2 launch); - on Fargate", ""),
    Field("ecs-container-id", 7, "string", "Docker runtime ID of the first container of the task (order not guaranteed to match the console)", ""),
    Field("ecs-second-container-id", 7, "string", "Docker runtime ID of the second container of the task, if any", ""),
    Field("ecs-service-name", 7, "string", "ECS service that started the task; - when none", ""),
    Field("ecs-task-definition-arn", 7, "string", "ARN of the task definition", "arn:...|-"),
    Field("ecs-task-arn", 7, "string", "ARN of the task", "arn:...|-"),
    Field("ecs-task-id", 7, "string", "ID of the task", ""),
    Field("reject-reason", 8, "string", "Why traffic was rejected; - for every other reason (security group and network ACL rejects are NOT distinguished)", "BPA (VPC Block Public Access)|EC (VPC Encryption Controls reject at a VPC endpoint)|-"),
    Field("resource-id", 9, "string", "Regional NAT gateway ID; - for all other traffic", "nat-...|-"),
    Field("encryption-status", 10, "int", "Encryption in transit as judged by VPC Encryption Controls; - when the feature is off or status unknown", "0=not encrypted|1=nitro|2=application (assumed from TCP 443 to interface/gateway endpoints or Redshift endpoint config)|3=nitro and application|-"),
    Field("instance-tag", 11, "string", "Value of the first instance tag key in TagFieldSpecifications; UTF-8 percent-encoded; - if untagged", "percent-encoded text|-"),
    Field("instance-tag-2", 11, "string", "Value of the second instance tag key in TagFieldSpecifications; percent-encoded", "percent-encoded text|-"),
    Field("interface-tag", 11, "string", "Value of the first network-interface tag key in TagFieldSpecifications; percent-encoded", "percent-encoded text|-"),
    Field("interface-tag-2", 11, "string", "Value of the second network-interface tag key in TagFieldSpecifications; percent-encoded", "percent-encoded text|-"),
    Field("asg-tag", 11, "string", "Value of the first Auto Scaling group tag key in TagFieldSpecifications; percent-encoded; needs a CloudTrail trail to stay fresh", "percent-encoded text|-"),
    Field("asg-tag-2", 11, "string", "Value of the second Auto Scaling group tag key in TagFieldSpecifications; percent-encoded", "percent-encoded text|-"),
    Field("interface-type", 11, "string", "Service type of the recording interface", "nat_gateway|network_load_balancer|regional_nat_gateway|transit_gateway|vpc_endpoint|- (no associated or unsupported service)"),
    Field("next-hop-interface-id", 11, "string", "Egress: interface that receives the traffic; ingress: interface that sent it. A middlebox interface, not the final destination", "eni-...|-"),
    Field("next-hop-subnet-id", 11, "string", "Subnet of the next-hop interface", "subnet-...|-"),
    Field("next-hop-az-id", 11, "string", "Availability Zone ID of the next-hop interface; the only next-hop field also filled when another account owns the next hop", "use1-az1|...|-"),
    Field("next-hop-vpc-id", 11, "string", "VPC of the next-hop interface", "vpc-...|-"),
    Field("next-hop-interface-type", 11, "string", "Service type of the next-hop interface", "nat_gateway|network_load_balancer|regional_nat_gateway|transit_gateway|vpc_endpoint|- (no associated or unsupported service)"),
)

TGW_FIELDS: tuple[Field, ...] = (
    Field("version", 2, "int", "Format version of the record", "6 with the default format (all v2-v6 fields)"),
    Field("resource-type", 6, "string", "Resource type of the subscription (2022 docs also listed TransitGatewayAttachment)", "TransitGateway|TransitGatewayAttachment"),
    Field("account-id", 2, "string", "Account that owns the source transit gateway", "12 digits"),
    Field("tgw-id", 6, "string", "Transit gateway ID", "tgw-..."),
    Field("tgw-attachment-id", 6, "string", "Transit gateway attachment for which traffic is recorded", "tgw-attach-..."),
    Field("tgw-src-vpc-account-id", 6, "string", "Account of the source VPC", ""),
    Field("tgw-dst-vpc-account-id", 6, "string", "Account of the destination VPC", ""),
    Field("tgw-src-vpc-id", 6, "string", "Source VPC", "vpc-...|-"),
    Field("tgw-dst-vpc-id", 6, "string", "Destination VPC", "vpc-...|-"),
    Field("tgw-src-subnet-id", 6, "string", "Source subnet", "subnet-...|-"),
    Field("tgw-dst-subnet-id", 6, "string", "Destination subnet", "subnet-...|-"),
    Field("tgw-src-eni", 6, "string", "Source-side attachment network interface", "eni-...|-"),
    Field("tgw-dst-eni", 6, "string", "Destination-side attachment network interface", "eni-...|-"),
    Field("tgw-src-az-id", 6, "string", "Availability Zone ID on the source side; - from a sublocation", ""),
    Field("tgw-dst-az-id", 6, "string", "Availability Zone ID on the destination side", ""),
    Field("tgw-pair-attachment-id", 6, "string", "The opposite attachment of the flow (egress or ingress attachment depending on flow-direction)", "tgw-attach-...|-"),
    Field("srcaddr", 2, "string", "Source address of the traffic", ""),
    Field("dstaddr", 2, "string", "Destination address of the traffic", ""),
    Field("srcport", 2, "int", "Source port", "0-65535"),
    Field("dstport", 2, "int", "Destination port", "0-65535"),
    Field("protocol", 2, "int", "IANA protocol number (2022 docs said INT_64; current docs say INT_32)", "1|6|17|58|..."),
    Field("packets", 2, "bigint", "Packets in the window", ""),
    Field("bytes", 2, "bigint", "Bytes in the window", ""),
    Field("start", 2, "bigint", "Unix seconds of the first packet in the window (up to 60 s late)", ""),
    Field("end", 2, "bigint", "Unix seconds of the last packet in the window (up to 60 s late)", ""),
    Field("log-status", 2, "string", "Logging status; there is NO action field in transit gateway flow logs", "OK|NODATA|SKIPDATA"),
    Field("type", 3, "string", "Traffic type", "IPv4|IPv6|EFA"),
    Field("packets-lost-no-route", 6, "bigint", "Packets dropped: no route", ""),
    Field("packets-lost-blackhole", 6, "bigint", "Packets dropped: blackhole route", ""),
    Field("packets-lost-mtu-exceeded", 6, "bigint", "Packets dropped: MTU exceeded", ""),
    Field("packets-lost-ttl-expired", 6, "bigint", "Packets dropped: TTL expired", ""),
    Field("tcp-flags", 3, "int", "Bitmask; ACK-only entries are 0, not 16; values OR-ed over the window", "FIN=1|SYN=2|RST=4|PSH=8|ACK=16|SYN-ACK=18|URG=32"),
    Field("region", 4, "string", "Region of the transit gateway", ""),
    Field("flow-direction", 5, "string", "Direction relative to the transit gateway", "ingress|egress"),
    Field("pkt-src-aws-service", 5, "string", "AWS IP-range subset name of srcaddr", "AMAZON|AMAZON_APPFLOW|AMAZON_CONNECT|API_GATEWAY|CHIME_MEETINGS|CHIME_VOICECONNECTOR|CLOUD9|CLOUDFRONT|CODEBUILD|DYNAMODB|EBS|EC2|EC2_INSTANCE_CONNECT|GLOBALACCELERATOR|KINESIS_VIDEO_STREAMS|ROUTE53|ROUTE53_HEALTHCHECKS|ROUTE53_HEALTHCHECKS_PUBLISHING|ROUTE53_RESOLVER|S3|WORKSPACES_GATEWAYS"),
    Field("pkt-dst-aws-service", 5, "string", "AWS IP-range subset name of dstaddr", "AMAZON|AMAZON_APPFLOW|AMAZON_CONNECT|API_GATEWAY|CHIME_MEETINGS|CHIME_VOICECONNECTOR|CLOUD9|CLOUDFRONT|CODEBUILD|DYNAMODB|EBS|EC2|EC2_INSTANCE_CONNECT|GLOBALACCELERATOR|KINESIS_VIDEO_STREAMS|ROUTE53|ROUTE53_HEALTHCHECKS|ROUTE53_HEALTHCHECKS_PUBLISHING|ROUTE53_RESOLVER|S3|WORKSPACES_GATEWAYS"),
)

# fmt: on

DEFAULT_FORMAT: tuple[str, ...] = tuple(field.name for field in VPC_FIELDS if field.version == 2)
"""The fields of a VPC flow log made without a log format, in their order."""

TGW_DEFAULT_FORMAT: tuple[str, ...] = tuple(field.name for field in TGW_FIELDS)

_BY_COLUMN: dict[RecordKind, dict[str, Field]] = {
    "vpc": {field.column: field for field in VPC_FIELDS},
    "tgw": {field.column: field for field in TGW_FIELDS},
}
ALL_COLUMNS: tuple[str, ...] = tuple(dict.fromkeys((*_BY_COLUMN["vpc"], *_BY_COLUMN["tgw"])))
"""The columns of all documented fields, of VPC and transit gateway records."""

_TGW_ONLY = frozenset(_BY_COLUMN["tgw"]) - frozenset(_BY_COLUMN["vpc"])


def column_name(field: str) -> str:
    """`log-status` → `log_status`; a column name stays as it is."""
    return field.strip().lower().replace("-", "_")


def known(column: str, kind: RecordKind = "vpc") -> Field | None:
    """The field behind a column, or None for one AWS has not documented yet."""
    return _BY_COLUMN[kind].get(column)


def column_type(column: str, kind: RecordKind = "vpc") -> FieldType:
    """The type a column is read as; an unknown field is text."""
    field = known(column, kind)
    return field.type if field else "string"


def record_kind(columns: tuple[str, ...]) -> RecordKind:
    """Whether records with these columns come from a VPC or a transit gateway flow log."""
    return "tgw" if _TGW_ONLY.intersection(columns) else "vpc"


def log_format(columns: tuple[str, ...], kind: RecordKind = "vpc") -> str:
    """The log format to give AWS for these columns: `${version} ${account-id} …`."""
    fields = (known(column, kind) for column in columns)
    return " ".join(f"${{{field.name}}}" for field in fields if field)


def parse_log_format(text: str) -> tuple[str, ...]:
    """The columns a log format names, in its order.

    Accepts `default`, `default-tgw`, AWS's `${version} ${account-id} …` and bare names; raises ValueError when empty.
    """
    if text == "default":
        return tuple(column_name(name) for name in DEFAULT_FORMAT)
    if text == "default-tgw":
        return tuple(column_name(name) for name in TGW_DEFAULT_FORMAT)
    names = [
        token.removeprefix("${").removesuffix("}") for token in text.replace(",", " ").replace("}${", "} ${").split()
    ]
    if not names:
        raise ValueError("the log format names no field")
    return tuple(column_name(name) for name in names)
