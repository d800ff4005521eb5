"""A column of a text table is of a type that loses values of its field.

Why: What does not fit the type of its column becomes NULL: bytes beyond two billion in an int, the upper half of
all ports in a smallint, a time in seconds in a timestamp, an address in a number. Sums are then too small, and nothing
says so.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes int, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')

Right:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs/'
    TBLPROPERTIES ('skip.header.line.count' = '1')
"""

from collections.abc import Iterator

from flowsql.checks.hive.telling import flow_log_tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.fields import column_type, known, record_kind

RULE = Rule("FQ829", "column-type", "error", needs="sql", kinds=("ddl",))

_WHOLE = {"tinyint": 7, "smallint": 15, "int": 31, "integer": 31, "bigint": 63}
"""Whole numbers, with the bits of their largest value."""
_NUMBERS = (*_WHOLE, "float", "double", "decimal")
_TIMES = ("start", "end")
_BITS = {"srcport": 16, "dstport": 16, "protocol": 8, "start": 31, "end": 31}
"""Of the largest value a field really has, where that is less than its documented type holds or is known to be met."""
_FEW = 7
"""Bits of what numbers of few values hold: versions, flags, paths."""


def check(subject: Subject) -> Iterator[Fault]:
    """Numbers too narrow for a field, times that are no numbers, texts that are."""
    for definition in flow_log_tables(subject):
        kind = record_kind(tuple(column.name for column in definition.columns))
        for column in definition.columns if definition.is_text else ():
            # How accounts lose their zeros is told by a rule of its own.
            if known(column.name, kind) is None or column.name.endswith("account_id"):
                continue
            documented = column_type(column.name, kind)
            declared = column.type.partition("(")[0].strip()
            if (lost := _lost(column.name, documented, declared)) is not None:
                message = f"{column.name} is declared as {column.type}, {lost}"
                yield subject.fault(message, column.start, f"{column.name} {documented}")


def _lost(name: str, documented: str, declared: str) -> str | None:
    """What a type loses of a field; None when it holds all."""
    if documented == "string":
        return "which holds no text: all values become NULL" if declared in _NUMBERS else None
    if declared in ("timestamp", "date"):
        return "which no number can be read as: all values become NULL"
    if declared == "float" and documented == "bigint":
        return "which rounds numbers of more than seven digits"
    needed = _BITS.get(name, 63 if documented == "bigint" else _FEW)
    if declared in _WHOLE and _WHOLE[declared] < needed:
        return f"which ends at {(1 << _WHOLE[declared]) - 1:,}: larger values become NULL"
    return None
