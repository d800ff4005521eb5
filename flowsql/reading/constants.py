"""Arrow constants made from their bytes: `pa.scalar` and `pa.array` import pandas, which takes a third of a second."""

import sys
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@lru_cache(maxsize=64)
def whole(number: int, width: int = 8) -> "pa.Int64Scalar | pa.Int32Scalar":
    """A whole number of so many bytes."""
    import pyarrow as pa

    data = pa.py_buffer(number.to_bytes(width, sys.byteorder, signed=True))
    return pa.Array.from_buffers(pa.int64() if width == 8 else pa.int32(), 1, [None, data])[0]


@cache
def texts(words: tuple[str, ...]) -> "pa.StringArray":
    """An array of texts."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = [sum(map(len, encoded[:count])) for count in range(len(encoded) + 1)]
    offsets = pa.py_buffer(b"".join(end.to_bytes(4, sys.byteorder) for end in ends))
    return pa.Array.from_buffers(pa.string(), len(words), [None, offsets, pa.py_buffer(b"".join(encoded))])


@cache
def nothing(kind: "pa.DataType") -> "pa.Scalar":
    """NULL of a type."""
    import pyarrow as pa

    return pa.nulls(1, kind)[0]
