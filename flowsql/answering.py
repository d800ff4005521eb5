"""Whether a table can answer a question, and what a person is told when it lacks a field."""

from collections.abc import Sequence

from flowsql.errors import FlowsqlError, MissingField, QueryError, UsageError
from flowsql.fields import known, log_format
from flowsql.library import Library
from flowsql.macros import DERIVED_COLUMNS
from flowsql.query import Filters, Query
from flowsql.questions import kind_of, needed_fields
from flowsql.statement import Statement
from flowsql.table import Table


def answerable(query: Query, table: Table) -> bool:
    """Whether a table has every field the query cannot do without; a query written wrong is not answerable."""
    try:
        return kind_of(query) == table.kind and needed_fields(query) <= set(table.columns)
    except FlowsqlError:
        return False


def check_fields(statement: Statement, table: Table, filters: Filters, library: Library) -> None:
    """Raise MissingField or QueryError at the line of the query that uses a column the table lacks.

    Where a saved query of the library asks a weaker question that the table can answer, the error names it.
    """
    query = statement.rendered.query
    try:
        table.needed(statement.columns, filters)
    except MissingField as failure:
        lacking = [name for name in statement.columns if name not in (*table.columns, *DERIVED_COLUMNS)]
        told = _lacking(lacking, table) if len(lacking) > 1 else failure
        weaker = _weaker(query, table, filters, library)
        advice = f"\n  meanwhile `flowsql run {weaker}` asks a weaker question they can answer" if weaker else ""
        where = _place(statement, lacking)
        raise MissingField(told.message, where=where, hint=f"{told.hint}{advice}") from failure
    except UsageError as failure:
        unknown = [name for name in statement.columns if table.is_unknown(name)]
        named = table.lacks(unknown[0]) if unknown else failure
        raise QueryError(named.message, where=_place(statement, unknown[:1]), hint=named.hint) from failure


def other_kind(table: Table, source: str) -> MissingField:
    """The error for a question about records of the other kind than an engine has."""
    found, asked = ("VPC", "transit gateway") if table.kind == "vpc" else ("transit gateway", "VPC")
    return MissingField(
        f"{source} holds {found} flow logs, and the question asks {asked} flow logs",
        hint="`flowsql source list` shows the sources; --source NAME asks another",
    )


def _weaker(query: Query, table: Table, filters: Filters, library: Library) -> str | None:
    """The answerable query that shares the most words with the one asked, one of its topic before others."""
    try:
        table.needed((), filters)
    except MissingField:
        return None
    words = {*query.tags, *query.short_name.split("-")}
    near = [
        (
            len(words & {*other.tags, *other.short_name.split("-")}),
            other.topic == query.topic,
            library.shortest(other.name),
        )
        for other in library
        if other.name != query.name and answerable(other, table)
    ]
    shared, _, name = max(near, default=(0, False, ""))
    return name if shared else None


def _place(statement: Statement, names: Sequence[str]) -> str:
    """file:line of the first use of one of these columns; the file when none has a line."""
    place = statement.rendered.query.place
    lines = [line for name, line in statement.columns.items() if line and name in names]
    return f"{place}:{min(lines)}" if lines else place


def _lacking(names: Sequence[str], table: Table) -> MissingField:
    """The error for several fields at once, with one log format that has them all."""
    fields = [field for name in names if (field := known(name, table.kind))]
    told = " and ".join(f"{field.name!r} (since version {field.version})" for field in fields)
    enable = log_format((*table.columns, *(field.column for field in fields)), table.kind)
    return MissingField(
        f"these flow logs have no fields {told}, so the question cannot be answered from them",
        hint=f"a flow log cannot be edited: create one with the log format\n  '{enable}'",
    )
