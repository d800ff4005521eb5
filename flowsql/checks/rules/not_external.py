"""A table is made without EXTERNAL.

Why: Athena makes tables over objects that are already there, and refuses CREATE TABLE without EXTERNAL unless it is
Iceberg.

Wrong:

    CREATE TABLE flow_logs (
        version int
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ824", "not-external", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """CREATE TABLE with columns and without EXTERNAL."""
    for definition in tables(subject):
        if not definition.external:
            yield subject.fault("Athena makes external tables only", definition.start, "CREATE EXTERNAL TABLE")
