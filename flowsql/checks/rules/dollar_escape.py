"""A placeholder of the location template is escaped for another tool.

Why: Athena reads ${column}. Terraform and templates want $${column} or {{…}} in their own files; sent to Athena so,
the table looks in a folder of that name and has no rows.

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
        'projection.day.range' = '2026/01/01,NOW',
        'storage.location.template' = 's3://logs/AWSLogs/$${account}/vpcflowlogs/eu-west-1/$${day}/',
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

from flowsql.checks.hive.telling import tables
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ822", "dollar-escape", "error", needs="sql", kinds=("ddl",))

_ESCAPED = re.compile(r"\$\$\{|\\\$\{|\{\{|%24%7B|\$\([a-z]|\$[a-z]")


def check(subject: Subject) -> Iterator[Fault]:
    """A property with a doubled or escaped dollar, or with another tool's braces."""
    for definition in tables(subject):
        for each in definition.properties:
            escaped = _ESCAPED.search(subject.sql[each.value_start : each.value_start + 2 * len(each.value) + 2])
            if each.key.lower() == "storage.location.template" and escaped:
                yield subject.fault(
                    f"{escaped[0]} is not what Athena reads", each.value_start, "${column}, with one dollar"
                )
