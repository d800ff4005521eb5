"""A Parquet table skips a header line.

Why: Parquet has no header line. The property is for text; an engine that minds it leaves out a record of each
object.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    STORED AS PARQUET
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    STORED AS PARQUET
    LOCATION 's3://logs/AWSLogs/'
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ813", "parquet-header-skip", "warning", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """`skip.header.line.count` on a table of Parquet."""
    for definition in tables(subject):
        count = definition.setting("skip.header.line.count")
        if definition.is_parquet and count is not None:
            yield subject.fault("Parquet has no header line to skip", count.start, "leave the property out")
