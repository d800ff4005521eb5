"""Flow logs that are not as they should be, asked from the command line: what is used, what is told, the exit code."""

import gzip
from pathlib import Path

import pytest

from .conftest import Flowsql

DAY = ("--on", "2026-11-22")
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


def row(status: str = "OK", extra: str = "") -> str:
    ends = "10.0.0.5 10.0.0.6 40000 22 6 1 120 1795348860 1795348920"
    return f"2 123456789012 eni-0a1b2c3d4e5f67890 {ends} REJECT {status}{extra}"


def put(name: str, *lines: str) -> Path:
    path = Path("logs") / name
    path.parent.mkdir(exist_ok=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def test_an_empty_place_is_no_answer(flowsql: Flowsql) -> None:
    Path("logs").mkdir()
    for asked in (("run", "rejected-ssh"), ("sql", "SELECT srcaddr FROM {{ flows }}")):
        ended = flowsql(*asked, "--logs", "logs", *DAY)
        assert (ended.code, ended.out) == (3, "")
        assert ended.err == (
            "flowsql: there is no flow log object at logs\n  hint: `flowsql sample logs/` writes flow logs to try\n"
        )


@pytest.mark.parametrize(
    ("shown", "expected"), [("csv", "d,n\n2026-11-22,1\n"), ("jsonl", '{"d":"2026-11-22","n":1}\n')]
)
def test_a_date_is_shown_as_text(flowsql: Flowsql, shown: str, expected: str) -> None:
    put("a.log", HEADER, row())
    text = "SELECT date(start_time) AS d, COUNT(*) AS n FROM {{ flows }} GROUP BY 1"
    assert flowsql("sql", text, "--logs", "logs", *DAY, "-f", shown).out.replace(" ", "") == expected.replace(" ", "")


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"\x1f\x8b" + b"\xff" * 40])
def test_a_broken_gzip_in_a_bare_folder_stops_the_run_with_its_name(flowsql: Flowsql, damage: object) -> None:
    put("a.log", HEADER, row())
    broken = put("b.log.gz", HEADER, *(row() for _ in range(50)))
    broken.write_bytes(damage(broken.read_bytes()))  # type: ignore[operator]
    ended = flowsql("run", "rejected-ssh", "--logs", "logs", *DAY)
    assert (ended.code, ended.out) == (4, "")
    assert "b.log.gz" in ended.err
    assert "--skip-damaged" in ended.err
    skipped = flowsql("run", "rejected-ssh", "--logs", "logs", *DAY, "--skip-damaged", "-f", "csv")
    assert skipped.code == 0
    assert "note: INCOMPLETE: 1 damaged object was skipped" in skipped.err


def test_a_log_format_that_does_not_fit_is_shown_against_the_first_row(flowsql: Flowsql) -> None:
    place = put("a.log", row())
    for given, told in (
        ("srcaddr dstaddr start end", "names 4 fields, but the first row of {place} has 14 values"),
        (HEADER.replace("version ", "").replace("log-status", "log-status version"), "does not fit {place}: "),
    ):
        ended = flowsql("run", "rejected-ssh", "--logs", "logs", *DAY, "--log-format", given)
        assert (ended.code, ended.out) == (2, "")
        assert told.format(place=place.resolve()) in ended.err
        assert "by that format its first row reads" in ended.err
    assert flowsql("run", "rejected-ssh", "--logs", "logs", *DAY, "--log-format", "default").code == 0


def test_a_filter_over_mixed_formats_says_where_its_field_was_missing(flowsql: Flowsql) -> None:
    put("a.log", HEADER, row())
    put("b.log", f"{HEADER} instance-id", row(extra=" i-0a1b2c3d4e5f67890"), row(extra=" i-00000000000000000"))
    asked = ("run", "rejected-ssh", "--logs", "logs", *DAY, "--instance", "i-0a1b2c3d4e5f67890", "-f", "csv")
    ended = flowsql(*asked)
    assert ended.code == 0
    assert ended.out.splitlines()[1].startswith("10.0.0.5,eni-0a1b2c3d4e5f67890,1,")
    assert "note: 1 record from flow logs without the field instance-id: left out by --instance" in ended.err


def test_an_unknown_log_status_rejects_its_row(flowsql: Flowsql) -> None:
    put("a.log", HEADER, row(), row("WEIRD"), row("ok"))
    ended = flowsql("run", "rejected-ssh", "--logs", "logs", *DAY, "--show-rejects", "-f", "csv")
    assert ended.code == 0
    assert ended.out.splitlines()[1].startswith("10.0.0.5,eni-0a1b2c3d4e5f67890,1,")
    assert "logs/a.log:3: log_status is 'WEIRD', not OK, NODATA or SKIPDATA" in ended.err
    assert "logs/a.log:4: log_status is 'ok'" in ended.err
    assert "rejected 2 of 3 rows read" in ended.err
