"""Stored bytes → the bytes inside, in pieces: gzip is undone, in however many members, also one in another."""

from collections.abc import Iterator
from itertools import chain
from typing import cast

from flowsql.reading.damage import damaged
from flowsql.reading.store import Bytes

GZIP = b"\x1f\x8b"

_FED = 1 << 20
"""Stored bytes given to the inflater at a time: what it has not used yet is copied each time."""


def pieces(data: Bytes, name: str, size: int) -> Iterator[bytes]:
    """Gzip or plain bytes → what is inside, at most `size` bytes at a time; raises DamagedObject where it breaks."""
    compressed = data[:2] == GZIP
    inside = _slices(data, min(size, _FED) if compressed else size)
    # Some tools compress what already is: the second round undoes that.
    for _ in range(2):
        head, inside = peek(inside, len(GZIP))
        if head != GZIP:
            break
        inside = _inflated(inside, name, size)
    return inside


def peek(source: Iterator[bytes], count: int) -> tuple[bytes, Iterator[bytes]]:
    """The first `count` bytes, fewer when there are no more, and all pieces again."""
    taken: list[bytes] = []
    length = 0
    while length < count and (piece := next(source, None)) is not None:
        taken.append(piece)
        length += len(piece)
    return b"".join(taken)[:count], chain(taken, source)


def _slices(data: Bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _inflated(source: Iterator[bytes], name: str, size: int) -> Iterator[bytes]:
    from isal import isal_zlib

    corrupt = cast("type[Exception]", isal_zlib.error)
    member = None
    members = 0
    try:
        for piece in source:
            rest = piece
            while rest:
                if member is None:
                    # Zeros after a member are padding, as gzip itself reads them.
                    rest = rest.lstrip(b"\0") if members else rest
                    if not GZIP.startswith(rest[:2]):
                        raise damaged("bytes that are not gzip follow its gzip stream", name)
                    if not rest:
                        break
                    member, members = isal_zlib.decompressobj(wbits=31), members + 1
                if block := member.decompress(rest, size):
                    yield block
                if member.eof:
                    rest, member = member.unused_data, None
                else:
                    rest = member.unconsumed_tail
        while member is not None and not member.eof:
            # All input is in, yet output that did not fit `size` may still wait inside.
            if not (block := member.decompress(b"", size)):
                raise damaged("its gzip stream ends early", name)
            yield block
    except corrupt as failure:
        raise damaged(f"its gzip stream is corrupt: {failure}", name) from failure
