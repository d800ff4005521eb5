"""A name in DDL has a hyphen or begins with an underscore.

Why: Outside of backticks a name is made of letters, digits and underscores, and begins with no underscore. Columns
of flow logs have underscores where the fields have hyphens.

Wrong:

    CREATE EXTERNAL TABLE flow-logs (version int)
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

RULE = Rule("FQ803", "ddl-name", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-name": ("this name needs backticks", "underscores instead of hyphens, or the whole name in backticks"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
