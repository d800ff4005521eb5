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

_OTHER_CONTENT: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), "compressed by bzip2", "bunzip2 FILE"),
    (re.compile(rb"\xfd7zXZ\0"), "compressed by xz", "unxz FILE"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "compressed by Zstandard", "unzstd FILE"),
    (re.compile(rb"\x04\x22\x4d\x18"), "compressed by LZ4", "unlz4 FILE"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a zip archive", "unzip FILE"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive", "7z x FILE"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive", "tar -xf FILE"),
    (re.compile(BOM_UTF16_LE + b"|" + BOM_UTF16_BE), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE"),
)
"""How other content begins, what it is and what makes text of it."""

_SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_UNKNOWN = "has no header line and does not fit the default format"
_GIVE_FORMAT = (
    "give --log-format '${version} ${account-id} …' (the log format of the flow log), or --log-format default"
)

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

    def __init__(self, reason: str = _UNKNOWN, hint: str = _GIVE_FORMAT) -> None:
        super().__init__(reason)
        self.reason = reason
        """What it is instead, as the rest of a sentence that begins with its name."""
        self.hint = hint


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
    from flowsql.reading.parquet import open_parquet

    stored = store.head(item, HEAD)
    _begins_as_named(stored, item.name)
    head = _beginning(stored, item.name, cut=item.size > len(stored))
    if head[:4] != PARQUET:
        form = text_format(head, given, item.name)
        if form is not None and not form.header and given is not None:
            _check_fits(head, form.container, given)
        return form
    data = store.read(item)
    whole = data if data[:4] == PARQUET else b"".join(pieces(data, item.name, HEAD))
    return parquet_format(tuple(open_parquet(whole, item.name).stored))


def parquet_format(columns: tuple[str, ...]) -> Format:
    """The format of a Parquet object with these columns. Raises NotFlowLogs."""
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
        other = next((f", it is {what}" for begins, what, _ in _OTHER_CONTENT if begins.match(head)), "")
        raise damaged(f"it does not begin like a gzip file{other}", name)


def _is_text(head: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head[:1024])


def text_format(head: bytes, given: tuple[str, ...] | None, name: str) -> Format | None:
    """The format of text from its beginning; None when there is no line. Raises NotFlowLogs, DamagedObject."""
    for begins, what, helps in _OTHER_CONTENT:
        if begins.match(head):
            raise NotFlowLogs(f"is {what}", f"flow logs are read as gzip, Parquet or plain text in UTF-8: {helps}")
    lines = first_lines(head, _SAMPLED)
    if not lines:
        return None
    first = lines[0].decode("utf-8", "replace")
    if columns := header_columns(first):
        check_header(columns, "its header line", name)
        return Format("text", columns, True)
    if lines[0][:1] in (b"{", b"["):
        records = list(islice(sampled(head), _SAMPLED))
        if not records:
            raise NotFlowLogs
        return Format("json", given or _recognised(records), False)
    if not _is_text(lines[0]):
        raise NotFlowLogs("is not text", "flow logs are read as gzip, Parquet or plain text in UTF-8")
    _refuse_separators(first)
    columns = given or _recognised(_unstamped(lines))
    return Format("text", ("@exported", *columns) if _EXPORTED.match(lines[0]) else columns, False)


def _refuse_separators(line: str) -> None:
    """Raise NotFlowLogs for a header line, or a record of a default format, that is not separated by spaces."""
    for separator, named in _SEPARATORS.items():
        values = [value.strip(" \t\"'") for value in line.split(separator)]
        if len(values) == 1 or not all(values):
            continue
        spaced = " ".join(values)
        told = "separates the fields of its header line"
        if not header_columns(spaced):
            try:
                _recognised([spaced])
            except NotFlowLogs:
                continue
            told = "separates the values of its records"
        hint = "the fields of flow logs are separated by one space, in the header line and in each record"
        raise NotFlowLogs(f"{told} by {named}", hint)


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
    """The columns a header line names, `check_header` not yet asked; None when the line is a record."""
    if not _HEADER.fullmatch(line):
        return None
    tokens = line.split()
    # Records under a header of tabs have tabs as well, and would be rejected one by one.
    if len(tokens) > 1 and " " not in line.strip("\t"):
        return None
    columns = tuple(map(column_name, tokens))
    # AWS writes small letters; prose, which begins with a capital or says a word twice, may hold a word such as end.
    enough = 1 if line == line.lower() and _named_twice(columns) is None else len(columns) / 2
    return columns if _documented(columns) >= enough else None


def check_header(columns: tuple[str, ...], which: str, name: str) -> None:
    """Raise DamagedObject for a header that names a field twice: which of the two is meant cannot be told."""
    if (twice := _named_twice(columns)) is not None:
        raise damaged(f"{which} names {twice.replace('_', '-')} twice", name)


def _named_twice(columns: tuple[str, ...]) -> str | None:
    return next((column for index, column in enumerate(columns) if column in columns[:index]), None)


def _documented(columns: tuple[str, ...]) -> int:
    """How many of the columns AWS documents."""
    return sum(bool(known(column) or known(column, "tgw")) for column in columns)


def _recognised(records: Iterable[str]) -> tuple[str, ...]:
    """The default format that one of these records without a header fits; raises NotFlowLogs."""
    for record in records:
        values = record.split(" ")
        if len(values) == len(DEFAULT_FORMAT) and values[0].isdecimal() and values[-1] in _STATUSES:
            return tuple(column_name(name) for name in DEFAULT_FORMAT)
        if len(values) == len(TGW_DEFAULT_FORMAT) and values[1].startswith("TransitGateway"):
            return tuple(column_name(name) for name in TGW_DEFAULT_FORMAT)
    raise NotFlowLogs


def unrecognised(location: str, name: str, found: NotFlowLogs) -> SourceError:
    """The error for a place that holds files but no flow logs, with what was `found` in one of them."""
    return SourceError(f"no flow logs at {location}: {name} {found.reason}", hint=found.hint)


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
