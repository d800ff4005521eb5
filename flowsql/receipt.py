"""What is known about one answer besides its rows, and why an answer is empty."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flowsql.engines.base import Answer
from flowsql.query import Filters, Rendered
from flowsql.reading.tally import Reject
from flowsql.table import Table
from flowsql.units import human_bytes, human_time
from flowsql.window import Window

_NEVER_LOGGED = (
    "Flow logs never hold traffic to Amazon's DNS, DHCP, time sync, licence and instance metadata addresses."
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an answer comes from and how complete it is. Times are UTC, sizes bytes."""

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
    objects_listed: int
    objects_opened: int
    bytes_read: int
    records_read: int
    """Well-formed records in the objects opened, in the window or not."""
    records_in_window: int
    rejected: int
    rejects: tuple[Reject, ...]
    """The first thousand rejected rows."""
    statuses: dict[str, int]
    """log-status → records in the window."""
    newest_record: datetime | None
    hours_without_records: tuple[datetime, ...]
    """Whole or partial UTC hours of the window, old enough to be delivered, in which no record ended."""
    undelivered: timedelta
    """How much of the window's end AWS may not have delivered yet."""
    elapsed: timedelta
    complete: bool
    """False when damaged objects were skipped."""
    notes: tuple[str, ...]
    """What a person should know before trusting the rows."""
    why_empty: str | None
    """Set when there are no rows."""
    asked_at: datetime
    version: str

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
        opened = f"{self.objects_opened:,} of {self.objects_listed:,} objects ({human_bytes(self.bytes_read)})"
        head = [
            f"{self.query} · {window}",
            f"{self.rows:,} row{'s' * (self.rows != 1)} from {self.records_in_window:,} records in the window · "
            f"{opened} · {self.elapsed.total_seconds():.2f} s",
        ]
        if self.newest_record is not None:
            head.append(
                f"newest record {_iso(self.newest_record)} · SKIPDATA {self.skipdata_share:.1%} · "
                f"rejected {self.rejected:,} of {self.records_read + self.rejected:,} rows read"
            )
        head.append(f"source {self.source} · {self.engine} · sql {self.sql_sha256[:12]}")
        return [*head, *(f"note: {note}" for note in self.notes)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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
    tally, window = answer.tally, rendered.window
    undelivered = window.undelivered(now)
    missing = _missing_hours(window, tally.hours, now)
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
        sql_sha256=hashlib.sha256(rendered.sql.encode()).hexdigest(),
        rows=answer.rows.num_rows,
        objects_listed=answer.listed,
        objects_opened=tally.objects,
        bytes_read=tally.bytes,
        records_read=tally.rows,
        records_in_window=tally.in_window,
        rejected=tally.rejected,
        rejects=tuple(tally.rejects),
        statuses=dict(tally.statuses),
        newest_record=datetime.fromtimestamp(tally.newest, UTC) if tally.newest is not None else None,
        hours_without_records=missing,
        undelivered=undelivered,
        elapsed=elapsed,
        complete=not tally.damaged,
        notes=tuple(_notes(answer, undelivered, missing)),
        why_empty=why_empty(answer, rendered, table, source, filters) if empty else None,
        asked_at=now,
        version=version,
    )


def _missing_hours(window: Window, hours: set[int], now: datetime) -> tuple[datetime, ...]:
    """Hours of the window that should have records by now and have none."""
    last = min(window.until_epoch, int(now.timestamp()) - 1200)
    wanted = range(window.since_epoch // 3600, -(-last // 3600))
    return tuple(datetime.fromtimestamp(hour * 3600, UTC) for hour in wanted if hour not in hours)


def _notes(answer: Answer, undelivered: timedelta, missing: tuple[datetime, ...]) -> list[str]:
    tally = answer.tally
    notes = []
    if tally.damaged:
        listed = "; ".join(tally.damaged[:3]) + ("; …" if len(tally.damaged) > 3 else "")
        notes.append(f"INCOMPLETE: {len(tally.damaged)} damaged objects were skipped: {listed}")
    if tally.rejected:
        notes.append(f"{tally.rejected:,} rows are not flow log records and were not used (--show-rejects lists them)")
    skipped = tally.statuses.get("SKIPDATA", 0)
    if skipped:
        notes.append(f"AWS lost records: {skipped:,} SKIPDATA rows, each may stand for many flows; counts are too low")
    if undelivered and tally.objects:
        notes.append(f"the last {human_time(undelivered)} of the window may not be delivered yet")
    if missing and tally.in_window:
        shown = ", ".join(f"{hour:%Y-%m-%d %H}h" for hour in missing[:4]) + (" …" if len(missing) > 4 else "")
        notes.append(f"no records at all in {len(missing)} of the window's hours: {shown}")
    if tally.milliseconds:
        notes.append(f"{tally.milliseconds:,} records had times in milliseconds; they were converted")
    if tally.assumed_default:
        notes.append(f"{tally.assumed_default:,} objects have no header; they fit the default format and were read so")
    if tally.foreign:
        notes.append(f"{len(tally.foreign):,} files are not flow logs and were not used, such as {tally.foreign[0]}")
    if tally.other_kind:
        notes.append(f"{tally.other_kind:,} objects hold records of the other kind (VPC or transit gateway)")
    return notes


def why_empty(answer: Answer, rendered: Rendered, table: Table, source: str, filters: Filters) -> str:
    """Why there are no rows: no objects, no records, or the condition that removed the last one."""
    tally, window = answer.tally, rendered.window
    if not tally.objects:
        where = f"no object under {source} can hold records of {window}"
        narrowed = " for the account or region asked" if filters.account or filters.region else ""
        latest = (
            f"; the newest object is {answer.newest_object}" if answer.newest_object else "; there is no object at all"
        )
        return where + narrowed + latest
    if tally.other_kind and not tally.rows:
        return f"the {tally.objects:,} objects read hold records of the other kind (VPC or transit gateway)"
    if not tally.in_window:
        newest = f"; the newest record ends {_iso(datetime.fromtimestamp(tally.newest, UTC))}" if tally.newest else ""
        return f"{tally.objects:,} objects were read, but none of their {tally.rows:,} records is in {window}{newest}"
    logged = tally.statuses.get("OK", 0) if tally.statuses else tally.in_window
    if not logged and "log_status" in table.columns:
        shares = ", ".join(f"{count:,} {status}" for status, count in sorted(tally.statuses.items()))
        return f"the window has no traffic: its records are {shares}"
    return _lost(answer, tally.in_window)


def _lost(answer: Answer, in_window: int) -> str:
    if not answer.lost:
        return f"none of the {in_window:,} records in the window fits the question. {_NEVER_LOGGED}"
    first, *steps = answer.lost
    if not steps:
        return f"none of the {in_window:,} records in the window is left after --account, --vpc and the like"
    text = f"{first.left:,} flows"
    for step in steps:
        text += f" → {step.left:,} with {step.condition}"
    if answer.lost[-1].left:
        return f"{text}; a later condition (HAVING or a join) removed the rest"
    if "action" in steps[-1].condition.lower() and len(answer.actions) == 1:
        text += (
            f". Every record is {answer.actions[0]}: perhaps the flow log captures only that (its traffic type), "
            "and then it cannot show the other"
        )
    return f"{text}. {_NEVER_LOGGED}"
