"""What engines that read the real table share: the statement around the author's, its estimate, a look into no rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flowsql.aws.listings import Listings
from flowsql.aws.results import Results
from flowsql.dialects.athena import Placed, filters_of, placed
from flowsql.engines.base import Answer, Estimate, Step
from flowsql.errors import SourceError
from flowsql.query import Filters, Relation
from flowsql.reading.tally import Tally
from flowsql.statement import Statement, conjuncts
from flowsql.table import Table
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa

_LISTERS = 16
_SETTLED = timedelta(days=1)
"""After the end of a partition: delivery takes minutes, seldom hours."""

CHEAP = 100_000_000
"""Bytes (a twentieth of a cent) that finding out why there are no rows may scan."""


def around(statement: Statement, table: Table, filters: Filters) -> Placed:
    """The author's statement with the real table behind its relations, on the author's own lines."""
    asked = table.columns if statement.reads_all else tuple(statement.columns)
    names = table.needed(asked, filters)
    selects = {
        relation.name: table.remote_relation_sql(relation, filters, names) for relation in statement.rendered.relations
    }
    return placed(statement.native, selects)


@dataclass(slots=True)
class Sizes:
    """The objects that partitions stand for, each prefix listed once; those of long ago once for all runs."""

    results: Results
    listings: Listings | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def of(self, relation: Relation, table: Table, filters: Filters) -> tuple[int, int]:
        """Objects and bytes in the partitions of a relation; raises SourceError."""
        prefixes = table.prefixes(relation.window, filters)
        new = [prefix for prefix in prefixes if prefix not in self._seen]
        settled = self._settled(relation.window, table, filters).intersection(new) if self.listings else set()
        if self.listings is not None:
            self._seen.update(self.listings.known(settled))
            new = [prefix for prefix in new if prefix not in self._seen]
        with ThreadPoolExecutor(_LISTERS) as pool:
            for prefix, sizes in zip(new, pool.map(self.results.sizes, new), strict=True):
                self._seen[prefix] = (len(sizes), sum(size for _, size in sizes))
        if self.listings is not None:
            # An empty folder is not settled: somebody may copy old logs there, and "no object" has to be true.
            self.listings.keep(
                {prefix: self._seen[prefix] for prefix in new if prefix in settled and self._seen[prefix][0]}
            )
        found = [self._seen[prefix] for prefix in prefixes]
        return sum(objects for objects, _ in found), sum(size for _, size in found)

    def _settled(self, window: Window, table: Table, filters: Filters) -> set[str]:
        """The prefixes of a window whose time ended so long ago that no object is filed there any more."""
        ended = self.now() - _SETTLED
        if window.since >= ended:
            return set()
        past = table.prefixes(replace(window, until=min(window.until, ended)), filters)
        recent = table.prefixes(Window(ended, ended + 2 * _SETTLED, window.slack), filters)
        # A month that holds a recent day, a folder without any time in it: more may be filed there.
        return {prefix for prefix in past if not any(each.startswith(prefix) for each in recent)}.difference(
            prefix for prefix in past if prefix.startswith(recent)
        )

    def estimate(self, statement: Statement, table: Table, filters: Filters) -> Estimate:
        """What a statement reads at most: every scan of a relation reads its partitions again."""
        found = [self.of(relation, table, filters) for relation in statement.rendered.relations]
        again = max(0, statement.scans - len(found)) * max((size for _, size in found), default=0)
        return Estimate(sum(objects for objects, _ in found), sum(size for _, size in found) + again)


def newest_object(table: Table, profile: str | None, region: str | None) -> str | None:
    """The newest object below a table's location; None where it cannot be told."""
    from flowsql.aws.s3 import S3Store

    try:
        newest = S3Store(table.location, profile=profile, region=region).newest()
    except SourceError:
        return None
    return newest.name if newest else None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into an answer without rows found."""

    probe: Tally | None = None
    lost: tuple[Step, ...] = ()
    actions: tuple[str, ...] = ()
    newest_object: str | None = None

    def told(self, answer: Answer) -> Answer:
        """The answer with what was found."""
        return replace(answer, probe=self.probe, lost=self.lost, actions=self.actions, newest_object=self.newest_object)


def look_into(
    statement: Statement, table: Table, filters: Filters, objects: int | None, ask: "Callable[[Placed], pa.Table]"
) -> Look:
    """Count the records left after each condition of the first SELECT that lost them all; one query, asked by `ask`.

    `objects` are those in the partitions of the window, None where they cannot be listed.
    """
    relations = {relation.name: relation for relation in statement.rendered.relations}
    for name, conditions in conjuncts(statement.tree, set(relations)):
        texts = filters_of(conditions)
        counts = [f"count_if({' AND '.join(texts[: number + 1])})" for number in range(len(texts))]
        status = "log_status" if "log_status" in table.columns else "CAST(NULL AS varchar)"
        action = "action" if "action" in statement.columns and "action" in table.columns else "CAST(NULL AS varchar)"
        items = ["count(*)", f"array_join(array_agg(DISTINCT {action}), ',')", *counts]
        columns = tuple(dict.fromkeys((*statement.columns, *(["log_status"] if status == "log_status" else []))))
        names = table.needed(columns, filters)
        # All records of the window, so that those of no traffic are seen too.
        everything = Relation("everything", "records", relations[name].window)
        selects = {
            name: table.remote_relation_sql(relations[name], filters, names),
            "everything": table.remote_relation_sql(everything, filters, names),
        }
        told = f"(SELECT array_join(array_agg(kind || '=' || CAST(n AS varchar)), ',') FROM (SELECT {status} AS kind, "
        told += f"count(*) AS n FROM everything GROUP BY {status}) AS kinds)"
        asked = placed(f"SELECT {', '.join([*items, told, '(SELECT count(*) FROM everything)'])} FROM {name}", selects)
        rows = ask(asked)
        values = [column[0].as_py() for column in rows.columns]
        return _found(values, [condition.sql(dialect="athena") for condition in conditions], objects)
    return Look()


def _found(values: list[object], conditions: list[str], objects: int | None) -> Look:
    """The one row of the look, in the embedded engine's words."""
    total, actions, *left, statuses, in_window = values
    tally = Tally(objects=objects if objects is not None else 1)
    tally.in_window = tally.rows = _whole(in_window)
    for item in filter(None, str(statuses or "").split(",")):
        kind, _, number = item.partition("=")
        tally.statuses[kind] += int(number)
    steps = [Step("", _whole(total))]
    for condition, count in zip(conditions, left, strict=True):
        steps.append(Step(condition, _whole(count)))
        if not _whole(count):
            break
    seen = tuple(sorted(filter(None, str(actions or "").split(","))))
    # Conditions that leave some records do not explain an answer without rows.
    explained = steps[-1].left == 0
    return Look(tally, tuple(steps) if explained else (), seen)


def _whole(value: object) -> int:
    return int(str(value)) if value is not None else 0
