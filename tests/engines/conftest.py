"""Flow log objects in the local AWS with a Glue table over them, and engines that ask it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

import pytest

from flowsql.aws.glue import Catalogue
from flowsql.aws.results import Results
from flowsql.engines.athena import AthenaEngine, Route
from flowsql.engines.athena_calls import Calls
from flowsql.engines.base import RemoteProgress
from flowsql.engines.remote import Sizes
from flowsql.engines.trino import TrinoEngine
from flowsql.fields import column_type, record_kind
from flowsql.library import Library
from flowsql.partitions import Term
from flowsql.session import Flows
from flowsql.sources import AthenaSource, TrinoSource
from flowsql.table import Table
from flowsql.tables.catalogue import described, listed_partitions
from flowsql.tables.definition import glue_table
from flowsql.tables.registered import Registered
from tests.stack.aws import Stack

LIBRARY = Library.of()
_TEMPLATE = "AWSLogs/${acct}/vpcflowlogs/${aws_region}/${day}/"
_PARTITIONS = ("acct", "aws_region", "day")
_PROJECTION = {
    "projection.enabled": "true",
    "projection.acct.type": "enum",
    "projection.acct.values": "123456789012",
    "projection.aws_region.type": "enum",
    "projection.aws_region.values": "us-east-1",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.range": "2026/09/01,2026/12/31",
}


class Place:
    """A bucket and a database of one module's tests."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.bucket, self.database = stack.bucket("engines"), stack.database("engines")
        self.s3, self.glue = stack.client("s3"), stack.client("glue")
        # A client costs more to make than a question over five records to answer.
        self.catalogue, self.results = Catalogue(), Results()
        self.calls = Calls(AthenaSource("cases", self.database, ""))

    def table(self, name: str, columns: Sequence[str], objects: Mapping[str, bytes]) -> None:
        """Objects below a folder of their own, and a table over them as Athena stores it."""
        for key, data in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=f"{name}/{key}", Body=data)
        home = f"s3://{self.bucket}/{name}/"
        kind = record_kind(tuple(columns))
        types = {"int": "int", "long": "bigint", "bigint": "bigint"}
        storage = {
            "Columns": [{"Name": each, "Type": types.get(column_type(each, kind), "string")} for each in columns],
            "Location": home,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": " ", "serialization.format": " "},
            },
        }
        template = {"storage.location.template": home + _TEMPLATE, "EXTERNAL": "TRUE", "skip.header.line.count": "1"}
        made = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": [{"Name": each, "Type": "string"} for each in _PARTITIONS],
            "Parameters": {**_PROJECTION, **template},
        }
        self.glue.create_table(DatabaseName=self.database, TableInput=made)

    def athena(
        self,
        table: str,
        *,
        results: Route = "auto",
        explains: bool = False,
        progress: RemoteProgress | None = None,
        workgroup: str = "primary",
    ) -> Flows:
        """Questions through the Athena API."""
        output = f"s3://{self.bucket}/results/"
        source = AthenaSource("cases", self.database, table, workgroup=workgroup, output=output)
        calls = Calls(source, progress, _connection=self.calls.connection)
        find = partial(self.described, table)
        engine = AthenaEngine(
            source,
            find,
            self.listed,
            results=results,
            explains=explains,
            progress=progress,
            _calls=calls,
            _sizes=Sizes(self.results, partitions=self.listed),
        )
        return Flows(engine, LIBRARY)

    def described(self, table: str, *_: object) -> Table:
        """A table as it is read from Glue."""
        return described(self.catalogue, glue_table(self.catalogue.table(self.database, table)))

    def listed(self, table: Table, terms: Sequence[Term]) -> Sequence[Registered] | None:
        """The partitions that Glue lists."""
        return listed_partitions(self.catalogue, table, terms)

    def trino(self, table: str, *, explains: bool = False) -> Flows:
        """Questions of Trino itself."""
        at = urlsplit(self.stack.trino_url)
        host, port = str(at.hostname), at.port
        source = TrinoSource("own", host, "awsdatacatalog", self.database, table, port=port, user="test", tls=False)
        engine = TrinoEngine(source, partial(self.described, table), explains=explains)
        return Flows(engine, LIBRARY)


@pytest.fixture(scope="module")
def places(stack: Stack) -> Callable[[], Place]:
    """Makes the module's place once."""
    made: list[Place] = []

    def place() -> Place:
        if not made:
            made.append(Place(stack))
        return made[0]

    return place


@pytest.fixture
def place(local_aws: Stack, places: Callable[[], Place]) -> Place:
    """The place, in an environment that finds it."""
    return places()
