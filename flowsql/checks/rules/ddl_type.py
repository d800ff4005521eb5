"""A type in DDL is none of Hive.

Why: DDL has types of its own: string and not varchar without a length, float and not real, no IP addresses.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (srcaddr varchar)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (srcaddr string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ806", "ddl-type", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-type": ("DDL has no type {text}", "{detail}"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
