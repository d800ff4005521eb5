"""A reserved word of Hive stands as a name without backticks.

Why: Athena reads DDL with the grammar of Hive, where start, end, date, timestamp and user are reserved: it stops at
the word. In SELECT the same names stand in double quotes.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (start bigint, end bigint)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (`start` bigint, `end` bigint)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ801", "ddl-reserved-word", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-reserved-word": ("{text} is a reserved word of DDL", "`{text}` in backticks names a column"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
