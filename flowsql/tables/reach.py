"""What of a window a table reads: which folders, and which times or places it does not know of.

A partition outside of the projection, or one that nobody registered, gives no rows and no error (Athena User Guide,
"Partition projection with Amazon Athena", "ALTER TABLE ADD PARTITION").
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

from flowsql.dates import Unit, following
from flowsql.layout import day_prefixes, place
from flowsql.partitions import Condition, Partition, Term, at, fixed_conditions, moments, prefixes, time_levels
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.registered import Registered, right_location
from flowsql.window import Window

_INSTANT = timedelta(seconds=1)


Listing = Callable[[Table, Sequence[Term]], Sequence[Registered] | None]
"""The partitions listed for a table that may fit terms; None where they cannot be told."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Partitions that a window needs and the table does not read."""

    moments: tuple[datetime, ...]
    """The first instants of their units of time; none where a place is not read at any time."""
    grain: Unit
    why: str
    prefixes: tuple[str, ...]
    """Where they would lie, as far as that is known."""

    @property
    def when(self) -> str:
        """`2026-11-21`, `2026-11-19 to 2026-11-21`, `2026-11-21 05h`."""
        form = "%Y-%m-%d %Hh" if self.grain == "hour" else "%Y-%m-%d"
        runs: list[list[datetime]] = []
        for moment in self.moments:
            if runs and following(runs[-1][-1], self.grain) == moment:
                runs[-1].append(moment)
            else:
                runs.append([moment])
        told = [f"{run[0]:{form}} to {run[-1]:{form}}" if len(run) > 1 else f"{run[0]:{form}}" for run in runs]
        return ", ".join(told[:3]) + (" …" if len(told) > 3 else "")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a table reads of a window, and what it does not."""

    prefixes: tuple[str, ...]
    """The folders that are read, `s3://bucket/prefix/…/` each."""
    gaps: tuple[Gap, ...] = ()
    places: frozenset[tuple[str, str]] | None = None
    """The accounts and regions of listed partitions, where it is not known at which folders these are."""


def reach(table: Table, window: Window, filters: Filters, now: datetime, listing: Listing) -> Reach:
    """The reach of a table in a window. Raises UsageError where a partition is injected and nothing says its value."""
    if not table.partitions:
        return Reach(table.prefixes(window, filters))
    wanted = tuple(moment for moment in moments(table.partitions, window) if moment <= now)
    if table.is_projected:
        gaps = tuple(_outside(table, wanted, filters, now))
        unread = {prefix for gap in gaps for prefix in gap.prefixes} | set(_skipped(table, window, filters, now))
        return Reach(tuple(prefix for prefix in table.prefixes(window, filters) if prefix not in unread), gaps)
    listed = listing(table, table.terms(window))
    if listed is None:
        return Reach(table.prefixes(window, filters))
    fixed = fixed_conditions(table.partitions, filters, table.title)
    fitting = [item for item in listed if _fits(table, item, fixed, table.terms(window))]
    return _registered(table, wanted, fixed, fitting, table.prefixes(window, filters))


def strangers(found: Reach, folders: Sequence[str], window: Window) -> Iterator[str]:
    """Of folders of accounts and regions those that are not read on any day of a window, and of which no gap tells."""
    read = found.prefixes if found.places is None else ()
    told = {*read, *(prefix for gap in found.gaps for prefix in gap.prefixes)}
    ordered, lengths = sorted(told), {len(prefix) for prefix in told}

    def is_told(day: str) -> bool:
        after = bisect_left(ordered, day)
        deeper = after < len(ordered) and ordered[after].startswith(day)
        return deeper or any(day[:length] in told for length in lengths)

    for folder in folders:
        here = place(folder)
        listed = any(
            account in ("", here.account) and region in ("", here.region) for account, region in found.places or ()
        )
        if not listed and not any(map(is_told, day_prefixes(folder, window) or (folder,))):
            yield folder


def unnamed(table: Table, folder: str) -> str:
    """Why a table does not read the folder of an account and region."""
    here = place(folder)
    for partition in table.partitions:
        name = {"account": here.account, "region": here.region}.get(partition.role)
        if name and partition.type == "enum" and name not in partition.values:
            return f"projection.{partition.name}.values has no {name}"
    return f"it reads {table.template}" if table.is_projected else "no partition is registered for it"


def _outside(table: Table, wanted: Sequence[datetime], filters: Filters, now: datetime) -> Iterator[Gap]:
    """Times beyond a projected range, and accounts or regions that an enum lacks."""
    fixed = fixed_conditions(table.partitions, filters, table.title)
    known = {partition.name: partition.values for partition in table.partitions if partition.values}
    grain = _finest(table.partitions)
    for condition in fixed:
        partition = condition.partition
        absent = tuple(text for text in condition.texts if text not in partition.values)
        if partition.type != "enum" or not absent:
            continue
        others = tuple(other for other in fixed if other is not condition)
        places = (*others, Condition(partition, absent))
        why = f"projection.{partition.name}.values has no {', '.join(absent)}"
        yield Gap((), grain, why, tuple(_folders(table, wanted, places, known)))
    for level in time_levels(table.partitions):
        late = tuple(moment for moment in wanted if not level.projects(moment, now))
        if late:
            # Of a wider interval it is not known which folder they would lie in.
            named = () if level.between else late
            yield Gap(late, grain, level.projection, tuple(_folders(table, named, fixed, known)))
        between = tuple(moment for moment in wanted if moment not in late and not level.names(moment, now))
        if between:
            yield Gap(between, grain, level.stepping, tuple(_folders(table, between, fixed, known)))


def _skipped(table: Table, window: Window, filters: Filters, now: datetime) -> Iterator[str]:
    """The folders of a window, and of the intervals before it, that no projected value leads to."""
    levels = time_levels(table.partitions)
    since = window.since - max((level.between for level in levels), default=timedelta())
    late = [
        moment
        for moment in moments(table.partitions, replace(window, since=since))
        if not all(level.names(moment, now) for level in levels)
    ]
    known = {partition.name: partition.values for partition in table.partitions if partition.values}
    yield from _folders(table, late, fixed_conditions(table.partitions, filters, table.title), known)


def _registered(
    table: Table, wanted: Sequence[datetime], fixed: Term, found: Sequence[Registered], otherwise: tuple[str, ...]
) -> Reach:
    """Of listed partitions: those found, and the times that a place has none of."""
    levels = time_levels(table.partitions)
    places = [partition for partition in table.partitions if partition not in levels]
    seen: dict[tuple[str, ...], set[tuple[str, ...]]] = {spot: set() for spot in _asked(places, fixed)}
    for item in found:
        values = _values(table, item)
        spot = tuple(values.get(partition.name, "") for partition in places)
        seen.setdefault(spot, set()).add(tuple(values.get(level.name, "") for level in levels))
    missing: dict[datetime, list[tuple[str, ...]]] = {}
    for moment in wanted if levels else ():
        alternatives = set(product(*(level.texts(moment) for level in levels)))
        lacking = [spot for spot, listed in seen.items() if not alternatives & listed]
        if lacking or not seen:
            missing[moment] = lacking
    where: dict[str, None] = {}
    for moment, lacking in missing.items():
        for spot in lacking:
            term = tuple(Condition(part, (value,)) for part, value in zip(places, spot, strict=True))
            where |= dict.fromkeys(_folders(table, [moment], term, {}))
    why = "no partition is registered for it"
    gaps: tuple[Gap, ...] = (Gap(tuple(missing), _finest(table.partitions), why, tuple(where)),) if missing else ()
    locations = tuple(dict.fromkeys(f"{item.location.rstrip('/')}/" for item in found if item.location))
    gaps += tuple(_misplaced(table, found, locations))
    if locations or not found:
        return Reach(locations, gaps)
    held = {partition.role: partition.name for partition in table.partitions}
    named = frozenset(
        (
            values.get(held.get("account", ""), "").zfill(12) if "account" in held else "",
            values.get(held.get("region", ""), ""),
        )
        for values in (_values(table, item) for item in found)
    )
    return Reach(tuple(prefix for prefix in otherwise if prefix not in where), gaps, named)


def _misplaced(table: Table, found: Sequence[Registered], read: Sequence[str]) -> Iterator[Gap]:
    """The folders that listed partitions should lie at, where none of the window's does."""
    for item in found:
        right = right_location(table.partitions, item)
        if right and not right.startswith(tuple(read)):
            named = ", ".join(f"{name} = {value}" for name, value in _values(table, item).items())
            yield Gap((), _finest(table.partitions), f"partition {named} is at {item.location}", (right,))


def _folders(
    table: Table, wanted: Sequence[datetime], places: Term, known: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Where the partitions of some instants lie; nothing where the template does not lead to their time."""
    named = all(f"${{{level.name}}}" in table.template for level in time_levels(table.partitions))
    for moment in wanted:
        for folder in prefixes(table.template, [at(table.partitions, moment)], places, known):
            if named:
                yield folder
            else:
                yield from (day_prefixes(folder, Window(moment, moment + _INSTANT)) or ())[:1]


def _asked(places: Sequence[Partition], fixed: Term) -> Iterator[tuple[str, ...]]:
    """The places that filters name, where they name every part of one; that of a table without any."""
    texts = {condition.partition.name: condition.texts for condition in fixed}
    if all(partition.name in texts for partition in places):
        yield from product(*(texts[partition.name] for partition in places))


def _fits(table: Table, item: Registered, fixed: Term, terms: Sequence[Term]) -> bool:
    values = _values(table, item)

    def holds(term: Term) -> bool:
        return all(condition.admits(values.get(condition.partition.name, "")) for condition in term)

    return holds(fixed) and any(map(holds, terms))


def _values(table: Table, item: Registered) -> Mapping[str, str]:
    return dict(zip((partition.name for partition in table.partitions), item.values, strict=False))


def _finest(partitions: Sequence[Partition]) -> Unit:
    levels = time_levels(partitions)
    return (levels[-1].grain if levels else None) or "day"
