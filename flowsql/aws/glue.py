"""The Glue Data Catalog: tables and their listed partitions as GetTable and GetPartitions give them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.errors import NotFound, SourceError
from flowsql.naming import did_you_mean

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient


@dataclass(slots=True)
class Catalogue:
    """The catalogue of one account and region. All methods raise SourceError, and NotFound for what is not there."""

    profile: str | None = None
    region: str | None = None
    _client: "GlueClient | None" = field(default=None, repr=False)

    def table(self, database: str, name: str) -> Mapping[str, Any]:
        """A table as Glue describes it."""
        with self._asking("glue:GetTable", f"{database}.{name}", f"table/{database}/{name}") as client:
            try:
                return client.get_table(DatabaseName=database, Name=name)["Table"]
            except client.exceptions.EntityNotFoundException:
                pass
        raise self._missing(database, name)

    def tables(self, database: str | None = None) -> Iterator[Mapping[str, Any]]:
        """All tables of a database, or of all."""
        for name in [database] if database else self.databases():
            with self._asking("glue:GetTables", name, f"table/{name}/*") as client:
                try:
                    for page in client.get_paginator("get_tables").paginate(DatabaseName=name):
                        yield from page["TableList"]
                    continue
                except client.exceptions.EntityNotFoundException:
                    pass
            raise self._no_database(name)

    def databases(self) -> list[str]:
        """The names of all databases."""
        with self._asking("glue:GetDatabases", "the Glue Data Catalog", "database/*") as client:
            pages = client.get_paginator("get_databases").paginate()
            return [item["Name"] for page in pages for item in page["DatabaseList"]]

    def partitions(self, database: str, name: str, most: int, expression: str = "") -> list[Mapping[str, Any]]:
        """The first partitions that are listed for a table, at most so many.

        `expression` narrows them, where Glue takes it: it knows some names of columns as words of its own.
        """
        with self._asking("glue:GetPartitions", f"{database}.{name}", f"table/{database}/{name}") as client:
            asked: dict[str, Any] = {"DatabaseName": database, "TableName": name, "ExcludeColumnSchema": True}

            def listed(**more: Any) -> list[Mapping[str, Any]]:
                pages = client.get_paginator("get_partitions").paginate(
                    **asked, **more, PaginationConfig={"MaxItems": most}
                )
                return list(islice((item for page in pages for item in page["Partitions"]), most))

            if expression:
                try:
                    return listed(Expression=expression)
                except client.exceptions.InvalidInputException:
                    pass
            return listed()

    def _missing(self, database: str, name: str) -> NotFound:
        names: list[str] = []
        try:
            names += [str(table["Name"]) for table in self.tables(database)]
        except NotFound as failure:
            return failure
        except SourceError:
            # Who may ask for one table alone still learns that it is not there.
            pass
        hint = did_you_mean(name, names, f"`flowsql table list --database {database}` shows its tables")
        return NotFound(f"there is no table {name!r} in database {database!r}", hint=hint)

    def _no_database(self, name: str) -> NotFound:
        try:
            names = self.databases()
        except SourceError:
            return NotFound(f"there is no database {name!r} in the Glue Data Catalog")
        hint = did_you_mean(name, names, f"databases: {', '.join(names) or 'none'}")
        return NotFound(f"there is no database {name!r} in the Glue Data Catalog", hint=hint)

    @contextmanager
    def _asking(self, action: str, where: str, resource: str) -> "Iterator[GlueClient]":
        """The client, with its failures in flowsql's words."""
        asked = Asked(action, where, "", f"arn:aws:glue:*:*:{resource}", self.profile, "Glue")
        if self._client is None:
            self._client = connect("glue", asked, self.region)
        with asking(asked):
            yield self._client
