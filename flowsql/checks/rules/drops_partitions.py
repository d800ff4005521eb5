"""DDL that takes partitions out of a table.

Why: the objects stay where they are, but questions about those days answer nothing from then on, without an error; and
whoever runs the file again to set a table up takes away what others have added since.

Wrong:

    ALTER TABLE flow_logs DROP PARTITION (day = '2026/01/01')

Right:

    ALTER TABLE flow_logs ADD IF NOT EXISTS PARTITION (day = '2026/01/01')
    LOCATION 's3://logs/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/01/01/'
"""

from collections.abc import Iterator

from flowsql.checks.hive.reader import definitions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ827", "drops-partitions", "warning", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """Each ALTER TABLE … DROP."""
    for definition in definitions(subject.sql):
        if definition.verb == "DROP PARTITION":
            message = "questions about these partitions answer nothing from then on"
            yield subject.fault(message, definition.start, "keep it out of a file that makes tables")
