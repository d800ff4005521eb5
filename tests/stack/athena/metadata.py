"""Databases and tables as the Athena API shows what Glue has."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena.errors import ApiError, invalid
from tests.stack.trino import CATALOG

_NAME = "AwsDataCatalog"


class Metadata:
    """The catalogue operations; the only catalogue is Glue's."""

    def __init__(self, glue: Any) -> None:
        self._glue = glue

    def operations(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """By the API's names."""
        return {
            "ListDataCatalogs": self._list_catalogs,
            "GetDatabase": self._get_database,
            "ListDatabases": self._list_databases,
            "GetTableMetadata": self._get_table,
            "ListTableMetadata": self._list_tables,
        }

    def _list_catalogs(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"DataCatalogsSummary": [{"CatalogName": _NAME, "Type": "GLUE", "Status": "CREATE_COMPLETE"}]}

    def _get_database(self, request: dict[str, Any]) -> dict[str, Any]:
        _check_catalog(request)
        try:
            found = self._glue.get_database(Name=request["DatabaseName"])["Database"]
        except ClientError as error:
            raise _metadata_error(error) from None
        return {"Database": _database(found)}

    def _list_databases(self, request: dict[str, Any]) -> dict[str, Any]:
        _check_catalog(request)
        pages = self._glue.get_paginator("get_databases").paginate()
        return {"DatabaseList": [_database(each) for page in pages for each in page["DatabaseList"]]}

    def _get_table(self, request: dict[str, Any]) -> dict[str, Any]:
        _check_catalog(request)
        try:
            found = self._glue.get_table(DatabaseName=request["DatabaseName"], Name=request["TableName"])["Table"]
        except ClientError as error:
            raise _metadata_error(error) from None
        return {"TableMetadata": _table(found)}

    def _list_tables(self, request: dict[str, Any]) -> dict[str, Any]:
        _check_catalog(request)
        asked = {"DatabaseName": request["DatabaseName"]}
        if request.get("Expression"):
            asked["Expression"] = request["Expression"]
        try:
            pages = list(self._glue.get_paginator("get_tables").paginate(**asked))
        except ClientError as error:
            raise _metadata_error(error) from None
        return {"TableMetadataList": [_table(each) for page in pages for each in page["TableList"]]}


def _check_catalog(request: dict[str, Any]) -> None:
    if request["CatalogName"].lower() != CATALOG:
        raise invalid(f"Data catalog {request['CatalogName']} was not found")


def _metadata_error(error: ClientError) -> ApiError:
    return ApiError("MetadataException", str(error.response["Error"]["Message"]))


def _database(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": found["Name"],
        "Description": found.get("Description", ""),
        "Parameters": found.get("Parameters", {}),
    }


def _table(found: dict[str, Any]) -> dict[str, Any]:
    """Athena flattens the storage descriptor into parameters."""
    storage = found.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    parameters = {
        **found.get("Parameters", {}),
        "location": storage.get("Location", ""),
        "inputformat": storage.get("InputFormat", ""),
        "outputformat": storage.get("OutputFormat", ""),
        "serde.serialization.lib": serde.get("SerializationLibrary", ""),
        **{f"serde.param.{key}": value for key, value in serde.get("Parameters", {}).items()},
    }
    return {
        "Name": found["Name"],
        "CreateTime": found["CreateTime"].timestamp(),
        "TableType": found.get("TableType", ""),
        "Columns": [_column(each) for each in storage.get("Columns", ())],
        "PartitionKeys": [_column(each) for each in found.get("PartitionKeys", ())],
        "Parameters": parameters,
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    return {key: column[key] for key in ("Name", "Type", "Comment") if column.get(key)}
