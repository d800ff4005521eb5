"""A property of partition projection is missing, misspelt or not legal.

Why: Athena checks these properties when a query runs: a column without a type fails every query, a property it does
not know is passed over in silence, and then the table has no rows.

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
        'projection.day.format' = 'yyyy/MM/dd',
        'projection.day.range' = '2026/01/01,NOW',
        'storage.location.template' = 's3://logs/AWSLogs/${account}/vpcflowlogs/eu-west-1/${day}/',
        'projection.day.typ' = 'date',
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

import re
from collections.abc import Iterator

from flowsql.checks.hive.definition import Column, Definition
from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.naming import did_you_mean

RULE = Rule("FQ815", "projection-properties", "error", needs="sql", kinds=("ddl",))

_NEEDS = {"enum": ("values",), "integer": ("range",), "date": ("range", "format"), "injected": ()}
_WORDS = ("type", "values", "range", "interval", "digits", "format", "interval.unit")
_EXAMPLES = {
    ("enum", "values"): "111122223333,444455556666",
    ("integer", "range"): "1,31",
    ("date", "range"): "2026/01/01,NOW",
    ("date", "format"): "yyyy/MM/dd",
}

_MISTAKEN = {
    "YY": ("the year of the week", "yyyy is the year", ""),
    "DD": ("the day of the year", "dd is the day", ""),
    "mm": ("minutes", "MM is the month", "ML"),
    "hh": ("the hour of half a day", "HH is the hour of the day", "aB"),
}
"""Letters of Java's date patterns that are written for others, unless one of the last letters stands there too."""


def check(subject: Subject) -> Iterator[Fault]:
    """Each projected column's properties, then those that belong to no column."""
    for definition in tables(subject):
        if not definition.is_projected:
            yield from _unused(subject, definition)
            continue
        names = {partition.name for partition in definition.partitions}
        for partition in definition.partitions:
            yield from _of_column(subject, definition, partition)
        for each in definition.properties:
            column, _, word = each.key.lower().removeprefix("projection.").rpartition(".")
            if not each.key.lower().startswith("projection.") or each.key.lower() == "projection.enabled":
                continue
            column, word = (column.removesuffix(".interval"), "interval.unit") if word == "unit" else (column, word)
            if column not in names:
                hint = did_you_mean(column, names, "PARTITIONED BY names the columns that may be projected")
                yield subject.fault(f"{column or each.key} is no partition column", each.start, hint)
            elif word not in _WORDS:
                yield subject.fault(
                    f"projection knows no {word}", each.start, did_you_mean(word, _WORDS, ", ".join(_WORDS))
                )


def _unused(subject: Subject, definition: Definition) -> Iterator[Fault]:
    given = [each for each in definition.properties if each.key.lower().startswith("projection.")]
    if given and definition.setting("projection.enabled") is None:
        yield subject.fault("projection is described but not on", given[0].start, "'projection.enabled' = 'true'")


def _of_column(subject: Subject, definition: Definition, partition: Column) -> Iterator[Fault]:
    """The type of one partition column, and what that type needs."""
    kind = definition.setting(f"projection.{partition.name}.type")
    if kind is None:
        hint = f"'projection.{partition.name}.type' = 'date', 'integer', 'enum' or 'injected'"
        yield subject.fault(f"{partition.name} has no projection type", partition.start, hint)
        return
    name = kind.value.lower()
    if name not in _NEEDS:
        hint = did_you_mean(name, _NEEDS, "enum, integer, date or injected")
        yield subject.fault(f"{kind.value} is no projection type", kind.value_start, hint)
        return
    for word in _NEEDS[name]:
        if definition.setting(f"projection.{partition.name}.{word}") is None:
            hint = f"'projection.{partition.name}.{word}' = '{_EXAMPLES[name, word]}'"
            yield subject.fault(f"{partition.name} is of type {name} and has no {word}", kind.start, hint)
    span = definition.setting(f"projection.{partition.name}.range")
    if name in ("integer", "date") and span is not None and span.value.count(",") != 1:
        yield subject.fault(
            f"the range of {partition.name} is not two values", span.value_start, f"'{_EXAMPLES[name, 'range']}'"
        )
    pattern = definition.setting(f"projection.{partition.name}.format")
    if name == "date" and pattern is not None:
        plain = re.sub("'[^']*'", "", pattern.value)
        for letters, (what, meant, unless) in _MISTAKEN.items():
            if letters in plain and not any(letter in plain for letter in unless):
                message = f"{letters} in the format of {partition.name} is {what}"
                yield subject.fault(message, pattern.value_start, f"{meant}; the usual format is yyyy/MM/dd")
    values = definition.setting(f"projection.{partition.name}.values")
    if name == "enum" and values is not None and values.value != ",".join(map(str.strip, values.value.split(","))):
        yield subject.fault("white space is part of an enum's values", values.value_start, "commas without spaces")
