"""Two neighbouring columns of a text table stand the other way around than in every documented log format.

Why: A text file has no names: the first field of a line becomes the first column, whatever either is called. No log
format that AWS documents has a destination before its source or an end before its start; where one of your own
has, `--log-format` says so.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, dstaddr string, srcaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string, vpc_id string, subnet_id string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string, vpc_id string, subnet_id string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator
from itertools import pairwise

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ830", "swapped-columns", "warning", needs="sql", kinds=("ddl",), follows=("FQ811",))

_PAIRS = frozenset(
    (
        ("srcaddr", "dstaddr"),
        ("srcport", "dstport"),
        ("packets", "bytes"),
        ("start", "end"),
        ("action", "log_status"),
        ("pkt_srcaddr", "pkt_dstaddr"),
        ("pkt_src_aws_service", "pkt_dst_aws_service"),
    )
)
"""Fields that follow each other in this order wherever AWS documents them together."""


def check(subject: Subject) -> Iterator[Fault]:
    """Pairs of fields in the other order, where no log format says what the order is."""
    for definition in flow_log_tables(subject):
        if not definition.is_text or subject.table is not None:
            continue
        for former, latter in pairwise(definition.columns):
            first, second = former.name.replace("-", "_"), latter.name.replace("-", "_")
            if (second, first) in _PAIRS:
                message = f"{former.name} stands before {latter.name}, as in no log format that AWS documents"
                hint = f"{latter.name} first; or --log-format '${{version}} …' says that the order is meant"
                yield subject.fault(message, former.start, hint)
