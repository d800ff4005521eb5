"""What an object is: gzip or plain, text, Parquet or an envelope of another service; its bytes → text blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flowsql.errors import DamagedObject, SourceError
from flowsql.fields import DEFAULT_FORMAT, RecordKind, column_name, known, record_kind
from flowsql.reading.store import Bytes, Store, StoredObject

Container = Literal["text", "parquet", "json", "export"]

BLOCK = 8 << 20
"""Bytes of text parsed at a time."""

_WHOLE = 24 << 20
"""Stored bytes up to which an object is inflated into memory whole; larger ones are verified first, then read again."""

_GZIP, _PARQUET, _BOM = b"\x1f\x8b", b"PAR1", b"\xef\xbb\xbf"
_EXPORTED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z ")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_STATUSES = ("OK", "NODATA", "SKIPDATA")
_DEFAULT = tuple(column_name(name) for name in DEFAULT_FORMAT)


@dataclass(frozen=True, slots=True)
class Format:
    """How the records of an object are written."""

    container: Container
    columns: tuple[str, ...]
    header: bool
    """Whether its first line names the columns."""

    @property
    def kind(self) -> RecordKind:
        """VPC or transit gateway records."""
        return record_kind(self.columns)


class NotFlowLogs(Exception):  # noqa: N818
    """An object that holds something else; never leaves this package."""


def inflate(data: Bytes, name: str) -> Iterator[bytes]:
    """Gzip, of one or several members, or plain bytes → blocks; raises DamagedObject before any block of a broken one."""
    if data[:2] != _GZIP:
        yield from (bytes(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK))
        return
    if len(data) <= _WHOLE:
        blocks = list(_members(data, name))
        if blocks and blocks[0][:2] == _GZIP:
            blocks = list(_members(b"".join(blocks), name))
        yield from blocks
        return
    for _ in _members(data, name):
        pass
    yield from _members(data, name)


def _members(data: Bytes, name: str) -> Iterator[bytes]:
    from isal import isal_zlib

    rest: bytes | memoryview = memoryview(data)
    while len(rest):
        member = isal_zlib.decompressobj(wbits=31)
        pending: bytes | memoryview = rest
        try:
            while not member.eof:
                block = member.decompress(pending, BLOCK)
                if not block and not member.unconsumed_tail and not member.eof:
                    raise DamagedObject("the gzip stream ends early", where=name, hint=_DAMAGED_HINT)
                pending = member.unconsumed_tail
                yield block
        except isal_zlib.error as failure:
            raise DamagedObject(f"the gzip stream is corrupt: {failure}", where=name, hint=_DAMAGED_HINT) from failure
        rest = member.unused_data.lstrip(b"\0")


_DAMAGED_HINT = "--skip-damaged answers without it, and says so"


def first_text(store: Store, item: StoredObject, count: int = 1 << 16) -> bytes:
    """The first bytes of an object, inflated; damage shows only later, when the whole object is read."""
    from isal import isal_zlib

    head = store.head(item, count)
    for _ in range(2):
        if head[:2] != _GZIP:
            break
        try:
            head = isal_zlib.decompressobj(wbits=31).decompress(head, 1 << 18)
        except isal_zlib.error as failure:
            raise DamagedObject(
                f"the gzip stream is corrupt: {failure}", where=item.name, hint=_DAMAGED_HINT
            ) from failure
    return head


def probe(store: Store, item: StoredObject, given: tuple[str, ...] | None) -> Format | None:
    """The format of an object from its first bytes; None when it is empty. Raises NotFlowLogs, DamagedObject."""
    head = first_text(store, item)
    if head[:4] == _PARQUET:
        from flowsql.reading.parquet import parquet_columns

        return Format("parquet", parquet_columns(store.read(item), item.name), False)
    return text_format(head, given)


def text_format(head: bytes, given: tuple[str, ...] | None) -> Format | None:
    """The format of text from its beginning; None when there is no line. Raises NotFlowLogs."""
    head = head.removeprefix(_BOM)
    line = _first_line(head)
    if not line:
        return None
    if line.startswith(b"{"):
        messages = list(_messages(head, whole=False))
        if not messages:
            raise NotFlowLogs
        return _headerless("json", messages[0], given)
    exported = _EXPORTED.match(line)
    if exported:
        return _headerless("export", line[exported.end() :].decode("utf-8", "replace"), given)
    text = line.decode("utf-8", "replace")
    if columns := header_columns(text):
        return Format("text", columns, True)
    return _headerless("text", text, given)


def _first_line(data: bytes) -> bytes:
    return data.lstrip(b"\r\n \t").split(b"\n", 1)[0].split(b"\r", 1)[0].rstrip()


def header_columns(line: str) -> tuple[str, ...] | None:
    """The columns a header line names; None when the line is a record."""
    tokens = line.split()
    if not tokens or not all(_FIELD_NAME.fullmatch(token) for token in tokens):
        return None
    columns = tuple(column_name(token) for token in tokens)
    documented = [column for column in columns if known(column) or known(column, "tgw")]
    return columns if documented and len(set(columns)) == len(columns) else None


def _headerless(container: Container, record: str, given: tuple[str, ...] | None) -> Format:
    if given is not None:
        return Format(container, given, False)
    tokens = record.split()
    if len(tokens) == len(_DEFAULT) and tokens[-1] in _STATUSES and tokens[0].isdecimal():
        return Format(container, _DEFAULT, False)
    raise NotFlowLogs


def blocks_of_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Bytes in pieces → pieces of whole lines, the byte order mark removed."""
    rest, first = b"", True
    for chunk in chunks:
        if first:
            chunk, first = chunk.removeprefix(_BOM), False
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            rest += chunk
            continue
        yield rest + chunk[:cut] if rest else (chunk if cut == len(chunk) else chunk[:cut])
        rest = chunk[cut:]
    if rest:
        yield rest


def unwrap(data: bytes, container: Container, name: str) -> bytes:
    """An envelope (Firehose, subscription or export of CloudWatch Logs) → its records, one per line."""
    if container == "export":
        return b"\n".join(_EXPORTED.sub(b"", line, count=1) for line in data.split(b"\n"))
    try:
        return "\n".join(_messages(data, whole=True)).encode()
    except ValueError as failure:
        raise DamagedObject(f"its JSON is broken: {failure}", where=name, hint=_DAMAGED_HINT) from failure


def _messages(data: bytes, *, whole: bool) -> Iterator[str]:
    """The records in JSON objects that follow each other with or without newlines."""
    import json

    text, at, decoder = data.decode("utf-8", "replace"), 0, json.JSONDecoder()
    space = re.compile(r"[\s\0,]*")
    while (at := space.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            if whole:
                raise
            return
        yield from _records(value)


def _records(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("message"), str):
        yield value["message"].strip("\r\n")
    for key in ("logEvents", "events"):
        for event in value.get(key) or ():
            yield from _records(event)


def unrecognised(names: list[str], location: str) -> SourceError:
    """The error for a place that holds files but no flow logs."""
    return SourceError(
        f"no flow logs at {location}: {names[0]} has no header line and does not fit the default format",
        hint="give --log-format '${version} ${account-id} …' (the log format of the flow log), or --log-format default",
    )
