"""A name in DDL stands in quotes.

Why: Quotes make a text in DDL, single or double; a name that needs quotes stands in backticks.

Wrong:

    CREATE EXTERNAL TABLE flow_logs ("end" bigint)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (`end` bigint)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ802", "ddl-quotes", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-quotes": ("{text} is a text, where a name is expected", "the name in backticks"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
