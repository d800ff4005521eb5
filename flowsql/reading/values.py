"""Which texts a column of a record can hold: verdicts and statuses are few words, addresses few characters."""

from typing import TYPE_CHECKING

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.fields import known

if TYPE_CHECKING:
    import pyarrow as pa

_WORDS: dict[str, tuple[str, ...]] = {
    column: tuple(word for word in field.values.split("|") if word != "-")
    for column in ("action", "log_status", "flow_direction")
    if (field := known(column)) is not None
}
_IN_ADDRESSES = b"0123456789abcdefABCDEF.:"
"""Told by its characters only, since more would cost a tenth of the reading; the receipt looks closer at the answer."""


def misfit(column: str, text: str) -> str | None:
    """Why a text cannot be a value of a column; None when it can."""
    if (words := _WORDS.get(column)) is not None:
        return None if text in words else f"{column} is {text!r}, not {', '.join(words[:-1])} or {words[-1]}"
    if column in ADDRESS_COLUMNS and text.encode().translate(None, _IN_ADDRESSES):
        return f"{column} is {text!r}, not an address"
    return None


def all_fit(column: str, values: "pa.Array | pa.ChunkedArray") -> bool:
    """Whether `misfit` has nothing to say of any of these texts, or those of a dictionary; NULL is none of them."""
    import pyarrow.compute as pc

    chunks = _distinct(values)
    if column in ADDRESS_COLUMNS:
        return not any(_odd(chunk) and _odd(chunk.drop_null()) for chunk in chunks)
    if (words := _WORDS.get(column)) is None or all(_is_one_word(chunk, words[0].encode()) for chunk in chunks):
        return True
    return all(text is None or text in words for chunk in chunks for text in pc.unique(chunk).to_pylist())


def is_empty_anywhere(values: "pa.Array | pa.ChunkedArray") -> bool:
    """Whether a text has no characters; of a dictionary its distinct texts are looked at."""
    import pyarrow.compute as pc

    return any(pc.min(pc.binary_length(chunk)).as_py() == 0 for chunk in _distinct(values))


def _distinct(values: "pa.Array | pa.ChunkedArray") -> "list[pa.Array]":
    """The texts of a column, of a dictionary only the distinct ones."""
    import pyarrow as pa

    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    return [chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks]


def _odd(addresses: "pa.Array") -> bytes:
    """What no address has of the bytes of an array, those that a NULL has left among them."""
    return _bytes(addresses).translate(None, _IN_ADDRESSES)


def _bytes(values: "pa.Array") -> bytes:
    """The texts of a whole array, one after the other; those of its parent too, when it is a slice."""
    text = values.buffers()[2]
    return b"" if text is None else text.to_pybytes()


def _is_one_word(values: "pa.Array", word: bytes) -> bool:
    """Whether all values are one word, as the log-status of nearly every block is."""
    return values.null_count == 0 == values.offset and _bytes(values) == word * len(values)
