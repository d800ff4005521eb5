"""A partition column is of a type Athena refuses.

Why: Athena does not partition by bigint. Of string columns it prunes earliest, and injected projection takes
nothing else.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    PARTITIONED BY (`day` bigint)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    PARTITIONED BY (`day` string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ821", "partition-type", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """A bigint partition column, or an injected one that is no string."""
    for definition in tables(subject):
        for partition in definition.partitions:
            kind = definition.setting(f"projection.{partition.name}.type")
            injected = kind is not None and kind.value.lower() == "injected"
            if partition.type == "bigint":
                yield subject.fault(
                    f"Athena does not partition by bigint, as {partition.name} is", partition.start, "string"
                )
            elif injected and partition.type not in ("string", "varchar", "char"):
                yield subject.fault(f"{partition.name} is injected and no string", partition.start, "string")
