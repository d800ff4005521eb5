"""The window of a question: what a person types → a half-open UTC interval `[since, until)`."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flowsql.errors import UsageError

AGGREGATION = timedelta(seconds=600)
"""The longest aggregation interval of a flow log, so the most a record's `end` lies after its `start`."""

DELIVERY = timedelta(seconds=600)
"""How long after a record's `end` AWS usually takes to deliver it to S3 (best effort, see flow log records)."""

WINDOW_OPTIONS: tuple[str, ...] = ("last", "since", "until", "on", "tz", "slack")
"""The options of `parse_window` that a person may give."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_COUNT = r"\d{1,9}"
_DURATION = re.compile(rf"({_COUNT})\s*([smhdw])", re.IGNORECASE)
_ISO_DURATION = re.compile(
    rf"P(?:(?P<w>{_COUNT})W)?(?:(?P<d>{_COUNT})D)?"
    rf"(?:T(?:(?P<h>{_COUNT})H)?(?:(?P<m>{_COUNT})M)?(?:(?P<s>{_COUNT})S)?)?",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d|\d{4}-?W\d\d(-?\d)?", re.IGNORECASE)
_DAY = re.compile(rf"{_DATE.pattern}|today|yesterday|now|\d+\s*[dw]\s+ago", re.IGNORECASE)
_LONGEST = timedelta(days=3660)
_YEARS = range(1970, 2500)


@dataclass(frozen=True, slots=True)
class Window:
    """A flow is in the window when its `[start, end]` overlaps `[since, until)`."""

    since: datetime
    until: datetime
    slack: timedelta = DELIVERY
    """How much later than its `end` a record may have been filed."""

    @property
    def since_epoch(self) -> int:
        """Unix seconds, rounded down."""
        return math.floor(self.since.timestamp())

    @property
    def until_epoch(self) -> int:
        """Unix seconds, rounded up, so that a fraction of a second is not lost."""
        return math.ceil(self.until.timestamp())

    @property
    def seconds(self) -> int:
        """The length of the window."""
        return self.until_epoch - self.since_epoch

    @property
    def filed_until(self) -> datetime:
        """The last instant at which AWS may have filed a record of this window."""
        return self.until + AGGREGATION + self.slack

    def before(self, length: timedelta) -> "Window":
        """The window of `length` that ends where this one begins: a baseline."""
        return Window(self.since - length, self.since, self.slack)

    def undelivered(self, now: datetime) -> timedelta:
        """How much of the window's end cannot have been delivered yet at `now`."""
        return max(timedelta(), min(self.until, now) - max(self.since, now - AGGREGATION - DELIVERY))

    def __str__(self) -> str:
        return f"{_iso(self.since)} … {_iso(self.until)}"


def _iso(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """`90m`, `1h30m`, `7d`, `PT6H` → a positive length of time; raises UsageError."""
    stripped = text.strip()
    seconds = 0
    iso = _ISO_DURATION.fullmatch(stripped)
    if iso and any(iso.groupdict().values()):
        seconds = sum(int(count) * _UNITS[unit] for unit, count in iso.groupdict().items() if count)
    elif stripped and not _DURATION.sub("", stripped).strip():
        seconds = sum(int(count) * _UNITS[unit.lower()] for count, unit in _DURATION.findall(stripped))
    if not 0 < seconds <= _LONGEST.total_seconds():
        iso_form = "; after P as ISO 8601 has it: PT90M, P7D, P2W" if stripped[:1] in ("P", "p") else ""
        raise UsageError(
            f"{text!r} is not a length of time",
            hint=f"a number and a unit: 45s, 90m, 6h, 7d, 2w, or together as in 1h30m; at most ten years{iso_form}",
        )
    return timedelta(seconds=seconds)


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; raises UsageError."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as failure:
        raise UsageError(
            f"{name!r} is not a time zone", hint="an IANA name such as UTC, Europe/Berlin or America/New_York"
        ) from failure


def parse_moment(text: str, *, now: datetime, tz: str = "UTC") -> datetime:
    """ISO 8601, `2h ago`, `now`, `today` or `yesterday` → an instant in UTC; a time without a zone is in `tz`."""
    word = text.strip().lower()
    local = now.astimezone(zone(tz))
    if word == "now":
        return now.astimezone(UTC)
    if word == "today":
        return _midnight(local).astimezone(UTC)
    if word == "yesterday":
        return _midnight(local, -1).astimezone(UTC)
    if word.endswith("ago"):
        return (now - parse_duration(word.removesuffix("ago"))).astimezone(UTC)
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            # A day begins at its first instant, whatever the clocks do at midnight.
            moment = moment.replace(tzinfo=zone(tz)) if _DATE.fullmatch(word) else _local(moment, zone(tz))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as failure:
        raise UsageError(
            f"{text!r} is not a time",
            hint="ISO 8601 such as 2026-11-22T10:00Z or 2026-11-22, or '2h ago', 'today', 'yesterday', 'now'",
        ) from failure


def _local(moment: datetime, tz: ZoneInfo) -> datetime:
    """A time of the clocks in a zone as an instant; raises UsageError where clocks skip it or show it twice."""
    first, second = (moment.replace(tzinfo=tz, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != moment:
        raise UsageError(
            f"clocks in {tz} skip {moment.isoformat(' ', 'minutes')}", hint="a time before or after, or one in UTC: …Z"
        )
    raise UsageError(
        f"clocks in {tz} show {moment.isoformat(' ', 'minutes')} twice",
        hint=f"say which: {first.isoformat('T', 'minutes')} or {second.isoformat('T', 'minutes')}",
    )


def _midnight(local: datetime, days: int = 0) -> datetime:
    """The first midnight of the day `days` calendar days away, right on days of 23 or 25 hours too."""
    date = _possible(local).date() + timedelta(days=days)
    return datetime(date.year, date.month, date.day, tzinfo=local.tzinfo)


def parse_window(
    *,
    last: str | None = None,
    since: str | None = None,
    until: str | None = None,
    on: str | None = None,
    tz: str = "UTC",
    slack: str | None = None,
    now: datetime | None = None,
) -> Window:
    """The window a person asks for; without any of the options it is the last hour.

    `last` counts back from `until` (or now); `since` may be an interval (`2026-11-22T10:00Z/PT6H`); `on` is a whole
    day in `tz`. Times without a zone are in `tz`; the window is kept in UTC. Raises UsageError.
    """
    zone(tz)
    now = now or datetime.now(UTC).replace(microsecond=0)
    late = DELIVERY if slack is None else parse_duration(slack)
    if since and "/" in since:
        if until or last or on:
            raise UsageError("--since is an interval with an end: leave out --until, --last and --on")
        first, _, rest = since.partition("/")
        start = parse_moment(first, now=now, tz=tz)
        if rest[:1].upper() == "P":
            return _checked(start, _possible(start) + parse_duration(rest), late)
        return _checked(start, parse_moment(rest, now=now, tz=tz), late)
    if on:
        if last or since or until:
            raise UsageError("--on is a whole day: leave out --last, --since and --until")
        if not _DAY.fullmatch(on.strip()):
            raise UsageError(
                f"{on!r} is not a day", hint="--on 2026-11-22 or yesterday; --since and --until take times"
            )
        day = parse_moment(on, now=now, tz=tz).astimezone(zone(tz))
        return _checked(_midnight(day).astimezone(UTC), _midnight(day, 1).astimezone(UTC), late)
    if last and since:
        raise UsageError("--last and --since both say where the window begins", hint="give one of them")
    end = parse_moment(until, now=now, tz=tz) if until else now.astimezone(UTC)
    if since:
        return _checked(parse_moment(since, now=now, tz=tz), end, late)
    return _checked(_possible(end) - parse_duration(last or "1h"), end, late)


def _possible(moment: datetime) -> datetime:
    """A moment that a length of time may be added to or taken from; raises UsageError."""
    if moment.year not in _YEARS:
        raise _outside(moment)
    return moment


def _outside(moment: datetime) -> UsageError:
    return UsageError(f"{_iso(moment)} is not within the years {_YEARS[0]} to {_YEARS[-1]}")


def _checked(since: datetime, until: datetime, slack: timedelta) -> Window:
    if since >= until:
        raise UsageError(
            f"the window begins ({_iso(since)}) after it ends ({_iso(until)})",
            hint="without --until it ends now; `2h ago` counts back from now, --last from --until",
        )
    for moment in (since, until):
        _possible(moment)
    return Window(since.astimezone(UTC), until.astimezone(UTC), slack)
