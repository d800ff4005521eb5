"""Write a sample: the slots of every account and region as objects, then its manifest."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from random import Random

from flowsql.errors import SourceError, UsageError
from flowsql.fields import log_format
from flowsql.layout import SLOT, Style, object_key, place
from flowsql.sample.capture import Record, recorded
from flowsql.sample.estate import Estate
from flowsql.sample.incidents import plant
from flowsql.sample.manifest import FILE_NAME, Incident, Manifest, read_manifest, write_manifest
from flowsql.sample.ordinary import ordinary
from flowsql.sample.plan import FileFormat, Plan, columns_of, estates_of, interval_of, prefix_of, style_of
from flowsql.sample.records import parquet_object, text_object
from flowsql.sample.stage import Stage

Progress = Callable[[int, int], None]

_SLOT = int(SLOT.total_seconds())


def write_sample(
    directory: Path,
    *,
    until: datetime,
    hours: int = 3,
    seed: int = 1,
    layout: Style = "default",
    hourly: bool = False,
    file_format: FileFormat = "text",
    version: int = 5,
    flow_log_format: tuple[str, ...] | None = None,
    prefix: str = "",
    accounts: int = 1,
    regions: tuple[str, ...] = ("us-east-1",),
    rate: float = 1.0,
    progress: Progress | None = None,
) -> Manifest:
    """Write flow logs of `[until - hours, until)` below `directory`, filed as AWS files them in S3.

    `version` takes every field up to that record version (2: the default format); `flow_log_format` names
    the fields instead. `rate` scales the ordinary traffic, about 8,000 records an hour at 1.0; the incidents
    stay the same. Equal arguments write equal bytes. An earlier sample in `directory` is replaced, other
    files are never touched. `progress` is called with the seconds of flow logs written and those in all.

    Raises UsageError for a directory that holds other files and for values that make no sense, SourceError
    when the disk refuses.
    """
    since, end = interval_of(until, hours, rate)
    style, kind = style_of(layout, file_format)
    plan = Plan(
        since=since,
        until=end,
        seed=seed,
        rate=rate,
        columns=columns_of(version, flow_log_format),
        estates=estates_of(seed, accounts, regions),
        layout=style,
        hourly=hourly,
        file_format=kind,
        prefix=prefix_of(prefix),
    )
    try:
        _make_room(directory)
        return _write(directory, plan, progress)
    except OSError as failure:
        raise SourceError(
            f"the sample cannot be written: {failure.strerror or failure}",
            where=str(failure.filename or directory),
            hint="a directory you may write to, on a disk with some megabytes free",
        ) from failure


def _make_room(directory: Path) -> None:
    """An existing directory that is empty, or was until somebody added files to an earlier sample."""
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file", hint="name a directory; it is made when it does not exist")
    directory.mkdir(parents=True, exist_ok=True)
    earlier = read_manifest(directory)
    if earlier:
        (directory / FILE_NAME).unlink()
        _remove(directory, earlier.flow_logs)
    elif any(directory.iterdir()):
        raise UsageError(
            f"{directory} has files in it that are not of a sample",
            hint="choose another directory, an empty one or one that does not exist",
        )


def _remove(directory: Path, flow_logs: Sequence[str]) -> None:
    """Delete the objects of these flow logs, and the folders that are empty then."""
    for path in list(directory.rglob("*_vpcflowlogs_*")):
        if path.is_file() and place(path.name).flow_log in flow_logs:
            path.unlink()
            for folder in path.relative_to(directory).parents[:-1]:
                if any((directory / folder).iterdir()):
                    break
                (directory / folder).rmdir()


def _write(directory: Path, plan: Plan, progress: Progress | None) -> Manifest:
    flow_logs = tuple(estate.flow_log for estate in plan.estates)
    incidents: tuple[Incident, ...] = ()
    objects = records = size = 0
    length = plan.until - plan.since
    try:
        for number, estate in enumerate(plan.estates):
            rng = Random(f"{plan.seed}/{estate.account}/{estate.region}/traffic")
            planted: list[Record] = []
            if number == 0:
                incidents, planted = plant(Stage(estate, rng, plan.since, plan.until, plan.columns))
            for slot, filed in _slots(rng, estate, plan, planted):
                for part, some in enumerate(_parts(slot, filed)):
                    size += _write_object(directory / _key(plan, estate, slot, part), plan, some)
                    objects += 1
                    records += len(some)
                if progress:
                    progress(number * length + slot - plan.since, len(plan.estates) * length)
        manifest = Manifest(
            directory=directory,
            since=datetime.fromtimestamp(plan.since, UTC),
            until=datetime.fromtimestamp(plan.until, UTC),
            seed=plan.seed,
            log_format=log_format(plan.columns),
            objects=objects,
            records=records,
            bytes=size,
            flow_logs=flow_logs,
            incidents=incidents,
        )
        write_manifest(manifest)
    except BaseException:
        # An interrupted run leaves a directory the next one can use.
        _remove(directory, flow_logs)
        raise
    return manifest


def _slots(rng: Random, estate: Estate, plan: Plan, planted: Sequence[Record]) -> Iterator[tuple[int, list[Record]]]:
    """Each five-minute slot (Unix seconds) with the records that end in it, oldest first."""
    waiting: defaultdict[int, list[Record]] = defaultdict(list)
    for record in planted:
        waiting[record.end // _SLOT * _SLOT].append(record)
    for minute in range(plan.since, plan.until, 60):
        for talk in ordinary(rng, estate, minute, plan.rate):
            for record in recorded(talk, plan.until):
                waiting[record.end // _SLOT * _SLOT].append(record)
        # A record ends no earlier than it begins, so nothing more comes for slots before the next minute.
        for slot in sorted(slot for slot in waiting if slot + _SLOT <= minute + 60):
            yield slot, sorted(waiting.pop(slot), key=attrgetter("end"))
    for slot in sorted(waiting):
        yield slot, sorted(waiting[slot], key=attrgetter("end"))


def _parts(slot: int, records: list[Record]) -> tuple[list[Record], ...]:
    """The objects of a slot: every third slot has two, as AWS's have now and then."""
    if slot // _SLOT % 3 == 0 and len(records) > 1:
        return records[::2], records[1::2]
    return (records,)


def _key(plan: Plan, estate: Estate, slot: int, part: int) -> str:
    return object_key(
        estate.account,
        estate.region,
        estate.flow_log,
        datetime.fromtimestamp(slot, UTC),
        sha256(f"{estate.flow_log}/{slot}/{part}".encode()).hexdigest()[:8],
        style=plan.layout,
        hourly=plan.hourly,
        parquet=plan.file_format == "parquet",
        prefix=plan.prefix,
    )


def _write_object(path: Path, plan: Plan, records: Sequence[Record]) -> int:
    """Write one object and say how many bytes it has."""
    pack = parquet_object if plan.file_format == "parquet" else text_object
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(pack(plan.columns, records))
