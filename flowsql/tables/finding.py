"""What flow logs there are, below a prefix of S3 or by DescribeFlowLogs, and which of the tables over them is meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flowsql.aws.flow_logs import FlowLog, deliveries, flow_logs
from flowsql.aws.s3 import S3Store
from flowsql.aws.survey import delivered_to, survey
from flowsql.dates import floor, following
from flowsql.delivery import Delivery
from flowsql.errors import SourceError, UsageError
from flowsql.fields import known
from flowsql.partitions import Partition
from flowsql.table import Table
from flowsql.tables.design import Design, designs


@dataclass(frozen=True, slots=True)
class Findings:
    """The deliveries, the tables over them, and what DescribeFlowLogs said if it was asked."""

    deliveries: tuple[Delivery, ...]
    designs: tuple[Design, ...]
    flow_logs: tuple[FlowLog, ...] = ()
    unseen: tuple[str, ...] = ()
    """Folders of these flow logs that could not be looked into, so that what ended there is not known."""

    def chosen(self, flow_log: str | None) -> Design:
        """The table meant: the only one, or the one over a flow log. Raises UsageError."""
        if flow_log is not None:
            for design in self.designs:
                if any(item.flow_log == flow_log for item in design.deliveries):
                    return design
            ids = sorted({item.flow_log for item in self.deliveries})
            raise UsageError(f"there is no flow log {flow_log!r} here", hint=f"flow logs: {', '.join(ids)}")
        if len(self.designs) > 1:
            choices = " or ".join(f"--flow-log {design.sample.flow_log}" for design in self.designs)
            raise UsageError(f"{len(self.designs)} tables are needed for what is here", hint=f"choose: {choices}")
        return self.designs[0]


def find(location: str | None, *, profile: str | None = None, region: str | None = None) -> Findings:
    """What lies at `s3://bucket/prefix`; without a location, what the account's flow logs deliver to S3.

    Raises SourceError when there is nothing.
    """
    if location is not None:
        found = survey(S3Store(location, profile=profile, region=region))
        return Findings(tuple(found), tuple(designs(found)))
    logs = flow_logs(profile=profile, region=region)
    found = list(deliveries(logs))
    if not logs:
        raise SourceError(
            "this account has no flow logs in this region",
            hint="--aws-region asks another region; s3://bucket/prefix looks at objects",
        )
    seen, unseen = _with_objects(found, profile, region)
    return Findings(tuple(seen), tuple(designs(seen)), tuple(logs), tuple(unseen))


def _with_objects(stated: list[Delivery], profile: str | None, region: str | None) -> tuple[list[Delivery], list[str]]:
    """The stated deliveries with what their folders show and flow logs that ended there; and the closed folders."""
    made, closed = {item.flow_log: item for item in stated}, []
    for folder in dict.fromkeys(item.folder for item in stated):
        try:
            found = delivered_to(folder, profile=profile, region=region)
        except SourceError as failure:
            closed.append(f"{folder}: {failure.message}")
            continue
        for item in found:
            known_one = made.get(item.flow_log)
            made[item.flow_log] = replace(known_one, newest=item.newest, example=item.example) if known_one else item
    return list(made.values()), closed


def told(design: Design) -> Iterator[tuple[str, str]]:
    """A design in words: label and text of each line."""
    sample = design.sample
    kind = "transit gateway" if sample.kind == "tgw" else "VPC"
    keys = "Hive-compatible" if sample.style == "hive" else "default"
    form = "Parquet" if sample.file_format == "parquet" else "text"
    yield "records", f"{kind} flow logs as {form}, {keys} keys, {'hourly' if design.hourly else 'daily'} folders"
    yield "lies at", design.template
    yield "accounts", ", ".join(design.accounts)
    yield "regions", ", ".join(design.regions)
    yield "flow logs", ", ".join(sorted({item.flow_log for item in design.deliveries}))
    newest = max((item.newest for item in design.deliveries if item.newest), default=None)
    until = (
        f"newest folder {newest:{'%Y-%m-%d %H:00' if design.hourly else '%Y-%m-%d'}}"
        if newest
        else "no object seen yet"
    )
    yield "since", f"{design.first:%Y-%m-%d}, {until}"
    fields = [field for column in design.columns if (field := known(column, sample.kind))]
    version = max((field.version for field in fields), default=2)
    names = [
        known_field.name if (known_field := known(column, sample.kind)) else column.replace("_", "-")
        for column in design.columns
    ]
    yield "fields", f"{len(design.columns)}, of record versions up to {version}: {', '.join(names)}"
    for text in design.conflicts:
        yield "CONFLICT", f"{text}; no table can read both"
    for text in design.changes:
        day = f" {design.after:%Y-%m-%d}" if design.after else ""
        yield "before", f"{text}: begin the table later (--since{day})"
    if design.lacking:
        yield (
            "LACKS",
            f"{' and '.join(design.lacking)}: without them no record has a time, and no question can be asked",
        )


def partition_folders(table: Table, design: Design, now: datetime) -> Iterator[tuple[dict[str, str], str]]:
    """Every partition to register from the first day to today: its values by column, and its location."""
    for item in design.deliveries:
        at = floor(item.first, "day")
        while at <= now.astimezone(UTC):
            values = {partition.name: _value(partition, item, at) for partition in table.partitions}
            location = table.template
            for name, value in values.items():
                location = location.replace(f"${{{name}}}", value)
            yield values, location
            at = following(at, "hour" if design.hourly else "day")


def _value(partition: Partition, item: Delivery, at: datetime) -> str:
    by_role = {"account": item.account, "region": item.region}
    return by_role.get(partition.role) or partition.texts(at)[0]
