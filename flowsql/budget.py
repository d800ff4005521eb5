"""What one question may read and cost, and what to narrow when it would be more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flowsql.cost import human_dollars
from flowsql.engines.base import Estimate
from flowsql.errors import OverBudget
from flowsql.query import Filters
from flowsql.settings import Source
from flowsql.units import human_bytes, human_time
from flowsql.window import Window

Announce = Callable[[Estimate | None], None]
"""Told before a question runs what it will read; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a question may read and cost; None is no limit."""

    max_bytes: int | None = None
    dollars: float | None = None

    @classmethod
    def of(cls, source: Source) -> "Budget":
        """What a source allows."""
        return cls(source.max_bytes, getattr(source, "budget", None))

    @property
    def limits(self) -> bool:
        """Whether there is any limit."""
        return self.max_bytes is not None or self.dollars is not None

    def check(self, estimate: Estimate, window: Window, filters: Filters, place: str, grain: timedelta) -> None:
        """Raise OverBudget for a question that would read or cost more; `grain` is the least time that is read."""
        asked, allowed = human_bytes(estimate.bytes), ""
        share = 1.0
        if self.max_bytes is not None and estimate.bytes > self.max_bytes:
            share, allowed = self.max_bytes / estimate.bytes, human_bytes(self.max_bytes)
            raised = "--max-bytes allows more"
        elif self.dollars is not None and estimate.dollars is not None and estimate.dollars > self.dollars:
            share, allowed = self.dollars / estimate.dollars, human_dollars(self.dollars)
            asked = f"{asked} for {human_dollars(estimate.dollars)}"
            raised = "`budget` of the source allows more"
        if allowed:
            raise OverBudget(
                f"the question would read {asked}, and {allowed} is allowed; nothing was run",
                where=place,
                hint=f"{_narrower(share, window, filters, grain)}; {raised}",
            )


def _narrower(share: float, window: Window, filters: Filters, grain: timedelta) -> str:
    """What would make the question smaller: the window first, then what narrows partitions."""
    fits = timedelta(seconds=int(window.seconds * share)) // grain * grain
    least = f"no window does: the least that is read is {human_time(grain)}"
    told = [f"a window of about {human_time(fits)} fits" if fits else least]
    keys = [f"--{name}" for name in ("account", "region") if not getattr(filters, name)]
    if keys:
        told.append(f"{' or '.join(keys)} may narrow it")
    return ", ".join(told)
