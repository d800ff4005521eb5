"""Deliveries → the tables that would read them, and what stands in the way."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from flowsql.dates import floor, following
from flowsql.delivery import Delivery
from flowsql.errors import UsageError
from flowsql.fields import column_type, log_format
from flowsql.partitions import SERVICE, Partition, Role
from flowsql.table import Table

_YEARS_AHEAD = 10
"""Integer projections cannot end at NOW; `table verify` tells when the last year is near."""

_NAMES: dict[Role, str] = {"account": "aws_account", "region": "aws_region", "date": "day"}
_COLUMN = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Design:
    """One table that would read these deliveries."""

    template: str
    """Down to the region, `${account}` and `${region}` in place of their values."""
    columns: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    conflicts: tuple[str, ...] = ()
    """Why no table can read its folders rightly."""
    changes: tuple[str, ...] = ()
    """What lay in its folders before and would be read wrongly: the table has to begin later."""
    after: datetime | None = None
    """The first day that a table may begin with because of that; None where it is not known."""

    @property
    def first(self) -> datetime:
        """The first day with objects."""
        return min(delivery.first for delivery in self.deliveries)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The fields without which no question can be asked of a window."""
        return tuple(name for name in ("start", "end") if name not in self.columns)

    @property
    def sample(self) -> Delivery:
        """One of the deliveries, for what they have in common."""
        return self.deliveries[0]

    @property
    def hourly(self) -> bool:
        """Whether every folder of a day has folders of its hours: Athena reads a daily one with all below it."""
        return all(delivery.hourly for delivery in self.deliveries)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts, sorted."""
        return tuple(sorted({delivery.account for delivery in self.deliveries}))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions, sorted."""
        return tuple(sorted({delivery.region for delivery in self.deliveries}))


def designs(deliveries: Iterable[Delivery]) -> list[Design]:
    """The tables that read the deliveries: those read alike, below one prefix, make one."""
    groups: dict[object, list[Delivery]] = {}
    for item in deliveries:
        fields = item.columns if item.file_format == "text" else ()
        groups.setdefault((_template(item), item.file_format, item.kind, fields), []).append(item)
    made = [
        Design(_template(group[0]), tuple(dict.fromkeys(name for item in group for name in item.columns)), tuple(group))
        for group in groups.values()
    ]
    clashes: dict[Design, list[tuple[str, bool]]] = {design: [] for design in made}
    ends: dict[Design, list[datetime]] = {design: [] for design in made}
    for one, other in combinations(made, 2):
        for item, beside in _shared(one, other):
            # A table can begin after another flow log has ended, but not end before another begins.
            clashes[one].append((_clash(item, beside), beside.current))
            clashes[other].append((_clash(beside, item), item.current))
            ends[one] += [beside.ended] if beside.ended else []
            ends[other] += [item.ended] if item.ended else []
    return [
        replace(
            design,
            conflicts=tuple(dict.fromkeys(text for text, serious in found if serious)),
            changes=tuple(dict.fromkeys(text for text, serious in found if not serious)),
            after=following(floor(max(ends[design]), "day"), "day") if ends[design] else None,
        )
        for design, found in clashes.items()
    ]


def make_table(
    design: Design,
    name: tuple[str, str],
    *,
    registered: bool = False,
    injected: Collection[str] = (),
    since: datetime | None = None,
) -> Table:
    """The table of a design. `injected` names `account` or `region`; `since` begins the dates later.

    Raises UsageError where no table can read the folders rightly.
    """
    if design.conflicts:
        raise UsageError(
            f"no table can read {root(design.template)} rightly: {design.conflicts[0]}",
            hint="a table reads all objects of a folder; deliver one of them to another prefix",
        )
    if design.lacking:
        wanted = log_format((*design.columns, *design.lacking), design.sample.kind)
        raise UsageError(
            f"no question can be asked of flow logs without {' and '.join(design.lacking)}: no record has a time",
            hint=f"a flow log cannot be edited: create one with the log format\n  '{wanted}'",
        )
    if design.changes and (since is None or (design.after is not None and since < design.after)):
        day = f"{design.after:%Y-%m-%d}" if design.after else "DAY"
        raise UsageError(
            f"a table would read old objects wrongly: {design.changes[0]}",
            hint=f"--since {day} begins the table after that",
        )
    columns = _named(design.columns)
    partitions = _places(design, columns, registered, injected)
    partitions += _times(design, columns, registered, since or design.first)
    template = design.template
    for role, partition in (("account", partitions[0]), ("region", _of(partitions, "region"))):
        template = template.replace(f"${{{role}}}", f"${{{partition.name}}}")
    template += _time_template(design, partitions)
    if registered and design.sample.style == "hive":
        template = template.replace(f"={SERVICE}/", f"=${{{_of(partitions, 'service').name}}}/", 1)
    return Table(
        columns,
        design.sample.kind,
        design.regions,
        name=name,
        types={column: column_type(column, design.sample.kind) for column in columns},
        file_format=design.sample.file_format,
        partitions=tuple(partitions),
        location=root(design.template),
        template=template,
    )


def root(template: str) -> str:
    """The folder above all partitions."""
    return f"{template.partition('${')[0].rpartition('/')[0]}/"


def _template(item: Delivery) -> str:
    """The delivery's folder, account and region replaced wherever they are a component of the path."""
    made = []
    for part in item.folder.split("/"):
        key, equals, value = part.rpartition("=")
        named = {item.account: "${account}", item.region: "${region}"}.get(value)
        made.append(f"{key}{equals}{named}" if named else part)
    return "/".join(made)


def _shared(one: Design, other: Design) -> list[tuple[Delivery, Delivery]]:
    """Deliveries of two designs that lie in one folder."""
    if one.template != other.template:
        return []
    return [(item, beside) for item in one.deliveries for beside in other.deliveries if item.folder == beside.folder]


def _clash(item: Delivery, beside: Delivery) -> str:
    """What `beside` does to a table of `item`."""
    how = f"until {beside.ended:%Y-%m-%d} delivered" if beside.ended else "delivers"
    where = f"{beside.flow_log} {how} to the same folder as {item.flow_log}"
    if item.kind != beside.kind:
        return f"{where}, and one is of a transit gateway, the other of a VPC"
    if item.file_format != beside.file_format:
        return f"{where}, and one is text, the other Parquet"
    return f"{where} with other fields, so columns would shift"


def _named(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns as a table can have them: what is no name of a field is numbered."""
    return tuple(name if _COLUMN.fullmatch(name) else f"field_{number}" for number, name in enumerate(columns, 1))


def _free(name: str, columns: Collection[str]) -> str:
    """A partition may not be named like a column, and a column is never given up for it."""
    return name if name not in columns else f"partition_{name}"


def _of(partitions: Sequence[Partition], role: Role) -> Partition:
    return next(partition for partition in partitions if partition.role == role)


def _places(design: Design, columns: tuple[str, ...], registered: bool, injected: Collection[str]) -> list[Partition]:
    """Account and region; MSCK REPAIR TABLE wants the names that Hive-compatible keys have, the service among them."""
    values = {"account": design.accounts, "region": design.regions}
    roles: tuple[Role, ...] = ("account", "region")
    if registered and design.sample.style == "hive":
        names = [part.partition("=")[0] for part in design.template.split("/") if "=" in part]
        keyed: tuple[Role, ...] = ("account", "service", "region")
        return [
            Partition(name, role, "registered", values=values.get(role, ()))
            for name, role in zip(names, keyed, strict=False)
        ]
    made = []
    for role in roles:
        name = _free(_NAMES[role], columns)
        if registered:
            made.append(Partition(name, role, "registered", values=values[role]))
        elif role in injected:
            made.append(Partition(name, role, "injected"))
        else:
            made.append(Partition(name, role, "enum", values=values[role]))
    return made


def _times(design: Design, columns: tuple[str, ...], registered: bool, first: datetime) -> list[Partition]:
    """The columns of time: parts where the keys have them by name, else one date and perhaps an hour."""
    made = []
    if design.sample.style == "hive":
        years = (str(first.year), str(first.year + _YEARS_AHEAD))
        parts: list[tuple[Role, int, tuple[str, str]]] = [("year", 4, years), ("month", 2, ("01", "12"))]
        parts.append(("day", 2, ("01", "31")))
        for role, digits, span in parts:
            # MSCK REPAIR TABLE wants these names whatever the columns are; no field of AWS's has one.
            made.append(Partition(role, role, "integer", digits=digits, range=span))
    else:
        day = _free("day", columns)
        made.append(Partition(day, "date", "date", "yyyy/MM/dd", range=(f"{first:%Y/%m/%d}", "NOW"), unit="day"))
    if design.hourly:
        made.append(Partition(_free("hour", columns), "hour", "integer", digits=2, range=("00", "23")))
    return [replace(partition, type="registered", range=None, unit=None) for partition in made] if registered else made


def _time_template(design: Design, partitions: Sequence[Partition]) -> str:
    """The rest of the path, below the region."""
    timed = [partition for partition in partitions if partition.grain]
    if design.sample.style == "hive":
        return "".join(f"{partition.role}=${{{partition.name}}}/" for partition in timed)
    return "".join(f"${{{partition.name}}}/" for partition in timed)
