"""A list in DDL ends with a comma.

Why: Behind a comma Hive expects another column or property.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (version int,)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

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

RULE = Rule("FQ805", "ddl-trailing-comma", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-trailing-comma": ("nothing follows this comma", "leave the comma out"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
