"""Partitions that the catalogue lists, and where each should lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowsql.dates import UNITS
from flowsql.layout import place
from flowsql.partitions import Partition, time_levels


@dataclass(frozen=True, slots=True)
class Registered:
    """One partition that the catalogue lists."""

    values: tuple[str, ...]
    location: str
    """Empty where it is not told."""


def right_location(partitions: Sequence[Partition], item: Registered) -> str:
    """The folder of a listed partition's account, region and time; empty when it lies there, or that cannot be told."""
    values = dict(zip((partition.name for partition in partitions), item.values, strict=False))
    at = f"{item.location.rstrip('/')}/"
    right = _timed(partitions, values, at)
    here = place(at)
    for partition in partitions:
        value = values.get(partition.name, "")
        if partition.role == "account" and value.isdecimal() and here.account not in (None, value.zfill(12)):
            right = (right or at).replace(str(here.account), value.zfill(12))
        # Some name their regions otherwise: `use1`.
        if partition.role == "region" and value.count("-") > 1 and here.region not in (None, value):
            right = (right or at).replace(str(here.region), value)
    return right


def _timed(partitions: Sequence[Partition], values: dict[str, str], at: str) -> str:
    """A location with the time of the values in place of its own; empty when it has that."""
    here = place(at).parts
    numbers: list[int] = []
    for level in time_levels(partitions):
        text = values.get(level.name, "")
        moment = level.pattern.parse(text) if level.role == "date" else None
        if moment is not None:
            numbers = [getattr(moment, unit) for unit in UNITS[: UNITS.index(level.pattern.unit) + 1]]
        elif text.isdecimal():
            numbers.append(int(text))
    wanted = tuple(numbers[: len(here)])
    if not wanted or here[: len(wanted)] == wanted:
        return ""
    shape = "year={:04}/month={:02}/day={:02}/hour={:02}" if "year=" in at else "{:04}/{:02}/{:02}/{:02}"
    forms = shape.split("/")[: len(wanted)]
    old, new = (
        "/".join(form.format(part) for form, part in zip(forms, parts, strict=False)) for parts in (here, wanted)
    )
    return at.replace(old, new)
