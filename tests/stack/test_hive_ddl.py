"""Hive DDL through the Athena API becomes Glue tables that Trino reads."""

import gzip
from dataclasses import dataclass
from typing import Any

import pytest
from pyathena import connect
from pyathena.error import OperationalError

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino

TEXT_TABLE = """CREATE EXTERNAL TABLE IF NOT EXISTS `{name}` (
  version int, `account-id` string COMMENT 'it''s the \\"owner\\"', srcaddr string, bytes bigint, `start` bigint)
PARTITIONED BY (region string, `date` string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION 's3://{bucket}/AWSLogs/'
TBLPROPERTIES ({properties})"""

HEADER = "'skip.header.line.count'='1'"
PROJECTED = f"""{HEADER}, 'projection.enabled'='true',
  'projection.region.type'='enum', "projection.region.values"="us-east-1,eu-west-1",
  'projection.date.type'='date', 'projection.date.format'='yyyy/MM/dd', 'projection.date.range'='2026/11/01,2026/11/30',
  'storage.location.template'='s3://{{bucket}}/AWSLogs/${{{{region}}}}/${{{{date}}}}/'"""


@dataclass
class Logs:
    """A bucket with flow logs of three days in two regions, and a cursor."""

    stack: Stack
    cursor: Any
    bucket: str
    sizes: dict[str, int]

    def create(self, name: str, properties: str) -> None:
        """CREATE EXTERNAL TABLE over the bucket."""
        ddl = TEXT_TABLE.format(name=name, bucket=self.bucket, properties=properties.format(bucket=self.bucket))
        self.cursor.execute(ddl)

    def ask(self, sql: str) -> list[Any]:
        """The rows of a statement."""
        rows: list[Any] = self.cursor.execute(sql).fetchall()
        return rows


@pytest.fixture
def logs(local_aws: Stack) -> Logs:
    """Two layouts of the same records: AWS's own and Hive's `key=value`."""
    bucket, database, s3 = local_aws.bucket(), local_aws.database(), local_aws.client("s3")
    sizes = {}
    for region in ("us-east-1", "eu-west-1"):
        for day in range(1, 4):
            text = f"version account-id srcaddr bytes start\n2 0{day} 10.0.0.{day} {day} 1\n2 0{day} - - 1\n"
            key = f"AWSLogs/{region}/2026/11/{day:02}/a.log.gz"
            body = gzip.compress(text.encode())
            sizes[key] = len(body)
            s3.put_object(Bucket=bucket, Key=key, Body=body)
            s3.put_object(Bucket=bucket, Key=f"AWSLogs/region={region}/date=2026-11-{day:02}/a.log.gz", Body=body)
    cursor = connect(s3_staging_dir=f"s3://{bucket}/results/", schema_name=database, poll_interval=0.02).cursor()
    return Logs(local_aws, cursor, bucket, sizes)


def test_ddl_becomes_the_table_that_athena_stores(logs: Logs) -> None:
    logs.create("flows", HEADER)
    table = logs.stack.client("glue").get_table(DatabaseName=logs.cursor.connection.schema_name, Name="flows")["Table"]
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"] == {"EXTERNAL": "TRUE", "skip.header.line.count": "1"}
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("region", "string"), ("date", "string")]
    assert storage["Columns"][1] == {"Name": "account-id", "Type": "string", "Comment": 'its the "owner"'}
    assert storage["Columns"][4] == {"Name": "start", "Type": "bigint"}
    assert storage["Location"] == f"s3://{logs.bucket}/AWSLogs/"
    assert storage["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": " ", "serialization.format": " "},
    }


def test_a_projected_table_reads_only_the_partitions_asked_for(logs: Logs) -> None:
    logs.create("flows", PROJECTED)
    where = "WHERE region = 'eu-west-1' AND \"date\" BETWEEN '2026/11/02' AND '2026/11/03'"
    rows = logs.ask(f'SELECT "account-id", srcaddr, bytes, "date" FROM flows {where} ORDER BY "date", bytes')
    assert rows == [
        ("02", "10.0.0.2", 2, "2026/11/02"),
        ("02", "-", None, "2026/11/02"),
        ("03", "10.0.0.3", 3, "2026/11/03"),
        ("03", "-", None, "2026/11/03"),
    ]
    selected = [size for key, size in logs.sizes.items() if "/eu-west-1/" in key and "/01/" not in key]
    assert logs.cursor.data_scanned_in_bytes == sum(selected)


def test_partitions_are_registered_repaired_shown_and_dropped(logs: Logs) -> None:
    logs.create("flows", HEADER)
    count = "SELECT count(*) FROM flows"
    assert logs.ask(count) == [(0,)]
    one = "PARTITION (region='us-east-1', `date`='2026-11-01')"
    place = f"LOCATION 's3://{logs.bucket}/AWSLogs/us-east-1/2026/11/01/'"
    logs.ask(f"ALTER TABLE flows ADD IF NOT EXISTS {one} {place}")
    logs.ask(f"ALTER TABLE flows ADD IF NOT EXISTS {one} {place}")
    with pytest.raises(OperationalError, match="already exists"):
        logs.ask(f"ALTER TABLE flows ADD {one} {place}")
    assert logs.ask(count) == [(2,)]
    logs.ask("MSCK REPAIR TABLE flows")
    assert logs.ask(count) == [(12,)]
    shown = logs.ask("SHOW PARTITIONS flows")
    assert len(shown) == 6
    assert shown[0] == ("region=eu-west-1/date=2026-11-01",)
    logs.ask(f"ALTER TABLE flows DROP {one}")
    assert logs.ask(count) == [(10,)]


def test_a_table_is_altered(logs: Logs) -> None:
    logs.create("flows", PROJECTED)
    logs.ask("ALTER TABLE flows ADD COLUMNS (`end` bigint COMMENT 'new')")
    logs.ask("ALTER TABLE flows SET TBLPROPERTIES ('projection.region.values'='us-east-1')")
    where = "\"date\" = '2026/11/01'"
    assert logs.ask(f'SELECT count(*), count("end") FROM flows WHERE {where}') == [(2, 0)]


def test_what_is_there_is_shown(logs: Logs) -> None:
    logs.create("flows", HEADER)
    assert logs.ask("SHOW TABLES") == [("flows",)]
    lines = [row[0] for row in logs.ask("SHOW CREATE TABLE flows")]
    assert lines[0].startswith("CREATE EXTERNAL TABLE `")
    assert logs.stack.hive("\n".join(lines)).ok
    described = [row[0].split("\t")[0].strip() for row in logs.ask("DESCRIBE flows")]
    assert described[:5] == ["version", "account-id", "srcaddr", "bytes", "start"]
    logs.ask("DROP TABLE flows")
    logs.ask("DROP TABLE IF EXISTS flows")
    with pytest.raises(OperationalError, match="Table not found"):
        logs.ask("DROP TABLE flows")


def test_what_hives_grammar_refuses_is_failed_as_athena_fails_it(logs: Logs) -> None:
    reason = r"^FAILED: ParseException line 1:\d+ cannot recognize input near 'start' 'int'"
    with pytest.raises(OperationalError, match=reason):
        logs.ask("CREATE EXTERNAL TABLE t (start int) LOCATION 's3://b/'")
    with pytest.raises(OperationalError, match="Database does not exist"):
        logs.ask("CREATE EXTERNAL TABLE nowhere.t (a int) LOCATION 's3://b/'")


def test_databases_come_and_go(logs: Logs) -> None:
    name = logs.stack.fresh_name("made").replace("-", "_")
    logs.ask(f"CREATE DATABASE IF NOT EXISTS {name} COMMENT 'ours'")
    logs.ask(f"CREATE DATABASE IF NOT EXISTS {name}")
    assert (name,) in logs.ask("SHOW DATABASES")
    logs.ask(f"CREATE EXTERNAL TABLE {name}.t (a int) STORED AS PARQUET LOCATION 's3://{logs.bucket}/none/'")
    assert logs.ask(f"SELECT * FROM {name}.t") == []
    with pytest.raises(OperationalError, match="not empty"):
        logs.ask(f"DROP DATABASE {name}")
    logs.ask(f"DROP DATABASE {name} CASCADE")
    assert (name,) not in logs.ask("SHOW DATABASES")
