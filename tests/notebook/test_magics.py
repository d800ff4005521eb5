"""`%flowsql` and `%%flowsql` in a real IPython shell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from flowsql.session import Flows

Cell = Callable[[str], tuple[Any, str]]
HOUR = "--last 1h --until 2026-11-22T12:00Z"


def test_a_line_opens_flow_logs_and_names_them(cell: Cell, logs: Path) -> None:
    value, printed = cell(f"%flowsql --logs {logs}")
    assert value is None
    assert f"{logs}: %flowsql NAME asks one of" in printed
    assert isinstance(cell("flows")[0], Flows)


def test_a_line_asks_a_saved_query(cell: Cell, logs: Path) -> None:
    cell(f"%flowsql --logs {logs}")
    frame, printed = cell(f"%flowsql rejected-ssh {HOUR} --limit 3")
    assert list(frame.columns) == ["srcaddr", "interface_id", "attempts", "first_seen", "last_seen"]
    assert len(frame) == 3
    assert frame.receipt.query == "connectivity/rejected-ssh"
    assert printed.startswith("connectivity/rejected-ssh · 2026-11-22T11:00:00Z … 2026-11-22T12:00:00Z\n3 rows from")


def test_a_cell_asks_its_sql(cell: Cell, logs: Path) -> None:
    frame, _ = cell(f"%%flowsql --logs {logs} {HOUR}\nSELECT\n    COUNT(*) AS flows\nFROM {{{{ flows }}}}")
    assert frame["flows"].dtype == pandas.Int64Dtype()
    assert frame["flows"][0] > 1000


def test_python_variables_are_filled_in(cell: Cell, logs: Path) -> None:
    cell(f"place, wanted = {str(logs)!r}, 2222")
    frame, _ = cell(f"%flowsql rejected-ssh --logs {{place}} {HOUR} --port {{wanted}}")
    assert frame.receipt.parameters["port"] == "2222"


def test_the_frame_can_be_bound_to_a_variable(cell: Cell, logs: Path) -> None:
    value, _ = cell(f"%flowsql rejected-ssh --logs {logs} {HOUR} --into refused")
    assert value is None
    assert cell("refused.receipt.rows == len(refused)")[0] is True


@pytest.mark.parametrize("flag", ["--quiet", "-q"])
def test_quiet_leaves_out_the_receipt(cell: Cell, logs: Path, flag: str) -> None:
    _, printed = cell(f"answer = %flowsql rejected-ssh --logs {logs} {HOUR} {flag}")
    assert printed == ""
    assert cell("answer.receipt.rows > 0")[0] is True


def test_an_empty_answer_is_explained(cell: Cell, logs: Path) -> None:
    frame, printed = cell(f"%flowsql rejected-ssh --logs {logs} {HOUR} --port 2222")
    assert frame.empty
    assert printed.startswith("No rows: `dstport = 2222` removed the last record.\n")


def test_filters_may_be_given_again(cell: Cell, logs: Path) -> None:
    one, other = "eni-0a1b2c3d4e5f67890", "eni-0a1b2c3d4e5f67891"
    frame, _ = cell(f"%flowsql rejected-ssh --logs {logs} {HOUR} --interface {one} --interface {other}")
    assert frame.receipt.filters == {"interface_id": (one, other)}


def test_help_explains_a_query(cell: Cell, logs: Path) -> None:
    value, printed = cell(f"%flowsql rejected-ssh --logs {logs} --help")
    assert value is None
    assert printed.startswith("Rejected SSH.\n")


def test_other_logs_replace_the_open_ones(cell: Cell, logs: Path, tmp_path: Path) -> None:
    cell(f"%flowsql --logs {logs}")
    (tmp_path / "empty").mkdir()
    cell("%flowsql --logs empty")
    assert cell("flows.engine.location")[0] == "empty"


def test_a_variable_of_the_persons_own_is_left_alone(cell: Cell, logs: Path) -> None:
    cell("flows = 42")
    cell(f"%flowsql --logs {logs}")
    assert cell("flows")[0] == 42


def test_what_the_logs_were_opened_with_stays(cell: Cell, logs: Path) -> None:
    cell(f"%flowsql --logs {logs}")
    assert cell("%flowsql --skip-damaged")[1].startswith(str(logs))


MISTAKES = {
    "%flowsql": "nothing says where the flow logs are",
    "%flowsql --logs LOGS --lats 1h rejected-ssh": "has no parameter 'lats'\n  hint: did you mean 'last'?",
    "%flowsql --lgos LOGS": "no option --lgos\n  hint: did you mean 'logs'?",
    "%flowsql --last 1h": "--last goes with a query",
    "%flowsql --logs": "--logs needs a value",
    "%flowsql rejected-shh --logs LOGS": "did you mean connectivity/rejected-ssh?",
    "%flowsql rejected-ssh more --logs LOGS": "'more' is one word too many",
    "%flowsql rejected-ssh --logs LOGS --last x": "'x' is not a length of time",
    "%flowsql rejected-ssh --logs LOGS --into 1x": "'1x' is not a variable's name",
    "%flowsql rejected-ssh --logs 'LOGS": "close the quotes",
    "%flowsql rejected-ssh --logs nowhere": "there is nothing at nowhere",
    "%%flowsql rejected-ssh --logs LOGS\nSELECT 1": "%%flowsql asks the cell's SQL",
    "%%flowsql --logs LOGS\nSELECT\n  nosuch\nFROM {{ flows }}": "sql:2:3: there is no column nosuch (FQ410)",
    "import flowsql; flowsql.connect('nowhere').rejected_ssh()": "there is nothing at nowhere",
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_is_a_short_message(cell: Cell, logs: Path, source: str) -> None:
    _, printed = cell(source.replace("LOGS", str(logs)))
    assert MISTAKES[source] in printed
    assert printed.startswith("flowsql: ")
    assert "Traceback" not in printed
    assert len(printed.splitlines()) <= 4
