"""Openings: which condition, or which lack of one, leaves a scan open, for a person to read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flowsql.checks.bounds.conditions import Condition
from flowsql.checks.bounds.hull import Hull, met
from flowsql.checks.bounds.keys import TimeKey
from flowsql.checks.bounds.scans import Scan
from flowsql.window import Window

if TYPE_CHECKING:
    from sqlglot import exp

_RECORD_TIMES = frozenset(("start", "end", "start_time", "end_time"))
_PART = re.compile("[0-9]{1,2}")
_HIDDEN = frozenset(("$path", "$file_modified_time", "$file_size"))


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a scan is open, and where."""

    reason: str
    node: "exp.Expr"


def opening(scan: Scan) -> Opening:
    """The first reason a person should look at; asked of open scans only."""
    if not scan.keys:
        return Opening("it has no partition of time, so every question reads all of it", scan.table)
    spoken = [key for key in scan.keys if any(each.mentions(key.name) for each in scan.conditions)]
    for key in spoken:
        if found := next(_of_key(scan, key), None):
            return found
    return _unspoken(scan)


def _of_key(scan: Scan, key: TimeKey) -> Iterator[Opening]:
    about = [each for each in scan.conditions if each.mentions(key.name)]
    usable = [each for each in about if not each.blocked and None not in each.refs]
    for each in usable:
        yield from _arms(each, key)
    for each in about:
        if each.blocked:
            yield Opening(f"the condition on {key.name} does not reach it: {each.blocked}", each.node)
    hull = met(each.of(key.name) for each in usable)
    for each in usable:
        yield from _misread(each, key)
    for each in about:
        if each.reason:
            yield Opening(each.reason, each.node)
    if usable:
        yield Opening(_one_sided(hull, key, any(_moves(each.node) for each in usable)), usable[-1].node)
    yield Opening(f"nothing known before the query runs bounds {key.name}", about[0].node)


def _arms(condition: Condition, key: TimeKey) -> Iterator[Opening]:
    """The open arms of an OR."""
    for part in condition.parts if not condition.any_of else ():
        yield from _arms(part, key)
    for part in condition.parts if condition.any_of else ():
        if key.range(part.of(key.name)) is not None:
            continue
        deeper = next(_arms(part, key), None)
        if deeper:
            yield deeper
        elif part.reason and part.mentions(key.name):
            yield Opening(f"in this arm of OR {part.reason}", part.node)
        elif not _told(part.of(key.name)):
            yield Opening(f"this arm of OR has no bound on {key.name}", part.node)


def _misread(condition: Condition, key: TimeKey) -> Iterator[Opening]:
    """Constants that are no dates as the column has them."""
    for part in condition.parts:
        yield from _misread(part, key)
    for value in condition.hull.constants if condition.column and condition.column[1] == key.name else ():
        if key.span(value) is not None:
            continue
        if key.is_guessed and isinstance(value, str) and _PART.fullmatch(value):
            yield Opening(f"{key.name} {value!r} is one of every month and year: nothing bounds year", condition.node)
        elif key.is_guessed:
            yield Opening(f"{value!r} bounds nothing: it is no date that begins with its year", condition.node)
        else:
            yield Opening(f"{value!r} bounds nothing: {key.name} is written as {key.shown}", condition.node)


def _told(hull: Hull) -> bool:
    return hull.low is not None or hull.high is not None or hull.values is not None


def _moves(node: "exp.Expr") -> bool:
    """Whether an expression reads the clock."""
    from sqlglot import exp

    return node.find(exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp) is not None


def _one_sided(hull: Hull, key: TimeKey, moves: bool) -> str:
    hull = hull.as_interval()
    if not all(one.is_ordered for one in key.patterns):
        return f"dates written {key.shown} do not sort by time, so only = and IN bound {key.name}"
    if hull.low is not None and hull.high is None and moves:
        return f"{key.name} has no upper bound, so it reads every later partition there is, those of the future too"
    if hull.low is not None and hull.high is None:
        return f"{key.name} has no upper bound, so it reads more every day"
    if hull.high is not None and hull.low is None:
        return f"{key.name} has no lower bound, so it reads from the first day there is"
    if hull.low is None:
        return f"nothing bounds {key.name}"
    return f"the bounds on {key.name} are more than ten years apart"


def _unspoken(scan: Scan) -> Opening:
    """No condition on the columns that bound it."""
    is_guessed = any(key.is_guessed for key in scan.keys)
    names = "a partition column of time" if is_guessed else _listed([key.name for key in scan.keys])
    for each in scan.conditions:
        said = {ref[1] for ref in each.refs if ref}
        for key in scan.keys:
            if finer := sorted(said.intersection(key.finer)):
                what = f"{finer[0]} without {key.name} reads that {finer[0]} of every {_whole(key)}"
                return Opening(what, each.node)
    for each in scan.conditions:
        said = {ref[1] for ref in each.refs if ref}
        if times := sorted(said & _RECORD_TIMES):
            return Opening(f"bounds on {times[0]} alone do not limit partitions", each.node)
        if said & _HIDDEN:
            return Opening(f'"{min(said & _HIDDEN)}" filters what was listed and does not limit partitions', each.node)
    return Opening(f"no condition on {names}", scan.table)


def _whole(key: TimeKey) -> str:
    return "year" if key.name == "year" else "day"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def example(key: TimeKey, others: Sequence[str], window: Window) -> str:
    """A predicate of the right form for a key, over the days of a window; `others` are the parts of a year it has."""
    first, last = window.since, window.filed_until
    if key.name != "year" or key.patterns[0].pattern != "yyyy":
        return f"{_quoted(key.name)} >= {_value(key, first)} AND {_quoted(key.name)} <= {_value(key, last)}"
    parts = [f"{key.name} = {_part(key, f'{first.year}')}"]
    if "month" in others:
        parts.append(f"month = {_part(key, f'{first:%m}')}")
        if "day" in others:
            following = first + timedelta(days=1)
            days = [first] if following.month != first.month else [first, following]
            parts.append(f"day IN ({', '.join(_part(key, f'{day:%d}') for day in days)})")
    return " AND ".join(parts)


def _quoted(name: str) -> str:
    return f'"{name}"' if name == "date" else name


def _value(key: TimeKey, moment: datetime) -> str:
    text = f"'{key.example(moment)}'"
    return f"DATE {text}" if key.sql_type == "date" else text


def _part(key: TimeKey, text: str) -> str:
    return f"'{text}'" if key.sql_type == "string" else str(int(text))
