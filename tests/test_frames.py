"""Arrow from an engine → typed Arrow → pandas: the same dtypes whatever the rows, and a receipt that stays."""

import copy
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas
import pyarrow as pa
import pytest

from flowsql.errors import EngineError, QueryError
from flowsql.frames import frame, typed
from flowsql.query import Column

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
COLUMNS = tuple(Column(kind, kind) for kind in ("string", "int", "float", "bool", "timestamp", "list"))
ROWS = pa.table(
    {
        "string": pa.array(["eni-1", "", None]),
        "int": pa.array([2**63 - 1, 0, None], pa.int64()),
        "float": pa.array([0.5, -1.0, None]),
        "bool": pa.array([True, False, None]),
        "timestamp": pa.array([NOON, NOON, None], pa.timestamp("us", "UTC")),
        "list": pa.array([["a", "b"], [], None], pa.list_(pa.string())),
    }
)
DTYPES = {
    "string": pandas.StringDtype(na_value=float("nan")),
    "int": pandas.Int64Dtype(),
    "float": pandas.Float64Dtype(),
    "bool": pandas.BooleanDtype(),
    "timestamp": pandas.DatetimeTZDtype("us", "UTC"),
    "list": "object",
}


def one(values: list[Any], given: pa.DataType, kind: str) -> list[Any]:
    rows = typed(pa.table({"value": pa.array(values, given)}), (Column("value", kind),), "place")
    result: list[Any] = rows.column("value").to_pylist()
    return result


@pytest.mark.parametrize("rows", [ROWS, ROWS.slice(2), ROWS.slice(0, 0)], ids=["values", "only NULL", "no rows"])
def test_the_dtypes_do_not_depend_on_the_rows(rows: pa.Table) -> None:
    made = frame(typed(rows, COLUMNS, "place"), None)
    assert made.dtypes.to_dict() == DTYPES
    assert len(made) == rows.num_rows
    assert isinstance(made, pandas.DataFrame)


def test_the_values_are_those_of_the_rows() -> None:
    made = frame(typed(ROWS, COLUMNS, "place"), None)
    assert made["int"].tolist() == [2**63 - 1, 0, pandas.NA]
    assert made["list"].tolist() == [["a", "b"], [], None]
    assert made["timestamp"][0] == pandas.Timestamp(NOON)
    assert made["string"].isna().tolist() == [False, False, True]
    assert made.columns.tolist() == list(DTYPES)


@pytest.mark.parametrize(
    ("values", "given", "kind", "wanted"),
    [
        ([Decimal(2**62)], pa.decimal128(38, 0), "int", [2**62]),
        ([7, None], pa.uint32(), "int", [7, None]),
        ([None], pa.null(), "int", [None]),
        ([1, None], pa.int32(), "float", [1.0, None]),
        ([Decimal("1.5")], pa.decimal128(10, 2), "float", [1.5]),
        ([datetime(2026, 11, 22, 12)], pa.timestamp("ms"), "timestamp", [NOON]),
        ([NOON], pa.timestamp("us", "Europe/Berlin"), "timestamp", [NOON]),
        ([date(2026, 11, 22)], pa.date32(), "timestamp", [datetime(2026, 11, 22, tzinfo=UTC)]),
        ([5], pa.int64(), "string", ["5"]),
        ([[1, None]], pa.list_(pa.int64()), "list", [["1", None]]),
    ],
)
def test_engines_types_become_the_declared_ones(
    values: list[Any], given: pa.DataType, kind: str, wanted: list[Any]
) -> None:
    assert one(values, given, kind) == wanted


@pytest.mark.parametrize(
    ("values", "given", "kind"),
    [
        ([1.0], pa.float64(), "int"),
        (["1"], pa.string(), "int"),
        ([2**64 - 1], pa.uint64(), "int"),
        ([Decimal(2**63)], pa.decimal128(38, 0), "int"),
        ([{"a": 1}], pa.struct([("a", pa.int64())]), "string"),
        (["a"], pa.string(), "list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(values: list[Any], given: pa.DataType, kind: str) -> None:
    with pytest.raises(EngineError, match=f"column 'value' comes as .*, which is not {kind}"):
        one(values, given, kind)


def test_other_names_than_declared_are_refused() -> None:
    with pytest.raises(QueryError, match="the query returns b, a") as caught:
        typed(pa.table({"b": [1], "a": [1]}), (Column("a", "int"), Column("b", "int")), "topic/name.sql")
    assert caught.value.where == "topic/name.sql"
    assert caught.value.hint == "its header declares columns a, b"


def test_types_are_inferred_without_a_declaration() -> None:
    rows = pa.table(
        {
            "int": pa.array([1], pa.int32()),
            "sum": pa.array([Decimal(1)], pa.decimal128(38, 0)),
            "average": pa.array([Decimal("1.25")], pa.decimal128(10, 2)),
            "day": pa.array([date(2026, 11, 22)]),
            "names": pa.array([["a"]]),
        }
    )
    kinds = [str(kind) for kind in typed(rows, (), "place").schema.types]
    assert kinds == ["int64", "int64", "double", "string", "list<item: string>"]


def test_two_columns_may_have_one_name() -> None:
    rows = pa.Table.from_arrays([pa.array([1]), pa.array(["a"])], names=["x", "x"])
    made = frame(typed(rows, (), "place"), None)
    assert made.columns.tolist() == ["x", "x"]
    assert made.iloc[0].tolist() == [1, "a"]


def test_slices_copies_and_pickles_keep_the_receipt() -> None:
    made = frame(typed(ROWS, COLUMNS, "place"), "the receipt")
    kept = [
        made.copy(),
        copy.deepcopy(made),
        made.head(1),
        made[made["int"] > 0],
        made[["int"]],
        made.iloc[1:],
        made.sort_values("float"),
        made.drop(columns="list"),
        made.reset_index(),
        made.assign(more=1),
        pickle.loads(pickle.dumps(made)),
    ]
    assert [part.receipt for part in kept] == ["the receipt"] * len(kept)
    pandas.testing.assert_frame_equal(kept[-1], made)


def test_what_is_made_of_several_answers_has_no_receipt() -> None:
    made = frame(typed(ROWS, COLUMNS, "place"), "one")
    other = frame(typed(ROWS, COLUMNS, "place"), "other")
    assert pandas.concat([made, other]).receipt is None


def test_undeclared_bytes_stay_bytes_and_what_has_no_like_is_its_text() -> None:
    given = pa.table(
        {
            "bin": pa.array([b"\x00\xff", b"", None], pa.binary()),
            "span": pa.array([(0, 1, 0), None, None], pa.month_day_nano_interval()),
        }
    )
    made = typed(given, (), "sql")
    assert made.schema.types == [pa.binary(), pa.string()]
    data = frame(made, None)
    assert data["bin"].tolist() == [b"\x00\xff", b"", None]
    assert "days=1" in data["span"][0]
    with pytest.raises(EngineError, match="column 'bin' comes as binary"):
        typed(given.select(["bin"]), (Column("bin", "string"),), "sql")
