"""Cases: a few given flow log records and the rows a query must return for them. No Python needed.

A `NAME.cases.yaml` beside `NAME.sql` is a list of cases; records and rows are written as small text tables:

    - name: a refused attempt is counted
      params: {port: 22}
      found: |
        srcaddr     dstport action start
        203.0.113.9 22      REJECT +60
      other: |
        srcaddr     dstport action
        203.0.113.9 22      ACCEPT
      expect: |
        srcaddr     interface_id         attempts first_seen last_seen
        203.0.113.9 eni-0a0a0a0a0a0a0a0a 1        +60        +90

`found` and `other` together must give exactly `expect`, in order; `other` alone must give no row (or `expect_other`).
"""

import gzip
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flowsql.case_tables import Row, TextTable, read_table, unfit
from flowsql.errors import QueryError, UsageError
from flowsql.fields import ALL_COLUMNS, TGW_FIELDS, VPC_FIELDS, parse_log_format, record_kind
from flowsql.frontmatter import Document, Scalar, Tree, read_yaml
from flowsql.layout import SLOT, object_key
from flowsql.naming import did_you_mean
from flowsql.query import Query
from flowsql.window import Window, parse_moment, parse_window

Ask = Callable[[dict[str, bytes], dict[str, str]], list[dict[str, Any]]]
"""Runs the query over objects by key, with options; gives its rows."""

_KEYS = ("name", "params", "options", "window", "fields", "found", "other", "expect", "expect_other")
_WINDOW = "2026-11-22T10:00Z/PT1H"
_FLOAT = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_OFFSET = re.compile(r"[+-]\d{1,9}(\.\d+)?")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?$")
_DEFAULTS = {
    "account_id": "123456789012",
    "interface_id": "eni-0a0a0a0a0a0a0a0a",
    "srcaddr": "10.0.0.1",
    "dstaddr": "10.0.0.2",
    "srcport": "40000",
    "dstport": "443",
    "protocol": "6",
    "packets": "10",
    "bytes": "1000",
    "action": "ACCEPT",
    "log_status": "OK",
    "resource_type": "TransitGateway",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a query."""

    name: str
    place: str
    """file:line."""
    options: dict[str, str]
    window: Window
    columns: tuple[str, ...]
    """The log format of its records."""
    found: tuple[dict[str, str], ...]
    other: tuple[dict[str, str], ...]
    expect: tuple[dict[str, str], ...]
    expect_other: tuple[dict[str, str], ...]


def cases_path(query_path: Path) -> Path:
    """Where the cases of a query file are."""
    return query_path.with_suffix(".cases.yaml")


def read_cases(path: Path, query: Query) -> list[Case]:
    """The cases in a query's file; raises QueryError with file and line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = "not UTF-8 text" if isinstance(failure, UnicodeDecodeError) else failure.strerror
        raise QueryError(f"cannot be read: {reason}", where=str(path)) from failure
    document = read_yaml(text.removeprefix("\ufeff"), str(path), 1)
    if not isinstance(document.tree, list) or not document.tree:
        raise document.error("cases are a list", hint="- name: …")
    return [_case(document, index, tree, query) for index, tree in enumerate(document.tree)]


def check(case: Case, query: Query, ask: Ask) -> list[str]:
    """Run a case; the differences between expected and returned rows, one line each (none: it passes).

    Raises QueryError at the case for a record or an expectation that cannot be, and what asking raises.
    """
    options = {**case.options, "since": case.window.since.isoformat(), "until": case.window.until.isoformat()}
    try:
        rows = ask(objects(case, (*case.found, *case.other)), options)
        problems = differences(case.expect, rows, query, case)
        if case.other and not problems:
            rows = ask(objects(case, case.other), options)
            problems = differences(case.expect_other, rows, query, case)
            if problems:
                problems.insert(0, "with the other records alone:")
    except UsageError as failure:
        raise QueryError(failure.message, where=case.place, hint=failure.hint) from failure
    return problems


def objects(case: Case, rows: Iterable[dict[str, str]]) -> dict[str, bytes]:
    """The records as flow log objects, filed by their `end` as AWS does."""
    slots: dict[int, list[str]] = {}
    for row in rows:
        record = _record(row, case.columns, case.window)
        slots.setdefault(int(record["end"]) // 300, []).append(" ".join(record[name] for name in case.columns))
    header = " ".join(name.replace("_", "-") for name in case.columns)
    packed = {}
    for slot, lines in slots.items():
        moment = datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)
        key = object_key(_DEFAULTS["account_id"], "us-east-1", "fl-0a0a0a0a0a0a0a0a", moment, "0a0a0a0a")
        packed[key] = gzip.compress("\n".join([header, *lines, ""]).encode(), mtime=0)
    return packed


def _record(row: dict[str, str], columns: tuple[str, ...], window: Window) -> dict[str, str]:
    record = {name: _DEFAULTS.get(name, "-") for name in columns} | {"version": str(_version(columns))} | row
    start = _epoch(row.get("start", "+60"), window)
    end = _epoch(row["end"], window) if "end" in row else start + 30
    return {**record, "start": str(start), "end": str(end)}


@lru_cache(maxsize=16)
def _version(columns: tuple[str, ...]) -> int:
    """The record version that has all of these."""
    return max((field.version for field in VPC_FIELDS if field.column in columns), default=2)


def _epoch(text: str, window: Window) -> int:
    return int(_moment(text, window).timestamp())


def _moment(text: str, window: Window) -> datetime:
    """`+60` (seconds after the window begins, also negative), `10:05:00` on its day, or ISO 8601; raises UsageError."""
    if _OFFSET.fullmatch(text):
        return window.since + timedelta(seconds=float(text))
    if _CLOCK.match(text):
        return parse_moment(f"{window.since:%Y-%m-%d}T{text}Z", now=window.since)
    if text.isdecimal() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    return parse_moment(text, now=window.since)


def _case(document: Document, index: int, tree: Tree, query: Query) -> Case:
    at = str(index)
    if not isinstance(tree, dict):
        raise document.error(f"case {index + 1} is a mapping", at, hint="- name: …")
    for key in tree:
        if key not in _KEYS:
            raise document.error(
                f"unknown key {key!r}", at, key, hint=did_you_mean(key, _KEYS, f"keys: {', '.join(_KEYS)}")
            )

    def scalar(key: str, default: str = "") -> Scalar:
        value = tree.get(key)
        if value is not None and not isinstance(value, Scalar):
            raise document.error(f"{key} is a text", at, key)
        return value or Scalar(default, document.line(at))

    def text(key: str, default: str = "") -> str:
        return scalar(key, default).text

    found, other = (_records(document, scalar(key), key) for key in ("found", "other"))
    columns = _columns(document, text("fields", "v2"), (*found.names, *other.names), at)
    options = {**_params(document, tree, query, at), **_options(document, tree, "options", at)}
    try:
        window = parse_window(since=text("window", _WINDOW))
    except UsageError as failure:
        raise document.error(failure.message, at, "window", hint=failure.hint) from failure
    if "expect" not in tree or not text("name"):
        raise document.error("a case has a name and what to expect", at, "name", hint="expect: none")
    expected, alone = (_expected(document, scalar(key), key, query) for key in ("expect", "expect_other"))
    for row, record in zip(found.rows, _checked(document, found.rows, columns, window), strict=True):
        if side := _outside(record, window, before="baseline(" in query.body):
            hint = "what must not be found stands under `other`; `window: 2026-11-22T10:00Z/PT2H` makes it longer"
            raise document.error_at(row.line, f"this record lies {side} the window, which is {window}", hint=hint)
    _checked(document, other.rows, columns, window)
    place = f"{document.place}:{document.line(at, 'name')}"
    return Case(text("name"), place, options, window, columns, found.cells, other.cells, expected, alone)


def _expected(document: Document, text: Scalar, key: str, query: Query) -> tuple[dict[str, str], ...]:
    if text.text.strip() in ("", "none"):
        return ()
    table = read_table(document, text)
    declared = [column.name for column in query.columns]
    for name in table.names:
        if name not in declared:
            hint = did_you_mean(name, declared, f"columns: {', '.join(declared)}")
            raise document.error_at(table.line, f"{key} names {name!r}, which the query does not return", hint=hint)
    return table.cells


def _params(document: Document, tree: dict[str, Tree], query: Query, at: str) -> dict[str, str]:
    given = _options(document, tree, "params", at)
    declared = [param.name for param in query.params]
    for name in given:
        if name not in declared:
            hint = did_you_mean(name, declared, f"it takes: {', '.join(declared) or 'none'}")
            raise document.error(f"{query.short_name} has no parameter {name!r}", at, "params", name, hint=hint)
    return given


def _options(document: Document, tree: dict[str, Tree], key: str, at: str) -> dict[str, str]:
    given = tree.get(key, {})
    if not isinstance(given, dict):
        raise document.error(f"{key} is a mapping", at, key, hint="{port: 22}")
    options = {}
    for name, value in given.items():
        if not isinstance(value, Scalar):
            raise document.error(f"{name} is a text", at, key, name, hint="a list is written 22,3389")
        options[name] = value.text
    return options


def _columns(document: Document, fields: str, named: tuple[str, ...], at: str) -> tuple[str, ...]:
    """The log format of a case: that of a version (`v5`) or a list, and whatever its records name besides."""
    if version := re.fullmatch(r"v(\d+)", fields):
        table = TGW_FIELDS if record_kind(named) == "tgw" or version[1] == "6" else VPC_FIELDS
        base = tuple(field.column for field in table if field.version <= int(version[1]))
    else:
        try:
            base = parse_log_format(fields)
        except ValueError as failure:
            raise document.error(
                str(failure), at, "fields", hint="v2, v5, or fields such as 'srcaddr dstaddr'"
            ) from failure
    return tuple(dict.fromkeys((*base, *named)))


def _records(document: Document, text: Scalar, key: str) -> TextTable:
    """The records given under a key; raises QueryError for names that are no fields."""
    table = read_table(document, text)
    known = set(ALL_COLUMNS)
    for name in table.names:
        if name not in known:
            hint = did_you_mean(name, known, "`flowsql fields` lists them")
            raise document.error_at(table.line, f"{key} names {name!r}, which is no field", hint=hint)
    return table


def _checked(document: Document, rows: Sequence[Row], columns: tuple[str, ...], window: Window) -> list[dict[str, str]]:
    """The records of rows; raises QueryError at the first row that is no flow log record."""
    records = []
    for row in rows:
        try:
            records.append(_record(row.cells, columns, window))
        except UsageError as failure:
            raise document.error_at(row.line, failure.message, hint=failure.hint) from failure
    if (found := unfit(records, columns)) is not None:
        raise document.error_at(rows[found[0]].line, f"this is no flow log record: {found[1]}")
    return records


def _outside(record: dict[str, str], window: Window, *, before: bool) -> str | None:
    """On which side of the window a record lies that no query finds; with `before` it may lie before it."""
    start, end = int(record["start"]), int(record["end"])
    if end < window.since_epoch and not before:
        return "before"
    return "after" if start >= window.until_epoch or end > window.filed_until.timestamp() else None


def differences(
    expected: tuple[dict[str, str], ...], rows: list[dict[str, Any]], query: Query, case: Case
) -> list[str]:
    """Expected rows (as text) against returned rows (as values), in order; only the named columns are compared."""
    types = {column.name: column.type for column in query.columns}
    problems = []
    for number in range(max(len(expected), len(rows))):
        wanted = expected[number] if number < len(expected) else None
        got = rows[number] if number < len(rows) else None
        if wanted and got and all(_same(text, got[name], types[name], case) for name, text in wanted.items()):
            continue
        if wanted is not None:
            problems.append("- " + " ".join(f"{name}={text}" for name, text in wanted.items()))
        if got is not None:
            names = wanted or got
            problems.append("+ " + " ".join(f"{name}={_shown(got[name], case)}" for name in names))
    return problems


def _same(text: str, value: Any, kind: str, case: Case) -> bool:
    if text == "-" or value is None:
        return text == "-" and value is None
    match kind:
        case "int":
            return bool(text.lstrip("-").isdecimal() and int(text) == value)
        case "float":
            return _FLOAT.fullmatch(text) is not None and math.isclose(float(text), value, rel_tol=1e-6, abs_tol=1e-9)
        case "bool":
            return bool(text == str(value).lower())
        case "timestamp":
            return bool(_moment(text, case.window) == value)
        case "list":
            return text.split(",") == list(value)
        case _:
            return bool(text == value)


def _shown(value: Any, case: Case) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"+{(value - case.window.since).total_seconds():g}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
