"""A projected integer of months, days or hours has no digits.

Why: The folders of flow logs have two digits, as in 05. Without digits Athena looks for folders named 5, finds none
and answers with no rows.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, `end` bigint
    )
    PARTITIONED BY (account string, month string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES (
        'projection.enabled' = 'true',
        'projection.account.type' = 'enum',
        'projection.account.values' = '111122223333',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/2026/${month}/',
        'projection.month.type' = 'integer',
        'projection.month.range' = '1,12',
        'skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, `end` bigint
    )
    PARTITIONED BY (account string, month string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES (
        'projection.enabled' = 'true',
        'projection.account.type' = 'enum',
        'projection.account.values' = '111122223333',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/2026/${month}/',
        'projection.month.type' = 'integer',
        'projection.month.range' = '1,12',
        'projection.month.digits' = '2',
        'skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ816", "projection-digits", "error", needs="sql", kinds=("ddl",))

_TWO = ("month", "day", "hour")


def check(subject: Subject) -> Iterator[Fault]:
    """An integer column that is a month, day or hour, or whose range has zeros in front, without its digits."""
    for definition in tables(subject):
        for partition in definition.partitions if definition.is_projected else ():
            key = f"projection.{partition.name}"
            kind, span = definition.setting(f"{key}.type"), definition.setting(f"{key}.range")
            digits = definition.setting(f"{key}.digits")
            if kind is None or kind.value.lower() != "integer":
                continue
            padded = (
                span is not None and span.value.lstrip().startswith("0") and len(span.value.split(",")[0].strip()) > 1
            )
            if digits is None and (padded or partition.name in _TWO):
                hint = f"'{key}.digits' = '2'"
                yield subject.fault(f"{partition.name} is projected without zeros in front", kind.start, hint)
            elif digits is not None and partition.name in _TWO and digits.value.strip() != "2":
                yield subject.fault(f"folders of a {partition.name} have two digits", digits.value_start, "'2'")
