"""`estimate`, `run --dry-run`, and the budget that refuses before anything is read."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from flowsql import connect
from flowsql.budget import Budget
from flowsql.cli import costs
from flowsql.engines.base import Estimate
from flowsql.errors import OverBudget, UsageError
from flowsql.query import Filters
from flowsql.settings import AthenaSource
from flowsql.window import Window
from tests.cli.conftest import UNTIL, Flowsql

DAY = Window(UNTIL - timedelta(days=1), UNTIL)


def test_the_estimate_is_what_is_read(flowsql: Flowsql, hour: list[str], tmp_path: Path) -> None:
    estimated = json.loads(flowsql("estimate", "rejected-ssh", *hour, "--format", "json").out)[0]
    assert flowsql("run", "rejected-ssh", *hour, "--receipt", tmp_path / "r.json", "-q").code == 0
    receipt = json.loads((tmp_path / "r.json").read_text())
    assert (estimated["objects"], estimated["bytes"]) == (receipt["objects_opened"], receipt["bytes_read"])
    assert (estimated["query"], estimated["dollars"]) == ("connectivity/rejected-ssh", None)


def test_a_dry_run_reads_nothing_and_shows_what_it_would(flowsql: Flowsql, hour: list[str]) -> None:
    ended = flowsql("run", "rejected-ssh", *hour, "--dry-run")
    assert ended.code == 0
    assert ended.out.startswith("SELECT\n")
    assert "FROM flows" in ended.out
    assert ended.err.startswith(f"flows: {hour[1]} in 2026-11-22T11:00:00Z … 2026-11-22T12:00:00Z\nreads at most ")
    assert ended.err.endswith(" objects; nothing was run\n")
    ended = flowsql("sql", "SELECT COUNT(*) AS n FROM {{ flows }}", *hour, "--dry-run")
    assert ended.out.startswith("SELECT COUNT(*) AS n FROM flows")


@pytest.mark.parametrize("command", [["run", "rejected-ssh"], ["sql", "SELECT COUNT(*) AS n FROM {{ flows }}"]])
def test_beyond_the_budget_nothing_is_run(flowsql: Flowsql, hour: list[str], command: list[str]) -> None:
    ended = flowsql(*command, *hour, "--max-bytes", "100KB")
    assert (ended.code, ended.out) == (5, "")
    assert " and 97.7 KiB is allowed; nothing was run\n  hint: a window of about " in ended.err
    assert ended.err.endswith("5 min fits, --account or --region may narrow it; --max-bytes allows more\n")
    assert flowsql(*command, *hour, "--max-bytes", "10MB").code == 0
    ended = flowsql(*command, *hour, "--max-bytes", "10KB", "--dry-run")
    assert ended.code == 5
    assert "nothing was run" in ended.err


def test_a_source_sets_the_budget_and_an_option_lifts_it(
    flowsql: Flowsql, tmp_path: Path, logs: Path, hour: list[str]
) -> None:
    (tmp_path / "flowsql.toml").write_text(f'[source.lab]\nengine = "duckdb"\nlogs = "{logs}"\nmax_bytes = "10KB"\n')
    asked = ["run", "rejected-ssh", *hour[2:], "--source", "lab"]
    assert flowsql(*asked).code == 5
    assert flowsql(*asked, "--max-bytes", "1GB").code == 0


def test_a_budget_that_is_none(flowsql: Flowsql, hour: list[str]) -> None:
    ended = flowsql("run", "rejected-ssh", *hour, "--max-bytes", "lots")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "flowsql: --max-bytes: 'lots' is not a size")


def test_from_python(logs: Path) -> None:
    window = {"last": "1h", "until": UNTIL.isoformat()}
    heard: list[Estimate | None] = []
    flows = connect(logs, max_bytes="10KB", announce=heard.append)
    with pytest.raises(OverBudget) as raised:
        flows.run("rejected-ssh", **window)
    assert raised.value.exit_code == 5
    assert heard == [flows.estimate("rejected-ssh", **window)]
    assert connect(logs, max_bytes=10**9).run("rejected-ssh", **window).receipt.rows
    with pytest.raises(UsageError, match="is not a size"):
        connect(logs, max_bytes="some")


def test_dollars_have_a_budget_too() -> None:
    budget = Budget.of(AthenaSource("prod", "d", "t", budget=0.5))
    budget.check(Estimate(9, 10**11, 0.5), DAY, Filters(), "q", timedelta(hours=1))
    with pytest.raises(OverBudget) as raised:
        budget.check(Estimate(9, 2 * 10**11, 1.0), DAY, Filters(account=("1",)), "q", timedelta(hours=1))
    assert str(raised.value) == (
        "q: the question would read 186.3 GiB for $1.00, and $0.50 is allowed; nothing was run\n"
        "  hint: a window of about 12 h fits, --region may narrow it; `budget` of the source allows more"
    )
    with pytest.raises(OverBudget, match="no window does: the least that is read is 24 h, --account or --region may"):
        budget.check(Estimate(9, 2 * 10**11, 1.0), DAY, Filters(), "q", timedelta(days=1))


def test_what_is_long_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    costs.announce(Estimate(1, 10**6, 0.00005))
    assert capsys.readouterr().err == ""
    costs.announce(Estimate(288, 10**10, 0.05))
    assert capsys.readouterr().err == "reads at most 9.3 GiB in 288 objects, $0.050\n"
    costs.announce(None)
    assert "may not be listed" in capsys.readouterr().err
