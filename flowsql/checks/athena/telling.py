"""From departures of the grammar to what a rule says."""

from collections.abc import Iterator, Mapping
from itertools import chain

from flowsql.checks.rule import Fault
from flowsql.checks.subject import Subject


def told(subject: Subject, said: Mapping[str, tuple[str, str]]) -> Iterator[Fault]:
    """One fault for each departure of the kinds in `said`, with its message and hint.

    Both may hold `{text}`, the token as it is written, and `{detail}`.
    """
    for departure in chain.from_iterable(subject.departures):
        if departure.kind in said:
            message, hint = said[departure.kind]
            given = {"text": departure.text, "detail": departure.detail}
            yield subject.fault(message.format(**given), departure.start, hint.format(**given))
