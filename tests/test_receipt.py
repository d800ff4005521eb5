"""Receipts of real answers over small flow logs, and the reason for every empty one."""

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from flowsql.engines.duckdb import DuckDBEngine
from flowsql.errors import SourceError
from flowsql.layout import object_key
from flowsql.query import Query
from flowsql.questions import adhoc
from flowsql.reading.scan import ReadOptions
from flowsql.reading.store import MemoryStore
from flowsql.receipt import Receipt
from flowsql.session import Flows

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = {"since": "2026-11-22T11:00Z", "until": "2026-11-22T12:00Z"}
FIELDS = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol"),
    *("packets", "bytes", "start", "end", "action", "log-status"),
)
RECORD = {
    "version": "2",
    "account-id": "123456789012",
    "interface-id": "eni-0a0a0a0a0a0a0a0a",
    "srcaddr": "203.0.113.9",
    "dstaddr": "10.0.0.5",
    "srcport": "40000",
    "dstport": "22",
    "protocol": "6",
    "packets": "1",
    "bytes": "40",
    "action": "REJECT",
    "log-status": "OK",
}
EMPTY = dict.fromkeys(FIELDS[3:10], "-") | {"action": "-"}


def line(minutes: float, **values: str) -> str:
    """One record that starts that many minutes before noon and lasts half a minute."""
    start = int((NOON - timedelta(minutes=minutes)).timestamp())
    record = (
        RECORD | {"start": str(start), "end": str(start + 30)} | {k.replace("_", "-"): v for k, v in values.items()}
    )
    return " ".join(record[name] for name in FIELDS)


def stored(minutes: float, *lines: str, account: str = "123456789012") -> dict[str, bytes]:
    """Lines as the object of the five-minute slot that many minutes before noon."""
    slot = NOON - timedelta(minutes=minutes)
    key = object_key(account, "us-east-1", "fl-0a0a0a0a0a0a0a0a", slot, sha256(repr(lines).encode()).hexdigest()[:8])
    return {key: gzip.compress("\n".join([" ".join(FIELDS), *lines, ""]).encode(), mtime=0)}


def answered(objects: Mapping[str, bytes], query: str | Query, **asked: Any) -> Receipt:
    """The receipt of a saved query, or of SQL, asked a day after noon."""
    skip = asked.pop("skip_damaged", False)
    now = asked.pop("now", NOON + timedelta(days=1))
    engine = DuckDBEngine(MemoryStore(dict(objects)), ReadOptions(skip_damaged=skip))
    flows = Flows(engine, now=lambda: now)
    found = query if isinstance(query, Query) else adhoc(query) if " " in query else flows.library.find(query)
    return flows.ask(found, HOUR | asked).receipt


def why(objects: Mapping[str, bytes], query: str = "rejected-ssh", **asked: Any) -> list[str]:
    """The lines that explain an empty answer."""
    receipt = answered(objects, query, **asked)
    assert receipt.rows == 0
    assert receipt.why_empty is not None
    return receipt.why_empty.splitlines()


def test_a_receipt_says_where_an_answer_comes_from() -> None:
    objects = stored(30, line(30), line(29), "not a record") | stored(200, line(200))
    receipt = answered(objects, "rejected-ssh", port="ssh", interface="eni-0a0a0a0a0a0a0a0a")
    assert receipt.query == "connectivity/rejected-ssh"
    assert receipt.parameters == {"port": "22", "limit": "100"}
    assert receipt.filters == {"interface_id": ("eni-0a0a0a0a0a0a0a0a",)}
    assert (receipt.since, receipt.until) == (NOON - timedelta(hours=1), NOON)
    assert (receipt.engine, receipt.source) == ("duckdb", "memory")
    assert receipt.rows == 1
    assert (receipt.objects_listed, receipt.objects_opened) == (2, 1)
    assert receipt.bytes_read == len(next(iter(objects.values())))
    assert (receipt.records_read, receipt.records_in_window, receipt.rejected) == (2, 2, 1)
    assert receipt.rejects[0].line == 4
    assert receipt.newest_record == NOON - timedelta(minutes=28.5)
    assert receipt.statuses == {"OK": 2}
    assert receipt.undelivered == timedelta()
    assert receipt.elapsed > timedelta()
    assert receipt.complete
    assert receipt.why_empty is None
    assert receipt.asked_at == NOON + timedelta(days=1)


def test_the_hash_is_that_of_the_sql_asked_and_the_sql_that_of_the_engine() -> None:
    text = "SELECT COUNT(*) AS n FROM {{ flows }} WHERE {{ in_cidr(srcaddr, '203.0.113.0/24') }}\n"
    receipt = answered(stored(30, line(30)), text)
    asked = "SELECT COUNT(*) AS n FROM flows WHERE contains('203.0.113.0/24', TRY_CAST(srcaddr AS IPADDRESS))\n"
    assert receipt.sql_sha256 == sha256(asked.encode()).hexdigest()
    assert "IPADDRESS" not in receipt.sql


def test_a_receipt_is_plain_json() -> None:
    receipt = answered(stored(30, line(30), line(20, log_status="SKIPDATA", **EMPTY), "x"), "rejected-ssh")
    plain = receipt.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["since"] == "2026-11-22T11:00:00Z"
    assert plain["undelivered"] == 0.0
    assert plain["skipdata_share"] == 0.5
    assert plain["rejects"][0]["reason"].startswith("1 value")
    assert plain["statuses"] == {"OK": 1, "SKIPDATA": 1}


def test_the_end_of_the_window_that_cannot_be_delivered_yet() -> None:
    objects = stored(30, line(30))
    assert answered(objects, "rejected-ssh", now=NOON).undelivered == timedelta(minutes=20)
    assert answered(objects, "rejected-ssh", now=NOON + timedelta(minutes=15)).undelivered == timedelta(minutes=5)
    receipt = answered(objects, "rejected-ssh", now=NOON + timedelta(minutes=19, seconds=30))
    assert "the last 1 min of the window may not be delivered yet" in receipt.notes


def test_holes_in_the_hours_covered() -> None:
    objects = stored(30, line(30)) | stored(200, line(200))
    receipt = answered(objects, "rejected-ssh", since="2026-11-22T08:00Z")
    assert receipt.hours_without_records == (NOON - timedelta(hours=3), NOON - timedelta(hours=2))
    assert "no record ended in 2 hours of the window: 2026-11-22 09h, 2026-11-22 10h (UTC)" in receipt.notes


def test_hours_too_young_to_be_delivered_are_no_holes() -> None:
    now = NOON + timedelta(minutes=10)
    receipt = answered(
        stored(30, line(30)), "rejected-ssh", since="2026-11-22T11:00Z", until="2026-11-22T12:10Z", now=now
    )
    assert receipt.hours_without_records == ()


def test_as_many_rows_as_the_limit_allows_is_said() -> None:
    objects = stored(30, line(30), line(30, srcaddr="203.0.113.10"))
    note = "as many rows as --limit 1 allows; there may be more: raise --limit"
    assert note in answered(objects, "rejected-ssh", limit=1).notes
    assert not any("limit" in note for note in answered(objects, "rejected-ssh", limit=3).notes)


def test_lost_and_damaged_records_are_said() -> None:
    objects = stored(30, line(30), line(20, log_status="SKIPDATA", **EMPTY)) | stored(20, line(20))
    damaged = max(objects)
    objects[damaged] = objects[damaged][:-4]
    receipt = answered(objects, "rejected-ssh", skip_damaged=True)
    assert not receipt.complete
    assert receipt.notes[0].startswith(f"INCOMPLETE: 1 damaged object was skipped: {damaged}")
    assert "AWS lost records: 1 SKIPDATA record, for an unknown number of flows; counts are too low" in receipt.notes
    assert receipt.skipdata_share == 0.5


def test_what_was_not_used_is_said() -> None:
    objects = stored(30, line(30), "x", "y") | {"AWSLogs/readme.md": b"# logs"}
    notes = answered(objects, "rejected-ssh").notes
    assert (
        "2 rows are no flow log records and were not used, judged by the columns the question "
        "reads (--show-rejects lists them)" in notes
    )
    assert "1 file not used, being no flow logs: AWSLogs/readme.md" in notes


def test_a_receipt_reads_well() -> None:
    objects = stored(30, *(line(30, srcport=str(port)) for port in range(1000, 2234)))
    lines = answered(objects, "rejected-ssh").lines()
    assert lines[0] == "connectivity/rejected-ssh · 2026-11-22T11:00:00Z … 2026-11-22T12:00:00Z"
    assert lines[1].startswith("1 row from 1,234 records in the window · 1 of 1 object (")
    assert lines[2] == "newest record 2026-11-22T11:30:30Z · SKIPDATA 0.0% · rejected 0 of 1,234 rows read"
    assert lines[3].startswith("source memory · duckdb · sql ")


def test_no_object_at_all() -> None:
    with pytest.raises(SourceError, match="there is no flow log object at memory"):
        why({})


def test_no_object_of_the_window_tells_of_the_newest() -> None:
    objects = stored(30, line(30)) | stored(300, line(300))
    assert why(objects, since="2026-11-25T00:00Z/PT1H", until=None) == [
        "no object at memory can hold records of 2026-11-25T00:00:00Z … 2026-11-25T01:00:00Z.",
        f"  the newest object is {max(objects)}",
        "  filed 2026-11-22T11:30:00Z, 2 days before the window",
        "  to ask around it: --last 1h --until 2026-11-22T11:35:00Z",
    ]
    later = why(objects, since="2026-11-20T00:00Z/PT1H", until=None)
    assert later[2] == "  filed 2026-11-22T11:30:00Z, 2 days after the window"


def test_no_object_of_the_account_or_region() -> None:
    objects = stored(30, line(30))
    assert why(objects, account="999999999999", region="eu-west-1") == [
        "the window has objects, but none of `--account 999999999999 --region eu-west-1`.",
        f"  there is {max(objects)}",
    ]


def test_objects_without_a_record_of_the_window() -> None:
    lines = why(stored(-5, line(-5)))
    assert lines == [
        "the objects of the window hold no record of it.",
        "  1 object read, 1 record in them",
        "  the newest record ends 2026-11-22T12:05:30Z",
        "  the window begins       2026-11-22T11:00:00Z",
    ]


def test_records_of_no_traffic() -> None:
    objects = stored(30, line(30, log_status="NODATA", **EMPTY), line(29, log_status="SKIPDATA", **EMPTY))
    assert why(objects) == [
        "the window has no traffic: no record has log-status OK.",
        "            1 NODATA  (no traffic at the interface)",
        "            1 SKIPDATA  (AWS lost the records)",
    ]


def test_the_condition_that_removed_the_last_record() -> None:
    objects = stored(30, line(30), line(30, dstport="443"), line(30, action="ACCEPT"))
    assert why(objects, port="2222") == [
        "`dstport = 2222` removed the last record.",
        "            3 flows in the window",
        "            2 with action = 'REJECT'",
        "            2 and protocol = 6",
        "            0 and dstport = 2222",
        "Flow logs never hold traffic to Amazon's DNS, DHCP, time sync, licence and instance metadata addresses.",
    ]


def test_a_condition_of_alternatives_is_counted_as_one() -> None:
    sql = "SELECT srcaddr FROM {{ flows }} WHERE protocol = 17 AND (dstport = 22 OR dstport = 23) AND srcport = 1"
    objects = stored(30, line(30), line(30, protocol="17"))
    assert why(objects, sql)[1:5] == [
        "            2 flows in the window",
        "            1 with protocol = 17",
        "            1 and (dstport = 22 OR dstport = 23)",
        "            0 and srcport = 1",
    ]


def test_a_traffic_type_that_cannot_show_it() -> None:
    lines = why(stored(30, line(30, action="ACCEPT"), line(29, action="ACCEPT")))
    assert lines[0] == "`action = 'REJECT'` removed the last record."
    assert lines[-1] == (
        "Every flow of the window is ACCEPT. Perhaps the flow log captures only that (its traffic type), "
        "and then it cannot show a REJECT."
    )


@pytest.mark.parametrize("query", ["rejected-ssh", "SELECT srcaddr FROM {{ flows }}"])
def test_a_filter_that_removed_all(query: str) -> None:
    assert why(stored(30, line(30)), query, interface="eni-0b0b0b0b0b0b0b0b") == [
        "`--interface eni-0b0b0b0b0b0b0b0b` removed the last record.",
        "            1 flow in the window",
        "            0 with --interface eni-0b0b0b0b0b0b0b0b",
    ]


def test_filters_are_counted_in_turn() -> None:
    assert why(stored(30, line(30)), account="123456789012", interface="eni-0b0b0b0b0b0b0b0b") == [
        "`--interface eni-0b0b0b0b0b0b0b0b` removed the last record.",
        "            1 flow in the window",
        "            1 with --account 123456789012",
        "            0 and --interface eni-0b0b0b0b0b0b0b0b",
    ]


def test_rows_that_were_all_rejected() -> None:
    assert why(stored(30, line(30, dstport="ssh"))) == [
        "the objects of the window hold no record of it.",
        "  1 object read, 0 records in them",
        "  1 row rejected: --show-rejects lists them with their reason",
    ]


def test_a_later_step_that_kept_none() -> None:
    sql = "SELECT srcaddr FROM {{ flows }} WHERE protocol = 6 GROUP BY srcaddr HAVING COUNT(*) > 9"
    assert why(stored(30, line(30)), sql) == [
        "no condition on single records explains it: a later step of the query (HAVING, a join) kept none."
    ]
    assert why(stored(30, line(30)), "vertical-scan")[1].startswith("  asked with --min-ports ")


def test_a_query_that_asks_for_nothing() -> None:
    assert why(stored(30, line(30)), "SELECT srcaddr FROM {{ flows }} LIMIT 0") == [
        "the query asks for no records, so none were read (LIMIT 0, or conditions that exclude each other)."
    ]


def test_flow_logs_of_the_other_kind() -> None:
    assert why(stored(30, line(30)), "SELECT tgw_id FROM {{ flows }}") == [
        "the flow logs at memory are those of a VPC, and the query asks of those of a transit gateway.",
        "  `flowsql list --answerable` on the same place shows what can be asked of them",
    ]


def test_a_long_condition_is_shortened() -> None:
    ports: Sequence[str] = [str(port) for port in range(100, 200)]
    lines = why(stored(30, line(30)), f"SELECT srcaddr FROM {{{{ flows }}}} WHERE dstport IN ({', '.join(ports)})")
    assert lines[0].startswith("`dstport IN (100, 101, 102")
    assert lines[0].endswith("…` removed the last record.")
    assert len(lines[0]) < 200


def test_an_answered_address_no_host_can_have_is_told() -> None:
    objects = stored(30, line(30, srcaddr="999.1.1.1"), line(29, srcaddr="10.0.0.256"), line(28))
    receipt = answered(objects, "rejected-ssh")
    assert (receipt.rows, receipt.rejected) == (3, 0)
    assert receipt.notes == ("no host can have the addresses 10.0.0.256, 999.1.1.1: were the logs edited?",)
    assert not answered(stored(30, line(30, srcaddr="2001:db8::1")), "rejected-ssh").notes


def test_records_of_flow_logs_without_a_field_are_told() -> None:
    names = [name for name in FIELDS if name != "action"]
    place = next(iter(stored(20))).replace("fl-0a0a0a0a0a0a0a0a", "fl-0b0b0b0b0b0b0b0b")
    values = dict(zip(FIELDS, line(20).split(), strict=True))
    old = "\n".join([" ".join(names), " ".join(values[name] for name in names), ""])
    objects = stored(30, line(30)) | {place: gzip.compress(old.encode(), mtime=0)}
    receipt = answered(objects, "rejected-ssh")
    assert (receipt.rows, receipt.records_in_window) == (1, 2)
    assert receipt.notes == ("1 record from flow logs without the field action: it is empty there",)


def filed(minutes: float, place: str = "us-east-1", **more: str) -> dict[str, bytes]:
    """One record of the default format, with more fields, in an object of a region."""
    text = f"{' '.join([*FIELDS, *more])}\n{' '.join([line(minutes), *more.values()])}\n"
    flow_log = f"fl-{sha256(repr((place, *more)).encode()).hexdigest()[:16]}"
    key = object_key("123456789012", place, flow_log, NOON - timedelta(minutes=minutes), "0a")
    return {key: gzip.compress(text.encode(), mtime=0)}


def with_region(minutes: float) -> dict[str, bytes]:
    """The same with the field region."""
    return filed(minutes, region="us-east-1")


ALL = "SELECT srcaddr FROM {{ flows }}"


@pytest.mark.parametrize("with_others", [True, False])
def test_an_object_without_a_field_is_narrowed_by_its_key_whatever_lies_beside_it(with_others: bool) -> None:
    objects = filed(20) | filed(25, "eu-west-1") | (with_region(35) if with_others else {})
    assert answered(objects, ALL, region="eu-west-1").rows == 1
    assert answered(objects, ALL, account="123456789012").rows == 2 + with_others
    receipt = answered(objects, ALL, region="us-east-1")
    assert receipt.rows == 1 + with_others
    told = "1 record from flow logs without the field region, empty there: --region went by the key of the object"
    assert receipt.notes == ((told,) if with_others else ())


@pytest.mark.parametrize("with_others", [True, False])
def test_a_record_that_nothing_tells_the_region_of_is_left_out_and_counted(with_others: bool) -> None:
    (bare,) = filed(20).values()
    copied = {"copied/one.log.gz": bare}
    receipt = answered(filed(25) | copied | (with_region(35) if with_others else {}), ALL, region="us-east-1")
    assert receipt.rows == 1 + with_others
    left_out = "1 record from flow logs without the field region or a key that tells it: left out by --region"
    assert receipt.notes[-1] == left_out
    (other,) = with_region(20).values()
    assert why(copied | {"copied/two.log.gz": other}, ALL, region="eu-west-1") == [
        "`--region eu-west-1` removed the last record.",
        "            2 flows in the window",
        "            0 with --region eu-west-1",
    ]


def test_what_an_option_leaves_out_for_lack_of_the_field_is_counted() -> None:
    objects = filed(30) | filed(20, **{"vpc-id": "vpc-0a0a0a0a0a0a0a0a"})
    receipt = answered(objects, ALL, vpc="vpc-0a0a0a0a0a0a0a0a")
    assert (receipt.rows, receipt.notes) == (
        1,
        ("1 record from flow logs without the field vpc-id: left out by --vpc",),
    )


def test_an_odd_log_status_is_a_rejected_row() -> None:
    receipt = answered(stored(30, line(30), line(29, log_status="LOST")), "rejected-ssh")
    assert (receipt.records_in_window, receipt.rejected, receipt.statuses) == (1, 1, {"OK": 1})
    assert receipt.rejects[0].reason == "log_status is 'LOST', not OK, NODATA or SKIPDATA"


def test_what_a_limit_left_unread_is_told_and_no_hole() -> None:
    contents: dict[str, bytes] = {}
    for minutes in range(55, 0, -5):
        contents |= stored(minutes, *(line(minutes - 1, srcport=str(port)) for port in range(40)))
    two_hours = {"since": "2026-11-22T10:00Z", "until": "2026-11-22T12:00Z"}
    receipt = answered(contents, "SELECT srcaddr FROM {{ flows }} LIMIT 1", **two_hours)
    assert receipt.objects_left
    assert receipt.objects_opened == 11 - receipt.objects_left
    assert receipt.records_in_window == 40 * receipt.objects_opened
    assert f"1 row from the first {receipt.records_in_window} records in the window" in str(receipt)
    assert any("their records are not counted" in note for note in receipt.notes)
    assert receipt.hours_without_records == ()
    whole = answered(contents, "SELECT COUNT(*) AS n FROM {{ flows }} LIMIT 1", **two_hours)
    assert (whole.objects_left, whole.records_in_window) == (0, 440)
    assert len(whole.hours_without_records) == 1
    none = answered(contents, "SELECT srcaddr FROM {{ flows }} LIMIT 0")
    assert "0 rows from no record · 0 of 11 objects" in str(none)
