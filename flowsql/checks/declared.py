"""Tables that DDL among the checked files makes: what SQL beside it is judged by."""

from collections.abc import Iterable
from dataclasses import replace

from flowsql.checks.hive.definition import Definition
from flowsql.checks.hive.telling import tables_in
from flowsql.checks.known import Known
from flowsql.errors import SourceError
from flowsql.statement.parts import parts_of
from flowsql.table import Table
from flowsql.tables.definition import GlueTable, table_of


def declared_tables(ddl: str) -> tuple[Known, ...]:
    """The tables that statements of a DDL file make, but those that have partitions and no columns of flow logs."""
    made = ((definition, _table(definition)) for definition in tables_in(ddl))
    return tuple(Known(each.name, table) for each, table in made if table is not None or not each.partitions)


def table_named(sql: str, tables: Iterable[Known]) -> Table | None:
    """The one flow log table of these that a text speaks of; None where it speaks of none, or of several."""
    words = {token.text.lower() for part in parts_of(sql) for token in part.tokens}
    found = [known.table for known in tables if known.table is not None and known.name[-1] in words]
    return found[0] if len(found) == 1 else None


def _table(definition: Definition) -> Table | None:
    try:
        table = table_of(
            GlueTable(
                ("", definition.name[-1]),
                tuple((column.name, column.type) for column in definition.columns),
                tuple((column.name, column.type) for column in definition.partitions),
                definition.location.value if definition.location else "",
                {each.key: each.value for each in definition.properties},
                "parquet" if definition.is_parquet else definition.serde,
                {},
            )
        )
    except SourceError:
        return None
    return replace(table, name=definition.name)
