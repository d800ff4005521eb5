"""Trino: what is refused before anything is asked, and a table described by Trino itself."""

import builtins
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flowsql.cases import Case, objects
from flowsql.engines.trino import TrinoEngine, describe
from flowsql.errors import EngineError, NotFound, SourceError, UsageError
from flowsql.session import connect
from flowsql.sources import TRINO_PASSWORD, TrinoSource
from flowsql.window import Window, parse_window
from tests.engines.conftest import Place
from tests.engines.test_athena import COLUMNS, HOUR, RECORDS, SINCE, UNTIL

NOWHERE = TrinoSource("own", "127.0.0.1", "hive", "logs", "flow_logs", port=9, tls=False, user="me")


def test_a_cluster_that_does_not_answer() -> None:
    with pytest.raises(SourceError, match="Trino cannot be reached") as told:
        connect(source=NOWHERE).sql("SELECT COUNT(*) AS n FROM {{ flows }}", last="1h")
    assert told.value.where == "127.0.0.1:9"


def test_a_password_never_goes_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRINO_PASSWORD, "secret-word")
    with pytest.raises(UsageError, match=f"{TRINO_PASSWORD} would go over the network unencrypted") as told:
        TrinoEngine(NOWHERE, describe).connection()
    assert "secret-word" not in str(told.value)


def test_without_the_client_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "trino":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match="needs its client") as told:
        TrinoEngine(NOWHERE, describe).connection()
    assert told.value.hint == "pip install 'flowsql[trino]'"


def source_of(place: Place, table: str) -> TrinoSource:
    """A source of the place's database."""
    at = urlsplit(place.stack.trino_url)
    host = str(at.hostname)
    return TrinoSource("own", host, "awsdatacatalog", place.database, table, port=at.port, user="test", tls=False)


def make(place: Place, table: str) -> TrinoSource:
    """A source over a new table of five records."""
    case = Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS, (), (), ())
    place.table(table, COLUMNS, objects(case, RECORDS))
    return source_of(place, table)


@pytest.mark.trino
def test_a_table_as_trino_describes_it(place: Place) -> None:
    source = make(place, "described")
    flows = connect(source=source)
    table = flows.engine.table(parse_window(last="1h"), None, "vpc")  # type: ignore[arg-type]
    assert table.columns == COLUMNS
    assert [part.role for part in table.partitions] == ["account", "region", "date"]
    frame = flows.sql("SELECT srcport, bytes FROM {{ flows }} ORDER BY srcport", **HOUR)
    assert frame["bytes"].tolist() == [100, 200, 300, 400, 500]
    receipt = frame.receipt
    assert (receipt.engine, receipt.dollars, receipt.objects_opened) == ("trino", None, None)
    assert receipt.query_id
    assert receipt.bytes_read
    with pytest.raises(EngineError, match="a value stops the query: Cannot cast") as told:
        flows.sql("SELECT CAST(srcaddr AS bigint) AS x FROM {{ flows }}", **HOUR)
    assert (told.value.where, told.value.exit_code) == ("sql", 1)
    assert told.value.hint.startswith("TRY(…)")
    assert flows.engine.last().query_id  # type: ignore[attr-defined]


@pytest.mark.trino
@pytest.mark.parametrize(
    ("wrong", "message", "hint"),
    [
        ({"table": "near_b"}, "Trino has no table 'near_b' in awsdatacatalog.", "did you mean 'near_a'?"),
        ({"schema": "nobodys_own"}, "Trino has no schema 'nobodys_own' in awsdatacatalog", "schemas: "),
        ({"catalog": "awsdatacatalogue"}, "Trino has no catalog 'awsdatacatalogue'", "did you mean 'awsdatacatalog'?"),
    ],
)
def test_what_the_source_names_and_trino_has_not(place: Place, wrong: dict[str, str], message: str, hint: str) -> None:
    source = source_of(place, "near_a")
    if "table" in wrong:
        make(place, "near_a")
    with pytest.raises(NotFound) as told:
        connect(source=replace(source, **wrong)).sql("SELECT COUNT(*) AS n FROM {{ flows }}", **HOUR)
    assert told.value.message.startswith(message)
    assert str(told.value.hint).startswith(hint)


@pytest.mark.trino
def test_ctrl_c_stops_a_query_that_nobody_bills(place: Place, tmp_path: Path) -> None:
    source = make(place, "stopped")
    lines = [f'{key} = "{getattr(source, key)}"' for key in ("host", "catalog", "schema", "table", "user")]
    said = "\n".join(['[source.own]\nengine = "trino"', *lines, f"port = {source.port}", "tls = false"])
    (tmp_path / "flowsql.toml").write_text(f"{said}\n")
    many = " ".join(f"CROSS JOIN UNNEST(sequence(1, 9999)) AS {name}(n{name})" for name in "xyz")
    command = [sys.executable, "-c", "from flowsql.cli.app import main; main()"]
    command += ["sql", f"SELECT COUNT(*) AS n FROM {{{{ flows }}}} {many}", "--source", "own"]
    process = subprocess.Popen(
        [*command, "--since", SINCE.isoformat(), "--until", UNTIL.isoformat()],
        cwd=tmp_path,
        env={**os.environ, **place.stack.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    engine = TrinoEngine(source, describe)
    running = "SELECT query_id FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%(nz)%'"
    running += " AND query NOT LIKE '%system.runtime%'"
    cursor = engine.connection().cursor()
    deadline = time.monotonic() + 60
    while not (found := cursor.execute(running).fetchall()) and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, f"stopped query {found[0][0]}\ninterrupted\n")
    state = f"SELECT state FROM system.runtime.queries WHERE query_id = '{found[0][0]}'"
    assert cursor.execute(state).fetchall() == [["FAILED"]]
