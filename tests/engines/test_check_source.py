"""`check --source`: a real Trino, alone and behind the Athena API, says what it makes of statements it does not run."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flowsql.cases import Case, objects
from flowsql.fields import DEFAULT_FORMAT
from flowsql.window import Window
from tests.cli.conftest import Flowsql, flowsql
from tests.engines.conftest import Place

__all__ = ["flowsql"]
COLUMNS = tuple(name.replace("-", "_") for name in DEFAULT_FORMAT)
RECORDS = ({"srcport": "40000"},)


@pytest.fixture
def sources(place: Place) -> Callable[[str], str]:
    """Write flowsql.toml with the sources `athena` and `trino`, both over a table of one day; gives the table."""
    name = place.stack.fresh_name("logs").replace("-", "_")
    window = Window(datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC))
    place.table(name, COLUMNS, objects(Case("", "", {}, window, COLUMNS, RECORDS, (), (), ()), RECORDS))
    at = urlsplit(place.stack.trino_url)
    Path("flowsql.toml").write_text(
        f"""
[source.athena]
engine = "athena"
database = "{place.database}"
table = "{name}"
output = "s3://{place.bucket}/results/"

[source.trino]
engine = "trino"
host = "{at.hostname}"
port = {at.port}
tls = false
catalog = "awsdatacatalog"
user = "test"
schema = "{place.database}"
table = "{name}"
"""
    )
    return lambda text: text.replace("TABLE", f"{place.database}.{name}")


@pytest.mark.trino
@pytest.mark.parametrize("source", ["athena", "trino"])
def test_the_engine_is_asked_what_no_file_tells(flowsql: Flowsql, sources: Callable[[str], str], source: str) -> None:
    Path("real.sql").write_text(sources("SELECT max(\"end\") AS e FROM TABLE\nWHERE day = '2026/11/22'\n"))
    Path("all.sql").write_text(
        sources(
            "SELECT count(*) AS n\nFROM TABLE WHERE log_status = 'OK' AND day BETWEEN '2026/01/01' AND '2026/12/31'\n"
        )
    )
    ended = flowsql("check", "--source", source, "rejected-ssh", "real.sql", "--format", "json")
    assert (ended.code, json.loads(ended.out)) == (0, [])
    assert "real.sql reads" in ended.err
    assert "day 2026/11/22 … 2026/11/22" in ended.err
    assert f"2 files checked, 2 also by {source}: 0 errors" in ended.err
    ended = flowsql("check", "--source", source, "all.sql", "--format", "json")
    assert [(each["code"], each["line"], each["column"]) for each in json.loads(ended.out)] == [("FQ540", 2, 6)]


@pytest.mark.trino
@pytest.mark.parametrize("source", ["athena", "trino"])
def test_tables_of_other_databases_are_looked_up(
    flowsql: Flowsql, sources: Callable[[str], str], source: str, place: Place
) -> None:
    other = Place(place.stack)
    other.table("logs", COLUMNS, {})
    other.table("accounts", ("account_id", "title"), {})
    plain = other.catalogue.table(other.database, "accounts")
    given = {key: plain[key] for key in ("Name", "TableType", "StorageDescriptor")}
    other.glue.update_table(DatabaseName=other.database, TableInput={**given, "PartitionKeys": [], "Parameters": {}})

    def check(sql: str) -> tuple[list[tuple[str, int]], str]:
        Path("mine.sql").write_text(sources(sql.replace("OTHER", other.database)))
        ended = flowsql("check", "--source", source, "mine.sql", "--format", "json")
        return [(each["code"], each["line"]) for each in json.loads(ended.out)], ended.err

    first = "SELECT srcaddr FROM TABLE WHERE day = '2026/11/22'\nUNION ALL\n"
    found, _ = check(f"{first}SELECT srcaddr FROM OTHER.logs WHERE srcport = 22\n")
    assert found == [("FQ501", 3), ("FQ540", 3)]
    found, err = check(f"{first}SELECT srcaddr FROM OTHER.logs WHERE day = '2026/11/21'\n")
    assert found == []
    assert "mine.sql reads logs, day 2026/11/21 … 2026/11/21" in err
    found, _ = check(f"{first}SELECT srcaddr FROM OTHER.logs WHERE day BETWEEN '2026/01/01' AND '2026/12/31'\n")
    assert found == [("FQ540", 3)]
    found, _ = check(
        "SELECT a.title FROM TABLE AS t INNER JOIN OTHER.accounts AS a\nON TRUE WHERE day = '2026/11/22'\n"
    )
    assert found == []


@pytest.mark.trino
@pytest.mark.parametrize("source", ["athena", "trino"])
def test_what_the_engine_refuses_is_a_finding(flowsql: Flowsql, sources: Callable[[str], str], source: str) -> None:
    Path("mine.sql").write_text(
        sources("SELECT a.n\nFROM (SELECT 1 AS n) AS a\nINNER JOIN no_such_database.accounts AS b ON a.n = b.n\n")
    )
    ended = flowsql("check", "--source", source, "mine.sql", "--format", "json")
    assert ended.code == 1
    (found,) = json.loads(ended.out)
    assert found["code"] == "FQ340"
    assert "no_such_database" in found["message"]


@pytest.mark.trino
def test_a_source_that_cannot_be_asked_is_no_finding(flowsql: Flowsql, sources: Callable[[str], str]) -> None:
    text = Path("flowsql.toml").read_text()
    Path("flowsql.toml").write_text(text.replace('table = "logs', 'table = "no_logs'))
    ended = flowsql("check", "--source", "athena", "rejected-ssh")
    assert (ended.code, ended.out) == (2, "")
    assert "no_logs" in ended.err


def test_the_embedded_engine_is_not_asked(flowsql: Flowsql) -> None:
    Path("flowsql.toml").write_text('[source.here]\nengine = "duckdb"\nlogs = "logs"\n')
    ended = flowsql("check", "--source", "here")
    assert ended.code == 2
    assert "knows no more than the rules" in ended.err
    assert flowsql("check", "--source", "prod").code == 2
