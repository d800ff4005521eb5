"""Date patterns of partitions, as Java's DateTimeFormatter reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.dates import UNITS, date_pattern, floor, following, projected_end

MOMENT = datetime(2026, 3, 5, 7, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text", "unit", "ordered"),
    [
        ("yyyy/MM/dd", "2026/03/05", "day", True),
        ("yyyy-MM-dd", "2026-03-05", "day", True),
        ("yyyyMMdd", "20260305", "day", True),
        ("yyyy/MM/dd/HH", "2026/03/05/07", "hour", True),
        ("yyyy-MM-dd HH:00:00", "2026-03-05 07:00:00", "hour", True),
        ("'year='yyyy'/month='MM'/day='dd", "year=2026/month=03/day=05", "day", True),
        ("yyyy-MM-dd'T'HH", "2026-03-05T07", "hour", True),
        ("uuuu/MM", "2026/03", "month", True),
        ("yyyy", "2026", "year", True),
        ("dd-MM-yyyy", "05-03-2026", "day", False),
        ("yyyy/M/d", "2026/3/5", "day", False),
        ("yyyy''MM", "2026'03", "month", True),
        ("yyyy-MM-dd HH:mm", "2026-03-05 07:04", "minute", True),
    ],
)
def test_patterns(pattern: str, text: str, unit: str, ordered: bool) -> None:
    read = date_pattern(pattern)
    assert (read.render(MOMENT), read.unit, read.is_ordered) == (text, unit, ordered)
    assert read.parse(text) == floor(MOMENT, read.unit)
    assert read.parse(f"{text}x") is None


def test_the_texts_are_those_of_utc() -> None:
    east = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=9)))
    assert date_pattern("yyyy/MM/dd/HH").render(east) == "2025/12/31/16"


@pytest.mark.parametrize("pattern", ["EEE", "yy/MM/dd", "MMM yyyy", "MM/dd", "'year", "yyyyy", "YYYY/MM/dd", ""])
def test_what_is_no_date_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"date pattern|no year"):
        date_pattern(pattern)


def test_a_text_that_is_no_date() -> None:
    assert date_pattern("yyyy/MM/dd").parse("2026/02/30") is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2490, 1, 1)), st.sampled_from(UNITS))
def test_units_are_half_open(moment: datetime, unit: str) -> None:
    at = moment.replace(tzinfo=UTC)
    first = floor(at, unit)
    assert first <= at < following(first, unit)
    assert floor(following(first, unit) - timedelta(microseconds=1), unit) == first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("NOW", datetime(2026, 3, 31, tzinfo=UTC)),
        ("now - 1 month", datetime(2026, 2, 28, tzinfo=UTC)),
        ("NOW-2WEEKS", datetime(2026, 3, 17, tzinfo=UTC)),
        ("NOW+1YEARS", datetime(2027, 3, 31, tzinfo=UTC)),
        ("2026-11-01", None),
        ("NOW-1FORTNIGHTS", None),
    ],
)
def test_an_end_of_a_projected_range(text: str, expected: datetime | None) -> None:
    now = datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert projected_end(text, date_pattern("yyyy/MM/dd"), now) == expected


@pytest.mark.parametrize("text", ["NOW-999999YEARS", "NOW-999999WEEKS"])
def test_an_end_beyond_all_dates_is_one(text: str) -> None:
    now = datetime(2026, 3, 31, 9, tzinfo=UTC)
    first = projected_end(text, date_pattern("yyyy/MM/dd"), now)
    last = projected_end(text.replace("-", "+"), date_pattern("yyyy/MM/dd"), now)
    assert first is not None
    assert last is not None
    assert first < now < last
