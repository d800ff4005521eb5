"""`history`: what was run is remembered, secrets and rows are not; `fetch` of what no engine keeps."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from flowsql import history as module
from flowsql.history import Entry, History
from tests.cli.conftest import Flowsql

ENTRY = Entry("2026-11-22T12:00:00Z", "prod", "athena", "connectivity/rejected-ssh", "a", "b", query_id="id-1", rows=3)


def test_nothing_yet(flowsql: Flowsql) -> None:
    ended = flowsql("history", "--format", "csv")
    assert ended.out == "when,source,query,rows,bytes,dollars,elapsed,exit,query_id,kept\n"
    assert ended.err.startswith("Nothing yet in ")


def test_what_was_run_newest_first(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    assert flowsql("run", "rejected-ssh", *hour, "--port", "22", "--receipt", tmp_path / "r.json").code == 0
    assert flowsql("sql", "SELECT 'secret' AS x FROM {{ flows }} LIMIT 1", *hour).code == 0
    assert flowsql("run", "patch-path", *hour, "--host", "10.0.21.30").code == 0
    assert flowsql("run", "patch-path", *hour, "--hst", "10.0.21.30").code == 2
    assert flowsql("run", "patch-path", *hour, "--host", "10.0.21.30", "--max-bytes", "1").code == 5
    rows = json.loads(flowsql("history", "--full", "--format", "json").out)
    assert [row["query"] for row in rows] == ["connectivity/patch-path", "sql", "connectivity/rejected-ssh"]
    receipt = json.loads((tmp_path / "r.json").read_text())
    first = rows[-1]
    assert (first["rows"], first["bytes"], first["sql_sha256"]) == (
        receipt["rows"],
        receipt["bytes_read"],
        receipt["sql_sha256"],
    )
    assert (first["source"], first["engine"], first["exit"], first["query_id"]) == (hour[1], "duckdb", 0, None)
    assert (first["since"], first["params"]) == ("2026-11-22T11:00:00Z", "--port 22 --limit 100")
    assert "--host …" in rows[0]["params"]
    kept = History.own().path.read_text()
    assert "10.0.21.30" not in kept
    assert "secret" not in kept
    assert json.loads(flowsql("history", "-n", "1", "--format", "json").out) == [
        {
            name: value
            for name, value in rows[0].items()
            if name not in ("engine", "since", "until", "params", "sql_sha256")
        }
    ]
    assert len(json.loads(flowsql("history", "--query", "rejected-ssh", "--format", "json").out)) == 1


def test_a_failure_is_remembered_with_its_exit_code(flowsql: Flowsql, tmp_path: Path, hour: list[str]) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "broken.log.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    code = flowsql("run", "rejected-ssh", "--logs", logs, *hour[2:]).code
    assert code != 0
    assert all(entry.exit == code and entry.rows is None for entry in History.own().entries())


def test_only_its_owner_may_read_the_log_and_it_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 4000)
    log = History(tmp_path / "state" / "history.jsonl")
    for number in range(100):
        log.add(replace(ENTRY, rows=number))
        assert log.path.stat().st_size <= 4000
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    found = log.entries()
    assert found[0] == replace(ENTRY, rows=99)
    assert [entry.rows for entry in found] == list(range(99, 99 - len(found), -1))
    assert [path.name for path in log.path.parent.iterdir()] == ["history.jsonl"]


def test_damaged_lines_are_left_out(tmp_path: Path) -> None:
    log = History(tmp_path / "history.jsonl")
    log.add(ENTRY)
    with log.path.open("a") as file:
        file.write('{"when"\n[]\n{"unknown": 1}\n\xff\n')
    log.add(ENTRY)
    assert log.entries() == [ENTRY, ENTRY]
    assert log.find("id-1") == ENTRY
    assert log.find("id-2") is None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_disk_that_refuses_costs_no_answer(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    History(tmp_path / "x" / "history.jsonl").add(ENTRY)


def test_a_place_that_cannot_be_a_folder_costs_no_answer(
    flowsql: Flowsql, tmp_path: Path, hour: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLOWSQL_STATE", str(tmp_path / "file"))
    assert flowsql("run", "rejected-ssh", *hour).code == 0


@pytest.mark.parametrize("number", ["0", "-1", "x", "٣"])
def test_a_number_that_is_none(flowsql: Flowsql, number: str) -> None:
    assert flowsql("history", "-n", number).code == 2


def test_the_embedded_engine_keeps_nothing_to_fetch(flowsql: Flowsql, tmp_path: Path, logs: Path) -> None:
    (tmp_path / "flowsql.toml").write_text(f'[source.lab]\nengine = "duckdb"\nlogs = "{logs}"\n')
    ended = flowsql("fetch", "8f9c", "--source", "lab")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "flowsql: duckdb keeps no results to fetch\n  hint: --source names an Athena source\n"
