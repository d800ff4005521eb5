"""Bounds on a partition column that leave nothing.

Why: a lower bound above the upper one, or two values at once, match no partition; Athena answers no rows, which reads
as if there had been no traffic.

Wrong:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE day BETWEEN '2026/01/09' AND '2026/01/02'

Right:

    SELECT srcaddr FROM network.vpc_flow_logs WHERE day BETWEEN '2026/01/02' AND '2026/01/09'
"""

from collections.abc import Iterator

from flowsql.checks.bounds import Scan
from flowsql.checks.bounds.hull import met
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ503", "empty-range", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each comparison that leaves nothing, else the last of those that do so together."""
    for scan in subject.scans:
        for name in dict.fromkeys(name for key in scan.keys for name in (key.name, *key.finer)):
            if not _is_mixed(scan, name):
                yield from _of_column(subject, scan, name)


def _is_mixed(scan: Scan, name: str) -> bool:
    """Whether its dates are written in several ways, so that they cannot be compared; FQ502 says so."""
    leaves = [leaf for each in scan.conditions for leaf in each.leaves() if leaf.column and leaf.column[1] == name]
    texts = [value for leaf in leaves for value in leaf.hull.constants if isinstance(value, str)]
    guessed = [key for key in scan.keys if key.name == name and key.is_guessed]
    return any(
        len(frozenset.intersection(*map(key.ways, texts))) == 0 for key in guessed if texts and key.name != "year"
    )


def _of_column(subject: Subject, scan: Scan, name: str) -> Iterator[Fault]:
    about = [each for each in scan.conditions if not each.blocked and each.mentions(name)]
    leaves = [leaf for each in about for leaf in each.leaves() if leaf.column and leaf.column[1] == name]
    found = [leaf for leaf in leaves if leaf.hull.is_empty]
    hint = "the lower bound comes first: BETWEEN '2026/01/01' AND '2026/01/02'"
    for leaf in found:
        message = f"no {name} lies between '{leaf.hull.low}' and '{leaf.hull.high}'"
        yield subject.fault(message, leaf.node, hint)
    usable = [each for each in about if None not in each.refs]
    if leaves and not found and met(each.of(name) for each in usable).is_empty:
        yield subject.fault(f"the conditions on {name} leave none", usable[-1].node, "join alternatives with OR or IN")
