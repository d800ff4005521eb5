"""The location template does not fit the partition columns.

Why: With projection the template says where each partition lies. A column that is not in it, a placeholder that is
no column, or a missing slash at the end makes a table that answers with no rows.

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
        'storage.location.template' = 's3://logs/AWSLogs/${account_id}/vpcflowlogs/eu-west-1/${day}',
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
from flowsql.naming import did_you_mean

RULE = Rule("FQ818", "location-template", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """Columns and placeholders of `storage.location.template` that do not match, and how it begins and ends."""
    for definition in tables(subject):
        template = definition.setting("storage.location.template")
        if template is None or not definition.is_projected:
            continue
        columns = [partition.name for partition in definition.partitions]
        used = [name.lower() for name in re.findall(r"\$\{([^}]*)\}", template.value)]
        for name in dict.fromkeys(used):
            if name not in columns:
                hint = did_you_mean(name, columns, f"partition columns: {', '.join(columns)}")
                yield subject.fault(f"${{{name}}} is no partition column", template.value_start, hint)
        for name in columns:
            if name not in used:
                yield subject.fault(
                    f"the template lacks ${{{name}}}", template.value_start, "every partition column stands in it"
                )
        if not template.value.startswith("s3://"):
            yield subject.fault("the template does not begin with s3://", template.value_start, "s3://bucket/prefix/…")
        if not template.value.endswith("/"):
            yield subject.fault("the template does not end with a slash", template.value_start, f"{template.value}/")
