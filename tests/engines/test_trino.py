"""Trino: what is refused before anything is asked, and a table described by Trino itself."""

import builtins
from typing import Any
from urllib.parse import urlsplit

import pytest

from flowsql.cases import Case, objects
from flowsql.engines.trino import TrinoEngine, describe
from flowsql.errors import EngineError, SourceError, UsageError
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


@pytest.mark.trino
def test_a_table_as_trino_describes_it(place: Place) -> None:
    case = Case("", "", {}, Window(SINCE, UNTIL), COLUMNS, RECORDS, (), (), ())
    place.table("described", COLUMNS, objects(case, RECORDS))
    at = urlsplit(place.stack.trino_url)
    source = TrinoSource(
        "own", str(at.hostname), "awsdatacatalog", place.database, "described", port=at.port, user="test", tls=False
    )
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
