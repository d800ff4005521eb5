"""Arrow arrays of any type a writer of Parquet may have chosen → the type a column is read as."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from flowsql.fields import known
from flowsql.reading.constants import nothing, texts
from flowsql.reading.counting import any_true

if TYPE_CHECKING:
    import pyarrow as pa

_NOTHING = ("-", "")
"""Texts that stand for no value; AWS writes the first."""

_NONE = ("None", "nan", "NaN", "null", "NULL", "<NA>")
"""What other tools make of a missing value when they turn it into text."""

_LONGEST_MARK = max(map(len, _NOTHING + _NONE))

_ACCOUNT = "account_id"
_WHOLE = re.compile(r"(-?[0-9]{1,19})(?:\.0*)?")


def to_text(array: "pa.Array", column: str) -> tuple["pa.Array", list[int]]:
    """An array as text, missing values NULL, with the rows that are not UTF-8 (they become NULL).

    Account ids stored as numbers get their zeros back. Raises ArrowNotImplementedError for nested types.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type) and pa.types.is_string(array.type.value_type):
        values, broken = to_text(array.dictionary, column)
        if not broken:
            return pa.DictionaryArray.from_arrays(array.indices, values), []
    array = _plain(array)
    if pa.types.is_floating(array.type):
        array = _without_nan(array)
        array = array.cast(pa.int64()) if pc.all(pc.equal(array, pc.trunc(array))).as_py() is not False else array
    if pa.types.is_integer(array.type):
        text = array.cast(pa.string())
        return (pc.utf8_lpad(text, 12, "0") if column.endswith(_ACCOUNT) else text), []
    bad: list[int] = []
    try:
        text = array.cast(pa.string())
        if not _is_ascii(text):
            text.validate(full=True)
    except pa.ArrowInvalid:
        text, bad = _decoded(array)
    shortest = pc.min(pc.binary_length(text)).as_py()
    if shortest is None or shortest > _LONGEST_MARK:
        return text, bad
    field = known(column) or known(column, "tgw")
    free = field is None or "tag" in column.split("_")
    missing = pc.is_in(text, texts(_NOTHING if free else _NOTHING + _NONE))
    return (pc.if_else(missing, nothing(pa.string()), text) if any_true(missing) else text), bad


def to_number(array: "pa.Array", kind: "pa.DataType") -> tuple["pa.Array", list[int]]:
    """An array as whole numbers, missing values NULL, with the rows whose value is none (they become NULL).

    Times become Unix seconds. Raises ArrowNotImplementedError for nested types.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    array = _plain(array)
    if array.type == kind:
        return array, []
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("s", array.type.tz), safe=False).cast(pa.int64())
    elif pa.types.is_floating(array.type):
        array = _without_nan(array)
    elif pa.types.is_string(array.type) or pa.types.is_binary(array.type):
        missing = pc.is_in(array, texts(_NOTHING + _NONE).cast(array.type))
        array = pc.if_else(missing, nothing(array.type), array)
    try:
        return array.cast(kind), []
    except pa.ArrowInvalid:
        return _each(array, kind)


def _is_ascii(text: "pa.Array") -> bool:
    """Whether all bytes of an array of texts are ASCII, which proves in a tenth of the time that they are UTF-8."""
    data = text.buffers()[2]
    return data is None or data.to_pybytes().isascii()


def _plain(array: "pa.Array") -> "pa.Array":
    """The array without dictionary, and text and bytes in their plain form."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = str(array.type)
    if kind in ("large_string", "string_view"):
        return array.cast(pa.string())
    if kind in ("large_binary", "binary_view") or pa.types.is_fixed_size_binary(array.type):
        return array.cast(pa.binary())
    return array


def _without_nan(array: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.if_else(pc.is_nan(array), nothing(array.type), array)


def _decoded(array: "pa.Array") -> tuple["pa.Array", list[int]]:
    """Text whose bytes are not all UTF-8."""
    import pyarrow as pa

    values: list[str | None] = []
    bad = []
    for row, value in enumerate(array.cast(pa.binary()).to_pylist()):
        try:
            values.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            values.append(None)
            bad.append(row)
    return pa.array(values, pa.string()), bad


def _each(array: "pa.Array", kind: "pa.DataType") -> tuple["pa.Array", list[int]]:
    """Numbers of which some cannot be read as such."""
    import pyarrow as pa

    limit = 1 << (kind.bit_width - 1)
    values: list[int | None] = []
    bad = []
    # As bytes, for they may not be UTF-8.
    array = array.cast(pa.binary()) if pa.types.is_string(array.type) else array
    for row, value in enumerate(array.to_pylist()):
        number = _whole(value)
        if value is not None and (number is None or not -limit <= number < limit):
            number = None
            bad.append(row)
        values.append(number)
    return pa.array(values, kind), bad


def _whole(value: object) -> int | None:
    """A value as a whole number; None when it is not one."""
    match value:
        case bytes():
            found = _WHOLE.fullmatch(value.decode("utf-8", "replace"))
            return int(found[1]) if found else None
        case int():
            return value
        case float():
            return int(value) if value.is_integer() else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else None
    return None
