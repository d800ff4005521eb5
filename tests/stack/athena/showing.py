"""SHOW and DESCRIBE: what Glue has, in Hive's words."""

import fnmatch
from typing import Any

from tests.stack.athena.answer import Answer, get_table, table_name
from tests.stack.athena.errors import USER, Failure
from tests.stack.athena.partitions import all_partitions
from tests.stack.hive import Node


def show_partitions(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """SHOW PARTITIONS: `key=value/…`, one a row."""
    schema, name = table_name(tree, database)
    table = get_table(glue, schema, name)
    keys = [key["Name"] for key in table.get("PartitionKeys", ())]
    if not keys:
        raise Failure(f"FAILED: SemanticException [Error 10241]: Table {schema}.{name} is not a partitioned table")
    values = sorted(partition["Values"] for partition in all_partitions(glue, table))
    return Answer(("partition",), [["/".join(f"{k}={v}" for k, v in zip(keys, each, strict=True))] for each in values])


def show_tables(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """SHOW TABLES [IN database] ['pattern']."""
    names = [child for child in tree.children if child.text != "TOK_FROM"]
    if tree.find("TOK_FROM") is not None:
        database, names = names[0].value.lower(), names[1:]
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    tables = sorted(table["Name"] for page in pages for table in page["TableList"])
    return Answer(("tab_name",), _matching(tables, names))


def show_databases(glue: Any, _s3: Any, tree: Node, _database: str) -> Answer:
    """SHOW DATABASES [LIKE 'pattern']."""
    pages = glue.get_paginator("get_databases").paginate()
    databases = sorted(each["Name"] for page in pages for each in page["DatabaseList"])
    return Answer(("database_name",), _matching(databases, list(tree.children)))


def _matching(names: list[str], patterns: list[Node]) -> list[list[str]]:
    wanted = patterns[0].value.lower().split("|") if patterns else ["*"]
    return [[name] for name in names if any(fnmatch.fnmatchcase(name, each) for each in wanted)]


def show_create_table(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """SHOW CREATE TABLE, a row for each line."""
    schema, name = table_name(tree, database)
    table = get_table(glue, schema, name)
    storage = table["StorageDescriptor"]
    serde = storage["SerdeInfo"]
    lines = [f"CREATE EXTERNAL TABLE `{schema}.{name}`(", *_column_lines(storage["Columns"])]
    if keys := table.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_column_lines(keys)]
    lines += ["ROW FORMAT SERDE ", f"  {_quoted(serde['SerializationLibrary'])} "]
    if parameters := serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", *_pair_lines(parameters, " ")]
    lines += ["STORED AS INPUTFORMAT ", f"  {_quoted(storage['InputFormat'])} "]
    lines += ["OUTPUTFORMAT ", f"  {_quoted(storage['OutputFormat'])}"]
    lines += ["LOCATION", f"  {_quoted(storage['Location'])}"]
    lines += ["TBLPROPERTIES (", *_pair_lines(table.get("Parameters", {}), "")]
    return Answer(("createtab_stmt",), [[line] for line in lines])


def _column_lines(columns: list[dict[str, str]]) -> list[str]:
    last = len(columns) - 1
    lines = []
    for number, column in enumerate(columns):
        comment = f" COMMENT {_quoted(column['Comment'])}" if column.get("Comment") else ""
        lines.append(f"  `{column['Name']}` {column['Type']}{comment}{')' if number == last else ', '}")
    return lines


def _pair_lines(pairs: dict[str, str], tail: str) -> list[str]:
    texts = [f"{_quoted(key)}={_quoted(value)}" for key, value in sorted(pairs.items()) if key != "EXTERNAL"]
    return [f"  {text}{')' + tail if text is texts[-1] else ', '}" for text in texts] or [f"  ){tail}"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t").replace("\n", "\\n")
    return f"'{escaped}'"


def show_properties(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """SHOW TBLPROPERTIES."""
    schema, name = table_name(tree, database)
    pairs = get_table(glue, schema, name).get("Parameters", {})
    return Answer(("prpt_name", "prpt_value"), [[key, value] for key, value in sorted(pairs.items())])


def show_columns(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """SHOW COLUMNS IN table."""
    schema, name = table_name(tree, database)
    table = get_table(glue, schema, name)
    columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", ())]
    return Answer(("field",), [[column["Name"].ljust(20)] for column in columns])


def describe(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """DESCRIBE table; the partition keys come once more under their own heading."""
    named = tree.children[0].children[0]
    if named.text != "TOK_TABNAME":
        raise Failure("FAILED: SemanticException only DESCRIBE of a table is supported", USER, 1100)
    schema, name = table_name(named, database)
    table = get_table(glue, schema, name)
    keys = _described(table.get("PartitionKeys", []))
    rows = _described(table["StorageDescriptor"]["Columns"]) + keys
    if keys:
        rows += [
            [" \t \t "],
            ["# Partition Information\t \t "],
            ["# col_name            \tdata_type           \tcomment   "],
        ]
        rows += [[" \t \t "], *keys]
    return Answer(("col_name",), rows)


def _described(columns: list[dict[str, str]]) -> list[list[str | None]]:
    return [
        [f"{column['Name'].ljust(20)}\t{column['Type'].ljust(20)}\t{column.get('Comment', '').ljust(20)}"]
        for column in columns
    ]
