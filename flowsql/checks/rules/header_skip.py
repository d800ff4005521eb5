"""A text table does not skip the header line.

Why: Every flow log object in text begins with the names of its fields. Without the property that line is read as a
record.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ812", "header-skip", "error", needs="sql", kinds=("ddl",))

_HINT = "TBLPROPERTIES ('skip.header.line.count' = '1')"


def check(subject: Subject) -> Iterator[Fault]:
    """A text table of flow logs without `skip.header.line.count`, or with another count than 1."""
    for definition in flow_log_tables(subject):
        if not definition.is_text:
            continue
        count = definition.setting("skip.header.line.count")
        if count is None:
            yield subject.fault("the header line of each object will be read as a record", definition.start, _HINT)
        elif count.value.strip() != "1":
            yield subject.fault(f"each object has one header line, not {count.value}", count.value_start, _HINT)
