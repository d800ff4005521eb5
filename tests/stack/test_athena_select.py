"""SELECT through the Athena API, as PyAthena's cursors and boto3 see it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pyarrow.fs import S3FileSystem
from pyathena import connect
from pyathena.arrow.cursor import ArrowCursor
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor

from tests.stack.aws import Stack

pytestmark = pytest.mark.trino

TYPED = """SELECT CAST(1 AS bigint) AS b, 'O''Brien, "x"' AS v, '' AS e, CAST(NULL AS varchar) AS n, true AS t,
    DATE '2026-11-22' AS d, TIMESTAMP '2026-11-22 10:00:00' AS ts, from_unixtime(0) AS tz, 1e10 AS f,
    DECIMAL '1.20' AS m"""


@pytest.fixture
def connection(local_aws: Stack) -> Any:
    """PyAthena, unmodified."""
    return connect(s3_staging_dir=f"s3://{local_aws.bucket()}/results/", poll_interval=0.02)


def test_a_cursor_reads_typed_rows(connection: Any) -> None:
    row = connection.cursor().execute(TYPED).fetchone()
    assert row == (
        1,
        'O\'Brien, "x"',
        "",
        None,
        True,
        date(2026, 11, 22),
        datetime(2026, 11, 22, 10),
        datetime(1970, 1, 1, tzinfo=UTC),
        1e10,
        Decimal("1.20"),
    )


def test_a_pandas_cursor_reads_the_csv_on_s3(connection: Any) -> None:
    frame = connection.cursor(PandasCursor).execute(TYPED).as_pandas()
    assert frame.loc[0, "v"] == 'O\'Brien, "x"'
    assert frame["b"].tolist() == [1]


def test_an_arrow_cursor_reads_typed_columns(
    connection: Any, local_aws: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Arrow's own S3 client is the one that does not read AWS_ENDPOINT_URL.
    here = partial(S3FileSystem, endpoint_override=local_aws.endpoint_url, scheme="http")
    monkeypatch.setattr("pyarrow.fs.S3FileSystem", here)
    table = connection.cursor(ArrowCursor).execute(TYPED).as_arrow()
    assert [str(table.schema.field(name).type) for name in "bvt"] == ["int64", "string", "bool"]
    assert table["v"].to_pylist() == ['O\'Brien, "x"']


def test_what_trino_refuses_is_failed_with_its_own_message(connection: Any) -> None:
    with pytest.raises(OperationalError, match=r"COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"):
        connection.cursor().execute("SELECT nope")
    with pytest.raises(OperationalError, match=r"SYNTAX_ERROR: line 1:8: mismatched input 'end'"):
        connection.cursor().execute("SELECT end FROM t")


def test_trino_itself_is_at_hand(stack: Stack) -> None:
    assert stack.trino("SELECT 1 AS one").rows == [[1]]
    verdict = stack.validate("SELECT\n  nope")
    assert (verdict.ok, verdict.name, verdict.line, verdict.column) == (False, "COLUMN_NOT_FOUND", 2, 3)
    assert stack.validate("SELECT end").column == 8
    assert stack.io("SELECT 1")["inputTableColumnInfos"] == []
    refused = stack.hive("CREATE EXTERNAL TABLE t (start int)")
    assert (refused.ok, refused.line, refused.column) == (False, 1, 26)
    assert stack.hive("SHOW TABLES").ok
