"""An account id is declared as a number.

Why: Account ids have twelve digits and may begin with zeros, which a number loses; a record whose account is
unknown becomes NULL.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id bigint, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

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

import re
from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ820", "account-as-number", "error", needs="sql", kinds=("ddl",))

_ACCOUNT = re.compile(r"(^|[_-])account([_-]?id)?$")
_NUMBERS = ("tinyint", "smallint", "int", "integer", "bigint", "float", "double", "decimal")


def check(subject: Subject) -> Iterator[Fault]:
    """A column or partition column of account ids with a type of numbers."""
    for definition in tables(subject):
        for column in (*definition.columns, *definition.partitions):
            if _ACCOUNT.search(column.name) and column.type in _NUMBERS:
                yield subject.fault(
                    f"{column.name} is declared as {column.type}", column.start, "string: zeros in front belong to it"
                )
