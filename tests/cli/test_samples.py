"""`sample` and `demo`: the first impression."""

import re
from pathlib import Path

from .conftest import Flowsql


def test_a_sample_tells_what_is_planted_and_how_to_begin(flowsql: Flowsql) -> None:
    ended = flowsql("sample", "my logs", "--until", "2026-11-22T12:00Z", "--hours", "2", "--rate", "0.1")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert re.fullmatch(
        r"[\d,]+ records in \d+ objects under my logs, 2026-11-22 10:00 to 2026-11-22 12:00 UTC\.", lines[0]
    )
    assert "  flowsql run patch-path --host 10.0.21.30 --last 2h --until 2026-11-22T12:00:00Z" in lines
    assert lines[-3:] == [
        "To begin:",
        "  export FLOWSQL_LOGS='my logs'",
        "  flowsql run rejected-ssh --last 1h --until 2026-11-22T12:00:00Z",
    ]
    assert max(map(len, lines)) <= 100


def test_a_sample_of_another_shape(flowsql: Flowsql, tmp_path: Path) -> None:
    ended = flowsql(
        *("sample", "logs", "--hours", "1", "--rate", "0.05", "--layout", "hive", "--hourly", "--parquet"),
        *("--prefix", "flow", "--accounts", "2", "--regions", "eu-west-1, eu-north-1", "--version", "7", "--seed", "5"),
    )
    assert ended.code == 0
    found = [path.relative_to(tmp_path / "logs").as_posix() for path in tmp_path.rglob("*.parquet")]
    assert {path.partition("/year=")[0] for path in found} == {
        f"flow/AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}"
        for account in ("123456789012", "123456789013")
        for region in ("eu-west-1", "eu-north-1")
    }


def test_the_demo_asks_a_first_question(flowsql: Flowsql, tmp_path: Path) -> None:
    ended = flowsql("demo")
    assert ended.code == 0
    header, rule, first, *_ = ended.out.splitlines()
    assert header.split() == ["srcaddr", "interface_id", "attempts", "first_seen", "last_seen"]
    assert set(rule) == {"-", " "}
    assert first.startswith("203.0.113.99 ")
    assert ended.err.startswith("Made ")
    assert "$ flowsql run rejected-ssh --last 1h --logs flowsql-demo\n" in ended.err
    assert ended.err.splitlines()[-6:] == [
        "Try next",
        "  export FLOWSQL_LOGS=flowsql-demo",
        "  flowsql run vertical-scan --last 3h                 # port scan",
        "  flowsql run large-transfers --last 3h               # exfiltration",
        "  flowsql run patch-path --host 10.0.21.30 --last 3h  # patches do not apply",
        "  flowsql list                                        # all saved queries",
    ]
    assert len(ended.out.splitlines() + ended.err.splitlines()) < 35
    assert (tmp_path / "flowsql-demo" / "AWSLogs").is_dir()


def test_a_second_demo_replaces_the_first(flowsql: Flowsql) -> None:
    assert flowsql("demo").code == 0
    assert flowsql("demo").code == 0
