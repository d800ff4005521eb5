"""What is known about one answer besides its rows."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flowsql.addresses import IPV4
from flowsql.cost import human_dollars
from flowsql.emptiness import iso, why_empty
from flowsql.engines.base import Answer, Remote
from flowsql.fields import RecordKind
from flowsql.layout import KEYED, SLOT
from flowsql.query import Filters, Rendered
from flowsql.reading.tally import Reject, Tally
from flowsql.sources import is_source_name
from flowsql.table import FILTER_NEEDS, Table
from flowsql.units import counted, human_bytes, human_time
from flowsql.window import AGGREGATION, DELIVERY, Window

_INCOMPLETE = "INCOMPLETE: "
_LIMIT = re.compile(r"\bLIMIT\s+\{\{\s*(\w+)\s*\}\}\s*$", re.IGNORECASE)
_COUNTING = "hygiene/log-status"
"""The saved query that counts what a remote engine does not."""

_QUAD = r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an answer comes from and how complete it is. Times are UTC, sizes bytes.

    What an engine cannot know is None: a remote engine counts no records, which would take a second scan of them, and
    tells of time what the names of the objects tell; the embedded one has no query id and costs nothing.
    """

    query: str
    parameters: dict[str, str]
    """Each parameter of the query with the SQL literal it became; one not given is absent."""
    filters: dict[str, tuple[str, ...]]
    since: datetime
    until: datetime
    engine: str
    source: str
    sql: str
    """As the engine ran it."""
    sql_sha256: str
    """Of the Athena SQL before any translation, so that it is the same on every engine."""
    rows: int
    objects_listed: int | None
    """Names seen; of a remote engine, the objects in the partitions of the window."""
    objects_opened: int | None
    objects_left: int | None
    """Objects not read to their end, since the statement had its rows before; what is counted tells of the others."""
    bytes_read: int | None
    records_read: int | None
    """Well-formed records in the objects opened, in the window or not."""
    records_in_window: int | None
    rejected: int | None
    rejects: tuple[Reject, ...]
    """The first thousand rejected rows."""
    statuses: dict[str, int]
    """log-status → records in the window."""
    newest_record: datetime | None
    newest_slot: datetime | None
    """By the objects' names, where records are not counted: the newest one ended in the five minutes from then on."""
    hours_without_records: tuple[datetime, ...]
    """Whole or partial UTC hours of the window, old enough to be delivered, in which no record ended.

    Of a remote engine: those in which no object was filed.
    """
    undelivered: timedelta
    """How much of the window's end AWS may not have delivered yet."""
    elapsed: timedelta
    complete: bool
    """False when damaged objects were skipped, or the table does not read all that lies in the window."""
    notes: tuple[str, ...]
    """What a person should know before trusting the rows."""
    why_empty: str | None
    """Set when there are no rows."""
    asked_at: datetime
    version: str
    query_id: str | None = None
    """The remote engine's name of the execution."""
    workgroup: str | None = None
    dollars: float | None = None
    """What the bytes cost at the source's price; None where nothing is billed by bytes."""
    reused: bool = False
    """Whether the remote engine gave the result of an earlier execution again."""
    queued: timedelta | None = None
    planning: timedelta | None = None
    execution: timedelta | None = None
    results_route: str | None = None
    """How the rows came from the remote engine: `csv`, `unload` or `pages`."""

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The notes on what the answer lacks, which are said even where the receipt is not shown."""
        return tuple(note for note in self.notes if note.startswith(_INCOMPLETE))

    @property
    def skipdata_share(self) -> float:
        """The share of the window's records that say AWS lost data, 0 to 1."""
        return self.statuses.get("SKIPDATA", 0) / self.records_in_window if self.records_in_window else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: times in ISO 8601, lengths in seconds."""
        plain = asdict(self) | {"skipdata_share": round(self.skipdata_share, 6)}
        return {key: _plain(value) for key, value in plain.items()}

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The receipt as a person reads it."""
        window = Window(self.since, self.until)
        body = self._remote_lines() if self.query_id else self._embedded_lines()
        return [f"{self.query} · {window}", *body, *(f"note: {note}" for note in self.notes)]

    def _embedded_lines(self) -> list[str]:
        read, rejected = self.records_read or 0, self.rejected or 0
        listed, size = counted(self.objects_listed or 0, "object"), human_bytes(self.bytes_read or 0)
        records = (
            f"{'the first ' * bool(self.objects_left)}{counted(self.records_in_window or 0, 'record')} in the window"
        )
        body = [
            f"{counted(self.rows, 'row')} from {records if self.objects_opened else 'no record'} · "
            f"{self.objects_opened:,} of {listed} ({size}) · {self.elapsed.total_seconds():.2f} s"
        ]
        if self.newest_record is not None:
            body.append(
                f"newest record {iso(self.newest_record)} · SKIPDATA {_share(self.skipdata_share)} · "
                f"rejected {rejected:,} of {counted(read + rejected, 'row')} read"
            )
        return [*body, f"source {self.source} · {self.engine} · sql {self.sql_sha256[:12]}"]

    def _remote_lines(self) -> list[str]:
        scanned = f"{human_bytes(self.bytes_read)} scanned" if self.bytes_read is not None else "bytes not told"
        if self.reused:
            scanned = "an earlier result reused, nothing scanned"
        spent = f" ({human_dollars(self.dollars)})" if self.dollars is not None else ""
        parts = (("queued", self.queued), ("planned", self.planning), ("ran", self.execution))
        spans = ", ".join(f"{name} {span.total_seconds():.2f} s" for name, span in parts if span is not None)
        took = f"{self.elapsed.total_seconds():.2f} s" + (f" ({spans})" if spans else "")
        filed = [f"{self.records_in_window:,} records in the window"] if self.records_in_window is not None else []
        if self.newest_slot is not None:
            filed.append(f"newest record {self.newest_slot:%Y-%m-%dT%H:%M} to {self.newest_slot + SLOT:%H:%M}Z")
        if self.objects_listed is not None:
            filed.append(f"{counted(self.objects_listed, 'object')} in its partitions")
        asked = f"source {self.source} · {self.engine}" + (f" · workgroup {self.workgroup}" if self.workgroup else "")
        return [
            f"{counted(self.rows, 'row')} · {scanned}{spent} · {took}",
            *([" · ".join(filed)] if filed else []),
            f"{asked} · query {self.query_id} · sql {self.sql_sha256[:12]}",
        ]


def _share(share: float) -> str:
    """A share that is never rounded to nothing."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def fingerprint(rendered: Rendered) -> str:
    """The SHA-256 of the Athena SQL before any translation."""
    return hashlib.sha256(rendered.sql.encode()).hexdigest()


def make_receipt(
    rendered: Rendered,
    answer: Answer,
    table: Table,
    filters: Filters,
    *,
    engine: str,
    source: str,
    now: datetime,
    elapsed: timedelta,
    version: str,
) -> Receipt:
    """The receipt of one answer."""
    known, window, remote = answer.tally, rendered.window, answer.remote or Remote("")
    tally = known or Tally()
    undelivered = window.undelivered(now)
    looked, filed = known or answer.probe, answer.filed
    hours = known.hours if known else filed.hours if filed else None
    # Of objects that were not read nobody knows the hours.
    missing = _missing_hours(window, hours, now) if hours is not None and not tally.left else ()
    empty = answer.rows.num_rows == 0
    return Receipt(
        query=rendered.query.name,
        parameters={name: value.literal for name, value in rendered.values.items() if value.literal is not None},
        filters=filters.by_column(),
        since=window.since,
        until=window.until,
        engine=engine,
        source=source,
        sql=answer.sql,
        sql_sha256=fingerprint(rendered),
        rows=answer.rows.num_rows,
        objects_listed=filed.objects if filed else answer.listed,
        objects_opened=known.objects if known else None,
        objects_left=known.left if known else None,
        bytes_read=known.bytes if known else remote.bytes_scanned,
        records_read=known.rows if known else None,
        records_in_window=looked.in_window if looked else None,
        rejected=known.rejected if known else None,
        rejects=tuple(tally.rejects),
        statuses=dict(looked.statuses) if looked else {},
        newest_record=datetime.fromtimestamp(tally.newest, UTC) if tally.newest is not None else None,
        newest_slot=filed.newest if filed else None,
        hours_without_records=missing,
        undelivered=undelivered,
        elapsed=elapsed,
        complete=not tally.damaged and not answer.unread,
        notes=_notes(rendered, answer, source, undelivered, missing, table.kind, filters),
        why_empty=why_empty(answer, rendered, table, source, filters) if empty else None,
        asked_at=now,
        version=version,
        query_id=answer.query_id,
        workgroup=remote.workgroup,
        dollars=remote.dollars,
        reused=remote.reused,
        queued=remote.queued,
        planning=remote.planning,
        execution=remote.execution,
        results_route=remote.route,
    )


def _notes(
    rendered: Rendered,
    answer: Answer,
    source: str,
    undelivered: timedelta,
    missing: tuple[datetime, ...],
    kind: RecordKind,
    filters: Filters,
) -> tuple[str, ...]:
    tally = answer.tally or Tally()
    # Where nothing was read at all, nothing of it is late.
    late = undelivered if tally.objects or answer.tally is None else timedelta()
    return (
        *(f"{_INCOMPLETE}{text}" for text in answer.unread),
        *_limit_note(rendered, answer.rows.num_rows),
        *answer.notes,
        *_coverage_notes(tally, late, missing),
        *_remote_notes(answer, rendered, source, missing),
        *_narrowing_notes(tally, filters),
        *_reading_notes(tally, kind, filters.by_column()),
        *_impossible_notes(answer),
    )


def _missing_hours(window: Window, hours: Collection[int], now: datetime) -> tuple[datetime, ...]:
    """Hours of the window that should have records by now and have none."""
    last = min(window.until_epoch, int((now - AGGREGATION - DELIVERY).timestamp()))
    wanted = range(window.since_epoch // 3600, -(-last // 3600))
    return tuple(datetime.fromtimestamp(hour * 3600, UTC) for hour in wanted if hour not in hours)


def _limit_note(rendered: Rendered, rows: int) -> list[str]:
    """When a query returns exactly as many rows as its own limit allows, there may be more."""
    found = _LIMIT.search(rendered.query.body)
    value = rendered.values.get(found[1]) if found else None
    if value is None or value.literal != str(rows) or not rows:
        return []
    option = value.name.replace("_", "-")
    return [f"as many rows as --{option} {rows} allows; there may be more: raise --{option}"]


def _coverage_notes(tally: Tally, undelivered: timedelta, missing: tuple[datetime, ...]) -> list[str]:
    """What the window lacks."""
    notes = []
    if tally.damaged:
        listed = "; ".join(tally.damaged[:3]) + ("; …" if len(tally.damaged) > 3 else "")
        were = "was" if len(tally.damaged) == 1 else "were"
        notes.append(f"{_INCOMPLETE}{counted(len(tally.damaged), 'damaged object')} {were} skipped: {listed}")
    skipped = tally.statuses.get("SKIPDATA", 0)
    if skipped:
        each = "" if skipped == 1 else "each "
        told = f"{counted(skipped, 'SKIPDATA record')}, {each}for an unknown number of flows"
        notes.append(f"AWS lost records: {told}; counts are too low")
    if undelivered:
        minutes = timedelta(minutes=-(-int(undelivered.total_seconds()) // 60))
        notes.append(f"the last {human_time(minutes)} of the window may not be delivered yet")
    if tally.left and tally.objects:
        notes.append(
            f"the rows were there before {counted(tally.left, 'object')} were read: their records are not counted"
        )
    if missing and tally.in_window:
        notes.append(f"no record ended in {counted(len(missing), 'hour')} of the window: {_hours(missing)}")
    return notes


def _remote_notes(answer: Answer, rendered: Rendered, source: str, missing: tuple[datetime, ...]) -> list[str]:
    """What the names of the objects tell of holes, and how to have counted what only a second scan would count."""
    if answer.remote is None:
        return []
    notes = []
    if missing and answer.filed and answer.filed.newest:
        notes.append(f"no object was filed in {counted(len(missing), 'hour')} of the window: {_hours(missing)}")
    if answer.probe is None and rendered.query.name != _COUNTING:
        window = f"--since {iso(rendered.window.since)} --until {iso(rendered.window.until)}"
        window += f" --source {source}" if is_source_name(source) else ""
        notes.append(
            "records in the window and SKIPDATA among them are not counted, which would scan and cost once more: "
            f"`flowsql run {_COUNTING.rpartition('/')[2]} {window}` counts them"
        )
    return notes


def _hours(missing: tuple[datetime, ...]) -> str:
    return ", ".join(f"{hour:%Y-%m-%d %H}h" for hour in missing[:4]) + (" …" if len(missing) > 4 else "") + " (UTC)"


def _narrowing_notes(tally: Tally, filters: Filters) -> list[str]:
    """What became of records without a field that an option narrows by."""
    notes = []
    for column in filters.by_column():
        option, field, untold = FILTER_NEEDS[column], column.replace("_", "-"), tally.untold[column]
        told = tally.lacking[column] - untold
        if told > 0:
            without = f"from flow logs without the field {field}, empty there"
            notes.append(f"{counted(told, 'record')} {without}: {option} went by the key of the object")
        if untold:
            without = f"from flow logs without the field {field}{' or a key that tells it' * (column in KEYED)}"
            notes.append(f"{counted(untold, 'record')} {without}: left out by {option}")
    return notes


def _reading_notes(tally: Tally, kind: RecordKind, narrowed: Collection[str]) -> list[str]:
    """What was read otherwise than it stood there, or not used; of fields that narrow it is told elsewhere."""
    notes = []
    if tally.rejected:
        were = "row is no flow log record and was" if tally.rejected == 1 else "rows are no flow log records and were"
        judged = "judged by the columns the question reads"
        notes.append(f"{tally.rejected:,} {were} not used, {judged} (--show-rejects lists them)")
    for column, missing in sorted((+tally.lacking).items()):
        if column in narrowed:
            continue
        field = column.replace("_", "-")
        notes.append(f"{counted(missing, 'record')} from flow logs without the field {field}: it is empty there")
    if tally.timeless:
        notes.append(f"{counted(tally.timeless, 'record')} without start or end could not be placed in the window")
    if tally.milliseconds:
        notes.append(f"{counted(tally.milliseconds, 'record')} had times in milliseconds, which were converted")
    if tally.assumed_default:
        notes.append(
            f"{counted(tally.assumed_default, 'object')} without a header, read in the default format, which fits"
        )
    if tally.foreign:
        example = f", such as {tally.foreign[0]}" if len(tally.foreign) > 1 else f": {tally.foreign[0]}"
        notes.append(f"{counted(len(tally.foreign), 'file')} not used, being no flow logs{example}")
    if tally.other_kind:
        found = "transit gateway" if kind == "vpc" else "VPC"
        notes.append(f"{counted(tally.other_kind, 'object')} not used, holding {found} records")
    return notes


def _impossible_notes(answer: Answer) -> list[str]:
    """Answered texts written like addresses that no host can have: reading looks only at their characters."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wrong: list[str] = []
    for column in answer.rows.columns:
        if pa.types.is_string(column.type):
            quads = column.filter(pc.match_substring_regex(column, _QUAD))
            wrong += quads.filter(pc.invert(pc.match_substring_regex(quads, f"^(?:{IPV4})$"))).unique().to_pylist()
    wrong = sorted(set(wrong))
    if not wrong:
        return []
    shown = ", ".join(wrong[:4]) + (" …" if len(wrong) > 4 else "")
    return [f"no host can have the {'address' if len(wrong) == 1 else 'addresses'} {shown}: were the logs edited?"]
