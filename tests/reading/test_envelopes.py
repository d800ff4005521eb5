"""Records inside what other services write: Firehose, CloudWatch Logs exports and subscriptions, Lambda events."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsql.errors import DamagedObject, SourceError
from flowsql.fields import parse_log_format


def record(number: int) -> str:
    return f"2 000000000042 eni-0a 10.0.0.1 10.0.0.2 443 {number} 6 1 {number} 1795341600 1795341660 ACCEPT OK"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def subscription(*numbers: int) -> dict[str, Any]:
    events = [{"id": str(number), "timestamp": 1795341600000, "message": record(number)} for number in numbers]
    return {"messageType": "DATA_MESSAGE", "owner": "000000000042", "logStream": "eni-0a-all", "logEvents": events}


CONTROL = {
    "messageType": "CONTROL_MESSAGE",
    "logEvents": [{"id": "", "message": "CWL CONTROL MESSAGE: Checking health."}],
}
FIREHOSE = [json.dumps({"message": record(number)}) for number in range(1, 6)]
OBJECTS = {
    "firehose with newlines": "\n".join(FIREHOSE).encode(),
    "firehose without newlines": "".join(FIREHOSE).encode(),
    "firehose, records with newlines": "".join(json.dumps({"message": record(n) + "\n"}) for n in range(1, 6)).encode(),
    "firehose with commas": ",\r\n".join(FIREHOSE).encode(),
    "firehose gzip": gzip.compress("".join(FIREHOSE).encode()),
    "firehose in members": b"".join(gzip.compress(one.encode(), mtime=0) for one in FIREHOSE),
    "a list": json.dumps([json.loads(one) for one in FIREHOSE], indent=2).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + "\n".join(FIREHOSE).encode(),
    "subscription": json.dumps(subscription(1, 2, 3, 4, 5)).encode(),
    "subscriptions after a control message": b"".join(
        gzip.compress(json.dumps(one).encode()) for one in (CONTROL, subscription(1, 2), CONTROL, subscription(3, 4, 5))
    ),
    "events of filter-log-events": json.dumps(
        {"events": subscription(1, 2, 3, 4, 5)["logEvents"], "searchedLogStreams": []}, indent=4
    ).encode(),
    "a Firehose transformation event": json.dumps(
        {"records": [{"recordId": str(n), "data": encoded(record(n).encode())} for n in range(1, 6)]}
    ).encode(),
    "a Kinesis event": json.dumps(
        {"Records": [{"kinesis": {"data": encoded(f"{record(n)}\n".encode())}} for n in range(1, 6)]}
    ).encode(),
    "a CloudWatch Logs event": json.dumps(
        {"awslogs": {"data": encoded(gzip.compress(json.dumps(subscription(1, 2, 3, 4, 5)).encode()))}}
    ).encode(),
    "an export": "".join(f"2026-11-22T10:00:0{n}.000Z {record(n)}\n" for n in range(1, 6)).encode(),
    "an export without fractions, gzip": gzip.compress(
        "".join(f"2026-11-22T10:00:0{n}Z {record(n)}\r\n" for n in range(1, 6)).encode()
    ),
}


@pytest.mark.parametrize("block", [1, 5, 64, 8 << 20])
@pytest.mark.parametrize("name", OBJECTS)
def test_every_envelope_gives_its_records(read: Any, name: str, block: int) -> None:
    reading = read({name: OBJECTS[name]}, block=block)
    assert [(row["account_id"], row["bytes"]) for row in reading.rows] == [("000000000042", n) for n in range(1, 6)]
    assert (reading.tally.rows, reading.tally.rejected, reading.tally.assumed_default) == (5, 0, 1)
    assert "@exported" not in reading.columns


def test_an_envelope_of_another_format_needs_it_given(read: Any) -> None:
    objects = {
        "a": b'{"message":"1795341600 1795341660 7 OK"}',
        "b": b"2026-11-22T10:00:00.000Z 1795341600 1795341660 8 OK\n",
    }
    given = parse_log_format("start end bytes log-status")
    reading = read(objects, log_format=given)
    assert [row["bytes"] for row in reading.rows] == [7, 8]
    assert reading.columns == given
    with pytest.raises(SourceError, match="--log-format"):
        read(objects)


def test_what_is_no_record_in_an_envelope_is_rejected_with_its_number(read: Any) -> None:
    stored = [FIREHOSE[0], '{"index": {"_id": "a b"}}', '{"message": "short"}', '{"message": 5}', "7", FIREHOSE[1]]
    for between in ("", "\n"):
        reading = read(between.join(stored).encode())
        assert [row["bytes"] for row in reading.rows] == [1, 2]
        assert [line for line, _ in reading.rejects] == [2, 3, 4, 5]
        assert reading.tally.rejects[0].text == '{"index":{"_id":"ab"}}'
        assert reading.tally.lines == 6
    lone = read((FIREHOSE[0] + '{"message": "' + record(2).replace("eni-0a", "\\ud800") + '"}').encode())
    assert lone.rejects == [(2, "it is not UTF-8")]


def test_a_line_of_an_export_without_its_stamp_is_rejected(read: Any) -> None:
    reading = read(OBJECTS["an export"] + record(6).encode() + b"\n")
    assert reading.rejects == [(6, "14 values where the log format has 15 fields")]


@pytest.mark.parametrize("cut", [1, 20, 80])
@pytest.mark.parametrize("block", [3, 8 << 20])
def test_broken_json_is_a_damaged_object(read: Any, cut: int, block: int) -> None:
    stored = {"a": OBJECTS["firehose without newlines"][:-cut], "b": OBJECTS["an export"]}
    with pytest.raises(DamagedObject, match=r"a: its JSON is broken after 4 values"):
        read(stored, block=block)
    reading = read(stored, block=block, skip_damaged=True)
    assert (reading.tally.rows, len(reading.tally.damaged)) == (5, 1)
    deep = FIREHOSE[0].encode() + b"[" * 100_000
    with pytest.raises(DamagedObject, match="JSON is broken"):
        read({"a": deep}, block=block * 1000)


def test_damage_inside_an_event_is_damage(read: Any) -> None:
    event = json.dumps({"awslogs": {"data": encoded(gzip.compress(json.dumps(subscription(1)).encode())[:-9])}})
    with pytest.raises(DamagedObject, match="gzip stream ends early"):
        read({"a": (FIREHOSE[0] + event).encode()})


def test_a_large_document_is_recognised_by_its_beginning(read: Any) -> None:
    document = json.dumps({"events": subscription(*range(1, 2001))["logEvents"]}).encode()
    assert len(document) > 1 << 16
    for stored in (document, gzip.compress(document, mtime=0)):
        reading = read(stored, block=10_000)
        assert [row["bytes"] for row in reading.rows] == list(range(1, 2001))


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(json_values, max_size=5), st.integers(1, 50), st.sampled_from(["\n", " ", ","]))
def test_values_of_any_kind_never_disturb_the_records(read: Any, values: list[Any], block: int, between: str) -> None:
    texts = [FIREHOSE[0], *(json.dumps(value) for value in values), FIREHOSE[1]]
    data = between.join(texts).encode()
    readings = [read(data, ("bytes", "start", "end"), block=size) for size in (block, 8 << 20)]
    for reading in readings:
        assert [row["bytes"] for row in reading.rows] == [1, 2]
    assert readings[0].rejects == readings[1].rejects
