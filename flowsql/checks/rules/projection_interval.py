"""A projected date finer than a day has no interval, or one that does not fit its format.

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

from flowsql.checks.hive.definition import Property
from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.dates import Unit, date_pattern

RULE = Rule("FQ817", "projection-interval", "error", needs="sql", kinds=("ddl",))

_UNITS = ("YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLIS")


_FINEST: dict[Unit, str] = {"year": "YEARS", "month": "MONTHS", "day": "DAYS", "hour": "HOURS", "minute": "MINUTES"}
"""What a format tells apart → the unit of steps from one of its values to the next."""


def check(subject: Subject) -> Iterator[Fault]:
    """A date column with hours, minutes or seconds in its format and no interval or unit; a unit that is none."""
    for definition in tables(subject):
        for partition in definition.partitions if definition.is_projected else ():
            key = f"projection.{partition.name}"
            pattern = definition.setting(f"{key}.format")
            unit = definition.setting(f"{key}.interval.unit")
            if unit is not None and unit.value.upper() not in _UNITS:
                yield subject.fault(f"{unit.value} is no unit", unit.value_start, ", ".join(_UNITS))
            elif unit is not None and pattern is not None:
                yield from _misfit(subject, unit, pattern.value)
            if pattern is None or not set("HhKkms").intersection(re.sub(r"'[^']*'", "", pattern.value)):
                continue
            if unit is None or definition.setting(f"{key}.interval") is None:
                hint = f"'{key}.interval' = '1', '{key}.interval.unit' = 'HOURS'"
                yield subject.fault(f"{partition.name} is finer than a day and has no interval", pattern.start, hint)


def _misfit(subject: Subject, unit: Property, pattern: str) -> Iterator[Fault]:
    """A unit that is not the finest one of the format; weeks are counted in days."""
    try:
        finest = date_pattern(pattern).unit
    except ValueError:
        return
    fits, given = _FINEST.get(finest), unit.value.upper()
    if fits is None or given in (fits, "WEEKS"):
        return
    if _UNITS.index(given) > _UNITS.index(fits):
        yield subject.fault(f"{given} are finer than {pattern}", unit.value_start, fits)
    else:
        message = f"{given} are steps over the {fits.lower()} of {pattern}"
        yield subject.fault(message, unit.value_start, f"{fits}; or a format that ends with the {given.lower()}")
