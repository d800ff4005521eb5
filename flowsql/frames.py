"""Arrow → the same typed columns from every engine, and pandas frames of them.

| declared | Arrow | pandas |
|---|---|---|
| string | string | str, NULL as NaN |
| int | int64 | Int64, NULL as NA |
| float | float64 | Float64, NULL as NA |
| bool | bool | boolean, NULL as NA |
| timestamp | timestamp[us, UTC] | datetime64[us, UTC], NULL as NaT |
| list | list<string> | object: lists of str, NULL as None |

Undeclared columns keep lists of other types, maps, rows and bytes: in pandas lists, dicts and bytes. Of what else
there is (intervals, times of a day) the text is shown.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from flowsql.errors import EngineError, QueryError
from flowsql.query import Column

if TYPE_CHECKING:
    import pandas
    import pyarrow as pa


def typed(rows: "pa.Table", columns: tuple[Column, ...], place: str) -> "pa.Table":
    """Rows as an engine gave them → the declared columns in the declared types; without a declaration, inferred ones.

    Raises QueryError when the names differ, EngineError when a value does not fit its type.
    """
    import pyarrow as pa

    kept: frozenset[int] = frozenset()
    is_declared = bool(columns)
    if not columns:
        columns = tuple(Column(field.name, _inferred(field.type)) for field in rows.schema)
        kept = frozenset(index for index, field in enumerate(rows.schema) if _keeps(field.type))
    declared = [column.name for column in columns]
    if rows.column_names != declared:
        raise QueryError(
            f"the query returns {', '.join(rows.column_names)}",
            where=place,
            hint=f"its header declares columns {', '.join(declared)}",
        )
    arrays = []
    for index, (column, array) in enumerate(zip(columns, rows.columns, strict=True)):
        try:
            arrays.append(array if index in kept else _cast(array, column.type, declared=is_declared))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as failure:
            raise EngineError(
                f"column {column.name!r} comes as {array.type}, which is not {column.type}",
                where=place,
                hint=f"CAST(… AS VARCHAR) or another plain type makes {column.name} a column that can be shown",
            ) from failure
    return pa.Table.from_arrays(arrays, names=declared)


def arrow_type(kind: str) -> "pa.DataType":
    """The Arrow type of a declared column type."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "list": pa.list_(pa.string()),
    }
    return types[kind]


def _cast(array: "pa.ChunkedArray", kind: str, *, declared: bool) -> "pa.ChunkedArray":
    import pyarrow as pa

    wanted = arrow_type(kind)
    if array.type == wanted:
        return array
    if kind == "timestamp" and (pa.types.is_date(array.type) or _is_naive(array.type)):
        return array.cast(pa.timestamp("us")).cast(wanted)
    if kind == "int" and not (
        pa.types.is_integer(array.type) or pa.types.is_decimal(array.type) or pa.types.is_null(array.type)
    ):
        raise pa.ArrowInvalid("not a whole number")
    try:
        return array.cast(wanted)
    except pa.ArrowNotImplementedError:
        if declared or kind != "string":
            raise
        # Nobody asked for a type, and the question may have cost something.
        return pa.chunked_array([[None if value is None else str(value) for value in array.to_pylist()]], wanted)


def _is_naive(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(kind)) and kind.tz is None


def _keeps(kind: "pa.DataType") -> bool:
    """Whether a type is bytes, or nested, and none of the declared ones."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return not (pa.types.is_string(kind.value_type) or pa.types.is_null(kind.value_type))
    return bool(pa.types.is_map(kind) or pa.types.is_struct(kind) or pa.types.is_binary(kind))


def _inferred(kind: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return "int"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "float"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "list" if pa.types.is_list(kind) else "string"


def frame(rows: "pa.Table", receipt: object) -> Any:
    """Typed rows → a pandas DataFrame whose `receipt` says where they come from; slices and copies keep it."""
    import pandas

    columns = [_series(array) for array in rows.columns]
    # Joined by position: two columns of a SELECT may have one name.
    data = pandas.concat(columns, axis=1) if columns else pandas.DataFrame()
    data.columns = rows.column_names
    result: Any = frame_class()(data)
    result.receipt = receipt
    return result


def _series(array: "pa.ChunkedArray") -> "pandas.Series[Any]":
    import pandas

    kind = str(array.type)
    if kind.startswith("map"):
        return pandas.Series([None if items is None else dict(items) for items in array.to_pylist()], dtype=object)
    if kind.startswith(("list", "struct")):
        return pandas.Series(array.to_pylist(), dtype=object)
    dtypes = {
        "int64": pandas.Int64Dtype(),
        "double": pandas.Float64Dtype(),
        "bool": pandas.BooleanDtype(),
        "string": pandas.StringDtype(na_value=float("nan")),
    }
    made: pandas.Series[Any] = array.to_pandas(types_mapper=lambda _: dtypes.get(kind))
    return made


@cache
def frame_class() -> "type[pandas.DataFrame]":
    """The class of answers: a DataFrame with a `receipt`. Made when pandas is first needed, and made once."""
    import pandas

    class FlowFrame(pandas.DataFrame):
        """A pandas DataFrame with a `receipt`, kept by slices and copies; None for what is made of several frames."""

        _metadata = ["receipt"]  # noqa: RUF012  pandas asks for a list here
        receipt: object = None

        @property
        def _constructor(self) -> "type[pandas.DataFrame]":
            return FlowFrame

    FlowFrame.__qualname__ = "FlowFrame"
    return FlowFrame


def __getattr__(name: str) -> Any:
    """`flowsql.frames.FlowFrame`, by which pickled answers find their class."""
    if name == "FlowFrame":
        return frame_class()
    raise AttributeError(f"module 'flowsql.frames' has no attribute {name!r}")


def records(rows: list[dict[str, Any]], names: list[str]) -> Any:
    """Plain rows → a pandas DataFrame of texts and lists, for listings."""
    import pandas

    return pandas.DataFrame(rows, columns=names)
