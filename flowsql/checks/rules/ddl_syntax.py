"""The grammar of DDL stops at a word.

Why: Athena reads DDL with the grammar of Hive, and answers only that it failed; this rule reads it the same way and
says what could have stood there.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (version int)
    ROW FORMAT DELIMITED FIELD TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'

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

RULE = Rule("FQ807", "ddl-syntax", "error", needs="sql", kinds=("ddl",))

_SAID = {
    "ddl-syntax": ("DDL cannot have {text} here", "it expects {detail}"),
    "or-replace": (
        "Athena replaces no table: OR REPLACE is for views",
        "DROP TABLE IF EXISTS before it, which leaves the objects where they are, or IF NOT EXISTS behind TABLE",
    ),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where Hive's grammar is left this way."""
    return told(subject, _SAID)
