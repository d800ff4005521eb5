"""Athena's reasons and refusals, each with its error, its place and the next step."""

import pytest

from flowsql.engines.athena_errors import Sent, cleaned, failed, refused
from flowsql.errors import DamagedObject, EngineError, FlowsqlError, NotFound, QueryError, SourceError
from flowsql.sources import AthenaSource

SOURCE = AthenaSource("prod", "logs", "flow_logs", workgroup="analysts", output="s3://results/athena/")
SENT = Sent("q.sql", skipped=20, inserted=400)


@pytest.mark.parametrize(
    ("reason", "kind", "message", "hint"),
    [
        (
            "Query cancelled! : Bytes scanned limit was exceeded",
            EngineError,
            "workgroup analysts allows",
            "shorter window",
        ),
        (
            "TABLE_NOT_FOUND: line 1:10: Table 'awsdatacatalog.logs.flow_logs' does not exist",
            NotFound,
            "no table logs.flow_logs",
            "flowsql table list --database logs",
        ),
        ("SCHEMA_NOT_FOUND: line 1:15: Schema 'logs' does not exist", NotFound, "no database logs", "flowsql table"),
        (
            "Access denied when writing to location: s3://results/athena/x.csv",
            SourceError,
            "cannot be written to s3://results/athena/",
            "s3:PutObject",
        ),
        ("Unable to verify/create output bucket results", SourceError, "cannot be written", "s3:GetBucketLocation"),
        (
            "AmazonS3Exception: The bucket is in this region: eu-west-1 (PermanentRedirect)",
            SourceError,
            "in another region",
            "output",
        ),
        (
            "The security token included in the request is expired (ExpiredTokenException)",
            SourceError,
            "expired",
            "aws sso login",
        ),
        (
            "HIVE_BAD_DATA: Error parsing column in s3://flow/AWSLogs/1.log.gz",
            DamagedObject,
            "s3://flow/AWSLogs/1.log.gz",
            "flowsql table verify",
        ),
        (
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://flow/1.log.gz: NoSuchKey",
            SourceError,
            "could not be opened",
            "run it again",
        ),
        (
            "CONSTRAINT_VIOLATION: For the injected projected partition column account_id, the "
            "WHERE clause must contain only a single static equality condition",
            QueryError,
            "injected",
            "--account",
        ),
        (
            "INVALID_TABLE_PROPERTY: Invalid value for projection.day.range",
            EngineError,
            "projection of logs.flow_logs is wrong",
            "flowsql table verify",
        ),
        ("Query exhausted resources at this scale factor", EngineError, "more than Athena gives", "shorter window"),
        ("Query timeout", EngineError, "longer than Athena allows", "quota"),
        (
            "User: arn:aws:iam::1:user/a is not authorized to perform: glue:GetTable on resource",
            SourceError,
            "access denied: Athena may not glue:GetTable with your permissions",
            "allow glue:GetTable on what the query reads and writes",
        ),
        (
            "User: arn:aws:iam::1:user/a is not authorized to perform: glue:CreateTable on resource: "
            "arn:aws:glue:us-east-1:1:catalog because no identity-based policy allows the glue:CreateTable action "
            "(Service: AWSGlue; Status Code: 400)",
            SourceError,
            "may not glue:CreateTable with your permissions, because no identity-based policy allows the "
            "glue:CreateTable action",
            "allow glue:CreateTable on arn:aws:glue:us-east-1:1:catalog and its database and table",
        ),
        ("Access Denied (Service: Amazon S3; Status Code: 403)", SourceError, "may not be read", "s3:GetObject"),
        ("S3 SlowDown: please reduce your request rate", EngineError, "slow down", "run it again"),
        ("DIVISION_BY_ZERO: Division by zero", EngineError, "a value stops the query", "TRY"),
        ("GENERIC_INTERNAL_ERROR: null", EngineError, "failed by itself", "q-1"),
        ("something new", EngineError, "something new", "q-1"),
    ],
)
def test_reasons(reason: str, kind: type[FlowsqlError], message: str, hint: str) -> None:
    told = failed(reason, SOURCE, SENT, "q-1")
    assert type(told) is kind
    assert message in told.message
    assert hint in (told.hint or "")


def test_a_line_is_that_of_the_author_s_file() -> None:
    told = failed("TYPE_MISMATCH: line 3:8: Cannot apply operator: bigint = varchar(2)", SOURCE, SENT)
    assert (told.where, told.message) == (
        "q.sql:23",
        "Athena refuses the query: Cannot apply operator: bigint = varchar(2)",
    )
    assert failed("SYNTAX_ERROR: line 1:900: mismatched input", SOURCE, SENT).where == "q.sql:21"
    # What stands before the author's own first line is not theirs.
    assert failed("COLUMN_NOT_FOUND: line 1:30: Column 'x' cannot be resolved", SOURCE, SENT).where == "q.sql"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "HIVE_BAD_DATA: Error reading field value: foo (s3://b/x.gz)",
            "(s3://b/x.gz): Error reading field value: foo",
        ),
        ("HIVE_BAD_DATA: bad value in s3://b/k.gz.", "says (s3://b/k.gz): bad value"),
        (
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://b/k.gz (offset=0, length=9): no",
            "(s3://b/k.gz): Error opening Hive split (offset=0, length=9): no",
        ),
        ("HIVE_BAD_DATA: nothing named", "what the table says: nothing named"),
    ],
)
def test_an_object_is_named_once(reason: str, told: str) -> None:
    assert failed(reason, SOURCE, SENT).message.endswith(told)


def test_no_secret_is_repeated() -> None:
    text = cleaned(
        "denied AKIAIOSFODNN7EXAMPLE at https://b/?X-Amz-Signature=abc&X-Amz-Security-Token=def "
        "aws_secret_access_key=xyz"
    )
    assert not any(secret in text for secret in ("AKIAIOSFODNN7EXAMPLE", "abc", "def", "xyz"))


@pytest.mark.parametrize(
    ("code", "message", "kind", "told"),
    [
        ("InvalidRequestException", "WorkGroup analysts is not found.", NotFound, "no workgroup 'analysts'"),
        ("InvalidRequestException", "QueryExecution x was not found", NotFound, "not found"),
        (
            "InvalidRequestException",
            "No output location provided. An output location is required",
            SourceError,
            "nowhere to write",
        ),
        ("TooManyRequestsException", "limit", EngineError, "no more queries now"),
        ("ThrottlingException", "Rate exceeded", EngineError, "too often"),
        ("MetadataException", "Table flow_logs does not exist", NotFound, "no table"),
        (
            "AccessDeniedException",
            "Access denied when reading the results at s3://r/a.csv",
            SourceError,
            "(s3://r/a.csv)",
        ),
    ],
)
def test_refusals(code: str, message: str, kind: type[FlowsqlError], told: str) -> None:
    made = refused(code, message, SOURCE, SENT, "workgroup analysts")
    assert isinstance(made, kind)
    assert told in made.message


def test_what_any_service_refuses_is_left_to_the_common_table() -> None:
    assert refused("AccessDeniedException", "no", SOURCE, None, "w") is None


def test_a_command_without_a_source_is_told_of_its_own_option() -> None:
    told = "No output location provided. An output location is required"
    for name, hint in (("prod", 'output = "s3://bucket/prefix/" in the source'), ("", "--results s3://bucket/prefix/")):
        error = refused("InvalidRequestException", told, AthenaSource(name, "logs", "flow_logs"), None, "w")
        assert error is not None
        assert str(error.hint).startswith(hint)
