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
from flowsql.tables.storing import holds, largest

RULE = Rule("FQ829", "column-type", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """Numbers too narrow for a field, times that are no numbers, texts that are."""
    for definition in flow_log_tables(subject):
        kind = record_kind(tuple(column.name for column in definition.columns))
        for column in definition.columns if definition.is_text else ():
            # How accounts lose their zeros is told by a rule of its own; of a decimal the digits are not read.
            if known(column.name, kind) is None or column.name.endswith("account_id") or column.type == "decimal":
                continue
            if not holds(column.name, column.type, kind, "text"):
                documented = column_type(column.name, kind)
                message = f"{column.name} is declared as {column.type}, {_lost(documented, column.type)}"
                yield subject.fault(message, column.start, f"{column.name} {documented}")


def _lost(documented: str, declared: str) -> str:
    """What a type loses of a field."""
    if documented == "string":
        return "which holds no text: all values become NULL"
    if declared in ("timestamp", "date"):
        return "which no number can be read as: all values become NULL"
    if declared in ("float", "real"):
        return "which rounds numbers of more than seven digits"
    return f"which ends at {most:,}: larger values become NULL" if (most := largest(declared)) else "which is no number"
