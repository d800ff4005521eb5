"""`list`, `show` and `fields`: what can be asked, and of what."""

import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql.cli import diagnostics, streams
from flowsql.cli.asking import emit, output_format
from flowsql.cli.commands import SETTINGS, Command, example
from flowsql.cli.options import (
    FILTERS,
    FORMAT,
    QUERIES,
    SOURCE,
    WINDOW,
    Option,
    legal,
    parameters,
    sentence,
    with_options,
)
from flowsql.cli.places import flows_of, library_of, settings_of
from flowsql.errors import FlowsqlError, NotFound, UsageError
from flowsql.library import Library
from flowsql.naming import did_you_mean
from flowsql.query import FILTER_OPTIONS, Query
from flowsql.window import WINDOW_OPTIONS

if TYPE_CHECKING:
    from flowsql.cases import Case
    from flowsql.fields import Field, RecordKind

_LIST = (
    Option("topic", "Search", "Only this topic, such as security.", "TOPIC", complete=lambda: _searchable("topic")),
    Option("tag", "Search", "Only with this tag, such as ssh.", "TAG", complete=lambda: _searchable("tag")),
    Option("answerable", "Search", "Only what the flow logs at --logs have the fields for.", flag=True),
)
_FIELDS = (
    Option("version", "Search", "Only fields of this record version or older.", "NUMBER"),
    Option("tgw", "Search", "Fields of transit gateway flow logs.", flag=True),
)
_PAGE = 100
"""Cells of a line in a file or a pipe."""
_SHOWN = 6
"""Rows of an example."""


def query_names(incomplete: str) -> list[tuple[str, str]]:
    """The names and titles of saved queries that begin so, for shell completion."""
    try:
        library = library_of(settings_of({}))
    except FlowsqlError:
        return []
    named = [(library.shortest(query.name), query.title) for query in library]
    if "/" in incomplete:
        named += [(query.name, query.title) for query in library if (query.name, query.title) not in named]
    return [(name, title) for name, title in named if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(metavar="NAME", help="A saved query.", autocompletion=query_names)]


def _matches(query: Query, words: Sequence[str], options: dict[str, Any]) -> bool:
    text = " ".join((query.name, query.title, query.description, *query.tags)).lower()
    return (
        all(word.lower() in text for word in words)
        and (not options["topic"] or query.topic == options["topic"])
        and (not options["tag"] or options["tag"].lower() in (tag.lower() for tag in query.tags))
    )


def listing(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD", help="What to search for; several must all occur.")
    ] = None,
    **options: Any,
) -> None:
    """List saved queries, or search them.

    Words search names, titles, descriptions and tags; all of them must occur.
    """
    library = library_of(settings_of(options))
    queries, problems = library.loaded
    _check_search(queries, options)
    found = [query for query in queries if _matches(query, words or (), options)]
    if options["answerable"]:
        found = _answerable(found, options)
    if options["format"] or options["output"]:
        _emit_list(found, options)
    else:
        _print_list(found, library, summaries=bool(words or options["topic"] or options["tag"]))
    streams.flush()
    if problems:
        diagnostics.note(_unread(problems))
    if not found:
        diagnostics.say(f"No query of {len(queries)} fits; `flowsql list` shows all.")


def _unread(problems: Sequence[FlowsqlError]) -> str:
    """One line about the files that are not listed; `show` tells all about each."""
    first = problems[0]
    told = f"{first.where}: {first.message}"
    if len(problems) == 1:
        return f"a saved query cannot be read and is not listed: {told}"
    return f"{len(problems)} saved queries cannot be read and are not listed, such as {told}"


def _legal(queries: Sequence[Query], name: str) -> set[str]:
    """The topics or the tags that queries have."""
    return {query.topic for query in queries} if name == "topic" else {tag.lower() for q in queries for tag in q.tags}


def _searchable(name: str) -> list[str]:
    """The topics or tags for shell completion; none when the library cannot be read."""
    try:
        return sorted(_legal(library_of(settings_of({})).loaded[0], name))
    except FlowsqlError:
        return []


def _check_search(queries: Sequence[Query], options: dict[str, Any]) -> None:
    """Raise UsageError for a topic or a tag no query has."""
    for name in ("topic", "tag"):
        values = _legal(queries, name)
        given = options[name]
        if given and given.lower() not in values:
            hint = did_you_mean(given, values, f"{name}s: {', '.join(sorted(values))}")
            raise UsageError(f"no query has the {name} {given!r}", hint=hint)


def _emit_list(queries: Sequence[Query], options: dict[str, Any]) -> None:
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    schema = pa.schema([("name", text), ("title", text), ("tags", texts), ("description", text)])
    rows = [
        {"name": query.name, "title": query.title, "tags": list(query.tags), "description": query.description}
        for query in queries
    ]
    emit(pa.Table.from_pylist(rows, schema=schema), output_format(options), options["output"])


def _print_list(queries: Sequence[Query], library: Library, *, summaries: bool) -> None:
    """Names and titles by topic; with `summaries` also what each answers."""
    names = {query.name: library.shortest(query.name) for query in queries}
    margin = max((len(name) for name in names.values()), default=0)
    width = streams.width(sys.stdout, _PAGE)
    topic = None
    for query in queries:
        if query.topic != topic:
            print(f"{'' if topic is None else chr(10)}{query.topic}")
            topic = query.topic
        for line in _entry(names[query.name], query.title, margin, width):
            print(line)
        for line in _entry("", _summary(query), margin, width) if summaries else ():
            print(line)


def _summary(query: Query) -> str:
    """The first sentence of a query's description."""
    first, stop, _ = query.description.partition(". ")
    return f"{first}." if stop else first


def _entry(name: str, text: str, margin: int, width: int) -> list[str]:
    """A name and beside it, or below it where there is little room, its text."""
    if width - margin < 40:
        lines = textwrap.wrap(text, max(20, width - 1), initial_indent="    ", subsequent_indent="    ")
        return [f"  {name}", *lines] if name else lines
    lines = textwrap.wrap(text, max(20, width - margin - 5)) or [""]
    return [f"  {name if number == 0 else '':<{margin}}  {line}".rstrip() for number, line in enumerate(lines)]


def _answerable(queries: Sequence[Query], options: dict[str, Any]) -> list[Query]:
    flows = flows_of(options)
    asked = {name: options[name] for name in (*WINDOW_OPTIONS, *FILTER_OPTIONS) if options.get(name)}
    tables = flows.tables(asked)
    return [query for query in queries if any(flows.answerable(query, table) for table in tables)]


def show(name: Name, **options: Any) -> None:
    """Explain a saved query, with an example and its SQL.

    What it answers, its parameters and columns, and the fields and record version it needs.
    """
    from flowsql.cases import cases_path, read_cases
    from flowsql.questions import needed_fields

    library = library_of(settings_of(options))
    query = library.find(name)
    width = min(streams.width(sys.stdout, _PAGE), _PAGE)
    needed = needed_fields(query)
    path = cases_path(library.paths[query.name])
    cases = read_cases(path, query) if path.is_file() else []
    for line in _page(query, example(query, library), needed, cases, width):
        print(line)


def _page(query: Query, asked: str, needed: set[str], cases: Sequence["Case"], width: int) -> Iterator[str]:
    """The manual page of a query; `asked` is how it is asked for."""
    yield f"{query.name} — {query.title}"
    yield ""
    yield from textwrap.wrap(query.description, width)
    yield from ("", f"  flowsql run {asked} --last 1h --logs logs/", "")
    if query.params:
        yield "Parameters"
        labels = {param.name: f"--{param.name.replace('_', '-')}" for param in query.params}
        margin = max(len(label) for label in labels.values())
        for param in query.params:
            given = "required" if param.required else f"default: {param.default}" if param.default else "optional"
            text = " ".join(
                filter(
                    None, (sentence(param.help), sentence(param.legal) if param.choices else legal(param), f"({given})")
                )
            )
            yield from _entry(labels[param.name], text, margin, width)
        yield ""
    yield "Columns"
    margin = max((len(column.name) for column in query.columns), default=0)
    for column in query.columns:
        yield f"  {column.name:<{margin}}  {column.type}"
    yield ""
    yield from _field_lines(query, needed, width)
    yield ""
    if cases:
        yield from _example_lines(cases[0])
        yield ""
    yield "SQL"
    yield from (f"  {line}".rstrip() for line in query.body.strip("\n").splitlines())


def _field_lines(query: Query, needed: set[str], width: int) -> Iterator[str]:
    """The fields a query cannot do without, those that make it better, and the record version they ask for."""
    from flowsql.questions import kind_of, optional_fields

    kind = kind_of(query)
    fields = _fields_of(needed, kind)
    version = max((field.version for field in fields), default=2)
    name = "transit gateway flow logs" if kind == "tgw" else "the default format has them" if version == 2 else ""
    yield f"Fields needed (record version {version}{f': {name}' if name else ''})"
    yield from _wrapped_fields(fields, "", width)
    better = _fields_of(optional_fields(query) - needed, kind)
    if better:
        yield from _wrapped_fields(better, "better with: ", width)


def _fields_of(columns: set[str], kind: "RecordKind") -> list["Field"]:
    from flowsql.fields import known

    return [field for column in sorted(columns) if (field := known(column, kind))]


def _wrapped_fields(fields: Sequence["Field"], lead: str, width: int) -> list[str]:
    names = (f"{field.name} (v{field.version})" if field.version > 2 else field.name for field in fields)
    # Wrapped between fields only: a version stays with its name, and a name in one piece.
    text = lead + ", ".join(name.replace(" ", "\xa0") for name in names)
    lines = textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines]


def _example_lines(case: "Case") -> Iterator[str]:
    """A case as two small tables: given records, returned rows."""
    yield f"Example: {case.name}"
    given = "".join(f" --{name.replace('_', '-')} {value}" for name, value in case.options.items())
    if given:
        yield f"  asked with{given}"
    for label, rows in (("records", case.found), ("answer", case.expect)):
        if rows:
            names = list(rows[0])
            cells = [names, *[[row[name] for name in names] for row in rows[:_SHOWN]]]
            widths = [max(len(row[index]) for row in cells) for index in range(len(names))]
            more = f" (the first {_SHOWN} of {len(rows)})" if len(rows) > _SHOWN else ""
            yield f"  {label}{more}"
            for row in cells:
                yield f"    {'  '.join(f'{cell:<{size}}' for cell, size in zip(row, widths, strict=True))}".rstrip()


def _field_names(incomplete: str) -> list[str]:
    """The fields that begin so, for shell completion."""
    from flowsql.fields import TGW_FIELDS, VPC_FIELDS

    names = dict.fromkeys(field.name for field in (*VPC_FIELDS, *TGW_FIELDS))
    return [name for name in names if name.startswith(incomplete)]


def fields(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD", help="All by default.", autocompletion=_field_names)
    ] = None,
    **options: Any,
) -> None:
    """List the fields of flow log records.

    Each with the record version it came with, its type, meaning and values.
    """
    from flowsql.fields import TGW_FIELDS, VPC_FIELDS, column_name

    table = TGW_FIELDS if options["tgw"] else VPC_FIELDS
    by_column = {field.column: field for field in table}
    newest = options["version"] or "11"
    if not (newest.isascii() and newest.isdecimal() and 2 <= int(newest) <= 11):
        raise UsageError(f"{newest!r} is not a record version", hint="2 to 11")
    for name in names or ():
        if column_name(name) not in by_column:
            hint = did_you_mean(name, (field.name for field in table), "`flowsql fields` lists them")
            raise NotFound(f"no field {name!r}", hint=hint)
    wanted = {column_name(name) for name in names or ()} or set(by_column)
    chosen = [field for field in table if field.column in wanted and field.version <= int(newest)]
    if options["format"] or options["output"]:
        _emit_fields(chosen, options)
        return
    width = min(streams.width(sys.stdout, _PAGE), _PAGE)
    margin = max((len(field.name) for field in chosen), default=0)
    for field in chosen:
        for line in _field_entry(field, margin, width):
            print(line)


def _field_entry(field: "Field", margin: int, width: int) -> Iterator[str]:
    """A field's name, and beside it its version, type, meaning and values."""
    yield from _entry(field.name, f"v{field.version} {field.type}. {sentence(field.description)}", margin, width)
    if field.values:
        yield from _entry("", f"Values: {field.values.replace('|', ' | ')}", margin, width)


def _emit_fields(chosen: Sequence["Field"], options: dict[str, Any]) -> None:
    import pyarrow as pa

    schema = pa.schema(
        [
            ("field", pa.string()),
            ("version", pa.int64()),
            ("type", pa.string()),
            ("description", pa.string()),
            ("values", pa.string()),
        ]
    )
    listed = [
        {
            "field": field.name,
            "version": field.version,
            "type": field.type,
            "description": field.description,
            "values": field.values or None,
        }
        for field in chosen
    ]
    emit(pa.Table.from_pylist(listed, schema=schema), output_format(options), options["output"])


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, function, options in (
        ("list", listing, parameters(_LIST, QUERIES, SOURCE, WINDOW, FILTERS, FORMAT)),
        ("show", show, parameters(QUERIES)),
        ("fields", fields, parameters(_FIELDS, FORMAT)),
    ):
        app.command(name, cls=Command, context_settings=SETTINGS)(with_options(function, options))
