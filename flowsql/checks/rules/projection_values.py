"""A value of partition projection is none that Athena reads, or leaves no partitions.

Why: A range is read by the format of its column, and an interval is a whole number from 1 on: Athena tells of what
it cannot read only when a query runs. A range that ends before it begins, or an enum without values, has no
partitions, and every answer is empty.

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
        'projection.day.format' = 'yyyy/MM/dd',
        'projection.day.range' = '2026-01-01,NOW',
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
        'projection.day.format' = 'yyyy/MM/dd',
        'projection.day.range' = '2026/01/01,NOW',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/${day}/',
        'skip.header.line.count' = '1')
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from flowsql.checks.hive.definition import Definition, Property
from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.dates import date_pattern, projected_end

RULE = Rule("FQ828", "projection-values", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """Ranges, intervals, digits and the values of an enum of each projected column."""
    for definition in tables(subject):
        for partition in definition.partitions if definition.is_projected else ():
            key = f"projection.{partition.name}"
            kind = definition.setting(f"{key}.type")
            match kind.value.lower() if kind else "":
                case "date":
                    yield from _dates(subject, definition, key)
                case "integer":
                    yield from _integers(subject, definition, key)
                case "enum":
                    yield from _enum(subject, definition.setting(f"{key}.values"))
            for word in ("interval", "digits"):
                given = definition.setting(f"{key}.{word}")
                if given is not None and not (given.value.strip().isdecimal() and int(given.value) > 0):
                    message = f"{word} of {partition.name} is {given.value!r}, not a whole number from 1 on"
                    yield subject.fault(message, given.value_start, "'1'" if word == "interval" else "'2'")


def _dates(subject: Subject, definition: Definition, key: str) -> Iterator[Fault]:
    """A range with an end that is not in the format, or that begins after it ends."""
    span, pattern = definition.setting(f"{key}.range"), definition.setting(f"{key}.format")
    if span is None or pattern is None or span.value.count(",") != 1:
        return
    try:
        form = date_pattern(pattern.value)
    except ValueError:
        return
    now = datetime.now(UTC)
    ends = {text.strip(): projected_end(text, form, now) for text in span.value.split(",")}
    for text, end in ends.items():
        if end is None:
            hint = f"as {form.render(now)}, or NOW, NOW-3YEARS, NOW+1MONTHS"
            yield subject.fault(f"{text!r} is not in the format {pattern.value}", span.value_start, hint)
    first, *others = ends.values()
    if first is not None and others and others[0] is not None and first > others[0]:
        yield _backwards(subject, span)


def _integers(subject: Subject, definition: Definition, key: str) -> Iterator[Fault]:
    """A range of something else than numbers, or that begins after it ends."""
    span = definition.setting(f"{key}.range")
    if span is None or span.value.count(",") != 1:
        return
    numbers = []
    for text in span.value.split(","):
        if text.strip().removeprefix("-").isdecimal():
            numbers.append(int(text))
        else:
            yield subject.fault(f"{text.strip()!r} is no whole number", span.value_start, "'00,23'")
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        yield _backwards(subject, span)


def _enum(subject: Subject, values: Property | None) -> Iterator[Fault]:
    """An enum without values, or with an empty one."""
    if values is not None and not all(value.strip() for value in values.value.split(",")):
        message = "an enum has no values" if not values.value.strip() else "a value of the enum is empty"
        yield subject.fault(message, values.value_start, "the names of the folders, with commas between them")


def _backwards(subject: Subject, span: Property) -> Fault:
    hint = "the earlier end stands first: '2026/01/01,NOW'"
    return subject.fault("the range ends before it begins, so there are no partitions", span.value_start, hint)
