"""What is asked before anything is read: values, window, filters, fields needed, and how Python code calls it."""

import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flowsql.errors import UsageError
from flowsql.fields import RecordKind, column_name, record_kind
from flowsql.macros import DERIVED_COLUMNS
from flowsql.naming import did_you_mean
from flowsql.params import TYPES, Param, Value, bind
from flowsql.query import FILTER_OPTIONS, Filters, Query
from flowsql.statement import parse
from flowsql.template import render
from flowsql.window import WINDOW_OPTIONS, Window, parse_window

_WORDS = re.compile(r"[a-z_]+")
_HAS = re.compile(r"""\bhas\(\s*['"]([a-z_-]+)['"]\s*\)""")
COMMON: frozenset[str] = frozenset((*WINDOW_OPTIONS, *FILTER_OPTIONS))
"""Options every question takes besides its own parameters."""


def adhoc(text: str) -> Query:
    """One SELECT given by hand as a query without header or declared columns; raises UsageError for what is no text."""
    if not isinstance(text, str):
        raise UsageError(f"SQL is text, not {type(text).__name__}", hint='flows.sql("SELECT … FROM {{ flows }}")')
    return Query("sql", "SQL given by hand", "", (), (), (), text if text.endswith("\n") else f"{text}\n")


def kind_of(query: Query) -> RecordKind:
    """The record kind a query asks of: that of the fields its text names."""
    return record_kind(tuple(_WORDS.findall(query.body)))


def bind_all(query: Query, given: Mapping[str, Any]) -> dict[str, Value]:
    """Every parameter of a query with its value or default; raises UsageError for unknown and unfit ones.

    None is an optional parameter that was not given; one with a default refuses it.
    """
    declared = {param.name: param for param in query.params}
    for name in given:
        if name not in declared:
            legal = ", ".join(declared) or "none of its own"
            everywhere = f"it takes: {legal}; and {', '.join((*WINDOW_OPTIONS, *FILTER_OPTIONS))}"
            hint = did_you_mean(name, (*declared, *COMMON), everywhere)
            raise UsageError(f"{query.short_name} has no parameter {name!r}", hint=hint)
        if given[name] is None and declared[name].default is not None:
            # None could mean "any" as well as "not given": a default must not be taken for the first.
            hint = f"leave it out for {declared[name].default}; no value of it means all"
            raise UsageError(f"parameter {name!r} is None", hint=hint)
    return {name: bind(param, given.get(name)) for name, param in declared.items()}


def needed_fields(query: Query) -> set[str]:
    """The columns a query reads whatever the table has: what `has(…)` guards does not count."""
    values = {param.name: bind(param, _example(param)) for param in query.params}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    window = Window(moment, moment + timedelta(hours=1))
    columns = set(parse(render(query, values, window, ())).columns) - set(DERIVED_COLUMNS)
    return columns


def optional_fields(query: Query) -> set[str]:
    """The columns a query asks `has(…)` about, under their underscored names."""
    return {column_name(name) for name in _HAS.findall(query.body)}


def _example(param: Param) -> str | None:
    if not param.required:
        return None
    return param.example


def signature(query: Query) -> inspect.Signature:
    """The Python signature of a saved query: its parameters, then window and filters, all by keyword."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [
        inspect.Parameter(param.name, keyword, default=inspect.Parameter.empty if param.required else _default(param))
        for param in query.params
    ]
    common = [inspect.Parameter(name, keyword, default=None) for name in (*WINDOW_OPTIONS, *FILTER_OPTIONS)]
    return inspect.Signature([*own, *common], return_annotation="pandas.DataFrame")


def _default(param: Param) -> object:
    """A default as Python code would write it."""
    text = param.default
    if text is not None and param.type in ("int", "port", "protocol") and text.isascii() and text.isdecimal():
        return int(text)
    return text


def docstring(query: Query) -> str:
    """What `help()` shows for a saved query."""
    lines = [f"{query.title}.", "", *textwrap.wrap(query.description, 88), ""]
    lines += [f"{param.name}: {param.help} {param.legal[0].upper()}{param.legal[1:]}." for param in query.params]
    lines += [
        f"{', '.join(WINDOW_OPTIONS)}: the window; without any of them, the last hour.",
        f"{', '.join(FILTER_OPTIONS)}: only records of these; a text or a list.",
    ]
    lines += ["", "Returns a DataFrame with a `receipt` and the columns:", ""]
    lines += [f"{column.name}: {column.type}" for column in query.columns]
    return "\n".join(lines)


def window_of(asked: Mapping[str, Any], now: datetime) -> Window:
    """The window asked for; raises UsageError."""
    given = {name: _as_text(name, asked[name]) for name in WINDOW_OPTIONS if asked.get(name) is not None}
    return parse_window(now=now, **given)


def filters_of(asked: Mapping[str, Any]) -> Filters:
    """The common filters, each value checked as a parameter of its type; raises UsageError."""
    checked: dict[str, tuple[str, ...]] = {}
    for name in FILTER_OPTIONS:
        value = asked.get(name)
        if value is None:
            continue
        values = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
        items = [item.strip() for text in values for item in str(text).split(",") if item.strip()]
        if not items:
            raise UsageError(f"--{name} is empty", hint=f"{name} is {TYPES[name].legal}")
        checked[name] = tuple(dict.fromkeys(bind(Param(name, name), item).items[0] for item in items))
    return Filters(**checked)


def _as_text(name: str, value: object) -> str:
    """A window option as it is typed; Python code may give a date, a datetime or a timedelta."""
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds())}s"
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) and name == "on" else value
        return day.isoformat()
    if isinstance(value, str):
        if not value.strip():
            raise UsageError(f"--{name} is empty", hint="leave it out, or give it a value")
        return value
    raise UsageError(f"{name} is a text, a datetime or a timedelta, not {value!r}", hint=f"{name}='1h'")
