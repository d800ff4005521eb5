"""From DDL to what a rule says of it."""

from collections.abc import Iterator, Mapping

from flowsql.checks.hive.definition import Definition
from flowsql.checks.hive.reader import definitions
from flowsql.checks.rule import Fault
from flowsql.checks.subject import Subject
from flowsql.fields import known, record_kind

_ENOUGH = 5
"""From how many known fields on a table is taken to be one of flow logs."""


def told(subject: Subject, said: Mapping[str, tuple[str, str]]) -> Iterator[Fault]:
    """One fault for each departure from Hive's grammar of the kinds in `said`, with its message and hint.

    Both may hold `{text}`, the word as it is written, and `{detail}`.
    """
    for definition in definitions(subject.sql):
        for departure in definition.departures:
            if departure.kind in said:
                message, hint = said[departure.kind]
                given = {"text": departure.text, "detail": departure.detail}
                yield subject.fault(message.format(**given), departure.start, hint.format(**given))


def tables(subject: Subject) -> Iterator[Definition]:
    """The statements that make a table with columns, Iceberg's apart."""
    return tables_in(subject.sql)


def tables_in(ddl: str) -> Iterator[Definition]:
    """Those of a text."""
    return (made for made in definitions(ddl) if made.is_table and not made.is_iceberg)


def flow_log_tables(subject: Subject) -> Iterator[Definition]:
    """Those of them whose columns are fields of flow logs."""
    for definition in tables(subject):
        columns = tuple(column.name for column in definition.columns)
        kind = record_kind(columns)
        if sum(known(column, kind) is not None for column in columns) >= _ENOUGH:
            yield definition
