"""Each fault that a test may order, as boto3 and PyAthena meet it."""

import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pyathena import connect
from pyathena.error import OperationalError

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino


@pytest.fixture
def client(local_aws: Stack) -> Any:
    """An Athena client that does not try again by itself."""
    return boto3.client("athena", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def cursor(local_aws: Stack) -> Any:
    """PyAthena, unmodified."""
    return connect(s3_staging_dir=f"s3://{local_aws.bucket()}/results/", poll_interval=0.02).cursor()


def test_throttling_strikes_as_often_as_ordered(local_aws: Stack, client: Any) -> None:
    local_aws.fault("throttled", times=2)
    for _ in range(2):
        with pytest.raises(ClientError, match=r"\(ThrottlingException\).*Rate exceeded"):
            client.list_work_groups()
    client.list_work_groups()
    local_aws.fault("throttled", operation="GetQueryExecution")
    client.list_work_groups()


def test_too_many_queries_says_why(local_aws: Stack, client: Any) -> None:
    local_aws.fault("too_many_queries", times=1)
    request = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": f"s3://{local_aws.bucket()}/"}}
    with pytest.raises(ClientError, match=r"\(TooManyRequestsException\)") as refused:
        client.start_query_execution(**request)
    assert refused.value.response["Reason"] == "CONCURRENT_QUERY_LIMIT_EXCEEDED"
    client.start_query_execution(**request)


def test_a_slow_query_stays_where_it_is_and_can_be_stopped(local_aws: Stack, cursor: Any, client: Any) -> None:
    local_aws.fault("slow", seconds=0.4, state="QUEUED", times=1)
    started = time.monotonic()
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert time.monotonic() - started >= 0.4
    assert cursor.query_queue_time_in_millis >= 400
    local_aws.fault("slow", seconds=60, state="RUNNING", times=1)
    query = client.start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{local_aws.bucket()}/"}
    )["QueryExecutionId"]
    client.stop_query_execution(QueryExecutionId=query)
    assert client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "CANCELLED"


def test_a_query_fails_with_the_reason_ordered(local_aws: Stack, cursor: Any) -> None:
    local_aws.fault("failed", reason="HIVE_BAD_DATA: Error parsing field value", error_type=1001, times=1)
    with pytest.raises(OperationalError, match="HIVE_BAD_DATA"):
        cursor.execute("SELECT 1")
    cursor.execute("SELECT 1")


def test_an_expired_token_is_refused_by_every_service(local_aws: Stack, client: Any) -> None:
    local_aws.fault("expired")
    for call in (client.list_work_groups, boto3.client("glue").get_databases, boto3.client("s3").list_buckets):
        with pytest.raises(ClientError, match="Expired"):
            call()
    with pytest.raises(ClientError, match="RequestExpired"):
        boto3.client("ec2").describe_flow_logs()


def test_data_cannot_be_read_from_a_denied_bucket(local_aws: Stack, cursor: Any) -> None:
    bucket, database = local_aws.bucket(), local_aws.database()
    cursor.execute(f"CREATE EXTERNAL TABLE {database}.t (n int) LOCATION 's3://{bucket}/t/'")
    local_aws.fault("denied", bucket=bucket)
    with pytest.raises(OperationalError, match=f"Permission denied on S3 path: s3://{bucket}/t/"):
        cursor.execute(f"SELECT * FROM {database}.t")


def test_results_cannot_be_written_to_a_denied_bucket(local_aws: Stack) -> None:
    bucket = local_aws.bucket()
    local_aws.fault("denied", bucket=bucket)
    cursor = connect(s3_staging_dir=f"s3://{bucket}/results/", poll_interval=0.02).cursor()
    with pytest.raises(OperationalError, match="Access denied when writing output"):
        cursor.execute("SELECT 1")
    with pytest.raises(ClientError, match="AccessDenied"):
        local_aws.client("s3").put_object(Bucket=bucket, Key="k", Body=b"")
