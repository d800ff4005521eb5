"""Records inside JSON of other services (Firehose, CloudWatch Logs, Lambda events) → text, one record per line."""

import base64
import binascii
import codecs
import json
import re
from collections.abc import Iterator
from itertools import chain

from flowsql.errors import DamagedObject
from flowsql.reading.damage import damaged
from flowsql.reading.inflate import GZIP, pieces

_BETWEEN = re.compile(r"[\s\0,]*")
_MESSAGE = re.compile(rb'"message"\s*:\s*("(?:[^"\\]|\\.)*")')
_DATA = re.compile(rb'"data"\s*:\s*"([A-Za-z0-9+/]+=*)"')


def sampled(head: bytes) -> Iterator[str]:
    """Records in the beginning of JSON, which may be cut anywhere."""
    for found in _MESSAGE.finditer(head):
        try:
            message = json.loads(found[1])
        except ValueError:
            continue
        yield message.strip("\r\n")
    for found in _DATA.finditer(head):
        try:
            yield from _encoded(found[1].decode(), "") or ()
        except DamagedObject:
            continue


def unwrapped(source: Iterator[bytes], name: str, size: int) -> Iterator[bytes]:
    """JSON in pieces, its values with or without newlines between → blocks of lines of about `size` bytes.

    An object without a record becomes a line of its own, so that it is counted. Raises DamagedObject for broken JSON.
    """
    block: list[bytes] = []
    length = 0
    for value in _values(source, name):
        for record in _records(value, name):
            # A lone surrogate becomes bytes that are not UTF-8, and the record is rejected as such.
            block.append(record.encode("utf-8", "surrogatepass") + b"\n")
            length += len(block[-1])
        if length >= size:
            yield b"".join(block)
            block, length = [], 0
    if block:
        yield b"".join(block)


def _values(source: Iterator[bytes], name: str) -> Iterator[object]:
    """The JSON values that follow each other in pieces cut anywhere."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    decode = json.JSONDecoder().raw_decode
    held: list[str] = []
    length = wanted = count = 0
    for piece in chain(source, (None,)):
        held.append(decoder.decode(piece or b"", piece is None))
        length += len(held[-1])
        # A value that did not end is tried again when there is twice as much of it.
        if length < wanted and piece is not None:
            continue
        text, at = "".join(held), 0
        while (at := _past(_BETWEEN, text, at)) < len(text):
            try:
                value, end = decode(text, at)
            except (ValueError, RecursionError) as failure:
                if piece is None:
                    raise damaged(f"its JSON is broken after {count:,} values: {failure}", name) from failure
                break
            if end == len(text) and piece is not None and not isinstance(value, (dict, list)):
                break  # the digits of a number may go on in the next piece
            at, count = end, count + 1
            yield value
        held, length = [text[at:]], len(text) - at
        wanted = 2 * length


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _records(value: object, name: str) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _records(item, name)
        case {"messageType": "CONTROL_MESSAGE"}:
            pass  # CloudWatch Logs tries a destination with these; they hold no log event
        case {"message": str(message)}:
            yield message.strip("\r\n")
        case {"logEvents": list(items)} | {"events": list(items)} | {"records": list(items)} | {"Records": list(items)}:
            yield from _records(items, name)
        case {"awslogs": dict(inner)} | {"kinesis": dict(inner)}:
            yield from _records(inner, name)
        case {"data": str(encoded)} if (inside := _encoded(encoded, name)) is not None:
            yield from inside
        case _:
            # Without spaces it is one value, which no log format fits: it is rejected with its text.
            yield json.dumps(value, separators=(",", ":")).replace(" ", "")


def _encoded(text: str, name: str) -> list[str] | None:
    """The records in base64, as Lambda and Kinesis events carry them; None when it is something else."""
    try:
        inside = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if inside[:2] == GZIP:
        inside = b"".join(pieces(inside, name, len(text)))
    if inside.lstrip()[:1] == b"{":
        return [record for value in _values(iter([inside]), name) for record in _records(value, name)]
    return [inside.decode("utf-8", "replace").strip("\r\n")]
