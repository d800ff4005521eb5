"""The tables of fields hold what AWS documents, and names and log formats are read both ways."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsql.fields import (
    DEFAULT_FORMAT,
    TGW_DEFAULT_FORMAT,
    TGW_FIELDS,
    VPC_FIELDS,
    Field,
    RecordKind,
    column_name,
    column_type,
    known,
    log_format,
    parse_log_format,
    record_kind,
)

BOTH = pytest.mark.parametrize(("kind", "fields"), [("vpc", VPC_FIELDS), ("tgw", TGW_FIELDS)])


def test_the_default_formats_are_those_aws_documents() -> None:
    assert " ".join(DEFAULT_FORMAT) == (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
        "log-status"
    )
    assert len(TGW_DEFAULT_FORMAT) == 36
    assert TGW_DEFAULT_FORMAT[:4] == ("version", "resource-type", "account-id", "tgw-id")
    assert "action" not in TGW_DEFAULT_FORMAT


def test_how_many_fields_each_version_brought() -> None:
    assert Counter(field.version for field in VPC_FIELDS) == {
        2: 14, 3: 7, 4: 4, 5: 4, 7: 10, 8: 1, 9: 1, 10: 1, 11: 12,
    }  # fmt: skip
    assert Counter(field.version for field in TGW_FIELDS)[6] == 18


@BOTH
def test_every_field_is_written_as_aws_writes_them(kind: RecordKind, fields: tuple[Field, ...]) -> None:
    names = [field.name for field in fields]
    assert len(set(names)) == len(names)
    for field in fields:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", field.name)
        assert re.fullmatch(r"[a-z_0-9]+", field.column)
        assert field.type in ("int", "bigint", "string")
        assert field.description
        assert known(field.column, kind) is field


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("srcport", "int"),
        ("protocol", "int"),
        ("tcp_flags", "int"),
        ("traffic_path", "int"),
        ("bytes", "bigint"),
        ("packets", "bigint"),
        ("start", "bigint"),
        ("end", "bigint"),
        ("account_id", "string"),
        ("instance_tag_2", "string"),
        ("a_field_of_the_future", "string"),
    ],
)
def test_types(column: str, expected: str) -> None:
    assert column_type(column) == expected


def test_fields_that_both_kinds_have_are_of_one_type() -> None:
    shared = {field.column for field in VPC_FIELDS} & {field.column for field in TGW_FIELDS}
    assert {"start", "end", "bytes", "srcaddr", "log_status"} <= shared
    for column in shared:
        assert column_type(column, "vpc") == column_type(column, "tgw")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (("version", "srcaddr", "start", "end"), "vpc"),
        (("version", "srcaddr", "tgw_id"), "tgw"),
        (("packets_lost_blackhole",), "tgw"),
        (("resource_type",), "tgw"),
        (("something_new",), "vpc"),
        ((), "vpc"),
    ],
)
def test_the_kind_of_records_is_told_by_their_columns(columns: tuple[str, ...], kind: str) -> None:
    assert record_kind(columns) == kind


def test_names() -> None:
    assert column_name("log-status") == column_name(" LOG_STATUS\n") == column_name("log_status") == "log_status"


@BOTH
@given(data=st.data())
def test_a_log_format_is_read_back(kind: RecordKind, fields: tuple[Field, ...], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from([field.column for field in fields]), min_size=1, unique=True))
    written = log_format(tuple(chosen), kind)
    assert parse_log_format(written) == tuple(chosen)
    assert parse_log_format(written.replace("${", "").replace("}", "")) == tuple(chosen)
    assert parse_log_format(",".join(chosen)) == tuple(chosen)


def test_named_formats() -> None:
    assert parse_log_format("default") == tuple(column_name(name) for name in DEFAULT_FORMAT)
    assert parse_log_format("default-tgw") == tuple(column_name(name) for name in TGW_DEFAULT_FORMAT)
    assert log_format(("start", "a_field_of_the_future", "log_status")) == "${start} ${log-status}"


@pytest.mark.parametrize("text", ["", "  ", ",,"])
def test_an_empty_log_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no field"):
        parse_log_format(text)
