"""What a person types as a window becomes the UTC interval that was meant, or an error that says what is legal."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.errors import UsageError
from flowsql.window import Window, parse_duration, parse_moment, parse_window, zone

NOW = datetime(2026, 11, 22, 12, 30, 15, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45s", 45),
        ("90m", 5400),
        ("6h", 21600),
        ("7d", 604800),
        ("2w", 1209600),
        ("1h30m", 5400),
        (" 1h 30m ", 5400),
        ("1D", 86400),
        ("PT6H", 21600),
        ("P1DT2H3M4S", 93784),
        ("p2w", 1209600),
        ("PT0H5M", 300),
    ],
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "h", "0h", "-1h", "1.5h", "1y", "1 hour", "P", "PT", "P1M", "PT0S", "11y", "3661d", "9" * 5000 + "h", "1h x"],
)
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError, match="is not a length of time") as raised:
        parse_duration(text)
    assert raised.value.hint is not None
    assert "90m" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "tz", "moment"),
    [
        ("now", "UTC", "2026-11-22T12:30:15"),
        ("2h ago", "UTC", "2026-11-22T10:30:15"),
        ("90mago", "UTC", "2026-11-22T11:00:15"),
        ("today", "UTC", "2026-11-22"),
        ("Today", "Asia/Tokyo", "2026-11-21T15:00"),
        ("yesterday", "UTC", "2026-11-21"),
        ("yesterday", "America/Los_Angeles", "2026-11-21T08:00"),
        ("2026-11-22", "UTC", "2026-11-22"),
        ("2026-11-22", "Europe/Berlin", "2026-11-21T23:00"),
        ("2026-11-22T10:00Z", "Europe/Berlin", "2026-11-22T10:00"),
        ("2026-11-22 10:00", "Europe/Berlin", "2026-11-22T09:00"),
        ("2026-11-22T10:00:00.5+05:30", "UTC", "2026-11-22T04:30:00.5"),
        ("2026-07-01T00:00", "America/New_York", "2026-07-01T04:00"),
        ("20261122T100000Z", "UTC", "2026-11-22T10:00"),
    ],
)
def test_moments(text: str, tz: str, moment: str) -> None:
    found = parse_moment(text, now=NOW, tz=tz)
    assert found == at(moment)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "soon", "ago", "2026-13-01", "22.11.2026", "1795341600", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError):
        parse_moment(text, now=NOW)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "America", "UTC\0", "utc+1"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(UsageError, match="is not a time zone"):
        zone(name)


def test_without_options_it_is_the_last_hour() -> None:
    window = parse_window(now=NOW)
    assert (window.since, window.until) == (NOW - timedelta(hours=1), NOW)
    assert parse_window().until <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("options", "since", "until"),
    [
        ({"last": "2d"}, "2026-11-20T12:30:15", "2026-11-22T12:30:15"),
        ({"last": "1h", "until": "2026-11-22T10:00Z"}, "2026-11-22T09:00", "2026-11-22T10:00"),
        ({"until": "2026-11-22T10:00Z"}, "2026-11-22T09:00", "2026-11-22T10:00"),
        ({"since": "2026-11-22T10:00Z"}, "2026-11-22T10:00", "2026-11-22T12:30:15"),
        ({"since": "3h ago", "until": "1h ago"}, "2026-11-22T09:30:15", "2026-11-22T11:30:15"),
        ({"since": "2026-11-22T10:00Z/PT6H"}, "2026-11-22T10:00", "2026-11-22T16:00"),
        ({"since": "2026-11-22T10:00Z/2026-11-22T11:30Z"}, "2026-11-22T10:00", "2026-11-22T11:30"),
        ({"since": "yesterday/today", "tz": "Asia/Tokyo"}, "2026-11-20T15:00", "2026-11-21T15:00"),
        ({"on": "2026-11-20"}, "2026-11-20", "2026-11-21"),
        ({"on": "yesterday", "tz": "America/New_York"}, "2026-11-21T05:00", "2026-11-22T05:00"),
        ({"on": "today", "tz": "Asia/Tokyo"}, "2026-11-21T15:00", "2026-11-22T15:00"),
        # Days of 23 and 25 hours.
        ({"on": "2026-03-29", "tz": "Europe/Berlin"}, "2026-03-28T23:00", "2026-03-29T22:00"),
        ({"on": "2026-10-25", "tz": "Europe/Berlin"}, "2026-10-24T22:00", "2026-10-25T23:00"),
        # Havana sets its clocks at midnight: one day has none, another has two.
        ({"on": "2026-03-08", "tz": "America/Havana"}, "2026-03-08T05:00", "2026-03-09T04:00"),
        ({"on": "2026-11-01", "tz": "America/Havana"}, "2026-11-01T04:00", "2026-11-02T05:00"),
    ],
)
def test_windows(options: dict[str, str], since: str, until: str) -> None:
    window = parse_window(now=NOW, **options)  # type: ignore[arg-type]
    assert (window.since, window.until) == (at(since), at(until))


def test_the_first_of_two_midnights_begins_the_day() -> None:
    """At the second half past midnight of that night, today began at the first midnight."""
    second = datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo("America/Havana"), fold=1).astimezone(UTC)
    assert parse_moment("today", now=second, tz="America/Havana") == at("2026-11-01T04:00")
    assert parse_window(on="today", now=second, tz="America/Havana").since == at("2026-11-01T04:00")


@pytest.mark.parametrize(
    "options",
    [
        {"last": "1h", "since": "2h ago"},
        {"on": "today", "last": "1h"},
        {"on": "today", "since": "1h ago"},
        {"since": "1h ago", "until": "2h ago"},
        {"since": "now"},
        {"since": "2026-11-22T10:00Z/"},
        {"since": "/2026-11-22T10:00Z"},
        {"since": "2026-11-22T10:00Z/PT1H", "until": "now"},
        {"since": "a/b"},
        {"last": "an hour"},
        {"tz": "nowhere"},
        {"slack": "never"},
        {"since": "0001-01-02", "until": "0001-01-03"},
        {"since": "1969-12-31T23:00Z"},
        {"since": "2026-11-22", "until": "9999-12-31T23:59Z"},
        {"on": "9999-12-31"},
    ],
)
def test_what_cannot_be_a_window(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        parse_window(now=NOW, **options)  # type: ignore[arg-type]


def test_slack_says_how_late_a_record_may_have_been_filed() -> None:
    window = parse_window(last="1h", slack="1d", now=NOW)
    assert window.filed_until == NOW + timedelta(minutes=10, days=1)
    assert parse_window(last="1h", now=NOW).filed_until == NOW + timedelta(minutes=20)


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=30)),
)
def test_epochs_never_shrink_a_window(since: datetime, length: timedelta) -> None:
    window = Window(since, since + length)
    assert 0 <= window.since.timestamp() - window.since_epoch < 1
    assert 0 <= window.until_epoch - window.until.timestamp() < 1
    assert window.seconds > 0
    before = window.before(length)
    assert (before.until, before.until - before.since, before.slack) == (window.since, length, window.slack)


def test_epochs_before_1970_are_rounded_down_too() -> None:
    assert Window(at("1969-12-31T23:59:58.5"), at("1969-12-31T23:59:59.5")).since_epoch == -2


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [(-60, 0, 20), (-60, -20, 0), (-60, -10, 10), (-10, 0, 10), (-60, 60, 20), (-60, -30, 0)],
)
def test_what_cannot_have_been_delivered_yet(since: int, until: int, minutes: int) -> None:
    window = Window(NOW + timedelta(minutes=since), NOW + timedelta(minutes=until))
    assert window.undelivered(NOW) == timedelta(minutes=minutes)


def test_a_window_reads_as_utc() -> None:
    window = parse_window(since="2026-11-22T11:00+01:00", until="2026-11-22T12:00+01:00", now=NOW)
    assert str(window) == "2026-11-22T10:00:00Z … 2026-11-22T11:00:00Z"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"since": "2026-03-29T02:30", "tz": "Europe/Berlin"}, "clocks in Europe/Berlin skip 2026-03-29 02:30"),
        ({"since": "2026-10-25T02:30", "tz": "Europe/Berlin"}, "clocks in Europe/Berlin show 2026-10-25 02:30 twice"),
        ({"on": "2026-11-22T10:00"}, "'2026-11-22T10:00' is not a day"),
        ({"since": "2026-11-22T10:00Z/PT1H", "until": "2026-11-23"}, "--since is an interval with an end"),
        ({"since": "2026-11-22T10:00Z/P1Y"}, "'P1Y' is not a length of time"),
    ],
)
def test_times_that_say_no_one_thing_are_refused(options: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_window(now=NOW, **options)
    assert told in refused.value.message


def test_a_time_shown_twice_can_be_said() -> None:
    with pytest.raises(UsageError) as refused:
        parse_moment("2026-10-25T02:30", now=NOW, tz="Europe/Berlin")
    first, _, second = (refused.value.hint or "").removeprefix("say which: ").partition(" or ")
    assert parse_moment(first, now=NOW) == at("2026-10-25T00:30")
    assert parse_moment(second, now=NOW) == at("2026-10-25T01:30")
