"""A text table is not split at spaces.

Why: The fields of a flow log line are separated by one space. Hive splits at an invisible character unless it is
told otherwise, and then the first column gets the whole line.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
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

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ825", "field-delimiter", "error", needs="sql", kinds=("ddl",))

_BYTE = re.compile(r"1[01]\d|12[0-7]|\d\d?", re.ASCII)
_HINT = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '"


def check(subject: Subject) -> Iterator[Fault]:
    """A text table of flow logs without ROW FORMAT DELIMITED, or with another separator than a space."""
    for definition in flow_log_tables(subject):
        if definition.is_text and _separator(definition.delimiter or "") != " ":
            place = definition.start if definition.row_format is None else definition.row_format
            yield subject.fault("the fields of a line are not split at spaces", place, _HINT)


def _separator(delimiter: str) -> str:
    """The one character that Hive takes from a delimiter: of the byte with this number, else the first."""
    return chr(int(delimiter)) if _BYTE.fullmatch(delimiter) else delimiter[:1]
