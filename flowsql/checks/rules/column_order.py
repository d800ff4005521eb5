"""The columns of a text table are not in the order of the log format.

Why: A text file has no names: the first field of a line becomes the first column, whatever either is called. One
column too few or out of place shifts all behind it, and the answers look plausible.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, dstaddr string, srcaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
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
from flowsql.fields import DEFAULT_FORMAT, column_name

RULE = Rule("FQ811", "column-order", "error", needs="sql", kinds=("ddl",))

_HINT = "all fields, in the order of the flow log's LogFormat; `flowsql table ddl` writes them"


def check(subject: Subject) -> Iterator[Fault]:
    """The first column that is not the field at its place: of the table's log format, or of the default one."""
    for definition in flow_log_tables(subject):
        declared = [column.name.replace("-", "_") for column in definition.columns]
        fields = list(subject.table.columns) if subject.table else _default(declared)
        if not definition.is_text or not fields:
            continue
        for place, column in enumerate(definition.columns):
            expected = fields[place] if place < len(fields) else None
            if declared[place] != expected:
                has = f"has {expected} there" if expected else f"ends before, with {fields[-1]}"
                yield subject.fault(
                    f"column {place + 1} is {column.name}, but the log format {has}", column.start, _HINT
                )
                break
        else:
            if len(declared) < len(fields):
                last = definition.columns[-1]
                yield subject.fault(
                    f"{fields[len(declared)]} of the log format is missing behind {last.name}", last.start, _HINT
                )


def _default(declared: list[str]) -> list[str]:
    """The default log format, when these are its fields in whatever order."""
    fields = [column_name(field) for field in DEFAULT_FORMAT]
    return fields if sorted(declared) == sorted(fields) else []
