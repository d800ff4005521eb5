"""A scan does not say which values of an injected partition column it wants.

Why: for a column whose projection is of type injected Athena knows no values but those of the query: it refuses a scan
without `=` or IN with constants on it, and takes at most 1000 of them.

Wrong:

    SELECT srcaddr FROM network.flow_logs WHERE day = '2026/01/01'

Right:

    SELECT srcaddr FROM network.flow_logs WHERE day = '2026/01/01' AND account = '111122223333'
"""

from collections.abc import Iterator

from flowsql.checks.bounds.hull import met
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ504", "injected-column", "error")

_MOST = 1000
_EXAMPLES = {"account": "'111122223333'", "region": "'us-east-1'"}


def check(subject: Subject) -> Iterator[Fault]:
    """Each scan of a known table, for each injected column without constants."""
    if subject.templated:
        return
    for scan in subject.scans:
        known = subject.known(scan.table)
        partitions = known.table.partitions if known is not None and known.table is not None else ()
        usable = [each for each in scan.conditions if not each.blocked and None not in each.refs]
        for partition in (each for each in partitions if each.type == "injected"):
            name = partition.name
            values = met(each.of(name) for each in usable).values
            example = _EXAMPLES.get(partition.role, "'…'")
            if values is None:
                message = f"the scan of {scan.table.name} does not say which {name} it reads"
                yield subject.fault(message, scan.table, f"AND {name} = {example}, or {name} IN ({example}, …)")
            elif len(values) > _MOST:
                message = f"the scan of {scan.table.name} names {len(values)} values of {name}"
                yield subject.fault(message, scan.table, f"Athena takes at most {_MOST}: ask in several queries")
