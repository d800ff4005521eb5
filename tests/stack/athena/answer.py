"""What a DDL statement answers, and how its trees name tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena.errors import USER, Failure
from tests.stack.hive import Node


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of text; most statements have none."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str | None]] = ()


NOTHING = Answer()


def table_name(tree: Node, database: str) -> tuple[str, str]:
    """Database and table that a TOK_TABNAME below `tree` names, in lower case as Glue keeps them."""
    found = tree if tree.text == "TOK_TABNAME" else tree.find("TOK_TABNAME")
    assert found is not None
    *schema, table = (child.value.lower() for child in found.children)
    return (schema[0] if schema else database), table


def get_table(glue: Any, database: str, table: str) -> dict[str, Any]:
    """The Glue table; raises Failure as Hive does when it is not there."""
    try:
        found: dict[str, Any] = glue.get_table(DatabaseName=database, Name=table)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "EntityNotFoundException":
            reason = f"FAILED: SemanticException [Error 10001]: Table not found {database}.{table}"
            raise Failure(reason, USER, 1003) from None
        raise
    return found


def properties(tree: Node | None) -> dict[str, str]:
    """The pairs of a TBLPROPERTIES, SERDEPROPERTIES or DBPROPERTIES clause."""
    pairs = [] if tree is None else [tree]
    while pairs and pairs[0].text != "TOK_TABLEPROPERTY":
        pairs = [child for pair in pairs for child in pair.children]
    return {pair.children[0].value: pair.children[1].value for pair in pairs}


def is_missing(error: ClientError) -> bool:
    """Whether Glue says that it does not have what was named."""
    return bool(error.response["Error"]["Code"] == "EntityNotFoundException")
