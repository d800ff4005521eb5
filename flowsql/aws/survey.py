"""Which flow logs lie below a prefix: asks S3 for folders, for a few keys and for the beginning of an object each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from flowsql.aws import tree
from flowsql.aws.s3 import S3Object, S3Store
from flowsql.aws.walk import walk
from flowsql.dates import floor
from flowsql.delivery import Delivery
from flowsql.errors import DamagedObject, SourceError
from flowsql.layout import Style, day_prefixes, place
from flowsql.reading.container import Format, NotFlowLogs, probe
from flowsql.window import Window

_LISTERS = 16
_MOST_FOLDERS = 5000
"""Folders looked into before giving up: a tree this wide is not one of flow logs."""

_MOST_FLOW_LOGS = 50
"""Flow logs told apart in one folder."""

_TRIED = 3


def survey(store: S3Store) -> list[Delivery]:
    """The deliveries below the store's location, by folder and flow log; raises SourceError when there are none."""
    folders = sorted(_regions(store))
    with ThreadPoolExecutor(_LISTERS) as pool:
        found = [delivery for some in pool.map(lambda folder: _deliveries(store, folder), folders) for delivery in some]
    if not found:
        raise SourceError(
            f"there are no flow logs below {store.location}",
            hint="objects lie below AWSLogs/ACCOUNT/vpcflowlogs/REGION/; the first arrive about 15 minutes after a "
            "flow log was made",
        )
    return found


def delivered_to(folder: str, *, profile: str | None = None, region: str | None = None) -> list[Delivery]:
    """The deliveries in the folder of one account and region, `s3://bucket/…/`; raises SourceError where S3 refuses."""
    store = S3Store(folder, profile=profile, region=region)
    return _deliveries(store, folder.removeprefix(f"s3://{store.bucket}/"))


def _regions(store: S3Store) -> Iterator[str]:
    """The folders of one account and region each."""
    beginnings = store.beginnings()
    if all(map(_is_region, beginnings)):
        return iter(beginnings)
    seen = 0

    def visit(folder: str) -> tuple[Sequence[str], Sequence[str]]:
        nonlocal seen
        seen += 1
        if seen > _MOST_FOLDERS:
            raise SourceError(
                f"there are more than {_MOST_FOLDERS:,} folders at {store.location} and no flow logs in sight",
                hint="name the folder above AWSLogs/, or a deeper one",
            )
        below = tree.known_below(folder, None) or _below(store, folder)
        regions = [name for name in below if _is_region(name)]
        # Years and days lead to no region: a prefix that begins inside of one is not a table's.
        return regions, [name for name in below if name not in regions and not place(name).parts]

    return walk(beginnings, visit, _LISTERS)


def _below(store: S3Store, folder: str) -> list[str]:
    """The folders that may lead to flow logs; AWSLogs/ may lie beside others of other prefixes."""
    names = store.folders(folder)
    below = tree.below(names, None)
    if not any(map(tree.is_logs, below)):
        return below
    return [*below, *store.logs_in([name for name in names if name not in below])]


def _is_region(folder: str) -> bool:
    here = place(folder)
    return here.account is not None and here.region is not None and not here.parts and here.slot is None


def _deliveries(store: S3Store, folder: str) -> list[Delivery]:
    """The flow logs of a region's folder, as its oldest and its newest time folder show them."""
    newest, oldest = _edge(store, folder, last=True), _edge(store, folder, last=False)
    where = place(newest)
    if not where.parts:
        return []
    made: dict[str, Delivery] = {}
    for inside, is_newest in ((newest, True), (oldest, False)):
        for name, items in _flow_logs(store, inside):
            if name in made or (form := _format(store, items)) is None:
                continue
            style: Style = "hive" if "aws-region=" in folder else "default"
            made[name] = Delivery(
                folder=f"s3://{store.bucket}/{folder}",
                account=where.account or "",
                region=where.region or "",
                flow_log=name,
                columns=form.columns,
                kind=form.kind,
                file_format="parquet" if form.container == "parquet" else "text",
                style=style,
                hourly=len(where.parts) > 3,
                first=_moment(oldest),
                newest=_moment(newest),
                current=is_newest,
                example=items[0].name,
                ended=None if is_newest else _ended(store, folder, name, _moment(oldest), _moment(newest)),
            )
    return list(made.values())


def _ended(store: S3Store, folder: str, flow_log: str, there: datetime, gone: datetime) -> datetime:
    """The last day with objects of a flow log that are in the folder `there` and not in `gone`, found by halving."""
    while (gone - there).days > 1:
        middle = floor(there + (gone - there) / 2, "day")
        (day, *_) = day_prefixes(folder, Window(middle, middle + timedelta(seconds=1))) or [folder]
        hours = store.folders(day) or [day]
        if any(name == flow_log for hour in hours for name, _ in _flow_logs(store, hour)):
            there = middle
        else:
            gone = middle
    return floor(there, "day")


def _edge(store: S3Store, folder: str, *, last: bool) -> str:
    """The first or last of the time folders that no other is below."""
    while True:
        deeper = [name for name in store.folders(folder) if len(place(name).parts) > len(place(folder).parts)]
        if not deeper:
            return folder
        folder = max(deeper) if last else min(deeper)


def _moment(folder: str) -> datetime:
    """When a time folder begins."""
    interval = place(folder).interval()
    return interval[0] if interval else datetime.fromtimestamp(0, UTC)


def _flow_logs(store: S3Store, folder: str) -> Iterator[tuple[str, list[S3Object]]]:
    """Each flow log with objects in a folder, and the first of them: keys are sorted by flow log."""
    after = ""
    for _ in range(_MOST_FLOW_LOGS):
        items = store.first_objects(folder, after, _TRIED)
        found = tree.slot_stem(items[0].key) if items else None
        if found is None:
            return
        name = items[0].place.flow_log or ""
        yield name, [item for item in items if item.place.flow_log == name]
        after = tree.past(found[0])


def _format(store: S3Store, items: list[S3Object]) -> Format | None:
    """What the first whole object of a flow log holds; None when it cannot be told."""
    for item in items:
        try:
            form = probe(store, item, None)
        except (NotFlowLogs, DamagedObject):
            continue
        if form is not None:
            return form
    return None
