"""Hull: what a condition leaves of one column, as a set of constants or an interval that holds them all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

Constant = str | int | date
"""A datetime is a date too; the two are never compared."""


@dataclass(frozen=True, slots=True)
class Hull:
    """The values a column may still have: never fewer than the condition leaves."""

    low: Constant | None = None
    """None where there is no lower bound."""
    high: Constant | None = None
    values: frozenset[Constant] | None = None
    """The only values; None for all from `low` to `high`. Empty where nothing is left."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be left: no value, or a lower bound above the upper one."""
        if self.values is not None:
            return not self.values
        return _same(self.low, self.high) and _key(self.low) > _key(self.high)

    @property
    def constants(self) -> "tuple[Constant, ...]":
        """The values or bounds it names, in order."""
        if self.values is not None:
            return tuple(sorted(self.values, key=str))
        return tuple(bound for bound in (self.low, self.high) if bound is not None)

    def meet(self, other: "Hull") -> "Hull":
        """Both conditions hold."""
        if self.values is not None and other.values is not None:
            return of_values(self.values & other.values)
        if self.values is not None:
            return of_values(value for value in self.values if other.may_hold(value))
        if other.values is not None:
            return other.meet(self)
        return Hull(_tighter(self.low, other.low, lower=True), _tighter(self.high, other.high, lower=False))

    def join(self, other: "Hull") -> "Hull":
        """One of the conditions holds."""
        if self.values is not None and other.values is not None:
            return of_values(self.values | other.values)
        if self.values == frozenset():
            return other
        if other.values == frozenset():
            return self
        mine, others = self.as_interval(), other.as_interval()
        return Hull(_wider(mine.low, others.low, lower=True), _wider(mine.high, others.high, lower=False))

    def as_interval(self) -> "Hull":
        """The interval from the least to the greatest value; everything where they cannot be compared."""
        if self.values is None:
            return self
        kinds = {type(value) for value in self.values}
        if len(kinds) != 1:
            return EVERYTHING
        ordered = sorted(self.values, key=_key)
        return Hull(ordered[0], ordered[-1])

    def may_hold(self, value: Constant) -> bool:
        """Whether the value is not ruled out."""
        if self.values is not None:
            return value in self.values
        low = _same(self.low, value) and _key(value) < _key(self.low)
        return not low and not (_same(self.high, value) and _key(value) > _key(self.high))


EVERYTHING = Hull()
NOTHING = Hull(values=frozenset())


def of_values(values: Iterable[Constant]) -> Hull:
    """These values and no others."""
    return Hull(values=frozenset(values))


def joined(hulls: Iterable[Hull]) -> Hull:
    """One of several conditions holds; of none, nothing is left."""
    return reduce(Hull.join, hulls, NOTHING)


def met(hulls: Iterable[Hull]) -> Hull:
    """Several conditions hold."""
    return reduce(Hull.meet, hulls, EVERYTHING)


def greatest(values: Iterable[Constant]) -> Constant:
    """The last of values of one type, as Trino sorts them."""
    return max(values, key=_key)


def least(values: Iterable[Constant]) -> Constant:
    """The first of values of one type."""
    return min(values, key=_key)


def _same(one: Constant | None, other: Constant | None) -> bool:
    return one is not None and type(one) is type(other)


def _key(value: Constant | None) -> Any:
    """Sorts as Trino does: text by its bytes in UTF-8."""
    if isinstance(value, str):
        return value.encode(errors="replace")
    return value if isinstance(value, int) else value.isoformat() if value is not None else ""


def _tighter(one: Constant | None, other: Constant | None, *, lower: bool) -> Constant | None:
    if one is None or other is None:
        return other if one is None else one
    if not _same(one, other):
        return one
    return (max if lower else min)(one, other, key=_key)


def _wider(one: Constant | None, other: Constant | None, *, lower: bool) -> Constant | None:
    if not _same(one, other):
        return None
    return (min if lower else max)(one, other, key=_key)
