"""Statements Athena accepts and refuses: what flowsql says of them without an engine, and what the engines say."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from flowsql.checks import ask
from flowsql.checks.opening import subjects_of
from flowsql.partitions import Partition
from flowsql.table import Table
from tests.stack.aws import Stack, Verdict

_JUDGING = ("FQ3", "FQ4", "FQ80")
CORPUS = Path(__file__).parent / "corpus"
COLUMNS = {
    **dict.fromkeys(("account_id", "interface_id", "srcaddr", "dstaddr", "action", "log_status"), "string"),
    **dict.fromkeys(("version", "srcport", "dstport", "tcp_flags"), "int"),
    **dict.fromkeys(("protocol", "packets", "bytes", "start", "end"), "bigint"),
}


@dataclass(frozen=True)
class Entry:
    """One statement with the verdict an engine gave."""

    sql: str
    accepted: bool
    engine: str = ""
    """The engine's name for what it refuses."""
    at: str = ""
    """line:column as the engine counts."""
    names: bool = False
    """Whether it is refused for its names and types, not for its grammar."""
    unread: bool = False
    """Whether flowsql is known to differ: its parser gives up, or it does not see what is wrong."""
    ddl: bool = False


def entries(kind: str) -> list[Entry]:
    """The statements of one kind, `select` or `ddl`."""
    return [
        Entry(
            item["sql"],
            verdict == "accepted",
            item.get("engine", ""),
            item.get("at", ""),
            "names" in item,
            "unread" in item,
            kind == "ddl",
        )
        for verdict in ("accepted", "refused")
        for item in yaml.safe_load((CORPUS / f"{kind}-{verdict}.yaml").read_text("utf-8"))
    ]


TABLE = Table(
    tuple(COLUMNS),
    name=("default", "vpc_flow_logs"),
    location="s3://logs/",
    partitions=(Partition("day", "date", "date", "yyyy/MM/dd", range=("2024/01/01", "NOW")),),
)


def errors(entry: Entry) -> list[str]:
    """What flowsql refuses in a statement over the table, for its grammar, names or types."""
    report = ask(subjects_of(entry.sql, "the.sql", kind="ddl" if entry.ddl else "sql", table=TABLE))
    return [f"{found.where} {found.message}" for found in report.errors if found.code.startswith(_JUDGING)]


def grammar_errors(entry: Entry) -> list[str]:
    """What flowsql's grammar rules refuse in a statement; DDL's are FQ80x."""
    report = ask(subjects_of(entry.sql, "the.sql", kind="ddl" if entry.ddl else "sql"))
    return [f"{found.where} {found.message}" for found in report.errors if found.code.startswith(("FQ3", "FQ80"))]


SELECTS, DDL = entries("select"), entries("ddl")


@pytest.mark.parametrize(
    "entry", [entry for entry in SELECTS if not (entry.names or entry.unread)], ids=lambda entry: entry.sql[:60]
)
def test_the_offline_verdict_on_a_select_is_the_engine_s(entry: Entry) -> None:
    found = grammar_errors(entry)
    assert bool(found) != entry.accepted, found


@pytest.mark.parametrize("entry", [entry for entry in SELECTS if entry.names], ids=lambda entry: entry.sql[:60])
def test_the_grammar_of_a_statement_with_wrong_names_is_right(entry: Entry) -> None:
    assert all("flowsql cannot read" in found for found in grammar_errors(entry))
    assert bool(errors(entry)) != entry.unread


@pytest.mark.parametrize("entry", [entry for entry in SELECTS if entry.accepted], ids=lambda entry: entry.sql[:60])
def test_nothing_is_wrong_with_the_names_of_an_accepted_statement(entry: Entry) -> None:
    assert bool(errors(entry)) == entry.unread


@pytest.mark.parametrize(
    "entry", [entry for entry in SELECTS if entry.unread and entry.accepted], ids=lambda entry: entry.sql[:60]
)
def test_what_flowsql_s_parser_cannot_read_is_said_to_be_that(entry: Entry) -> None:
    assert any("flowsql cannot read" in found for found in grammar_errors(entry))


@pytest.mark.parametrize("entry", DDL, ids=lambda entry: entry.sql[:60])
def test_the_offline_verdict_on_ddl_is_hive_s(entry: Entry) -> None:
    found = grammar_errors(entry)
    assert bool(found) != entry.accepted, found


def test_there_are_enough_statements() -> None:
    for kind in (SELECTS, DDL):
        assert len({entry.sql for entry in kind}) == len(kind)
    assert sum(entry.accepted for entry in SELECTS) >= 80
    assert sum(not entry.accepted for entry in SELECTS) >= 80


@pytest.fixture(scope="module")
def database(stack: Stack) -> str:
    """A database with the table the statements read."""
    name = stack.database()
    stack.client("glue").create_table(
        DatabaseName=name,
        TableInput={
            "Name": "vpc_flow_logs",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
            "StorageDescriptor": {
                "Columns": [{"Name": column, "Type": kind} for column, kind in COLUMNS.items()],
                "Location": f"s3://{stack.bucket()}/flow/",
                "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
            },
        },
    )
    return name


def differences(kind: list[Entry], verdicts: list[Verdict]) -> list[str]:
    """Print the rates of flowsql's verdicts; every place where the engine or flowsql differs from what is recorded."""
    made = [
        f"engine {'accepts' if verdict.ok else verdict.message}: {entry.sql}"
        for entry, verdict in zip(kind, verdicts, strict=True)
        if verdict.ok != entry.accepted or (entry.engine and verdict.name != entry.engine)
    ]
    for accepted in (True, False):
        judged = [entry for entry in kind if entry.accepted is accepted]
        right = [entry for entry in judged if bool(errors(entry)) != accepted]
        print(f"{'accepted valid' if accepted else 'refused invalid'}: {len(right)} of {len(judged)}")
        print(*(f"  flowsql differs: {entry.sql}" for entry in judged if entry not in right), sep="\n")
        made += [f"flowsql differs: {entry.sql}" for entry in judged if entry not in right and not entry.unread]
    return made


@pytest.mark.trino
def test_trino_confirms_the_verdicts_on_selects(stack: Stack, database: str) -> None:
    def asked(sql: str) -> str:
        return sql.replace('"default".', f'"{database}".').replace(".default.", f'."{database}".')

    assert not differences(SELECTS, [stack.validate(asked(entry.sql), database) for entry in SELECTS])


@pytest.mark.trino
def test_hive_confirms_the_verdicts_on_ddl(stack: Stack) -> None:
    assert not differences(DDL, [stack.hive(entry.sql) for entry in DDL])
