"""Every kind of table on Trino: detected, made, verified, and asked what the embedded engine is asked too."""

import gzip
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flowsql.aws.glue import Catalogue
from flowsql.engines.athena_statements import Statements
from flowsql.engines.duckdb import DuckDBEngine
from flowsql.fields import TGW_DEFAULT_FORMAT, TGW_FIELDS, column_type
from flowsql.layout import object_key
from flowsql.partitions import partition_terms
from flowsql.query import Filters, Relation
from flowsql.reading.store import LocalStore
from flowsql.sample.writer import write_sample
from flowsql.session import Flows
from flowsql.sources import AthenaSource
from flowsql.table import Table
from flowsql.tables.catalogue import open_table
from flowsql.tables.ddl import add_partitions, create_table, repair_table
from flowsql.tables.definition import glue_table
from flowsql.tables.design import make_table
from flowsql.tables.finding import find, partition_folders
from flowsql.tables.proving import check_rows
from flowsql.tables.verify import check_definition
from flowsql.window import Window

pytestmark = pytest.mark.trino

UNTIL = datetime(2026, 11, 1, 2, tzinfo=UTC)
CELLS = list(product(("text", "parquet"), ("default", "hive"), (False, True)))
WINDOWS = {
    "an hour ends in it": (UNTIL - timedelta(minutes=190), UNTIL - timedelta(minutes=160)),
    "a day and a month end in it": (UNTIL - timedelta(minutes=150), UNTIL - timedelta(minutes=100)),
    "the newest object": (UNTIL - timedelta(minutes=10), UNTIL + timedelta(hours=1)),
}
QUESTIONS = (
    'SELECT account_id, srcaddr, dstaddr, srcport, protocol, bytes, "start", "end", region FROM flows',
    "SELECT log_status, COUNT(*) AS records, SUM(bytes) AS bytes, COUNT(srcaddr) AS addresses FROM records "
    "GROUP BY log_status",
    "SELECT CAST(to_unixtime(date_trunc('hour', start_time)) AS bigint) AS hour, MAX(end_time) AS latest, "
    "COUNT(*) AS flows FROM flows GROUP BY 1",
)


@pytest.fixture
def uploaded(local_aws: Any) -> Callable[[Path], str]:
    """Puts a folder's flow logs into a new bucket; its name."""

    def upload(folder: Path) -> str:
        bucket, client = local_aws.bucket(), local_aws.client("s3")
        for path in folder.rglob("*_vpcflowlogs_*"):
            client.put_object(Bucket=bucket, Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())
        client.close()
        return str(bucket)

    return upload


def sizes(folder: Path, bucket: str, prefixes: tuple[str, ...]) -> int:
    """Bytes of the objects that lie at the prefixes."""
    paths = folder.rglob("*_vpcflowlogs_*")
    return sum(
        path.stat().st_size
        for path in paths
        if f"s3://{bucket}/{path.relative_to(folder).as_posix()}".startswith(prefixes)
    )


def plain(rows: Any) -> list[tuple[str, ...]]:
    """Rows to compare: as text, in one order; instants without their spelling."""
    return sorted(tuple(_text(value) for value in row) for row in rows)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    text = str(value)
    return text.removesuffix(" UTC").removesuffix(".000") if text.endswith(" UTC") else text


def remote(stack: Any, table: Table, question: str, window: Window, filters: Filters, prefix: str = "") -> Any:
    """What Trino answers over the real table."""
    relation = "records" if "FROM records" in question else "flows"
    sql = table.remote_relation_sql(Relation(relation, relation, window), filters, table.columns)
    return stack.trino(f"{prefix}WITH {relation} AS ({sql}) {question}", table.name[0] if table.name else "default")


def check(stack: Any, table: Table, folder: Path, bucket: str, kind: str) -> None:
    """Each window with a question: the same rows as the embedded engine, and no object read for nothing."""
    flows = Flows(DuckDBEngine(LocalStore(str(folder))))
    for (since, until), question in zip(WINDOWS.values(), QUESTIONS, strict=True):
        question = question.replace(", region", "") if kind == "tgw" else question
        window = Window(since, until)
        asked = question.replace("FROM flows", "FROM {{ flows }}").replace("FROM records", "FROM {{ records }}")
        expected = flows.sql(asked, since=since, until=until)
        answered = remote(stack, table, question, window, Filters())
        here = expected.astype(object).where(expected.notna(), None).itertuples(index=False)
        assert plain(answered.rows) == plain(here), question
        assert answered.rows
        held = sizes(folder, bucket, table.prefixes(window, Filters()))
        assert 0 < answered.scanned_bytes <= 1.1 * held


def domains(stack: Any, table: Table, window: Window) -> dict[str, set[str]]:
    """The values of each partition column that Trino bounds a question to."""
    plan = remote(stack, table, QUESTIONS[2], window, Filters(), "EXPLAIN (TYPE IO, FORMAT JSON) ")
    (read,) = json.loads(plan.rows[0][0])["inputTableColumnInfos"]
    found: dict[str, set[str]] = {}
    names = {partition.name for partition in table.partitions}
    for column in read["constraint"]["columnConstraints"]:
        if column["columnName"] not in names:
            continue
        ranges = column["domain"]["ranges"]
        assert all(each["low"]["bound"] == each["high"]["bound"] == "EXACTLY" for each in ranges)
        found[column["columnName"]] = {each[end]["value"] for each in ranges for end in ("low", "high")}
    return found


def believed(table: Table, window: Window) -> dict[str, set[str]]:
    """The values that flowsql's predicate names."""
    found: dict[str, set[str]] = {}
    for term in partition_terms(table.partitions, window, timedelta()):
        for condition in term:
            found.setdefault(condition.partition.name, set()).update(condition.texts)
    return found


def made(bucket: str, database: str, athena: Statements, **how: Any) -> Table:
    """The one table over a bucket: detected, its DDL run through Athena, read back from Glue."""
    (design,) = find(f"s3://{bucket}/").designs
    table = make_table(design, (database, "flow_logs"), **how)
    athena.execute(create_table(table))
    if how.get("registered"):
        athena.execute(repair_table(table))
    return open_table(Catalogue(), database, "flow_logs")


def verified(table: Table, bucket: str, athena: Statements, stack: Any) -> None:
    client = stack.client("glue")
    stored = glue_table(client.get_table(DatabaseName=table.name[0], Name=table.name[1])["Table"])  # type: ignore[index]
    client.close()
    found = find(f"s3://{bucket}/").deliveries
    checks = [*check_definition(table, stored, found, datetime.now(UTC)), *check_rows(table, found, athena.execute)]
    assert [item for item in checks if not item.ok] == []
    assert {"format", "keys", "columns", "rows", "values", "newest record"} <= {item.name for item in checks}


@pytest.fixture
def athena(local_aws: Any) -> Statements:
    return Statements(AthenaSource("", "logs", "flow_logs", output=f"s3://{local_aws.bucket('results')}/"))


@pytest.mark.parametrize(("file_format", "style", "hourly"), CELLS)
def test_vpc(
    local_aws: Any, uploaded: Any, athena: Statements, tmp_path: Path, file_format: Any, style: Any, hourly: bool
) -> None:
    write_sample(
        tmp_path / "logs",
        until=UNTIL,
        hours=4,
        rate=0.01,
        layout=style,
        hourly=hourly,
        file_format=file_format,
        accounts=2,
    )
    bucket = uploaded(tmp_path / "logs")
    table = made(bucket, local_aws.database(), athena)
    verified(table, bucket, athena, local_aws)
    check(local_aws, table, tmp_path / "logs", bucket, "vpc")
    for since, until in WINDOWS.values():
        window = Window(since, until)
        bounded = domains(local_aws, table, window)
        assert {name: bounded.get(name) for name in believed(table, window)} == believed(table, window)


def tgw_logs(folder: Path, file_format: str, style: Any, hourly: bool) -> None:
    """Transit gateway records of four hours."""
    rng = Random(7)
    columns = [item.column for item in TGW_FIELDS]
    numbers = {name for name in columns if column_type(name, "tgw") != "string"}
    for slot in range(int(UNTIL.timestamp()) - 4 * 3600, int(UNTIL.timestamp()), 300):
        records: list[Mapping[str, Any]] = []
        for number in range(5):
            end = slot + rng.randrange(300)
            row: dict[str, Any] = {name: rng.randrange(1000) if name in numbers else None for name in columns}
            row |= {"account_id": "000000000012", "srcaddr": f"10.0.0.{number}", "dstaddr": "10.1.0.1", "protocol": 6}
            row |= {"start": end - 60, "end": end, "log_status": "OK", "version": 6}
            records.append(row if number else row | {"log_status": "NODATA", "srcaddr": None, "bytes": None})
        moment = datetime.fromtimestamp(slot, UTC)
        key = object_key(
            "000000000012",
            "us-east-1",
            "fl-0a1b",
            moment,
            "a",
            style=style,
            hourly=hourly,
            parquet=file_format == "parquet",
        )
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_parquet(columns, records) if file_format == "parquet" else _gzip(columns, records))


def _gzip(columns: list[str], records: list[Mapping[str, Any]]) -> bytes:
    lines = [" ".join(TGW_DEFAULT_FORMAT)]
    lines += [" ".join("-" if row[name] is None else str(row[name]) for name in columns) for row in records]
    return gzip.compress("\n".join([*lines, ""]).encode(), mtime=0)


def _parquet(columns: list[str], records: list[Mapping[str, Any]]) -> bytes:
    kinds = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
    schema = pa.schema([(name, kinds[column_type(name, "tgw")]) for name in columns])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in records], schema), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("file_format", "style", "hourly"), CELLS)
def test_transit_gateway(
    local_aws: Any, uploaded: Any, athena: Statements, tmp_path: Path, file_format: Any, style: Any, hourly: bool
) -> None:
    tgw_logs(tmp_path / "logs", file_format, style, hourly)
    bucket = uploaded(tmp_path / "logs")
    table = made(bucket, local_aws.database(), athena)
    assert table.kind == "tgw"
    verified(table, bucket, athena, local_aws)
    window = Window(*WINDOWS["a day and a month end in it"])
    answered = remote(local_aws, table, QUESTIONS[0].replace(", region", ""), window, Filters())
    sql = QUESTIONS[0].replace(", region", ", tgw_id").replace("FROM flows", "FROM {{ flows }}")
    flows = Flows(DuckDBEngine(LocalStore(str(tmp_path / "logs"))))
    expected = flows.sql(sql, since=window.since, until=window.until).drop(columns="tgw_id")
    assert plain(answered.rows) == plain(expected.itertuples(index=False))
    assert len(answered.rows) > 20
    assert answered.scanned_bytes <= 1.1 * sizes(tmp_path / "logs", bucket, table.prefixes(window, Filters()))


def test_repaired_partitions(local_aws: Any, uploaded: Any, athena: Statements, tmp_path: Path) -> None:
    """Hive-compatible keys name partitions with hyphens, `aws-account-id`, which every predicate has to quote."""
    write_sample(tmp_path / "logs", until=UNTIL, hours=4, rate=0.01, layout="hive", hourly=True, accounts=2)
    bucket = uploaded(tmp_path / "logs")
    table = made(bucket, local_aws.database(), athena, registered=True)
    assert [partition.role for partition in table.partitions] == [
        *("account", "service", "region", "year", "month", "day", "hour"),
    ]
    assert table.name is not None
    client = local_aws.client("glue")
    listed = client.get_partitions(DatabaseName=table.name[0], TableName=table.name[1])["Partitions"]
    client.close()
    assert len(listed) == 2 * 4
    window = Window(*WINDOWS["an hour ends in it"])
    assert {f"{item['StorageDescriptor']['Location'].rstrip('/')}/" for item in listed} >= set(
        table.prefixes(window, Filters(account=("123456789012",), region=("us-east-1",)))
    )
    assert {"aws-account-id", "aws-region"} <= {partition.name for partition in table.partitions}
    verified(table, bucket, athena, local_aws)
    check(local_aws, table, tmp_path / "logs", bucket, "vpc")
    for since, until in WINDOWS.values():
        window = Window(since, until)
        bounded = domains(local_aws, table, window)
        # Trino knows which partitions there are: of those it reads what the predicate names.
        assert all(bounded[name] <= values for name, values in believed(table, window).items())


def test_injected_accounts(local_aws: Any, uploaded: Any, athena: Statements, tmp_path: Path) -> None:
    write_sample(tmp_path / "logs", until=UNTIL, hours=4, rate=0.01, accounts=2)
    table = made(uploaded(tmp_path / "logs"), local_aws.database(), athena, injected={"account"})
    window = Window(*WINDOWS["a day and a month end in it"])
    answered = remote(local_aws, table, QUESTIONS[0], window, Filters(account=("123456789012",)))
    assert {row[0] for row in answered.rows} == {"123456789012"}


def test_added_partitions(local_aws: Any, uploaded: Any, athena: Statements, tmp_path: Path) -> None:
    write_sample(tmp_path / "logs", until=UNTIL, hours=4, rate=0.01)
    bucket, database = uploaded(tmp_path / "logs"), local_aws.database()
    (design,) = find(f"s3://{bucket}/").designs
    wanted = make_table(design, (database, "flow_logs"), registered=True)
    athena.execute(create_table(wanted))
    for statement in add_partitions(wanted, partition_folders(wanted, design, UNTIL)):
        athena.execute(statement)
    check(local_aws, open_table(Catalogue(), database, "flow_logs"), tmp_path / "logs", bucket, "vpc")
