"""A column of a Parquet table is no field of flow logs.

Why: Parquet is read by name. A column called otherwise than the field, as sourceaddress or end_time, is NULL in
every row, without an error.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, sourceaddress string, dstaddr string,
        srcport int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end`
        bigint, action string, log_status string
    )
    STORED AS PARQUET
    LOCATION 's3://logs/AWSLogs/'

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

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.fields import TGW_FIELDS, VPC_FIELDS, column_name, record_kind
from flowsql.naming import did_you_mean

RULE = Rule("FQ826", "parquet-column-name", "warning", needs="sql", kinds=("ddl",))

_MEANT = {
    "sourceaddress": "srcaddr",
    "destinationaddress": "dstaddr",
    "sourceport": "srcport",
    "destinationport": "dstport",
    "numpackets": "packets",
    "numbytes": "bytes",
    "starttime": "start",
    "endtime": "end",
    "end_time": "end",
    "start_time": "start",
}


def check(subject: Subject) -> Iterator[Fault]:
    """A column of Parquet that AWS documents no field for."""
    for definition in flow_log_tables(subject):
        kind = record_kind(tuple(column.name for column in definition.columns))
        fields = [column_name(field.name) for field in (TGW_FIELDS if kind == "tgw" else VPC_FIELDS)]
        for column in definition.columns if definition.is_parquet else ():
            if column.name not in fields:
                hint = did_you_mean(_MEANT.get(column.name, column.name), fields, "the field's name with underscores")
                yield subject.fault(f"{column.name} is no field of flow logs: it will be NULL", column.start, hint)
