"""A tree for a statement that Athena's grammar refuses: known faults are put right, so that other rules can speak."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.checks.athena.cursor import Departure
from flowsql.checks.athena.grammar import departures
from flowsql.statement.parts import Part, tree_of

if TYPE_CHECKING:
    from sqlglot import exp

_UNTOLD = ("syntax", "stray-character", "foreign-placeholder", "inline-function")
"""Departures after which nobody knows what is meant."""
_LENIENT = ("athena", "duckdb", "spark")
"""The dialects tried; what only the later ones read is foreign, and told as such."""


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    before: str
    after: str


def mended(part: Part) -> "exp.Expression | None":
    """The tree a statement would have without its faults of grammar, with offsets of the statement as it is.

    None where it has no faults that are known, or cannot be read without them either.
    """
    found = departures(part.sql)
    if not found or any(departure.kind in _UNTOLD for departure in found):
        return None
    changes = [change for departure in found if (change := _change(departure)) is not None]
    text = part.sql
    for change in reversed(changes):
        text = text[: change.start] + change.after + text[change.start + len(change.before) :]
    for dialect in _LENIENT:
        if (tree := tree_of(text, dialect)) is not None:
            return _moved(tree, changes)
    return None


def _change(departure: Departure) -> _Change | None:
    """What to put in the place of a token; None where a lenient dialect reads it."""
    text = departure.text
    match departure.kind:
        case "reserved-word" | "leading-digit":
            return _Change(departure.start, text, f'"{text}"')
        case "backticks":
            name = text[1:-1].replace('"', '""')
            return _Change(departure.start, text, f'"{name}"')
        case "trailing-comma":
            return _Change(departure.start, text, " ")
        case "double-equals":
            return _Change(departure.start, text, "=")
        case "and-sign":
            return _Change(departure.start, text, "AND")
    return None


def _moved(tree: "exp.Expression", changes: list[_Change]) -> "exp.Expression":
    """The tree with the offsets its words had before the changes."""
    starts, shifts, shift = [], [0], 0
    for change in changes:
        starts.append(change.start + shift)
        shift += len(change.after) - len(change.before)
        shifts.append(shift)
    for node in tree.walk():
        if "start" in node.meta:
            start, end = node.meta["start"], node.meta["end"]
            # A word that was changed begins where it did; those behind it are moved back.
            node.meta["start"] = start - shifts[bisect_right(starts, start - 1)]
            node.meta["end"] = end - shifts[bisect_right(starts, start)]
    return tree
