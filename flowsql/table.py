"""Table: what one set of flow logs holds, and the relations a query reads from it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flowsql.errors import MissingField, UsageError
from flowsql.fields import RecordKind, column_type, known, log_format
from flowsql.naming import did_you_mean
from flowsql.params import integer_literal, text_literal
from flowsql.query import Filters, Relation

_FILTER_NEEDS = {
    "account_id": "--account",
    "region": "--region",
    "vpc_id": "--vpc",
    "subnet_id": "--subnet",
    "interface_id": "--interface",
    "instance_id": "--instance",
}
_TELLING = ("log_status", "protocol", "packets", "srcport", "dstport", "srcaddr", "dstaddr", "action", "bytes")
_DERIVED = {"start_time": "start", "end_time": "end"}


@dataclass(frozen=True, slots=True)
class Table:
    """The fields of one set of flow logs of one record kind."""

    columns: tuple[str, ...]
    kind: RecordKind = "vpc"
    regions: tuple[str, ...] = ()
    """The regions in the object keys; narrows `--region` where the records have no such field."""

    def needed(self, asked: Iterable[str], filters: Filters) -> tuple[str, ...]:
        """The table's columns that a question reads; raises MissingField for one it lacks, UsageError for none such."""
        names = {_DERIVED.get(name, name) for name in asked} | {"start", "end"}
        for column in filters.by_column():
            if column in self.columns:
                names.add(column)
            elif not (column == "region" and self.regions):
                raise self.lacks(column, f"{_FILTER_NEEDS[column]} cannot narrow the answer")
        for name in sorted(names - set(self.columns)):
            raise self.lacks(name)
        names.update(self._telling())
        return tuple(column for column in self.columns if column in names)

    def is_unknown(self, column: str) -> bool:
        """Whether a name is neither a column here nor a documented field."""
        return column not in (*self.columns, *_DERIVED) and known(column, self.kind) is None

    def lacks(
        self, column: str, consequence: str = "the question cannot be answered from them"
    ) -> MissingField | UsageError:
        """The error for a column the table does not have."""
        field = known(column, self.kind)
        if field is None:
            hint = did_you_mean(column, (*self.columns, *_DERIVED), f"columns: {', '.join(self.columns)}")
            return UsageError(f"there is no column {column!r} in these flow logs", hint=hint)
        enable = log_format((*self.columns, column), self.kind)
        return MissingField(
            f"these flow logs have no field {field.name!r} (it exists since version {field.version}), so {consequence}",
            hint=f"a flow log cannot be edited: create one with the log format\n  '{enable}'",
        )

    def relation_sql(self, relation: Relation, filters: Filters, stored: str, names: Iterable[str]) -> str:
        """The SELECT behind a relation on the embedded engine, exactly bounded to its window.

        `stored` is the name its rows are registered under, with the columns `names`.
        """
        items = []
        for name in names:
            items.append(f'url_decode("{name}") AS "{name}"' if _is_tag(name) else f'"{name}"')
        items += ['to_timestamp("start") AS start_time', 'to_timestamp("end") AS end_time']
        window = relation.window
        bounds = [
            f'"end" >= {integer_literal(window.since_epoch)}',
            f'"start" < {integer_literal(window.until_epoch)}',
        ]
        if relation.kind == "flows":
            bounds.append(self._logged())
        for column, values in filters.by_column().items():
            if column in self.columns:
                bounds.append(f'"{column}" IN ({", ".join(text_literal(value) for value in values)})')
        return f"SELECT {', '.join(items)} FROM {stored} WHERE {' AND '.join(bounds)}"

    def _telling(self) -> tuple[str, ...]:
        """The column that tells records of traffic from the others: log-status, or one that only traffic fills."""
        return tuple(column for column in _TELLING if column in self.columns)[:1]

    def _logged(self) -> str:
        """The condition of a record of traffic; objects without log-status among others with it read as NULL."""
        match self._telling():
            case ("log_status",):
                return "(log_status = 'OK' OR log_status IS NULL)"
            case (column,):
                return f"{column} IS NOT NULL"
        return "TRUE"


def _is_tag(column: str) -> bool:
    return column_type(column) == "string" and column.removesuffix("_2").endswith("_tag")
