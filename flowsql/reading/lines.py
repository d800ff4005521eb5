"""Bytes in pieces → blocks of whole lines that end in LF, whatever ended them before."""

import re
from collections.abc import Iterator
from itertools import islice

from flowsql.reading.damage import damaged

LONGEST_LINE = 16 << 20
"""Bytes; a line that is longer is not one of text, and would have to be held in memory whole."""

BOM = b"\xef\xbb\xbf"

_LINE = re.compile(rb"[^\r\n]+")


def blocks_of_lines(source: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Pieces cut anywhere → pieces cut after line ends; raises DamagedObject for a line without end."""
    held: list[bytes] = []
    length = 0
    for piece in source:
        cut = _after_last_line(piece)
        if not cut:
            held.append(piece)
            length += len(piece)
            if length > LONGEST_LINE:
                raise damaged(f"a line is longer than {LONGEST_LINE >> 20} MiB: this is not text", name)
            continue
        yield b"".join((*held, piece[:cut])) if held or cut < len(piece) else piece
        held = [piece[cut:]] if cut < len(piece) else []
        length = len(piece) - cut
    if held:
        yield b"".join(held)


def _after_last_line(piece: bytes) -> int:
    """Where the last whole line ends; a CR at the very end may be the first half of a CRLF, so it does not count."""
    return piece.rfind(b"\n") + 1 or piece.rfind(b"\r", 0, max(0, len(piece) - 1)) + 1


def normal(block: bytes) -> bytes:
    """Whole lines with LF ends and without byte order marks, which joined files have in their middle too."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if BOM[:1] in block and BOM in block:
        block = block.removeprefix(BOM).replace(b"\n" + BOM, b"\n")
    return block


def is_blank(line: bytes) -> bool:
    """Whether a line, or a whole block, holds nothing: blank lines are not counted."""
    # isspace() gives up at the first letter, where strip() would copy a block of megabytes.
    return not line or (line.isspace() and not line.strip(b" \t\r\n"))


def is_utf8(text: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def after_first_line(block: bytes) -> tuple[int, int]:
    """Where the first line that is not blank ends, and how many lines were passed till there."""
    at = passed = 0
    while at < len(block):
        end = block.find(b"\n", at) + 1 or len(block)
        passed += 1
        if not is_blank(block[at:end]):
            return end, passed
        at = end
    return at, passed


def first_lines(head: bytes, count: int) -> list[bytes]:
    """The first lines of an object's beginning that are not blank; the last may be cut."""
    lines = (found[0].removeprefix(BOM).strip(b" \t") for found in _LINE.finditer(head))
    return list(islice(filter(None, lines), count))
