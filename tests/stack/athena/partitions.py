"""ALTER TABLE and MSCK REPAIR TABLE: partitions and properties of the tables in Glue."""

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError

from tests.stack.athena.answer import NOTHING, Answer, get_table, is_missing, properties, table_name
from tests.stack.athena.errors import USER, Failure
from tests.stack.athena.tables import columns_of
from tests.stack.hive import Node

_BATCH = 100
_KEPT = ("Name", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters", "Description")


def alter_table(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """ALTER TABLE … ADD PARTITION, DROP PARTITION, SET TBLPROPERTIES, SET LOCATION, ADD COLUMNS."""
    schema, name = table_name(tree.children[0], database)
    table = get_table(glue, schema, name)
    change = tree.children[-1]
    if change.text == "TOK_ALTERTABLE_ADDPARTS":
        _add(glue, table, list(_specifications(change)), missing_only=change.find("TOK_IFNOTEXISTS") is not None)
    elif change.text == "TOK_ALTERTABLE_DROPPARTS":
        _drop(glue, table, change)
    elif change.text == "TOK_ALTERTABLE_PROPERTIES":
        _update(glue, table, Parameters={**table.get("Parameters", {}), **properties(change)})
    elif change.text == "TOK_ALTERTABLE_ADDCOLS":
        added = columns_of(change.children[0])
        storage = table["StorageDescriptor"]
        _update(glue, table, StorageDescriptor={**storage, "Columns": storage["Columns"] + added})
    elif change.text == "TOK_ALTERTABLE_LOCATION":
        storage = {**table["StorageDescriptor"], "Location": change.children[0].value}
        _update(glue, table, StorageDescriptor=storage)
    else:
        raise Failure(f"FAILED: SemanticException unsupported ALTER TABLE: {change.text}", USER, 1100)
    return NOTHING


def _update(glue: Any, table: dict[str, Any], **changes: Any) -> None:
    entry = {key: table[key] for key in _KEPT if key in table} | changes
    glue.update_table(DatabaseName=table["DatabaseName"], TableInput=entry)


def _specifications(tree: Node) -> Iterator[tuple[dict[str, str], str | None]]:
    """Each partition's values by key, and its own location if it is given one."""
    children = tree.children
    for position, child in enumerate(children):
        if child.text == "TOK_PARTSPEC":
            values = {pair.children[0].value.lower(): pair.children[-1].value for pair in child.children}
            following = children[position + 1] if position + 1 < len(children) else None
            located = following is not None and following.text == "TOK_PARTITIONLOCATION"
            yield values, following.children[0].value if located and following is not None else None


def _ordered(table: dict[str, Any], values: dict[str, str]) -> list[str]:
    keys = [key["Name"] for key in table.get("PartitionKeys", ())]
    if sorted(keys) != sorted(values):
        raise Failure(
            f"FAILED: SemanticException [Error 10098]: partition spec {values} does not match the partition columns "
            f"({', '.join(keys)}) of {table['DatabaseName']}.{table['Name']}"
        )
    return [values[key] for key in keys]


def _folder(table: dict[str, Any], values: list[str]) -> str:
    keys = (key["Name"] for key in table["PartitionKeys"])
    root = table["StorageDescriptor"]["Location"].rstrip("/")
    return root + "".join(f"/{key}={quote(value, safe='')}" for key, value in zip(keys, values, strict=True))


def _add(
    glue: Any, table: dict[str, Any], wanted: list[tuple[dict[str, str], str | None]], *, missing_only: bool
) -> int:
    """Register partitions; how many were new."""
    inputs = []
    for values, location in wanted:
        ordered = _ordered(table, values)
        storage = copy.deepcopy(table["StorageDescriptor"])
        storage["Location"] = location or _folder(table, ordered)
        inputs.append({"Values": ordered, "StorageDescriptor": storage, "Parameters": {}})
    known = {tuple(each["Values"]) for each in all_partitions(glue, table)}
    fresh = [each for each in inputs if tuple(each["Values"]) not in known]
    if len(fresh) < len(inputs) and not missing_only:
        raise Failure(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            "AlreadyExistsException(message:Partition already exists.)",
            USER,
            1003,
        )
    for start in range(0, len(fresh), _BATCH):
        glue.batch_create_partition(
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionInputList=fresh[start : start + _BATCH],
        )
    return len(fresh)


def _drop(glue: Any, table: dict[str, Any], change: Node) -> None:
    for values, _ in _specifications(change):
        try:
            glue.delete_partition(
                DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionValues=_ordered(table, values)
            )
        except ClientError as error:
            if not is_missing(error):
                raise
            if change.find("TOK_IFEXISTS") is None:
                raise Failure(f"FAILED: SemanticException [Error 10006]: Partition not found {values}") from None


def all_partitions(glue: Any, table: dict[str, Any]) -> list[dict[str, Any]]:
    """The partitions registered for a table."""
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=table["DatabaseName"], TableName=table["Name"])
    return [partition for page in pages for partition in page["Partitions"]]


def repair(glue: Any, s3: Any, tree: Node, database: str) -> Answer:
    """MSCK REPAIR TABLE: registers the folders `key=value/…` below the table's location."""
    schema, name = table_name(tree, database)
    table = get_table(glue, schema, name)
    keys = [key["Name"] for key in table.get("PartitionKeys", ())]
    bucket, _, prefix = table["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/") + "/" if prefix else ""
    found: dict[tuple[str, ...], tuple[dict[str, str], str]] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for path in (each["Key"] for page in pages for each in page.get("Contents", ())):
        folders = path[len(prefix) :].split("/")[:-1][: len(keys)]
        pairs = [folder.partition("=") for folder in folders]
        if len(pairs) == len(keys) and all(pair[0].lower() == key for pair, key in zip(pairs, keys, strict=True)):
            values = {key: unquote(pair[2]) for key, pair in zip(keys, pairs, strict=True)}
            found.setdefault(tuple(values.values()), (values, f"s3://{bucket}/{prefix}{'/'.join(folders)}"))
    known = {tuple(each["Values"]) for each in all_partitions(glue, table)}
    missing = {values: each for values, each in found.items() if values not in known}
    _add(glue, table, list(missing.values()), missing_only=True)
    told = [":".join((name, "/".join(f"{k}={v}" for k, v in values.items()))) for values, _ in missing.values()]
    rows = [[f"Partitions not in metastore:\t{chr(9).join(told)}"]] if told else []
    return Answer(("result",), [*rows, *([f"Repair: Added partition to metastore {each}"] for each in told)])
