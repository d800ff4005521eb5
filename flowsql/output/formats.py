"""The formats an answer leaves in, and the file it is put in.

Data is data: values are escaped as a format's reader expects and are otherwise unaltered, so a text that
begins with `=` reaches a spreadsheet as it is. Only where people read (table, markdown, html) are control
characters spelled out.
Times are ISO 8601 in UTC, floats have the fewest digits that read back equal, bytes are pairs of hex digits (`00 ff`);
Parquet holds them as they are.

    format    NULL              empty text   list
    table     -                              a b
    csv       nothing           ""           a b
    tsv       \\N                nothing      a b
    json(l)   null              ""           ["a", "b"]
    markdown  -                              a b
    html      td.null           empty td     a b
    parquet   null              ""           a list
"""

import errno
import html
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from flowsql.errors import FlowsqlError, SourceError, UsageError
from flowsql.output import text
from flowsql.output.text import Terminal

if TYPE_CHECKING:
    import pyarrow as pa

_SUFFIXES = {
    ".txt": "table",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".parquet": "parquet",
}
_CSV_QUOTED = re.compile(r'[",\r\n]')
_TSV_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_MARKUP = re.compile(r"[\\|*`\[<~&]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown could take for markup; an underscore between two letters is safe and common."""
_NOT_JSON = ("nan", "inf", "-inf")
_TO_JSON = json.JSONEncoder(ensure_ascii=False).encode


def render(answer: "pa.Table", format: str, *, terminal: Terminal | None = None) -> bytes:  # noqa: A002
    """An answer in one of FORMATS, as UTF-8 with LF line ends.

    `terminal` is what the table is fitted to; without one it is plain. Raises UsageError for an unknown
    format, and for two columns of one name where the format would keep only one of them.
    """
    if format == "table":
        return text.table(answer, terminal).encode()
    if format not in _WRITERS:
        known = _SUFFIXES.get(f".{format.lower()}")
        near = [known] if known else get_close_matches(format.lower(), FORMATS, 1)
        legal = f"one of {', '.join(FORMATS)}"
        raise UsageError(f"{format!r} is not an output format", hint=f"{near[0]}? It is {legal}" if near else legal)
    return _WRITERS[format](answer)


def format_for(path: Path) -> str | None:
    """The format a file's name asks for (`.md` → markdown); None when its ending says nothing."""
    return _SUFFIXES.get(path.suffix.lower())


def _csv(answer: "pa.Table") -> bytes:
    """RFC 4180 with LF. NULL is empty; alone on its line it is `""`, because readers skip an empty line."""
    null = '""' if answer.num_columns == 1 else ""
    columns = [[null if cell is None else _csv_cell(cell) for cell in cells] for cells in _columns(answer)]
    return _joined(columns, ",")


def _csv_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if not cell or _CSV_QUOTED.search(cell) else cell


def _tsv(answer: "pa.Table") -> bytes:
    r"""Values apart by one tab; NULL is `\N`; backslash, tab, CR and LF in one are `\\`, `\t`, `\r`, `\n`."""
    columns = [[r"\N" if cell is None else _tsv_cell(cell) for cell in cells] for cells in _columns(answer)]
    return _joined(columns, "\t")


def _tsv_cell(cell: str) -> str:
    return cell if cell.isprintable() and "\\" not in cell else cell.translate(_TSV_ESCAPES)


def _json(answer: "pa.Table") -> bytes:
    """An array with one object on each line."""
    rows = ",\n".join(_objects(answer))
    return f"[\n{rows}\n]\n".encode() if rows else b"[]\n"


def _jsonl(answer: "pa.Table") -> bytes:
    """One object on each line."""
    return "".join(f"{row}\n" for row in _objects(answer)).encode()


def _objects(answer: "pa.Table") -> Iterator[str]:
    _refuse_twins(answer)
    columns = []
    for name, column in zip(answer.column_names, answer.columns, strict=True):
        key = _TO_JSON(name)
        columns.append([f"{key}: {value}" for value in _json_values(column)])
    return (f"{{{', '.join(row)}}}" for row in zip(*columns, strict=True))


def _json_values(column: "pa.ChunkedArray") -> list[str]:
    """Each value as JSON; what JSON has no number for (NaN, infinity) is null."""
    import pyarrow as pa

    if pa.types.is_list(column.type) and not text.is_nested(column.type):
        return [_TO_JSON(value) for value in column.to_pylist()]
    cells = text.as_text(column)
    if text.is_nested(column.type):
        return ["null" if cell is None else cell for cell in cells]
    if text.is_number(column.type) or pa.types.is_boolean(column.type):
        return ["null" if cell is None or cell in _NOT_JSON else cell for cell in cells]
    return ["null" if cell is None else _TO_JSON(cell) for cell in cells]


def _markdown(answer: "pa.Table") -> bytes:
    """A table as GitHub reads it; a value shows its own characters, whatever they would mean in Markdown."""
    columns = []
    for cells, column in zip(_columns(answer), answer.columns, strict=True):
        header, *values = ("-" if cell is None else _markdown_cell(cell) for cell in cells)
        columns.append([header, "---:" if text.is_number(column.type) else "---", *values])
    return "".join(f"| {' | '.join(row)} |\n" for row in zip(*columns, strict=True)).encode()


def _markdown_cell(cell: str) -> str:
    inner = cell.strip(" ")
    lines = "<br>".join(_MARKUP.sub(r"\\\g<0>", line) for line in _visible_lines(inner))
    before = len(cell) - len(cell.lstrip(" "))
    after = len(cell) - len(inner) - before
    return "&#32;" * before + lines + "&#32;" * after


def _html(answer: "pa.Table") -> bytes:
    """One whole table element; numbers have the class `numeric`, NULL has the class `null`."""
    headers = []
    columns = []
    for (name, *cells), column in zip(_columns(answer), answer.columns, strict=True):
        numeric = ["numeric"] if text.is_number(column.type) else []
        null = f"<td{_html_class(*numeric, 'null')}></td>"
        opening = f"<td{_html_class(*numeric)}>"
        headers.append(f'<th scope="col"{_html_class(*numeric)}>{_html_cell(name or "")}</th>')
        columns.append([null if cell is None else f"{opening}{_html_cell(cell)}</td>" for cell in cells])
    head = f"<thead>\n<tr>{''.join(headers)}</tr>\n</thead>\n"
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in zip(*columns, strict=True))
    return f"<table>\n{head}<tbody>\n{body}</tbody>\n</table>\n".encode()


def _html_class(*names: str) -> str:
    return f' class="{" ".join(names)}"' if names else ""


def _html_cell(cell: str) -> str:
    return "<br>".join(html.escape(line) for line in _visible_lines(cell))


def _visible_lines(cell: str) -> list[str]:
    return [cell] if cell.isprintable() else [line or "" for line in text.visible(cell.split("\n"))]


def _parquet(answer: "pa.Table") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _refuse_twins(answer)
    sink = pa.BufferOutputStream()
    pq.write_table(answer, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _columns(answer: "pa.Table") -> Iterator[list[str | None]]:
    """For each column its name and then its values."""
    for name, column in zip(answer.column_names, answer.columns, strict=True):
        yield [name, *text.as_text(column)]


def _joined(columns: list[list[str]], separator: str) -> bytes:
    return "".join(f"{separator.join(row)}\n" for row in zip(*columns, strict=True)).encode()


def _refuse_twins(answer: "pa.Table") -> None:
    names: list[str] = answer.column_names
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise UsageError(
            f"two columns are named {twin!r}, and this format keeps only one of them",
            hint="give one another name in the query (AS), or use csv, tsv, table, markdown or html",
        )


_WRITERS: dict[str, Callable[["pa.Table"], bytes]] = {
    "csv": _csv,
    "tsv": _tsv,
    "json": _json,
    "jsonl": _jsonl,
    "markdown": _markdown,
    "html": _html,
    "parquet": _parquet,
}
FORMATS: tuple[str, ...] = ("table", *_WRITERS)
"""The names `render` takes."""


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in the file, which is at every moment the old one or the whole new one.

    A link stays a link and an existing file keeps its permissions; a device or a pipe is written to directly.
    Raises UsageError when the path cannot be a file, SourceError when the disk refuses.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as failure:
        raise _not_written(path, failure) from failure
    if mode is not None and stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a directory", hint=f"name a file in it: {path / 'answer.csv'}")
    try:
        if mode is None or stat.S_ISREG(mode):
            _replace(Path(os.path.realpath(path)), data, mode)
        else:
            path.write_bytes(data)
    except OSError as failure:
        raise _not_written(path, failure) from failure


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected")
    # Opened, not made by tempfile: a new file gets the permissions of the umask, not those of a secret.
    fresh = target.with_name(f".flowsql-{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            fresh.chmod(stat.S_IMODE(mode))
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _not_written(path: Path, failure: OSError) -> FlowsqlError:
    folder = Path(os.path.realpath(path)).parent
    if failure.errno == errno.ENOENT:
        return UsageError(f"there is no directory {folder} to put {path.name} in", hint=f"mkdir -p {folder}")
    if failure.errno == errno.ENOTDIR:
        return UsageError(f"{path} lies under a file, not a directory", hint="choose another path")
    if failure.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        return UsageError(f"{path} cannot be a file: {failure.strerror}", hint="choose another path")
    advice = {errno.ENOSPC: "free some space on it", errno.EDQUOT: "free some space on it"}.get(failure.errno or 0)
    return SourceError(
        f"{path} could not be written: {failure.strerror}",
        hint=f"{advice or 'make it writable'}, or choose another path; an older file is as it was",
    )
