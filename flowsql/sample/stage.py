"""Where and when incidents happen, and what one incident is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from flowsql.sample.capture import Conversation
from flowsql.sample.estate import Estate
from flowsql.sample.manifest import Incident


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when incidents happen."""

    estate: Estate
    rng: Random
    since: int
    """Unix seconds."""
    until: int
    columns: tuple[str, ...]

    def ago(self, minutes: float) -> int:
        """The Unix second that many minutes before the end of the sample."""
        return self.until - int(60 * minutes)

    def moments(self, first: float, last: float, count: int) -> list[int]:
        """That many instants, at random, from `first` to `last` minutes before the end."""
        length = int(60 * (first - last))
        return sorted(self.ago(first) + int(length * self.rng.random()) for _ in range(count))

    def every(self, seconds: int) -> range:
        """Instants at a fixed distance over the whole sample."""
        return range(self.since, self.until, seconds)


Act = Callable[[Stage], tuple[Incident, list[Conversation]]]
"""Plays one incident on a stage."""
