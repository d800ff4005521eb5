"""What engines that read the real table share: the statement around the author's, its estimate, a look into no rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from flowsql.aws.listings import Below, Listings
from flowsql.aws.places import Places, roots
from flowsql.aws.results import Results
from flowsql.dialects.athena import Placed, filters_of, placed
from flowsql.engines.base import Answer, Estimate, Explains, Filed, Step
from flowsql.errors import SourceError
from flowsql.layout import SLOT, place
from flowsql.partitions import Term
from flowsql.query import Filters, Relation
from flowsql.reading.store import Wanted
from flowsql.reading.tally import Tally
from flowsql.statement import Statement, conjuncts
from flowsql.table import Table
from flowsql.tables.reach import Gap, Listing, Reach, reach, strangers, unnamed
from flowsql.window import Window

if TYPE_CHECKING:
    import pyarrow as pa

_LISTERS = 16
_MOST_FOLDERS = 1000
"""Folders listed for a receipt alone; an estimate lists all, since it was asked for."""

_SHOWN = 3
"""Accounts and regions named in one sentence."""

_SLOT = int(SLOT.total_seconds())
_SETTLED = timedelta(days=1)
"""After the end of a partition: delivery takes minutes, seldom hours."""

CHEAP = 100_000_000
"""Bytes (a twentieth of a cent) that finding out why there are no rows may scan."""


def around(statement: Statement, table: Table, filters: Filters, unread: Sequence[str] = ()) -> Placed:
    """The author's statement with the real table behind its relations, on the author's own lines.

    What is `unread` makes it another statement, so that its result is not given again once the table reads all.
    """
    asked = table.columns if statement.reads_all else tuple(statement.columns)
    names = table.needed(asked, filters)
    selects = {
        relation.name: table.remote_relation_sql(relation, filters, names) for relation in statement.rendered.relations
    }
    if unread:
        # Athena compares statements without their comments; a CTE that nothing reads costs nothing.
        selects[f"incomplete_{sha256(repr(unread).encode()).hexdigest()[:12]}"] = "SELECT 1 AS one"
    return placed(statement.native, selects)


def _untold(table: Table, terms: Sequence[Term]) -> None:
    """Where nobody lists partitions."""


@dataclass(slots=True)
class Sizes:
    """The objects that partitions stand for, each prefix listed once; those of long ago once for all runs."""

    results: Results
    listings: Listings | None = None
    partitions: Listing = _untold
    """The partitions that the catalogue lists."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _seen: dict[str, Below] = field(default_factory=dict)
    _reaches: dict[tuple[Window, Filters], Reach] = field(default_factory=dict)
    _unread: dict[tuple[Window, Filters], tuple[str, ...]] = field(default_factory=dict)

    def reach(self, window: Window, table: Table, filters: Filters) -> Reach:
        """What the table reads of a window."""
        if (window, filters) not in self._reaches:
            self._reaches[window, filters] = reach(table, window, filters, self.now(), self.partitions)
        return self._reaches[window, filters]

    def of(self, relation: Relation, table: Table, filters: Filters) -> tuple[int, int]:
        """Objects and bytes in the partitions of a relation; raises SourceError."""
        found = self.below(relation.window, table, filters)
        return sum(each.objects for each in found), sum(each.bytes for each in found)

    def below(self, window: Window, table: Table, filters: Filters) -> list[Below]:
        """What lies in each partition of a window; raises SourceError."""
        prefixes = self.reach(window, table, filters).prefixes
        if not all(prefix.strip("/") for prefix in prefixes):
            raise SourceError(
                f"where the partitions of {table.title} lie is not told",
                hint="Trino names no folders of partitions that are registered; `flowsql run` asks without an estimate",
            )
        new = [prefix for prefix in prefixes if prefix not in self._seen]
        settled = self._settled(window, table, filters).intersection(new) if self.listings else set()
        if self.listings is not None:
            self._seen.update(self.listings.known(settled))
            new = [prefix for prefix in new if prefix not in self._seen]
        for prefix, sizes in self._listed(new):
            self._seen[prefix] = Below.of(sizes)
        if self.listings is not None:
            # An empty folder is not settled: somebody may copy old logs there, and "no object" has to be true.
            self.listings.keep(
                {prefix: self._seen[prefix] for prefix in new if prefix in settled and self._seen[prefix].objects}
            )
        return [self._seen[prefix] for prefix in prefixes]

    def filed(self, window: Window, table: Table, filters: Filters) -> Filed | None:
        """What the names of the objects tell of a window; None where they may not be listed, or lie in many folders."""
        prefixes = self.reach(window, table, filters).prefixes
        if sum(prefix not in self._seen for prefix in prefixes) > _MOST_FOLDERS:
            return None
        try:
            found = self.below(window, table, filters)
        except SourceError:
            return None
        objects = sum(each.objects for each in found)
        if any(each.slots is None for each in found):
            return Filed(objects)
        first, last = window.since_epoch // _SLOT, -(-int(window.filed_until.timestamp()) // _SLOT) - 1
        runs = [(max(begin, first), min(end, last)) for each in found for begin, end in each.slots or ()]
        held = [(begin, end) for begin, end in runs if begin <= end]
        newest = max((end for _, end in held), default=None)
        hours = {hour for begin, end in held for hour in range(begin * _SLOT // 3600, end * _SLOT // 3600 + 1)}
        moment = datetime.fromtimestamp(newest * _SLOT, UTC) if newest is not None else None
        return Filed(objects, moment, frozenset(hours))

    def unread(self, statement: Statement, table: Table, filters: Filters) -> tuple[str, ...]:
        """What of a statement's windows the table does not read though objects lie there, or may; a sentence each."""
        told: dict[str, None] = {}
        for relation in statement.rendered.relations:
            window = relation.window
            if (window, filters) not in self._unread:
                gaps = self.reach(window, table, filters).gaps
                missed = filter(None, (self._missed(gap, window, table) for gap in gaps))
                self._unread[window, filters] = (*missed, *self._strangers(window, table, filters))
            told |= dict.fromkeys(self._unread[window, filters])
        return tuple(told)

    def _missed(self, gap: Gap, window: Window, table: Table) -> str:
        """The sentence about a gap; empty when no object of the window lies in it."""
        lacking = f"{table.title} does not read {gap.when}" if gap.when else f"{table.title} does not read all of it"
        try:
            names = [name for _, sizes in self._listed(gap.prefixes) for name, _ in sizes]
        except SourceError:
            return f"{lacking}, and whether objects lie there cannot be told: {gap.why}"
        held = sorted({name for name in names if place(name).may_hold(window)})
        if not gap.prefixes:
            return f"{lacking}: {gap.why}"
        lie = f"{len(held):,} objects of the window lie" if len(held) > 1 else "an object of the window lies"
        return f"{lacking}, where {lie}, the first in {held[0].rpartition('/')[0]}/: {gap.why}" if held else ""

    def _strangers(self, window: Window, table: Table, filters: Filters) -> Iterator[str]:
        """A sentence for each reason why accounts and regions that deliver below the table's location are not read."""
        found = self.reach(window, table, filters)
        prefixes = (*found.prefixes, *(prefix for gap in found.gaps for prefix in gap.prefixes), table.location)
        places, wanted = (
            Places(self.results, self.listings, self.now),
            Wanted((window,), filters.account, filters.region),
        )
        why: dict[str, list[str]] = {}
        try:
            for start in roots(table.location, prefixes) if table.partitions else ():
                others = list(strangers(found, places.regions(start, wanted), window))
                with ThreadPoolExecutor(_LISTERS) as pool:
                    for first in filter(None, pool.map(lambda folder: places.first_in(folder, window), others)):
                        why.setdefault(unnamed(table, first), []).append(first)
        except SourceError:
            # Where S3 is closed nothing is told of objects at all.
            return
        for reason, names in why.items():
            told = [f"{place(name).account} in {place(name).region}" for name in names]
            more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            lie = f"where objects of the window lie, the first in {names[0].rpartition('/')[0]}/"
            yield f"{table.title} does not read {', '.join(told[:_SHOWN])}{more}, {lie}: {reason}"

    def _listed(self, prefixes: Sequence[str]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
        """The objects below each prefix, asked for many at a time."""
        with ThreadPoolExecutor(_LISTERS) as pool:
            yield from zip(prefixes, pool.map(self.results.sizes, prefixes), strict=True)

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
        unread = self.unread(statement, table, filters)
        return Estimate(sum(objects for objects, _ in found), sum(size for _, size in found) + again, unread=unread)


def newest_object(table: Table, profile: str | None, region: str | None) -> str | None:
    """The newest object below a table's location; None where it cannot be told."""
    from flowsql.aws.s3 import S3Store

    try:
        newest = S3Store(table.location, profile=profile, region=region).newest()
    except SourceError:
        return None
    return newest.name if newest else None


def prove(engine: Explains, table: Table) -> None:
    """Have a plan made of a question over the table: credentials, workgroup and the place of results are all tried.

    Nothing is scanned or billed. Raises what a question would: SourceError, NotFound, QueryError, EngineError.
    """
    engine.explain(
        Placed(f"SELECT {table.value('end')} FROM {table.qualified_name}", 0, 0), engine.location, "TYPE LOGICAL"
    )


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
