"""The verdicts on names and types, as a real Trino gives them."""

from typing import Any

import pytest

from flowsql.checks.opening import subjects_of
from flowsql.checks.registry import all_rules
from flowsql.fields import TGW_FIELDS, VPC_FIELDS
from tests.checks.test_rules import Case, cases_of
from tests.stack.aws import Stack

_LEGAL = ("FQ417",)
"""Rules about SQL that Athena runs, with a wrong answer."""
_ATHENAS_OWN = ("concat(srcaddr)",)
"""What Athena refuses (its engine version 3 wants two arguments) and Trino 476 accepts."""
CASES = [
    case
    for rule in all_rules()
    if "FQ410" <= rule.rule.code <= "FQ419" and rule.rule.code not in _LEGAL
    for case in cases_of(rule)
    if case.table is None and "{{ flows }}" in case.sql and not any(text in case.sql for text in _ATHENAS_OWN)
]


@pytest.fixture(scope="module")
def database(stack: Stack) -> str:
    """A database whose tables `flows` and `records` have every field, typed as flowsql types them."""
    name = stack.database("names")
    for table in ("flows", "records"):
        stack.client("glue").create_table(DatabaseName=name, TableInput=relation(table))
    return name


def relation(name: str) -> dict[str, Any]:
    """A table with the columns of the relation that flowsql supplies under a name."""
    types = {field.column: field.type for field in (*VPC_FIELDS, *TGW_FIELDS)}
    types |= {"start_time": "timestamp", "end_time": "timestamp"}  # type: ignore[dict-item]
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": each} for column, each in types.items()],
            "Location": f"s3://names/{name}/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
        },
    }


def rendered(case: Case) -> list[str]:
    """The SQL of a case as it would be sent, once for each way its branches go."""
    return [subject.sql for subject in subjects_of(case.sql, "the.sql", kind=case.kind)]


@pytest.mark.trino
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_trino_gives_the_same_verdict(case: Case, stack: Stack, database: str) -> None:
    verdicts = [stack.validate(sql, database) for sql in rendered(case)]
    assert all(verdict.ok for verdict in verdicts) == (not case.at), verdicts
