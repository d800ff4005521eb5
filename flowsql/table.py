"""Table: what one set of flow logs holds, and the relations a query reads from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from flowsql.errors import MissingField, UsageError
from flowsql.fields import RecordKind, column_type, known, log_format
from flowsql.layout import ANY_ZONE, SLOT
from flowsql.naming import did_you_mean
from flowsql.params import identifier, integer_literal, text_literal
from flowsql.partitions import (
    INTEGERS,
    SERVICE,
    Partition,
    Term,
    fixed_conditions,
    partition_terms,
    predicate_sql,
    prefixes,
)
from flowsql.query import Filters, Relation, key_name
from flowsql.window import Window

FileFormat = Literal["text", "parquet"]

FILTER_NEEDS = {
    "account_id": "--account",
    "region": "--region",
    "vpc_id": "--vpc",
    "subnet_id": "--subnet",
    "interface_id": "--interface",
    "instance_id": "--instance",
}
"""Column → the common option that narrows by it."""
_ROLES = {"account_id": "account", "region": "region"}
_TELLING = ("log_status", "protocol", "packets", "srcport", "dstport", "srcaddr", "dstaddr", "action", "bytes")
_DERIVED = {"start_time": "start", "end_time": "end"}
_FRACTIONS = ("double", "float", "real", "decimal")
_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Table:
    """The fields of one set of flow logs of one record kind."""

    columns: tuple[str, ...]
    kind: RecordKind = "vpc"
    regions: tuple[str, ...] = ()
    """The regions in the object keys."""
    keyed: tuple[str, ...] = field(default=(), kw_only=True)
    """The columns that object keys tell where the records do not: `region`, `account_id`."""
    name: tuple[str, ...] | None = field(default=None, kw_only=True)
    """Database and table in the catalogue; None for objects that no table stands for."""
    types: Mapping[str, str] = field(default_factory=dict, kw_only=True, hash=False)
    """Column → its declared type; a column that is absent has the type of its field."""
    file_format: FileFormat = field(default="text", kw_only=True)
    partitions: tuple[Partition, ...] = field(default=(), kw_only=True)
    location: str = field(default="", kw_only=True)
    """`s3://bucket/prefix/`."""
    template: str = field(default="", kw_only=True)
    """Where a partition lies, with `${column}` for its values."""
    renamed: Mapping[str, str] = field(default_factory=dict, kw_only=True, hash=False)
    """Column → its name in the catalogue, where that is another."""

    @property
    def title(self) -> str:
        """What messages call it: `database.table`."""
        return ".".join(self.name) if self.name else self.location or "the flow logs"

    def needed(self, asked: Iterable[str], filters: Filters) -> tuple[str, ...]:
        """The table's columns that a question reads; raises MissingField for one it lacks, UsageError for none such."""
        names = {_DERIVED.get(name, name) for name in asked} | {"start", "end"}
        for column in filters.by_column():
            if column in self.columns:
                names.add(column)
            elif not self._is_in_keys(column):
                raise self.lacks(column, f"{FILTER_NEEDS[column]} cannot narrow the answer")
        for name in sorted(names - set(self.columns)):
            raise self.lacks(name)
        names.update(self._telling())
        return tuple(column for column in self.columns if column in names)

    @property
    def undocumented(self) -> tuple[str, ...]:
        """The columns that are no fields AWS documents."""
        return tuple(column for column in self.columns if known(column, self.kind) is None)

    def is_unknown(self, column: str) -> bool:
        """Whether a name is neither a column here nor a documented field."""
        return column not in (*self.columns, *_DERIVED) and known(column, self.kind) is None

    def lacks(
        self, column: str, consequence: str = "the question cannot be answered from them"
    ) -> MissingField | UsageError:
        """The error for a column the table does not have."""
        field = known(column, self.kind)
        if field is None and (foreign := known(column, "vpc" if self.kind == "tgw" else "tgw")):
            return UsageError(
                f"transit gateway and VPC flow logs differ: these have no field {foreign.name!r}, so {consequence}",
                hint=f"`flowsql fields{' --tgw' if self.kind == 'tgw' else ''}` lists their fields",
            )
        if field is None:
            hint = did_you_mean(column, (*self.columns, *_DERIVED), f"columns: {', '.join(self.columns)}")
            return UsageError(f"there is no column {column!r} in these flow logs", hint=hint)
        enable = log_format((*self.columns, column), self.kind)
        return MissingField(
            f"these flow logs have no field {field.name!r} (it exists since version {field.version}), so {consequence}",
            hint=f"a flow log cannot be edited: create one with the log format\n  '{enable}'",
        )

    def relation_sql(
        self, relation: Relation, filters: Filters, stored: str, names: Iterable[str], *, bounded: bool = False
    ) -> str:
        """The SELECT behind a relation on the embedded engine, exactly bounded to its window.

        `stored` is the name its rows are registered under, with the columns `names`; `bounded` rows are those of the
        window already.
        """
        items = []
        for name in names:
            items.append(f'url_decode("{name}") AS "{name}"' if _is_tag(name) else f'"{name}"')
        items += ['to_timestamp("start") AS start_time', 'to_timestamp("end") AS end_time']
        window = relation.window
        bounds = []
        if not bounded:
            bounds.append(f'"end" >= {integer_literal(window.since_epoch)}')
            bounds.append(f'"start" < {integer_literal(window.until_epoch)}')
        if relation.kind == "flows":
            bounds.append(self._logged())
        bounds += self.filter_conditions(filters).values()
        where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
        return f"SELECT {', '.join(items)} FROM {stored}{where}"

    def filter_conditions(self, filters: Filters, *, remote: bool = False) -> dict[str, str]:
        """The common filters that narrow by a column of these flow logs or its key: option → condition."""
        conditions = {}
        for column, values in filters.by_column().items():
            known = [self.value(column) if remote else identifier(column)] if column in self.columns else []
            # On a real table the partitions are selected already where no column is there to ask.
            known += self._told_by_key(column, remote) if known or not remote else []
            if known:
                wanted = ", ".join(text_literal(value) for value in values)
                asked = known[0] if len(known) == 1 else f"COALESCE({', '.join(known)})"
                conditions[FILTER_NEEDS[column]] = f"{asked} IN ({wanted})"
        return conditions

    def _told_by_key(self, column: str, remote: bool) -> list[str]:
        """What stands in for a column in records that lack it, as SQL: what the keys of their objects say."""
        if not remote:
            return [identifier(key_name(column))] if column in self.keyed else []
        part = next((part for part in self.partitions if part.role == _ROLES.get(column)), None)
        if part is None:
            return []
        is_number = part.sql_type in INTEGERS
        text = f"CAST({identifier(part.name)} AS varchar)" if is_number else identifier(part.name)
        return [f"lpad({text}, {_ACCOUNT_DIGITS}, '0')" if is_number and column == "account_id" else text]

    def remote_relation_sql(self, relation: Relation, filters: Filters, names: Iterable[str]) -> str:
        """The SELECT behind a relation over the real table, in Athena SQL: the rows and types of `relation_sql`.

        Bounded by constants for the partitions and exactly by the window. Raises UsageError where the table has no
        name, or a partition is injected and `filters` do not say its value.
        """
        items = [f"{self.value(name)} AS {identifier(name)}" for name in names]
        start, end = self.value("start"), self.value("end")
        # With the zone named, a session in another one changes nothing.
        items += [f"from_unixtime({start}, 'UTC') AS start_time", f"from_unixtime({end}, 'UTC') AS end_time"]
        window = relation.window
        bounds = [
            f"{end} >= {integer_literal(window.since_epoch)}",
            f"{start} < {integer_literal(window.until_epoch)}",
        ]
        if relation.kind == "flows":
            bounds.append(self._logged(remote=True))
        bounds += self.filter_conditions(filters, remote=True).values()
        partitions = self.partition_sql(window, filters)
        where = " AND ".join([*([partitions] if partitions else []), *bounds])
        return f"SELECT {', '.join(items)} FROM {self.qualified_name} WHERE {where}"

    @property
    def qualified_name(self) -> str:
        """The quoted name a SELECT reads from; raises UsageError for objects that no table stands for."""
        if self.name is None:
            raise UsageError(f"no table stands for {self.title}", hint="`flowsql table create` makes one")
        return ".".join(map(identifier, self.name))

    @property
    def grain(self) -> timedelta:
        """The least time a question reads: one partition, or the five minutes of an object without any."""
        if not self.partitions:
            return SLOT
        is_hourly = any(partition.grain == "hour" for partition in self.partitions)
        return timedelta(hours=1) if is_hourly else timedelta(days=1)

    def partition_sql(self, window: Window, filters: Filters) -> str:
        """The predicate that selects the partitions of a window; empty for a table without any.

        Raises UsageError where a partition is injected and `filters` do not say its value.
        """
        return predicate_sql(fixed_conditions(self.partitions, filters, self.title), self.terms(window))

    def terms(self, window: Window) -> tuple[Term, ...]:
        """The partitions of time that can hold a window: any one term's conditions, all of them."""
        return tuple(partition_terms(self.partitions, window, self._margin()))

    @property
    def is_projected(self) -> bool:
        """Whether Athena makes up the partitions; else they are listed in the catalogue, if there are any."""
        return any(partition.type != "registered" for partition in self.partitions)

    def prefixes(self, window: Window, filters: Filters) -> tuple[str, ...]:
        """Where the partitions of a window lie, `s3://bucket/prefix/…/` each; one ends where a value is not known.

        Raises UsageError where a partition is injected and `filters` do not say its value.
        """
        fixed = fixed_conditions(self.partitions, filters, self.title)
        terms = self.terms(window)
        values = {partition.name: partition.values for partition in self.partitions if partition.values}
        return tuple(prefixes(self.template or self.location, terms, fixed, values))

    def _margin(self) -> timedelta:
        """How far a partition's time may lie from a record's `end`: folders that AWS did not name are of any zone."""
        place = self.template or self.location
        return timedelta() if not place or SERVICE in place or "AWSLogs" in place else ANY_ZONE

    def _is_in_keys(self, column: str) -> bool:
        """Whether the object keys narrow what no field does."""
        return column in self.keyed or any(part.role == _ROLES.get(column) for part in self.partitions)

    def stored(self, column: str) -> str:
        """A column of the real table as it stands there, quoted."""
        return identifier(self.renamed.get(column, column))

    def value(self, column: str) -> str:
        """A column of the real table in SQL, as the type its field has, what stands for no value as NULL."""
        stored = self.stored(column)
        wanted = column_type(column, self.kind)
        have = self.types.get(column, wanted).lower().partition("(")[0]
        if wanted == "string":
            if have not in INTEGERS:
                # Trino 476 loses rows where a filter joins two NULLIF() by OR; IF() means the same.
                text = f"IF({stored} <> '-', {stored})"
                # As on the embedded engine a plus sign is itself, and what is not percent-encoded stays.
                return f"COALESCE(TRY(url_decode(replace({text}, '+', '%2B'))), {text})" if _is_tag(column) else text
            text = f"CAST({stored} AS varchar)"
            return f"lpad({text}, {_ACCOUNT_DIGITS}, '0')" if column.endswith("account_id") else text
        if have in INTEGERS:
            return stored
        number = "integer" if wanted == "int" else "bigint"
        if have == "timestamp":
            return f"CAST(to_unixtime({stored}) AS {number})"
        return f"CAST({stored} AS {number})" if have in _FRACTIONS else f"TRY_CAST({stored} AS {number})"

    def _telling(self) -> tuple[str, ...]:
        """The column that tells records of traffic from the others: log-status, or one that only traffic fills."""
        return tuple(column for column in _TELLING if column in self.columns)[:1]

    def _logged(self, *, remote: bool = False) -> str:
        """The condition of a record of traffic; objects without log-status among others with it read as NULL."""
        for column in self._telling():
            value = self.value(column) if remote else column
            return f"({value} = 'OK' OR {value} IS NULL)" if column == "log_status" else f"{value} IS NOT NULL"
        return "TRUE"


def _is_tag(column: str) -> bool:
    return column_type(column) == "string" and column.removesuffix("_2").endswith("_tag")
