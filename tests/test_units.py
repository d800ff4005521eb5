"""Sizes as they are typed and shown, and what reading them costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.cost import athena_dollars, human_dollars
from flowsql.errors import UsageError
from flowsql.units import parse_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", 512),
        ("512B", 512),
        ("10GB", 10**10),
        ("10 gib", 10 * 2**30),
        ("1.5TB", 15 * 10**11),
        ("0.001kb", 1),
        ("1.0005KB", 1001),
        (" 3M ", 3 * 10**6),
        ("1PiB", 2**50),
    ],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "10 sheep", "1e9", "10iB", "1,5GB", "10GBB", "٣GB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a size\n  hint: a number and a unit: 500MB, 10GB"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("scanned", "dollars"),
    [(0, 0.00005), (1, 0.00005), (10_000_000, 0.00005), (10_000_001, 0.000055), (10**12, 5.0), (10**12 - 1, 5.0)],
)
def test_athena_s_price_is_rounded_up_to_the_megabyte(scanned: int, dollars: float) -> None:
    assert athena_dollars(scanned) == pytest.approx(dollars)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_more_bytes_never_cost_less(one: int, other: int) -> None:
    assert athena_dollars(min(one, other)) <= athena_dollars(max(one, other))


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [(0, "$0.00"), (0.00005, "$0.000050"), (0.0123, "$0.012"), (0.5, "$0.50"), (1234.5, "$1,234.50")],
)
def test_dollars_are_shown(dollars: float, shown: str) -> None:
    assert human_dollars(dollars) == shown
