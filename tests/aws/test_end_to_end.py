"""A saved query over flow logs in S3 gives what it gives over the same files on this machine."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowsql.engines.duckdb import DuckDBEngine
from flowsql.sample.writer import write_sample
from flowsql.session import connect

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = {"since": "2026-11-22T11:00Z", "until": "2026-11-22T12:00Z"}


@pytest.mark.parametrize("layout", ["default", "hive"])
@pytest.mark.parametrize("file_format", ["text", "parquet"])
def test_s3_and_local_files_give_the_same_answer(
    bucket: Any, calls: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Any, file_format: Any
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile netops]\naws_access_key_id = testing\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    write_sample(
        tmp_path / "logs",
        until=UNTIL,
        hours=2,
        rate=0.05,
        layout=layout,
        hourly=True,
        file_format=file_format,
        accounts=2,
    )
    for path in (tmp_path / "logs").rglob("*"):
        if path.is_file():
            bucket.put(path.relative_to(tmp_path).as_posix(), path.read_bytes())
    local = connect(tmp_path / "logs")
    query = local.library.find("rejected-ssh")
    here = local.ask(query, ASKED)
    assert here.rows.num_rows > 0
    receipts = []
    for _ in range(2):
        remote = connect("s3://flow-logs/logs", profile="netops", region="eu-west-1")
        seen = calls(remote.engine.store)
        there = remote.ask(query, ASKED)
        assert there.rows.equals(here.rows)
        assert there.receipt.records_in_window == here.receipt.records_in_window
        assert there.receipt.source == "s3://flow-logs/logs"
        receipts.append((replace(there.receipt, elapsed=here.receipt.elapsed, asked_at=UNTIL), seen.count["GetObject"]))
    (first, fetched), (second, fetched_again) = receipts
    assert first == second
    assert first.bytes_read > 0
    assert (fetched > 0, fetched_again) == (True, 0)


def test_an_empty_window_is_explained_with_the_newest_object(bucket: Any, tmp_path: Path) -> None:
    write_sample(tmp_path, until=UNTIL, hours=1, rate=0.05)
    for path in tmp_path.rglob("*.gz"):
        bucket.put(path.relative_to(tmp_path).as_posix(), path.read_bytes())
    flows = connect("s3://flow-logs/")
    outcome = flows.ask(
        flows.library.find("rejected-ssh"), {"since": "2026-11-25T11:00Z", "until": "2026-11-25T12:00Z"}
    )
    assert outcome.rows.num_rows == 0
    assert "20261122T11" in (outcome.receipt.why_empty or "")


def test_more_objects_are_fetched_at_a_time_than_files_are_read(tmp_path: Path) -> None:
    remote, local = connect("s3://flow-logs/").engine, connect(tmp_path).engine
    assert isinstance(remote, DuckDBEngine)
    assert isinstance(local, DuckDBEngine)
    assert local.options.threads <= 8 < remote.options.threads
    assert remote.options.held * remote.options.threads <= local.options.held * 4


def test_what_lies_beside_awslogs_is_asked_or_named(bucket: Any, tmp_path: Path) -> None:
    for prefix in ("", "teama", "net/prod"):
        write_sample(tmp_path / "logs", until=UNTIL, hours=2, rate=0.05, prefix=prefix)
        for path in (tmp_path / "logs").rglob("*"):
            if path.is_file() and "AWSLogs" in path.parts:
                bucket.put(path.relative_to(tmp_path / "logs").as_posix(), path.read_bytes())
    bucket.put("athena-results/2026/x.csv", b"1")
    sql = "SELECT COUNT(*) AS n FROM {{ records }}"
    every = connect("s3://flow-logs").sql(sql, **ASKED)
    one = connect("s3://flow-logs/teama").sql(sql, **ASKED)
    assert every["n"][0] == 3 * one["n"][0] > 0
    assert [note for note in every.receipt.notes if note.startswith("beside AWSLogs/ and not looked into")] == [
        "beside AWSLogs/ and not looked into: s3://flow-logs/athena-results/2026/ (--logs with such a place asks it)"
    ]
    assert not [note for note in one.receipt.notes if "beside" in note]
