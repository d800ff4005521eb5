"""A LOCATION is not a folder on S3.

Why: Athena wants s3://bucket/prefix/ with a slash at the end: no s3a or https, no file, no pattern, no empty folder
in between. Without the slash it reads every prefix that begins so.

Wrong:

    CREATE EXTERNAL TABLE flow_logs (
        version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport
        int, dstport int, protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint,
        action string, log_status string
    )
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
    LOCATION 's3://logs/AWSLogs'
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

from flowsql.checks.hive.reader import definitions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ819", "location", "error", needs="sql", kinds=("ddl",))


def check(subject: Subject) -> Iterator[Fault]:
    """Every location of tables and partitions; one for CREATE TABLE that is missing."""
    for definition in definitions(subject.sql):
        if definition.verb == "CREATE TABLE" and definition.location is None and not definition.departures:
            yield subject.fault("the table has no LOCATION", definition.start, "LOCATION 's3://bucket/prefix/'")
        for token in definition.locations:
            wrong = _wrong(token.value)
            if wrong:
                yield subject.fault(f"the location {wrong}", token.start, "'s3://bucket/prefix/'")


def _wrong(location: str) -> str | None:
    scheme, found, rest = location.partition("://")
    if not found or scheme != "s3":
        return "does not begin with s3://"
    if not location.endswith("/"):
        return "does not end with a slash"
    if "//" in rest:
        return "has an empty folder in it"
    return "is a pattern" if set("*?[]") & set(rest) else None
