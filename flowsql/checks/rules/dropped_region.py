"""A text table has fields of version 4, but no region.

Why: A partition called region collides with the field region, and some examples drop the column. In a text table
every later column then reads the field before it.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string, vpc_id string, az_id string, sublocation_type string
    )
    PARTITIONED BY (region string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string, vpc_id string, region string, az_id string, sublocation_type
        string
    )
    PARTITIONED BY (aws_region string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ823", "dropped-region", "warning", needs="sql", kinds=("ddl",))

_REGIONS = ("region", "aws_region", "aws-region")
_VERSION_4 = frozenset(("az_id", "sublocation_type", "sublocation_id"))


def check(subject: Subject) -> Iterator[Fault]:
    """A text table with a region partition and other fields of version 4, and without the column."""
    for definition in flow_log_tables(subject):
        names = {column.name for column in definition.columns}
        regions = [partition for partition in definition.partitions if partition.name in _REGIONS]
        known = subject.table is not None
        if not known and definition.is_text and regions and names & _VERSION_4 and "region" not in names:
            hint = "when the log format has region, declare it at its place and name the partition aws_region"
            yield subject.fault("the field region seems to be left out", regions[0].start, hint)
