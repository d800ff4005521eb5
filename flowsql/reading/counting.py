"""Counts over Arrow arrays by the quickest way that each kind of array has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.reading.constants import whole

if TYPE_CHECKING:
    import pyarrow as pa

_FEW = 4
"""Distinct values up to which looking for each is quicker than to hash all."""


def any_true(flags: "pa.BooleanArray | pa.ChunkedArray") -> bool:
    """Whether a flag is set; NULL is not."""
    import pyarrow as pa

    return any(chunk.true_count for chunk in (flags.chunks if isinstance(flags, pa.ChunkedArray) else (flags,)))


def counts(values: "pa.Array") -> Iterator[tuple[str | None, int]]:
    """How often each text stands in a column, if it does; None for NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(values.type):  # as where it was stored as bytes, or all of it is missing
        values = values.dictionary_encode()
    words = values.dictionary.to_pylist()
    rest = len(values)
    if len(words) <= _FEW and not values.indices.null_count:
        for index, word in enumerate(words[:-1]):
            count = pc.equal(values.indices, whole(index, 4)).true_count
            rest -= count
            if count:
                yield word, count
        if rest:
            yield words[-1], rest
        return
    for entry in pc.value_counts(values.indices).to_pylist():
        index = entry["values"]
        yield (None if index is None else words[index]), entry["counts"]
