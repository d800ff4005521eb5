"""Records of every format AWS writes read as the values they hold, and what stands among them is told apart."""

from pathlib import Path
from typing import Any

import pytest

from flowsql.errors import SourceError, UsageError
from flowsql.fields import DEFAULT_FORMAT, parse_log_format

DATA = Path(__file__).parent.parent / "data"


def values(reading: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in reading.rows]


def test_the_default_format(read: Any) -> None:
    reading = read(DATA / "v2-default.log")
    assert reading.rows[0] == {
        "version": 2,
        "account_id": "004412345678",
        "interface_id": "eni-0b1c2d3e4f5061728",
        "srcaddr": "10.20.4.17",
        "dstaddr": "10.20.9.80",
        "srcport": 51044,
        "dstport": 22,
        "protocol": 6,
        "packets": 31,
        "bytes": 6021,
        "start": 1795341600,
        "end": 1795341655,
        "action": "ACCEPT",
        "log_status": "OK",
    }
    assert values(reading, "account_id", "srcaddr", "srcport", "protocol", "bytes", "action") == [
        ("004412345678", "10.20.4.17", 51044, 6, 6021, "ACCEPT"),
        ("004412345678", "198.51.100.23", 40122, 6, 104, "REJECT"),
        ("004412345678", None, None, None, None, None),
        ("004412345678", None, None, None, None, None),
        ("unknown", "203.0.113.9", 0, 1, 420, "ACCEPT"),
        ("004412345678", "2001:db8:44:1::5", 35001, 6, 9100, "ACCEPT"),
    ]
    assert reading.tally.statuses == {"OK": 4, "NODATA": 1, "SKIPDATA": 1}
    assert (reading.tally.rows, reading.tally.headers, reading.tally.rejected) == (6, 1, 0)
    assert reading.tally.newest == 1795341732


def test_columns_in_alphabetical_order(read: Any) -> None:
    reading = read(DATA / "v3-alphabetical.log")
    assert values(reading, "account_id", "srcaddr", "srcport", "dstport", "bytes", "start", "end", "pkt_srcaddr") == [
        ("000000000042", "172.20.1.2", 443, 47001, 7310, 1795341601, 1795341659, "192.168.7.1"),
        ("000000000042", "172.20.1.9", 47001, 443, 1820, 1795341601, 1795341659, "172.20.1.9"),
    ]
    assert reading.tally.statuses == {}, "the format has no log-status"


def test_a_line_of_two_words_among_version_5(read: Any) -> None:
    reading = read(DATA / "v5-bogus-line.log")
    assert values(reading, "pkt_src_aws_service", "pkt_dst_aws_service", "traffic_path", "sublocation_id") == [
        ("S3", None, None, None),
        (None, "S3", 8, "wl-7"),
    ]
    assert reading.rejects == [(3, "2 values where the log format has 27 fields")]
    assert reading.tally.rejects[0].text == "two tokens"
    assert reading.tally.rejects[0].name.endswith("v5-bogus-line.log")


def test_tags_and_fields_of_the_future_are_text(read: Any) -> None:
    reading = read(DATA / "v11-tags.log")
    assert values(reading, "bytes", "reject_reason", "encryption_status", "instance_tag", "interface_tag_2") == [
        (3500, None, 1, "team%20a%2Fprod", None),
        (None, "BPA", None, "%C3%A9quipe", "None"),
        (3500, None, None, None, None),
    ]
    assert [row["future_field"] for row in reading.rows] == ["12", "0x12", None]
    assert reading.rows[2]["interface_id"] is None
    assert reading.rows[2]["resource_id"] == "nat-0abcdef012345678"


def test_records_without_times_are_told(read: Any) -> None:
    reading = read(DATA / "nat-regional.log")
    assert values(reading, "resource_id", "interface_id", "dstaddr") == [
        ("nat-0abcdef012345678", None, "203.0.113.77"),
        (None, "eni-0b1c2d3e4f5061728", "10.1.0.8"),
    ]
    beside = read(DATA / "nat-regional.log", ("start", "end", "srcaddr"))
    assert beside.rows == []
    assert (beside.tally.rows, beside.tally.timeless, beside.tally.in_window) == (2, 2, 0)


def test_transit_gateway_records(read: Any) -> None:
    reading = read(DATA / "tgw-default.log", kind="tgw")
    assert len(reading.columns) == 36
    names = ("account_id", "tgw_dst_vpc_account_id", "tgw_pair_attachment_id", "bytes", "packets_lost_no_route")
    assert values(reading, *names) == [
        ("004412345678", "000000000042", "tgw-attach-09cc", 1000, 0),
        ("004412345678", None, None, 180, 3),
    ]
    headerless = (DATA / "tgw-default.log").read_bytes().partition(b"\n")[2]
    assert read(headerless, kind="tgw").rows == reading.rows


def test_milliseconds_are_recognised_and_told(read: Any) -> None:
    reading = read(DATA / "headerless-milliseconds.log")
    assert values(reading, "start", "end", "log_status") == [
        (1795341600, 1795341655, "OK"),
        (1795341660, 1795341721, "SKIPDATA"),
    ]
    assert (reading.tally.milliseconds, reading.tally.assumed_default) == (2, 1)


def test_every_malformed_row_has_its_reason(read: Any) -> None:
    reading = read(DATA / "malformed.log")
    assert reading.rejects == [
        (1, "srcport is 'NaN', not a number"),
        (2, "dstport is 65543, out of range"),
        (3, "protocol is 256, out of range"),
        (4, "bytes is '1e3', not a number"),
        (5, "start is -, so it cannot be placed in time"),
        (6, "end is -, so it cannot be placed in time"),
        (7, "15 values where the log format has 14 fields"),
        (8, "bytes is -1, out of range"),
    ]
    assert len(reading.rows) == 1


def test_documents_of_a_search_engine_are_no_flow_logs(read: Any) -> None:
    with pytest.raises(SourceError, match=r"no flow logs at .*bulk\.ndjson"):
        read(DATA / "bulk.ndjson")


def test_one_folder_with_every_format_is_united_by_name(read: Any) -> None:
    reading = read(DATA)
    assert {"account_id", "traffic_path", "instance_tag", "subnet_id", "future_field"} <= set(reading.columns)
    assert not {column for column in reading.columns if column.startswith("tgw")}
    by_port = {(row["srcaddr"], row["srcport"]): row for row in reading.rows}
    assert by_port["172.20.1.2", 443]["bytes"] == 7310
    assert by_port["172.20.1.2", 443]["traffic_path"] is None
    assert by_port["10.1.0.8", 34001]["traffic_path"] == 8
    assert reading.tally.other_kind == 1, "the transit gateway's"
    assert [Path(name).name for name in reading.tally.foreign if not name.endswith(".json")] == ["bulk.ndjson"]
    assert reading.tally.rejected == 1 + 8
    transit = read(DATA, kind="tgw")
    assert {row["tgw_id"] for row in transit.rows} == {"tgw-01aa"}


def test_a_given_log_format_is_for_files_without_a_header(read: Any) -> None:
    given = parse_log_format("${end} ${start} ${bytes} ${log-status}")
    objects = {
        "a": b"1795341660 1795341600 5 OK\n1795341661 1795341601 6 NODATA\n",
        "b": b"start end bytes log-status\n1795341602 1795341662 7 OK\n",
    }
    reading = read(objects, log_format=given)
    assert values(reading, "start", "end", "bytes") == [
        (1795341600, 1795341660, 5),
        (1795341601, 1795341661, 6),
        (1795341602, 1795341662, 7),
    ]
    assert reading.tally.assumed_default == 0
    with pytest.raises(SourceError, match="--log-format"):
        read({"a": objects["a"]})


VALUES = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 40000 443 6 10 1000 1795341600 1795341660 ACCEPT OK"
EMPTY = "2 123456789012 eni-0a - - - - - - - 1795341600 1795341660 - NODATA"


@pytest.mark.parametrize(
    ("given", "told", "shown"),
    [
        ("version account-id srcaddr", "names 3 fields, but the first row of logs/object has 14 values", "?=10.0.0.1"),
        (f"{' '.join(DEFAULT_FORMAT)} vpc-id", "names 15 fields, but the first row of .* has 14 values", "vpc-id=?"),
        (
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes action start end "
            "log-status",
            "does not fit logs/object: end would be 'ACCEPT'",
            "action=1795341600  start=1795341660  end=ACCEPT",
        ),
    ],
)
def test_a_given_log_format_that_fits_no_row_is_told_with_the_first_row(
    read: Any, given: str, told: str, shown: str
) -> None:
    stored = "\n".join([VALUES, EMPTY, VALUES])
    exported = "\n".join(f"2026-11-22T10:00:00.000Z {line}" for line in stored.split("\n"))
    firehose = "".join(f'{{"message": "{line}"}}' for line in stored.split("\n"))
    for text in (stored, exported, firehose):
        with pytest.raises(UsageError, match=told) as refused:
            read(text.encode(), log_format=parse_log_format(given))
        assert refused.value.hint is not None
        assert shown in refused.value.hint
        assert "create" not in refused.value.hint


def test_a_given_log_format_that_fits_some_rows_rejects_the_others(read: Any) -> None:
    reading = read(f"half a line\n{VALUES}\n".encode(), log_format=parse_log_format("default"))
    assert (reading.tally.rows, reading.rejects) == (1, [(1, "3 values where the log format has 14 fields")])


def test_values_that_cannot_be_reject_their_row_when_they_are_read(read: Any) -> None:
    wrong = {
        "eni-0b": "srcaddr is 'eni-0b', not an address",
        "unknown": "srcaddr is 'unknown', not an address",
        "MAYBE": "action is 'MAYBE', not ACCEPT or REJECT",
        "ODD": "log_status is 'ODD', not OK, NODATA or SKIPDATA",
        "1795341661": "start 1795341661 is after end 1795341660",
        "70000": "srcport is 70000, out of range",
        "300": "protocol is 300, out of range",
    }
    places = {"eni-0b": 3, "unknown": 3, "MAYBE": 12, "ODD": 13, "1795341661": 10, "70000": 5, "300": 7}
    lines = [VALUES, EMPTY, VALUES.replace("123456789012", "unknown"), VALUES.replace("10.0.0.1", "2001:db8::1")]
    for value in wrong:
        values = VALUES.split(" ")
        values[places[value]] = value
        lines.append(" ".join(values))
    stored = "\n".join([" ".join(DEFAULT_FORMAT), *lines]).encode()
    assert read(stored).rejects == list(enumerate(wrong.values(), 6))
    unasked = read(stored, ("bytes", "start", "end"))
    assert unasked.rejects == [(10, wrong["1795341661"])]
