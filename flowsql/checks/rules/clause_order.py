"""The clauses of a DDL statement stand in the wrong order.

Why: Hive reads the clauses of CREATE TABLE in one order only, each once.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (version int)
    LOCATION 's3://logs/AWSLogs/'
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '

Right:

    CREATE EXTERNAL TABLE flow_logs (version int)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ804", "clause-order", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "clause-order": ("{text} comes too late", "the order is {detail}"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
