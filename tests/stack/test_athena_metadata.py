"""Databases and tables through the Athena API, and statements that are neither SELECT nor Hive's."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyathena import connect

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino


@pytest.fixture
def cursor(local_aws: Stack) -> Any:
    """A PyAthena cursor whose database has one table, `t`, with the rows 1 and 2."""
    bucket, database = local_aws.bucket(), local_aws.database()
    local_aws.client("s3").put_object(Bucket=bucket, Key="t/a.txt", Body=b"1\n2\n")
    connection = connect(s3_staging_dir=f"s3://{bucket}/results/", schema_name=database, poll_interval=0.02)
    ddl = f"CREATE EXTERNAL TABLE t (n int) LOCATION 's3://{bucket}/t/' TBLPROPERTIES ('k'='v')"
    return connection.cursor().execute(ddl)


def test_metadata_is_what_glue_has(cursor: Any, local_aws: Stack) -> None:
    database = cursor.connection.schema_name
    table = cursor.get_table_metadata("t")
    assert [(column.name, column.type) for column in table.columns] == [("n", "int")]
    assert table.parameters["k"] == "v"
    assert table.serde_serialization_lib == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    assert [each.name for each in cursor.list_table_metadata()] == ["t"]
    assert database in {each.name for each in cursor.list_databases("AwsDataCatalog")}
    athena = local_aws.client("athena")
    with pytest.raises(ClientError, match=r"\(MetadataException\)"):
        athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=database, TableName="none")
    with pytest.raises(ClientError, match=r"\(InvalidRequestException\).*was not found"):
        athena.list_databases(CatalogName="other")
    assert athena.list_data_catalogs()["DataCatalogsSummary"][0]["CatalogName"] == "AwsDataCatalog"


@pytest.mark.parametrize("explain", ["EXPLAIN", "EXPLAIN (TYPE VALIDATE)", "EXPLAIN (TYPE IO, FORMAT JSON)"])
def test_explain_scans_nothing(cursor: Any, explain: str) -> None:
    (plan,) = cursor.execute(f"{explain} SELECT n FROM t WHERE n > 1").fetchone()
    assert plan
    assert (cursor.statement_type, cursor.data_scanned_in_bytes) == ("UTILITY", 0)


def test_tables_made_of_queries(cursor: Any) -> None:
    bucket = cursor.connection.s3_staging_dir.split("/")[2]
    made = f"CREATE TABLE made WITH (format = 'PARQUET', external_location = 's3://{bucket}/made/') AS SELECT n FROM t"
    cursor.execute(made)
    cursor.execute("INSERT INTO made SELECT 3")
    assert cursor.execute("SELECT sum(n) FROM made").fetchall() == [(6,)]
    cursor.execute("CREATE OR REPLACE VIEW seen AS SELECT max(n) AS most FROM made")
    assert cursor.execute("SELECT most FROM seen").fetchall() == [(3,)]
    cursor.execute("DROP VIEW seen")


def test_many_rows_come_whole(cursor: Any) -> None:
    sql = "SELECT a * 1000 + b AS n FROM UNNEST(sequence(1, 50)) x(a), UNNEST(sequence(1, 1000)) y(b)"
    rows = cursor.execute(sql).fetchall()
    assert len(rows) == 50_000
    assert len(set(rows)) == 50_000
