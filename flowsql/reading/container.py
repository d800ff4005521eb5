"""What an object is, told from its beginning: text, Parquet or an envelope of another service, and its columns."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from flowsql.errors import DamagedObject, SourceError, UsageError
from flowsql.fields import DEFAULT_FORMAT, TGW_DEFAULT_FORMAT, RecordKind, column_name, column_type, known, record_kind
from flowsql.reading.columns import TIMES
from flowsql.reading.damage import damaged
from flowsql.reading.envelopes import sampled
from flowsql.reading.inflate import GZIP, peek, pieces
from flowsql.reading.lines import BOM, LONGEST_LINE, first_lines, is_blank
from flowsql.reading.store import Bytes, Store, StoredObject
from flowsql.units import counted

Container = Literal["text", "parquet", "json"]

HEAD = 1 << 16
"""Bytes looked at to tell what an object is."""

PARQUET = b"PAR1"

_EXPORTED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z ")
_FIELD_NAME = r"[A-Za-z][A-Za-z0-9_-]*"
_HEADER = re.compile(rf"[ \t]*{_FIELD_NAME}(?:[ \t]+{_FIELD_NAME})*[ \t]*")
HEADER_LINE = re.compile(rb"^" + _HEADER.pattern.encode() + rb"$", re.MULTILINE)
"""Finds lines that may be headers, among lines that end in LF."""

_STATUSES = ("OK", "NODATA", "SKIPDATA")
_SAMPLED = 20
_SHOWN = 60
"""Characters of a value in an error."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the records of an object are written."""

    container: Container
    columns: tuple[str, ...]
    """In the order of its values; a value that is no field of its own has a name that begins with `@`."""
    header: bool
    """Whether its first line names the columns."""

    @property
    def kind(self) -> RecordKind:
        """VPC or transit gateway records."""
        return record_kind(self.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that can be asked for."""
        return tuple(column for column in self.columns if not column.startswith("@"))


class NotFlowLogs(Exception):
    """An object that holds something else; never leaves this package."""


class Misfit(NotFlowLogs):
    """An object without a header whose rows do not fit the log format given for such; never leaves this package."""

    def __init__(self, columns: tuple[str, ...], values: tuple[str, ...]) -> None:
        super().__init__()
        self.columns = columns
        self.values = values
        """Those of its first row."""


def opened(data: Bytes, name: str, size: int) -> tuple[bytes, Iterator[bytes]]:
    """The inflated beginning of an object's bytes, and all of it in pieces of `size`; raises DamagedObject."""
    _begins_as_named(data[:HEAD], name)
    count = HEAD
    head, inside = peek(pieces(data, name, size), count)
    while len(head) == count and is_blank(head.removeprefix(BOM)):
        if count >= LONGEST_LINE:
            raise damaged(f"it begins with more than {LONGEST_LINE >> 20} MiB of blank lines", name)
        count *= 4
        head, inside = peek(inside, count)
    return head, inside


def probe(store: Store, item: StoredObject, given: tuple[str, ...] | None) -> Format | None:
    """The format of an object from its first bytes; None when it is empty.

    Raises NotFlowLogs, Misfit when no row at its beginning fits the `given` format, DamagedObject.
    """
    stored = store.head(item, HEAD)
    _begins_as_named(stored, item.name)
    head = _beginning(stored, item.name, cut=item.size > len(stored))
    if head[:4] != PARQUET:
        form = text_format(head, given)
        if form is not None and not form.header and given is not None:
            _check_fits(head, form.container, given)
        return form
    data = store.read(item)
    return parquet_format(data if data[:4] == PARQUET else b"".join(pieces(data, item.name, HEAD)), item.name)


def parquet_format(data: Bytes, name: str) -> Format:
    """The format of a Parquet object. Raises NotFlowLogs, DamagedObject."""
    from flowsql.reading.parquet import parquet_columns

    columns = parquet_columns(data, name)
    if not _documented(columns):
        raise NotFlowLogs
    return Format("parquet", columns, False)


def _beginning(stored: bytes, name: str, *, cut: bool) -> bytes:
    """What the first stored bytes inflate to; of `cut` ones an early end tells nothing."""
    found: list[bytes] = []
    try:
        for piece in pieces(stored, name, HEAD):
            found.append(piece)
            if sum(map(len, found)) >= HEAD:
                break
    except DamagedObject:
        if not (cut and found):
            raise
    return b"".join(found)


def is_misnamed(store: Store, item: StoredObject) -> bool:
    """Whether an object that holds no flow logs calls itself gzip and is not: it is damaged, not something else."""
    return item.name.endswith(".gz") and store.head(item, len(GZIP)) != GZIP


def _begins_as_named(head: bytes, name: str) -> None:
    """Raise DamagedObject for bytes that cannot be what the name says: an upload or a download went wrong."""
    if name.endswith((".gz", ".parquet")) and not head:
        raise damaged("it is empty: zero bytes", name)
    if name.endswith(".parquet") and head[:4] != PARQUET and head[:2] != GZIP:
        raise damaged("it does not begin like a Parquet file", name)
    # Some downloads undo the gzip and leave the name: text is as good.
    if name.endswith(".gz") and head[:2] != GZIP and not _is_text(head):
        raise damaged("it does not begin like a gzip file", name)


def _is_text(head: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head[:1024])


def text_format(head: bytes, given: tuple[str, ...] | None) -> Format | None:
    """The format of text from its beginning; None when there is no line. Raises NotFlowLogs."""
    lines = first_lines(head, _SAMPLED)
    if not lines:
        return None
    if columns := header_columns(lines[0].decode("utf-8", "replace")):
        return Format("text", columns, True)
    if lines[0][:1] in (b"{", b"["):
        records = list(islice(sampled(head), _SAMPLED))
        if not records:
            raise NotFlowLogs
        return Format("json", _told_apart(given or _recognised(records)), False)
    if not _is_text(lines[0]):
        raise NotFlowLogs
    stamped = bool(_EXPORTED.match(lines[0]))
    columns = given or _recognised(_unstamped(lines))
    return Format("text", _told_apart(("@exported", *columns) if stamped else columns), False)


def _unstamped(lines: list[bytes]) -> list[str]:
    """Lines without the time that an export of CloudWatch Logs puts before each."""
    return [_EXPORTED.sub(b"", line, count=1).decode("utf-8", "replace") for line in lines]


def _check_fits(head: bytes, container: Container, given: tuple[str, ...]) -> None:
    """Raise Misfit when no record in the beginning of an object can be one of the `given` columns."""
    records = list(islice(sampled(head), _SAMPLED)) if container == "json" else _unstamped(first_lines(head, _SAMPLED))
    rows = [tuple(record.split()) for record in records]
    if not any(len(row) == len(given) and _misplaced(given, row) is None for row in rows):
        # A row of the right length shows more than a line of another kind before it.
        raise Misfit(given, next((row for row in rows if len(row) == len(given)), rows[0]))


def _misplaced(columns: tuple[str, ...], values: tuple[str, ...]) -> str | None:
    """The first column of numbers under which a word or an id stands; other wrong numbers are told row by row."""
    kind = record_kind(columns)
    for name, value in zip(columns, values, strict=True):
        may_miss = value == "-" and name not in TIMES
        if column_type(name, kind) != "string" and not (may_miss or value.lstrip("-+")[:1].isdecimal()):
            return name
    return None


def header_columns(line: str) -> tuple[str, ...] | None:
    """The columns a header line names; None when the line is a record."""
    if not _HEADER.fullmatch(line):
        return None
    columns = tuple(column_name(token) for token in line.split())
    # AWS writes small letters; prose, which begins with a capital, may hold a word such as end.
    enough = 1 if line == line.lower() else len(columns) / 2
    return _told_apart(columns) if _documented(columns) >= enough else None


def _documented(columns: tuple[str, ...]) -> int:
    """How many of the columns AWS documents."""
    return sum(bool(known(column) or known(column, "tgw")) for column in columns)


def _told_apart(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of which a second one of a name is not asked for: the first stands for both."""
    return tuple(f"@{index}:{column}" if column in columns[:index] else column for index, column in enumerate(columns))


def _recognised(records: Iterable[str]) -> tuple[str, ...]:
    """The default format that one of these records without a header fits; raises NotFlowLogs."""
    for record in records:
        values = record.split(" ")
        if len(values) == len(DEFAULT_FORMAT) and values[0].isdecimal() and values[-1] in _STATUSES:
            return tuple(column_name(name) for name in DEFAULT_FORMAT)
        if len(values) == len(TGW_DEFAULT_FORMAT) and values[1].startswith("TransitGateway"):
            return tuple(column_name(name) for name in TGW_DEFAULT_FORMAT)
    raise NotFlowLogs


def unrecognised(store: Store, items: list[StoredObject]) -> SourceError:
    """The error for a place that holds files but no flow logs."""
    location, name = store.location, items[0].name
    if store.head(items[0], 2) in (BOM_UTF16_LE, BOM_UTF16_BE):
        hint = "flow logs are UTF-8: iconv -f UTF-16 -t UTF-8 FILE"
        return SourceError(f"no flow logs at {location}: {name} is text in UTF-16", hint=hint)
    return SourceError(
        f"no flow logs at {location}: {name} has no header line and does not fit the default format",
        hint="give --log-format '${version} ${account-id} …' (the log format of the flow log), or --log-format default",
    )


def unfit(misfit: Misfit, name: str) -> UsageError:
    """The error for a given log format that no row at the beginning of an object fits."""
    columns, values = misfit.columns, misfit.values
    fields = [column.replace("_", "-") for column in columns]
    if len(columns) != len(values):
        told = f"the given log format names {counted(len(columns), 'field')}, but the first row of {name} has "
        told += counted(len(values), "value")
    else:
        wrong = _misplaced(columns, values) or columns[0]
        place = columns.index(wrong)
        told = f"the given log format does not fit {name}: {fields[place]} would be {values[place]!r}"
    pairs = zip_longest(fields, values, fillvalue=None)
    shown = "  ".join(f"{field or '?'}={'?' if value is None else value[:_SHOWN]}" for field, value in pairs)
    return UsageError(told, hint=f"by that format its first row reads\n  {shown}")
