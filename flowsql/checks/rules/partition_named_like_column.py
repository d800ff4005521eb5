"""A partition column has the name of a column.

Why: A table cannot have two columns of one name; flow logs have a field region since version 4, and account_id
always. Dropping the column instead shifts the columns of a text table.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, region string
    )
    PARTITIONED BY (account_id string, region string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, region string
    )
    PARTITIONED BY (account string, aws_region string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ814", "partition-named-like-column", "error", needs="sql", kinds=("ddl",))

_OTHERS = {"region": "aws_region", "account_id": "account", "start": "day", "date": "day"}


def check(subject: Subject) -> Iterator[Fault]:
    """A partition column that is a column too, or stands twice."""
    for definition in tables(subject):
        names = {column.name for column in definition.columns}
        for partition in definition.partitions:
            if partition.name in names:
                other = _OTHERS.get(partition.name, f"{partition.name}_of_keys")
                hint = f"another name for the partition, such as {other}"
                yield subject.fault(f"{partition.name} is a column and a partition column", partition.start, hint)
            names.add(partition.name)
