"""Hive's DDL: read by Hive's grammar, carried out on the local Glue as Athena does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena import partitions, showing, tables
from tests.stack.athena.answer import Answer
from tests.stack.athena.errors import USER, Failure
from tests.stack.hive import HiveGrammar, Node

_Executor = Callable[[Any, Any, Node, str], Answer]


@dataclass(frozen=True, slots=True)
class HiveDdl:
    """Executes DDL statements."""

    grammar: HiveGrammar
    glue: Any
    s3: Any

    def execute(self, sql: str, database: str) -> Answer:
        """Carry out one statement; raises HiveSyntaxError, or Failure."""
        tree = self.grammar.parse(sql.strip().removesuffix(";"))
        executor = _EXECUTORS.get(tree.text)
        if executor is None:
            raise Failure(f"FAILED: SemanticException [Error 10001]: unsupported statement {tree.text}", USER, 1100)
        try:
            return executor(self.glue, self.s3, tree, database)
        except ClientError as error:
            reason = (
                f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {_told(error)}"
            )
            raise Failure(reason, USER, 1003) from error


def _told(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", error))


_EXECUTORS: dict[str, _Executor] = {
    "TOK_CREATEDATABASE": tables.create_database,
    "TOK_DROPDATABASE": tables.drop_database,
    "TOK_CREATETABLE": tables.create_table,
    "TOK_DROPTABLE": tables.drop_table,
    "TOK_ALTERTABLE": partitions.alter_table,
    "TOK_MSCK": partitions.repair,
    "TOK_SHOWPARTITIONS": showing.show_partitions,
    "TOK_SHOWTABLES": showing.show_tables,
    "TOK_SHOWDATABASES": showing.show_databases,
    "TOK_SHOW_CREATETABLE": showing.show_create_table,
    "TOK_SHOW_TBLPROPERTIES": showing.show_properties,
    "TOK_SHOWCOLUMNS": showing.show_columns,
    "TOK_DESCTABLE": showing.describe,
}
