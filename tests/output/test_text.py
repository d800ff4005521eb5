"""Folding and lining up: ids stay whole, wide characters are measured, no character is lost."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from flowsql.output.formats import render
from flowsql.output.text import Terminal

unhurried = settings(deadline=None)


@unhurried
@given(st.lists(st.text(st.characters(categories=["L", "M", "N", "P", "S"], include_characters=" ")), max_size=3))
def test_folding_loses_no_character(values: list[str]) -> None:
    answer = pa.table({"note": pa.array(values, pa.string())})
    plain = render(answer, "table").decode().split("\n")
    shown = render(answer, "table", terminal=Terminal(24, color=False, unicode=True)).decode().split("\n")
    assert "".join(shown[2:]).replace(" ", "") == "".join(plain[2:]).replace(" ", "")


def test_a_folded_column_keeps_ids_and_addresses_in_one_piece() -> None:
    answer = pa.table(
        {
            "srcaddr": ["10.123.123.123"],
            "subnet_id": ["subnet-0123456789abcdef0"],
            "title": ["a question that somebody asked about a host nobody knew"],
        }
    )
    lines = render(answer, "table", terminal=Terminal(70, color=False, unicode=False)).decode().splitlines()
    assert lines == [
        "srcaddr         subnet_id                 title",
        "--------------  ------------------------  ----------------------------",
        "10.123.123.123  subnet-0123456789abcdef0  a question that somebody",
        "                                          asked about a host nobody",
        "                                          knew",
    ]


def test_wide_and_combining_characters_line_up() -> None:
    answer = pa.table({"a": ["日本", "e\u0301e\u0301", "xyzw", None], "b": ["1", "2", "3", "4"]})
    lines = render(answer, "table").decode().splitlines()
    assert {cell_len(line) for line in lines} == {7}


def test_names_are_folded_before_values() -> None:
    answer = pa.table({"max_aggregation_interval": [60], "note": ["a note of forty characters, not any more"]})
    lines = render(answer, "table", terminal=Terminal(54, color=False, unicode=False)).decode().splitlines()
    assert lines == [
        "        max_  note",
        "aggregation_",
        "    interval",
        "------------  ----------------------------------------",
        "          60  a note of forty characters, not any more",
    ]


def moments(*texts: str | None) -> pa.Array:
    return pa.array(texts, pa.string()).cast(pa.timestamp("s")).cast(pa.timestamp("us", "UTC"))


def test_the_day_or_year_all_times_share_moves_into_the_name() -> None:
    answer = pa.table(
        {
            "interface_id": ["eni-0a0a0a0a0a0a0a0a0", "eni-0b0b0b0b0b0b0b0b0"],
            "first_seen": moments("2026-11-23 09:00:00", None),
            "last_seen": moments("2026-11-23 23:59:59", "2026-12-24 00:00:01"),
            "never": moments(None, None),
        }
    )
    lines = render(answer, "table", terminal=Terminal(62, color=False, unicode=False)).decode().splitlines()
    assert lines == [
        "interface_id           first_seen   last_seen 2026   never",
        "                       2026-11-23",
        "---------------------  -----------  ---------------  -----",
        "eni-0a0a0a0a0a0a0a0a0  09:00:00Z    11-23 23:59:59Z  -",
        "eni-0b0b0b0b0b0b0b0b0  -            12-24 00:00:01Z  -",
    ]


def test_a_first_answer_fits_eighty_cells() -> None:
    answer = pa.table(
        {
            "srcaddr": ["203.0.113.199"],
            "interface_id": ["eni-0a0a0a0a0a0a0a0a0"],
            "attempts": [12],
            "first_seen": moments("2026-11-23 09:00:00"),
            "last_seen": moments("2026-11-23 09:01:00"),
        }
    )
    lines = render(answer, "table", terminal=Terminal(80, color=False, unicode=False)).decode().splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 80
    assert lines[-1].split() == ["203.0.113.199", "eni-0a0a0a0a0a0a0a0a0", "12", "09:00:00Z", "09:01:00Z"]
