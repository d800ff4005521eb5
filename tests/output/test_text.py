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
