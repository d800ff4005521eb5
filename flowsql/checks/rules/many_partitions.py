"""A scan takes more partitions than Athena reads.

Why: Athena takes at most one million partitions in a scan (Amazon Athena quotas), and with partition projection it
counts every value that the properties of the table give, whether or not there are objects: hours times accounts times
regions. It looks at each of them before it reads.

Wrong:

    SELECT srcaddr FROM network.flow_logs WHERE hour BETWEEN '2020/01/01/00' AND '2026/12/31/23'

Right:

    SELECT srcaddr FROM network.flow_logs
    WHERE hour BETWEEN '2026/01/01/00' AND '2026/01/31/23' AND account = '111122223333' AND aws_region = 'us-east-1'
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flowsql.checks.bounds import Scan
from flowsql.checks.bounds.hull import Hull, met
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.errors import UsageError
from flowsql.partitions import Partition

RULE = Rule("FQ607", "many-partitions", "error")

_MOST = 1_000_000
_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=31)}


def check(subject: Subject) -> Iterator[Fault]:
    """Each bounded scan of a known table whose partitions are projected."""
    if subject.templated:
        return
    for scan in subject.scans:
        known = subject.known(scan.table)
        partitions = known.table.partitions if known is not None and known.table is not None else ()
        if not any(each.type != "registered" for each in partitions) or scan.range is None:
            continue
        count, narrow = 1, ""
        usable = [each for each in scan.conditions if not each.blocked and None not in each.refs]
        for partition in partitions:
            hull = met(each.of(partition.name) for each in usable)
            number = _number(partition, hull, scan)
            count *= number
            if number > 1 and hull.values is None and partition.grain is None:
                narrow += f" AND {partition.name} = …"
        if count > _MOST:
            message = f"the scan of {scan.table.name} takes {count:,} partitions; Athena reads at most {_MOST:,}"
            yield subject.fault(message, scan.table, f"a shorter range of time{narrow}")


def _number(partition: Partition, hull: Hull, scan: Scan) -> int:
    """How many values of a column are left; 1 where it is not told, so that no count is too high."""
    values = frozenset(partition.values)
    if hull.values is not None:
        return len(hull.values & values) if values else len(hull.values)
    if partition.type == "enum":
        return sum(hull.may_hold(value) for value in values) or 1
    projected = _projected(partition) if partition.role == "date" else None
    if projected is None or scan.range is None or partition.grain not in _LENGTHS:
        return 1
    first, last = max(scan.range[0], projected[0]), min(scan.range[1], projected[1])
    return max(1, (last - first) // (_LENGTHS[partition.grain] * partition.interval))


def _projected(partition: Partition) -> tuple[datetime, datetime] | None:
    """The time the projection gives; None where it is not written as two dates, or a date and NOW."""
    if partition.type != "date" or partition.range is None:
        return None
    try:
        ends = [datetime.now(UTC) if text == "NOW" else partition.pattern.parse(text) for text in partition.range]
    except UsageError:
        return None
    return (ends[0], ends[1]) if ends[0] and ends[1] else None
