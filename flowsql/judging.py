"""What the engine of a source makes of a file's SQL, told without running it, which costs nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flowsql.checks.known import Known
from flowsql.checks.subject import Extent, Judgement, Subject
from flowsql.checks.variants import WINDOW, examples
from flowsql.dialects.athena import Placed, placed
from flowsql.engines.base import Explains
from flowsql.engines.remote import around
from flowsql.errors import FlowsqlError, NotFound, QueryError
from flowsql.fields import RecordKind
from flowsql.query import Filters
from flowsql.questions import kind_of
from flowsql.statement import parse
from flowsql.table import Table
from flowsql.template import render

_VALIDATE = "TYPE VALIDATE"
_IO = "TYPE IO, FORMAT JSON"
_TIME = ("date", "year", "month", "day", "hour")
_ANY = Filters(account=("123456789012",), region=("us-east-1",))
"""What stands for the values that a table with injected partitions has to be told."""

_Ends = dict[str, tuple[str, str]]
"""Partition column of time → the first and the last value read of it."""


@dataclass(slots=True)
class Judge:
    """An engine and the table it is asked about."""

    engine: Explains
    table: Table
    _everything: dict[str, _Ends] = field(default_factory=dict)
    """What there is of each table, once asked for."""
    _known: dict[tuple[str, ...], Known | None] = field(default_factory=dict)
    """The other tables that were looked up; None for one of which nothing is told."""

    @classmethod
    def of(cls, engine: Explains, kind: RecordKind = "vpc") -> "Judge":
        """The judge of an engine's table; raises NotFound, SourceError, EngineError."""
        return cls(engine, engine.table(WINDOW, Filters(), kind))

    def informed(self, subject: Subject) -> Subject:
        """The subject with what the catalogue knows of the other tables that hand-written SQL reads."""
        told = (self._looked_up(node.catalog, node.db, node.name) for node in subject.strangers())
        found = tuple(dict.fromkeys(known for known in told if known is not None))
        # What the catalogue has goes before what a file would make.
        names = {known.name[-2:] for known in found}
        return replace(subject, others=(*found, *(each for each in subject.others if each.name[-2:] not in names)))

    def _looked_up(self, catalogue: str, database: str, table: str) -> Known | None:
        """A table other than the source's own; None for one that the catalogue does not tell of."""
        own = self.table.name or ("", "")
        before = (catalogue,) if catalogue else own[:-2]
        name = tuple(part.lower() for part in (*before, database or own[-2], table))
        if name not in self._known:
            try:
                self._known[name] = Known(name, self.engine.another(name))
            except NotFound:
                # The engine refuses the statement, and says so better.
                self._known[name] = Known(name, None)
            except FlowsqlError:
                # It stays one of which nothing is known: the scan has to be bounded by a column of a usual name.
                self._known[name] = None
        return self._known[name]

    def judged(self, subject: Subject) -> Subject:
        """The subject with the engine's word on it; as it is where it asks what this table is not about.

        Raises SourceError and EngineError where the engine cannot be asked.
        """
        try:
            asked = self._statement(subject)
            if asked is None:
                return subject
            self.engine.explain(asked, subject.path, _VALIDATE)
            extents = () if subject.templated else tuple(self._extents(asked, subject))
        except (QueryError, NotFound) as refusal:
            return replace(subject, judgement=Judgement(self.engine.location, refusal))
        return replace(subject, judgement=Judgement(self.engine.location, extents=extents))

    def _statement(self, subject: Subject) -> Placed | None:
        """What the engine is asked about: one way the template renders, over the real table."""
        if subject.query is None or subject.rendered is None:
            return None
        if not subject.templated:
            return placed(subject.sql, {})
        if kind_of(subject.query) != self.table.kind:
            return None
        statement = parse(render(subject.query, examples(subject.query), WINDOW, self.table.columns))
        injected = {partition.role for partition in self.table.partitions if partition.type == "injected"}
        filters = Filters(**{role: getattr(_ANY, role) for role in ("account", "region") if role in injected})
        return around(statement, self.table, filters)

    def _extents(self, asked: Placed, subject: Subject) -> Iterator[Extent]:
        """How much of each table is read, told by its first partition column of time that the plan limits."""
        others = (known.table for known in subject.others if known.table is not None)
        tables = {table.name: table for table in (self.table, *others) if table.name is not None}
        plan = json.loads(self.engine.explain(asked, subject.path, _IO))
        for each in plan["inputTableColumnInfos"]:
            read = each["table"]["catalog"], *each["table"]["schemaTable"].values()
            table = next((table for name, table in tables.items() if read[-len(name) :] == name), None)
            columns = _times(table) if table is not None else ()
            if table is None or table.name is None or not columns or each["constraint"].get("none"):
                continue
            ends = dict(_limits(each["constraint"], columns))
            column = next((column for column in columns if column in ends), None)
            if column is None:
                yield Extent(table.name[-1], columns[0], None, True)
            else:
                whole = self._all_of(table).get(column) == ends[column]
                yield Extent(table.name[-1], column, ends[column], whole)

    def _all_of(self, table: Table) -> _Ends:
        """What there is of a table."""
        name = table.qualified_name
        if name not in self._everything:
            plan = json.loads(self.engine.explain(Placed(f"SELECT 1 FROM {name}", 0, 0), "", _IO))
            found = (each["constraint"] for each in plan["inputTableColumnInfos"])
            self._everything[name] = {key: ends for each in found for key, ends in _limits(each, _times(table))}
        return self._everything[name]


def _limits(constraint: dict[str, Any], columns: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, str]]]:
    for column in constraint["columnConstraints"]:
        ranges = column["domain"]["ranges"]
        if column["columnName"] in columns and ranges:
            ends = ranges[0]["low"].get("value"), ranges[-1]["high"].get("value")
            if None not in ends:
                yield column["columnName"], (str(ends[0]), str(ends[1]))


def _times(table: Table) -> tuple[str, ...]:
    """The partition columns of time."""
    return tuple(partition.name for partition in table.partitions if partition.role in _TIME)
