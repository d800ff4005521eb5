"""What is known about one answer besides its rows, and why an answer is empty."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flowsql.engines.base import Answer
from flowsql.fields import RecordKind
from flowsql.layout import place
from flowsql.query import FILTER_OPTIONS, Filters, Rendered
from flowsql.reading.tally import Reject, Tally
from flowsql.table import Table
from flowsql.units import human_bytes, human_time
from flowsql.window import AGGREGATION, DELIVERY, Window

_NEVER_LOGGED = (
    "Flow logs never hold traffic to Amazon's DNS, DHCP, time sync, licence and instance metadata addresses."
)
_MEANING = {"NODATA": "  (no traffic at the interface)", "SKIPDATA": "  (AWS lost the records)"}
_LIMIT = re.compile(r"\bLIMIT\s+\{\{\s*(\w+)\s*\}\}\s*$", re.IGNORECASE)
_LONG = 150

_STATUSES = frozenset(("OK", "NODATA", "SKIPDATA", "-"))
"""The log-status values there are, and none."""


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
        opened = f"{self.objects_opened:,} of {count(self.objects_listed, 'object')} ({human_bytes(self.bytes_read)})"
        head = [
            f"{self.query} · {window}",
            f"{count(self.rows, 'row')} from {count(self.records_in_window, 'record')} in the window · "
            f"{opened} · {self.elapsed.total_seconds():.2f} s",
        ]
        if self.newest_record is not None:
            head.append(
                f"newest record {_iso(self.newest_record)} · SKIPDATA {_share(self.skipdata_share)} · "
                f"rejected {self.rejected:,} of {count(self.records_read + self.rejected, 'row')} read"
            )
        head.append(f"source {self.source} · {self.engine} · sql {self.sql_sha256[:12]}")
        return [*head, *(f"note: {note}" for note in self.notes)]


def count(number: int, thing: str) -> str:
    """`1 object`, `1,234 objects`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _share(share: float) -> str:
    """A share that is never rounded to nothing."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


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
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


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
        notes=(
            *_limit_note(rendered, answer.rows.num_rows),
            *_coverage_notes(tally, undelivered, missing),
            *_reading_notes(tally, table.kind),
        ),
        why_empty=why_empty(answer, rendered, table, source, filters) if empty else None,
        asked_at=now,
        version=version,
    )


def _missing_hours(window: Window, hours: set[int], now: datetime) -> tuple[datetime, ...]:
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
        notes.append(f"INCOMPLETE: {count(len(tally.damaged), 'damaged object')} {were} skipped: {listed}")
    skipped = tally.statuses.get("SKIPDATA", 0)
    if skipped:
        each = "" if skipped == 1 else "each "
        told = f"{count(skipped, 'SKIPDATA record')}, {each}for an unknown number of flows"
        notes.append(f"AWS lost records: {told}; counts are too low")
    if undelivered and tally.objects:
        minutes = timedelta(minutes=-(-int(undelivered.total_seconds()) // 60))
        notes.append(f"the last {human_time(minutes)} of the window may not be delivered yet")
    if missing and tally.in_window:
        shown = ", ".join(f"{hour:%Y-%m-%d %H}h" for hour in missing[:4]) + (" …" if len(missing) > 4 else "")
        notes.append(f"no record ended in {count(len(missing), 'hour')} of the window: {shown} (UTC)")
    return notes


def _reading_notes(tally: Tally, kind: RecordKind) -> list[str]:
    """What was read otherwise than it stood there, or not used."""
    notes = []
    if tally.rejected:
        were = "row is no flow log record and was" if tally.rejected == 1 else "rows are no flow log records and were"
        judged = "judged by the columns the question reads"
        notes.append(f"{tally.rejected:,} {were} not used, {judged} (--show-rejects lists them)")
    for status in sorted(set(tally.statuses) - _STATUSES):
        notes.append(f"{count(tally.statuses[status], 'record')} with log-status {status} are in records, not in flows")
    for column, missing in sorted((+tally.lacking).items()):
        field = column.replace("_", "-")
        notes.append(f"{count(missing, 'record')} come from flow logs without the field {field}; it is missing in them")
    if tally.timeless:
        notes.append(f"{count(tally.timeless, 'record')} without start or end could not be placed in the window")
    if tally.milliseconds:
        notes.append(f"{count(tally.milliseconds, 'record')} had times in milliseconds, which were converted")
    if tally.assumed_default:
        notes.append(
            f"{count(tally.assumed_default, 'object')} without a header, read in the default format, which fits"
        )
    if tally.foreign:
        example = f", such as {tally.foreign[0]}" if len(tally.foreign) > 1 else f": {tally.foreign[0]}"
        notes.append(f"{count(len(tally.foreign), 'file')} not used, being no flow logs{example}")
    if tally.other_kind:
        found = "transit gateway" if kind == "vpc" else "VPC"
        notes.append(f"{count(tally.other_kind, 'object')} not used, holding {found} records")
    return notes


def why_empty(answer: Answer, rendered: Rendered, table: Table, source: str, filters: Filters) -> str:
    """Why there are no rows: a line with the conclusion, then lines with the evidence, one fact each."""
    tally, window = answer.tally, rendered.window
    if not tally.objects:
        return _no_objects(answer, window, source, filters)
    if tally.other_kind and not tally.rows:
        found, asked = ("transit gateway", "VPC") if table.kind == "vpc" else ("VPC", "transit gateway")
        return f"the flow logs at {source} are those of a {found}, and the query asks of those of a {asked}."
    if not tally.in_window:
        lines = ["the objects of the window hold no record of it."]
        lines.append(f"{count(tally.objects, 'object')} read, {count(tally.rows, 'record')} in them")
        if tally.newest is not None:
            lines.append(f"the newest record ends {_iso(datetime.fromtimestamp(tally.newest, UTC))}")
            lines.append(f"the window begins       {_iso(window.since)}")
        return _told(lines)
    statuses = tally.statuses
    if "log_status" in table.columns and statuses and not statuses.get("OK") and _reads_flows(rendered):
        lines = ["the window has no traffic: no record has log-status OK."]
        lines += [f"{number:>11,} {status}{_MEANING.get(status, '')}" for status, number in sorted(statuses.items())]
        return _told(lines)
    return _lost(answer, rendered, filters)


def _told(lines: list[str]) -> str:
    return "\n".join((lines[0], *(f"  {line}" for line in lines[1:])))


def _reads_flows(rendered: Rendered) -> bool:
    return any(relation.kind == "flows" for relation in rendered.relations)


def _no_objects(answer: Answer, window: Window, source: str, filters: Filters) -> str:
    """No object can hold the window: what there is instead, and how to ask for it."""
    if answer.newest_object is None:
        if answer.listed:
            return "the query asks for no records, so none were read (LIMIT 0, or conditions that exclude each other)."
        return f"there is no flow log object at {source}."
    newest = place(answer.newest_object)
    if newest.may_hold(window):
        narrowed = _options({"account": filters.account, "region": filters.region})
        return _told([f"the window has objects, but none of `{narrowed}`.", f"there is {answer.newest_object}"])
    lines = [f"no object at {source} can hold records of {window}.", f"the newest object is {answer.newest_object}"]
    interval = newest.interval()
    if interval is not None:
        filed, end = interval
        is_older = end <= window.since
        distance = window.since - end if is_older else filed - window.until
        lines.append(f"filed {_iso(filed)}, {_rough(distance)} {'before' if is_older else 'after'} the window")
        lines.append(f"to ask around it: --last 1h --until {_iso(end)}")
    return _told(lines)


def _options(given: Mapping[str, tuple[str, ...]]) -> str:
    """Options as they are typed: `--vpc vpc-0a --region eu-west-1`."""
    return " ".join(f"--{name.replace('_', '-')} {','.join(values)}" for name, values in given.items() if values)


def _rough(length: timedelta) -> str:
    """A length of time as it is said: 95 minutes → `1 h 35 min`, 30 days → `30 days`."""
    return count(length.days, "day") if length.days >= 2 else human_time(length)


def _lost(answer: Answer, rendered: Rendered, filters: Filters) -> str:
    """The filter, condition or later step that removed the last record, with how many each condition left."""
    if not answer.lost:
        lines = ["no condition on single records explains it: a later step of the query (HAVING, a join) kept none."]
        given = _options({name: value.items for name, value in rendered.values.items()})
        return _told([*lines, f"asked with {given}"] if given else lines)
    first, *steps = answer.lost
    what = "flow" if _reads_flows(rendered) else "record"
    if not first.left:
        asked = _options({name: getattr(filters, name) for name in FILTER_OPTIONS})
        if not asked:
            return "the time before the window, which the query compares with, has no flows."
        logged = answer.tally.statuses.get("OK", answer.tally.in_window) if what == "flow" else answer.tally.in_window
        return _told([f"`{asked}` removed all records.", _in_window(logged, what), f"{0:>11,} with {asked}"])
    if not steps:
        return f"none of {count(first.left, what)} in the window fits the question."
    lines = [f"`{_short(steps[-1].condition)}` removed the last record.", _in_window(first.left, what)]
    for number, step in enumerate(steps):
        lines.append(f"{step.left:>11,} {'and' if number else 'with'} {_short(step.condition)}")
    told = _told(lines)
    if "action" in steps[-1].condition.lower() and len(answer.actions) == 1:
        seen = answer.actions[0]
        other = "REJECT" if seen == "ACCEPT" else "ACCEPT"
        return (
            f"{told}\nEvery flow of the window is {seen}. Perhaps the flow log captures only that (its traffic type), "
            f"and then it cannot show a {other}."
        )
    return f"{told}\n{_NEVER_LOGGED}"


def _in_window(number: int, what: str) -> str:
    return f"{number:>11,} {what}{'' if number == 1 else 's'} in the window"


def _short(condition: str) -> str:
    """A condition on one line that is not much longer than a terminal's."""
    text = " ".join(condition.split())
    text = f"({text})" if " OR " in text and not text.startswith("(") else text
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
