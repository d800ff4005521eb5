"""CREATE and DROP of databases and tables: the Glue entries that Athena stores."""

from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena.answer import NOTHING, Answer, is_missing, properties, table_name
from tests.stack.athena.errors import USER, Failure
from tests.stack.hive import Node

_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_TEXT = ("org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat")
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_ORC = "org.apache.hadoop.hive.ql.io.orc"
_AVRO = "org.apache.hadoop.hive.ql.io.avro.AvroContainer"
_FORMATS = {
    "TEXTFILE": (*_TEXT, _LAZY),
    "PARQUET": (
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
    ),
    "ORC": (f"{_ORC}.OrcInputFormat", f"{_ORC}.OrcOutputFormat", f"{_ORC}.OrcSerde"),
    "AVRO": (f"{_AVRO}InputFormat", f"{_AVRO}OutputFormat", "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
}
"""Input format, output format and serde that `STORED AS` stands for."""

_DELIMITERS = {
    "TOK_TABLEROWFORMATFIELD": "field.delim",
    "TOK_TABLEROWFORMATCOLLITEMS": "collection.delim",
    "TOK_TABLEROWFORMATMAPKEYS": "mapkey.delim",
    "TOK_TABLEROWFORMATLINES": "line.delim",
    "TOK_TABLEROWFORMATNULL": "serialization.null.format",
}
_FAILED = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def create_database(glue: Any, _s3: Any, tree: Node, _database: str) -> Answer:
    """CREATE DATABASE."""
    entry: dict[str, Any] = {"Name": tree.children[0].value.lower()}
    if (comment := tree.find("TOK_DATABASECOMMENT")) is not None:
        entry["Description"] = comment.children[0].value
    if (location := tree.find("TOK_DATABASELOCATION")) is not None:
        entry["LocationUri"] = location.children[0].value
    if pairs := properties(tree.find("TOK_DATABASEPROPERTIES")):
        entry["Parameters"] = pairs
    try:
        glue.create_database(DatabaseInput=entry)
    except glue.exceptions.AlreadyExistsException:
        if tree.find("TOK_IFNOTEXISTS") is None:
            raise Failure(f"{_FAILED}Database {entry['Name']} already exists", USER, 1003) from None
    return NOTHING


def drop_database(glue: Any, _s3: Any, tree: Node, _database: str) -> Answer:
    """DROP DATABASE [CASCADE]."""
    name = tree.children[0].value.lower()
    try:
        tables = glue.get_tables(DatabaseName=name)["TableList"]
    except ClientError as error:
        if is_missing(error) and tree.find("TOK_IFEXISTS") is not None:
            return NOTHING
        if is_missing(error):
            raise Failure(f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}") from None
        raise
    if tables and tree.find("TOK_CASCADE") is None:
        raise Failure(f"{_FAILED}Database {name} is not empty. One or more tables exist.", USER, 1003)
    for table in tables:
        glue.delete_table(DatabaseName=name, Name=table["Name"])
    glue.delete_database(Name=name)
    return NOTHING


def create_table(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """CREATE EXTERNAL TABLE; Athena has no other kind of Hive table."""
    schema, table = table_name(tree, database)
    if tree.find("EXTERNAL") is None and tree.find("KW_EXTERNAL") is None:
        raise Failure(
            "FAILED: SemanticException Athena can only create external tables: CREATE EXTERNAL TABLE", USER, 1100
        )
    location = tree.find("TOK_TABLELOCATION")
    if location is None:
        raise Failure(f"{_FAILED}MetaException(message:{schema}.{table}: no LOCATION is given)", USER, 1003)
    entry = table_input(tree, table, location.children[0].value)
    try:
        glue.create_table(DatabaseName=schema, TableInput=entry)
    except glue.exceptions.AlreadyExistsException:
        if tree.find("TOK_IFNOTEXISTS") is None:
            raise Failure(f"{_FAILED}AlreadyExistsException(message:Table {table} already exists.)") from None
    except ClientError as error:
        if is_missing(error):
            raise Failure(f"FAILED: SemanticException [Error 10072]: Database does not exist: {schema}") from None
        raise
    return NOTHING


def table_input(tree: Node, name: str, location: str) -> dict[str, Any]:
    """The Glue TableInput of a CREATE EXTERNAL TABLE."""
    if not location.startswith("s3://"):
        raise Failure(f"FAILED: SemanticException Location must be an S3 path: {location}", USER, 1003)
    columns = tree.find("TOK_TABCOLLIST")
    keys = tree.find("TOK_TABLEPARTCOLS")
    key_columns = columns_of(keys.children[0]) if keys is not None else []
    data_columns = columns_of(columns) if columns is not None else []
    _refuse_duplicates(data_columns + key_columns)
    parameters = {"EXTERNAL": "TRUE", **properties(tree.find("TOK_TABLEPROPERTIES"))}
    comment = tree.find("TOK_TABLECOMMENT")
    if comment is not None:
        parameters["comment"] = comment.children[0].value
    input_format, output_format, serde, serde_parameters = _storage(tree)
    return {
        "Name": name,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Retention": 0,
        "Parameters": parameters,
        "PartitionKeys": key_columns,
        "StorageDescriptor": {
            "Columns": data_columns,
            "Location": location,
            "InputFormat": input_format,
            "OutputFormat": output_format,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": {},
            "SkewedInfo": {"SkewedColumnNames": [], "SkewedColumnValues": [], "SkewedColumnValueLocationMaps": {}},
            "StoredAsSubDirectories": False,
        },
    }


def _refuse_duplicates(columns: list[dict[str, str]]) -> None:
    names = [column["Name"] for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise Failure(f"FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns: {name}")


def _storage(tree: Node) -> tuple[str, str, str, dict[str, str]]:
    input_format, output_format, serde = _FORMATS["TEXTFILE"]
    if (generic := tree.find("TOK_FILEFORMAT_GENERIC")) is not None:
        stored_as = generic.children[0].value.upper()
        if stored_as not in _FORMATS:
            raise Failure(f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{stored_as}'")
        input_format, output_format, serde = _FORMATS[stored_as]
    if (named := tree.find("TOK_TABLEFILEFORMAT")) is not None:
        input_format, output_format = (child.value for child in named.children[:2])
    parameters = {"serialization.format": "1"}
    if (delimited := tree.find("TOK_TABLEROWFORMAT")) is not None:
        parameters |= _delimiters(delimited)
    if (serializer := tree.find("TOK_TABLESERIALIZER")) is not None:
        name, *pairs = serializer.children[0].children
        serde = name.value
        parameters |= properties(pairs[0]) if pairs else {}
    return input_format, output_format, serde, parameters


def _delimiters(tree: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for clause in tree.children[0].children:
        value, *escape = (child.value for child in clause.children)
        found[_DELIMITERS[clause.text]] = value
        if clause.text == "TOK_TABLEROWFORMATFIELD":
            found["serialization.format"] = value
            if escape:
                found["escape.delim"] = escape[0]
    return found


def columns_of(tree: Node) -> list[dict[str, str]]:
    """The columns of a TOK_TABCOLLIST as Glue keeps them."""
    columns = []
    for child in tree.children:
        name, kind, *comment = child.children
        column = {"Name": name.value.lower(), "Type": type_text(kind)}
        if comment and comment[0].text[:1] in ("'", '"'):
            column["Comment"] = comment[0].value
        columns.append(column)
    return columns


def type_text(tree: Node) -> str:
    """A Hive type as Glue spells it."""
    name = tree.text.removeprefix("TOK_").lower()
    if name == "list":
        return f"array<{type_text(tree.children[0])}>"
    if name == "map":
        return f"map<{','.join(map(type_text, tree.children))}>"
    if name == "struct":
        fields = (child.children for child in tree.children[0].children)
        return f"struct<{','.join(f'{field[0].value.lower()}:{type_text(field[1])}' for field in fields)}>"
    if name == "decimal":
        return f"decimal({','.join(child.text for child in tree.children) or '10,0'})"
    if name in ("varchar", "char"):
        return f"{name}({tree.children[0].text})"
    return name


def drop_table(glue: Any, _s3: Any, tree: Node, database: str) -> Answer:
    """DROP TABLE; the data stays."""
    schema, table = table_name(tree, database)
    try:
        glue.delete_table(DatabaseName=schema, Name=table)
    except ClientError as error:
        if not is_missing(error):
            raise
        if tree.find("TOK_IFEXISTS") is None:
            raise Failure(f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{table}") from None
    return NOTHING
