"""Any layout, accounts, regions and window on Trino: no flow of the window is lost, and none outside it comes back."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flowsql.aws.glue import Catalogue
from flowsql.fields import DEFAULT_FORMAT
from flowsql.layout import object_key, place
from flowsql.partitions import Partition
from flowsql.query import Filters, Relation
from flowsql.table import Table
from flowsql.tables.catalogue import open_table
from flowsql.window import Window
from tests.stack.aws import Stack
from tests.test_partitions import ACCOUNTS, DEFAULT, HIVE, PLACES, REGIONS, SHAPES

pytestmark = pytest.mark.trino

EXAMPLES = 30
COLUMNS = tuple(name.replace("-", "_") for name in DEFAULT_FORMAT)
LAYOUTS = sorted(set(SHAPES) - {"a gap", "no time", "only months", "month and days"})
"""Those with a place for each partition, and no projection by months: of these Trino has none, unlike Athena."""

RANGES = {"year": ("2023", "2027"), "month": ("1", "12"), "day": ("1", "31"), "hour": ("0", "23")}
EDGES = (
    datetime(2024, 2, 29, 0, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 11, 22, 10, tzinfo=UTC),
)
FORMATS = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
Key = tuple[str, str, datetime]
Flow = tuple[int, datetime, datetime]


def window_of(rng: Random, shape: str) -> Window:
    """A window at or near an edge of the calendar, as long as a local S3 can list its folders."""
    longest = 20 * 3600 if SHAPES[shape][2] else 9 * 86400
    since = rng.choice(EDGES) + timedelta(seconds=rng.choice((0, -1, rng.randrange(-90_000, 90_000))))
    length = timedelta(seconds=rng.choice((1, 3600, 86400, rng.randrange(1, longest))))
    return Window(since, since + min(length, timedelta(seconds=longest)), timedelta(minutes=rng.choice((10, 120))))


def flows_of(rng: Random, window: Window) -> dict[Key, list[Flow]]:
    """Flows about both ends of the window, inside and far outside it, in the objects that AWS would file them in."""
    found: dict[Key, list[Flow]] = {}
    span = int((window.until - window.since).total_seconds())
    for number in range(40):
        near = rng.choice((window.since, window.until, window.since + timedelta(seconds=rng.randrange(span))))
        start = near + timedelta(
            seconds=rng.choice((0, -1, 1, rng.randrange(-1200, 1200), rng.randrange(-(9**6), 9**6)))
        )
        end = start + timedelta(seconds=rng.randrange(600))
        filed = end + window.slack * rng.random() * 0.99
        slot = datetime.fromtimestamp(filed.timestamp() // 300 * 300, UTC)
        found.setdefault((rng.choice(ACCOUNTS), rng.choice(REGIONS), slot), []).append((number, start, end))
    return found


def body(account: str, flows: list[Flow]) -> bytes:
    """One object of the default format; `bytes` numbers the flows."""
    lines = [" ".join(DEFAULT_FORMAT)]
    for number, start, end in flows:
        times = f"{int(start.timestamp())} {int(end.timestamp())}"
        lines.append(f"2 {account} eni-0a 10.0.0.1 10.0.0.2 40000 443 6 1 {number} {times} ACCEPT OK")
    return gzip.compress("\n".join([*lines, ""]).encode())


def ranged(partition: Partition) -> Partition:
    """A partition with a range that holds all examples."""
    if partition.type == "date":
        first, last = (partition.texts(datetime(year, 1, 1, tzinfo=UTC))[0] for year in (2023, 2028))
        return replace(partition, range=(first, last))
    return replace(partition, range=RANGES[partition.role]) if partition.type == "integer" else partition


@pytest.fixture
def made(local_aws: Stack, as_stored: Callable[[Table], dict[str, Any]]) -> Iterator[Callable[..., Table]]:
    """Makes the table of a layout over flows."""
    bucket, database = local_aws.bucket(), local_aws.database()
    s3, glue, numbers = local_aws.client("s3"), local_aws.client("glue"), count()

    def make(shape: str, flows: dict[Key, list[Flow]]) -> Table:
        below, hive, hourly, timed = SHAPES[shape]
        home = f"s3://{bucket}/{next(numbers)}/"
        template = (HIVE if hive else DEFAULT).replace("s3://logs/p/", home) + below
        # People name these columns by their unit, which is how they are known without a format.
        timed = tuple(replace(part, name=part.role) if len(part.name) == 1 else part for part in timed)
        for role in RANGES:
            template = template.replace(f"${{{role[0]}}}", f"${{{role}}}")
        registered = timed[0].type == "registered"
        parts = [replace(part, type="registered") if registered else ranged(part) for part in (*PLACES, *timed)]
        name = (database, f"t{home.split('/')[3]}")
        table = Table(COLUMNS, partitions=tuple(parts), location=home, template=template, name=name)
        stored = {key: value for key, value in as_stored(table).items() if key != "DatabaseName"}
        stored["StorageDescriptor"] |= FORMATS
        glue.create_table(DatabaseName=database, TableInput=stored)
        for (account, region, slot), some in flows.items():
            key = object_key(account, region, "fl-0a", slot, "a", style="hive" if hive else "default", hourly=hourly)
            key = f"{home.removeprefix(f's3://{bucket}/')}{key}"
            assert place(key).slot == slot
            s3.put_object(Bucket=bucket, Key=key, Body=body(account, some))
            if registered:
                told = {"account": account, "region": region}
                values = [told.get(part.role) or f"{getattr(slot, part.role):02d}" for part in parts]
                if "integers" in shape:
                    values[2:] = [str(int(value)) for value in values[2:]]
                storage = stored["StorageDescriptor"] | {"Location": f"s3://{bucket}/{key.rpartition('/')[0]}/"}
                partition = {"Values": values, "StorageDescriptor": storage}
                glue.batch_create_partition(DatabaseName=database, TableName=name[1], PartitionInputList=[partition])
        found = open_table(Catalogue(), *name)
        assert [part.role for part in found.partitions] == [part.role for part in parts]
        return found

    yield make
    s3.close()
    glue.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(shape=st.sampled_from(LAYOUTS), seed=st.integers(0, 2**32))
def test_no_flow_is_lost_and_none_is_too_many(
    local_aws: Stack, made: Callable[..., Table], shape: str, seed: int
) -> None:
    rng = Random(seed)
    window = window_of(rng, shape)
    flows = flows_of(rng, window)
    table = made(shape, flows)
    accounts = rng.choice(((), ACCOUNTS[:1], ACCOUNTS))
    regions = rng.choice(((), REGIONS[1:]))
    filters = Filters(account=accounts, region=regions)
    sql = table.remote_relation_sql(Relation("flows", "flows", window), filters, table.columns)
    answered = local_aws.trino(f"WITH flows AS ({sql}) SELECT bytes FROM flows")
    assert sorted(row[0] for row in answered.rows) == sorted(
        number
        for (account, region, _), some in flows.items()
        for number, start, end in some
        if (not accounts or account in accounts) and (not regions or region in regions)
        if int(end.timestamp()) >= window.since_epoch and int(start.timestamp()) < window.until_epoch
    )
