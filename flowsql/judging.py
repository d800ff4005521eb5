"""What the engine of a source makes of a file's SQL, told without running it, which costs nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from flowsql.checks.subject import Extent, Judgement, Subject
from flowsql.checks.variants import WINDOW, examples
from flowsql.dialects.athena import Placed, placed
from flowsql.engines.base import Explains
from flowsql.engines.remote import around
from flowsql.errors import NotFound, QueryError
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
    _everything: _Ends | None = field(default=None)

    @classmethod
    def of(cls, engine: Explains, kind: RecordKind = "vpc") -> "Judge":
        """The judge of an engine's table; raises NotFound, SourceError, EngineError."""
        return cls(engine, engine.table(WINDOW, Filters(), kind))

    def judged(self, subject: Subject) -> Subject:
        """The subject with the engine's word on it; as it is where it asks what this table is not about.

        Raises SourceError and EngineError where the engine cannot be asked.
        """
        try:
            asked = self._statement(subject)
            if asked is None:
                return subject
            self.engine.explain(asked, subject.path, _VALIDATE)
            extents = () if subject.templated else tuple(self._extents(asked, subject.path))
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

    def _extents(self, asked: Placed, place: str) -> Iterator[Extent]:
        """How much of the table is read, told by its first partition column of time that the plan limits."""
        found = self._ends(asked, place)
        if found is None or self.table.name is None:
            return
        if self._everything is None:
            self._everything = self._ends(Placed(f"SELECT 1 FROM {self.table.qualified_name}", 0, 0), "") or {}
        columns = self._columns()
        column = next((column for column in columns if column in found), None)
        if column is not None:
            whole = self._everything.get(column) == found[column]
            yield Extent(self.table.name[-1], column, found[column], whole)
        elif columns:
            yield Extent(self.table.name[-1], columns[0], None, True)

    def _ends(self, asked: Placed, place: str) -> _Ends | None:
        """What a statement reads of each partition column of time; None where it reads nothing of the table."""
        plan = json.loads(self.engine.explain(asked, place, _IO))
        for each in plan["inputTableColumnInfos"]:
            name = each["table"]["schemaTable"]
            is_ours = self.table.name is not None and (name["schema"], name["table"]) == self.table.name[-2:]
            if is_ours and not each["constraint"].get("none"):
                return dict(self._limits(each["constraint"]))
        return None

    def _limits(self, constraint: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
        for column in constraint["columnConstraints"]:
            ranges = column["domain"]["ranges"]
            if column["columnName"] in self._columns() and ranges:
                ends = ranges[0]["low"].get("value"), ranges[-1]["high"].get("value")
                if None not in ends:
                    yield column["columnName"], (str(ends[0]), str(ends[1]))

    def _columns(self) -> tuple[str, ...]:
        return tuple(partition.name for partition in self.table.partitions if partition.role in _TIME)
