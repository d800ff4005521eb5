"""A projected date finer than a day has no interval.

Why: Athena steps by one day or one month by itself. With hours in the format it wants to be told the step, and
fails every query without.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, `end` bigint
    )
    PARTITIONED BY (account string, day string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES (
        'projection.enabled' = 'true',
        'projection.account.type' = 'enum',
        'projection.account.values' = '111122223333',
        'projection.day.type' = 'date',
        'projection.day.format' = 'yyyy/MM/dd/HH',
        'projection.day.range' = '2026/01/01/00,NOW',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/${day}/',
        'skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, `end` bigint
    )
    PARTITIONED BY (account string, day string)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES (
        'projection.enabled' = 'true',
        'projection.account.type' = 'enum',
        'projection.account.values' = '111122223333',
        'projection.day.type' = 'date',
        'projection.day.format' = 'yyyy/MM/dd/HH',
        'projection.day.range' = '2026/01/01/00,NOW',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/${day}/',
        'projection.day.interval' = '1',
        'projection.day.interval.unit' = 'HOURS',
        'skip.header.line.count' = '1')
"""

import re
from collections.abc import Iterator

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ817", "projection-interval", "error", needs="sql", kinds=("ddl",))

_UNITS = ("YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLIS")


def check(subject: Subject) -> Iterator[Fault]:
    """A date column with hours, minutes or seconds in its format and no interval or unit; a unit that is none."""
    for definition in tables(subject):
        for partition in definition.partitions if definition.is_projected else ():
            key = f"projection.{partition.name}"
            pattern = definition.setting(f"{key}.format")
            unit = definition.setting(f"{key}.interval.unit")
            if unit is not None and unit.value.upper().removesuffix("S") + "S" not in _UNITS:
                yield subject.fault(f"{unit.value} is no unit", unit.value_start, ", ".join(_UNITS))
            if pattern is None or not set("HhKkms").intersection(re.sub(r"'[^']*'", "", pattern.value)):
                continue
            if unit is None or definition.setting(f"{key}.interval") is None:
                hint = f"'{key}.interval' = '1', '{key}.interval.unit' = 'HOURS'"
                yield subject.fault(f"{partition.name} is finer than a day and has no interval", pattern.start, hint)
