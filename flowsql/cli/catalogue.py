"""`list`, `show` and `fields`: what can be asked, and of what."""

from typing import Annotated, Any

import typer

from flowsql.cli import diagnostics
from flowsql.cli.asking import emit, flows_of, library_of, output_format, settings_of
from flowsql.cli.options import FILTERS, QUERIES, SOURCE, WINDOW, Option, parameters, with_options
from flowsql.errors import NotFound, UsageError
from flowsql.naming import did_you_mean
from flowsql.query import FILTER_OPTIONS, Query
from flowsql.window import WINDOW_OPTIONS

_LIST = (
    Option("topic", "Search", "Only this topic, such as security.", "TOPIC"),
    Option("tag", "Search", "Only with this tag, such as ssh.", "TAG"),
    Option("answerable", "Search", "Only what the flow logs at --logs have the fields for.", flag=True),
)
_FORMAT = (
    Option("format", "Output", "table, csv, tsv, json, jsonl, markdown, html or parquet.", "FORMAT", short="-f"),
    Option("output", "Output", "Write to a file.", "FILE", short="-o"),
)
_FIELDS = (
    Option("version", "Search", "Only fields of this record version or older.", "NUMBER"),
    Option("tgw", "Search", "Fields of transit gateway flow logs.", flag=True),
)


def query_names(incomplete: str) -> list[str]:
    """The short names of saved queries that begin so, for shell completion."""
    names = (name.rpartition("/")[2] for name in library_of(settings_of({})).paths)
    return [name for name in names if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(metavar="NAME", help="A saved query.", autocompletion=query_names)]


def _matches(query: Query, words: list[str], options: dict[str, Any]) -> bool:
    text = " ".join((query.name, query.title, query.description, *query.tags)).lower()
    return (
        all(word.lower() in text for word in words)
        and (not options["topic"] or query.topic == options["topic"])
        and (not options["tag"] or options["tag"].lower() in (tag.lower() for tag in query.tags))
    )


def listing(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]...", help="All must occur.")] = None,
    **options: Any,
) -> None:
    """List saved queries; words search names, titles, descriptions and tags."""
    library = library_of(settings_of(options))
    queries, problems = library.loaded
    topics = {query.topic for query in queries}
    if options["topic"] and options["topic"] not in topics:
        hint = did_you_mean(options["topic"], topics, f"topics: {', '.join(sorted(topics))}")
        raise UsageError(f"no topic {options['topic']!r}", hint=hint)
    found = [query for query in queries if _matches(query, words or [], options)]
    if options["answerable"]:
        found = _answerable(found, options)
    if options["format"] or options["output"]:
        import pyarrow as pa

        rows = [
            {"name": query.name, "title": query.title, "tags": list(query.tags), "description": query.description}
            for query in found
        ]
        schema = pa.schema(
            [
                ("name", pa.string()),
                ("title", pa.string()),
                ("tags", pa.list_(pa.string())),
                ("description", pa.string()),
            ]
        )
        emit(pa.Table.from_pylist(rows, schema=schema), output_format(options), options["output"])
    else:
        _print(found)
    diagnostics.problems(problems)
    if not found:
        diagnostics.say(f"No query of {len(queries)} fits; `flowsql list` shows all.")


def _print(queries: list[Query]) -> None:
    width = max((len(query.short_name) for query in queries), default=0)
    topic = None
    for query in queries:
        if query.topic != topic:
            print(f"{'' if topic is None else chr(10)}{query.topic}")
            topic = query.topic
        print(f"  {query.short_name:<{width}}  {query.title}")


def _answerable(queries: list[Query], options: dict[str, Any]) -> list[Query]:
    flows = flows_of(options)
    asked = {name: options[name] for name in (*WINDOW_OPTIONS, *FILTER_OPTIONS) if options.get(name)}
    tables = flows.tables(asked)
    return [query for query in queries if any(flows.answerable(query, table) for table in tables)]


def show(name: Name, **options: Any) -> None:
    """Show a saved query: what it answers, parameters, columns, fields needed, an example, the SQL."""
    from flowsql.cases import cases_path, read_cases
    from flowsql.session import needed_fields

    library = library_of(settings_of(options))
    query = library.find(name)
    print(f"{query.name} — {query.title}\n\n{query.description}\n")
    if query.params:
        print("Parameters")
        for param in query.params:
            given = f" [{param.default}]" if param.default is not None else " (optional)" if param.optional else ""
            print(f"  --{param.name.replace('_', '-')}{given}: {param.help} {param.legal[0].upper()}{param.legal[1:]}.")
        print()
    print("Columns\n  " + ", ".join(f"{column.name} ({column.type})" for column in query.columns) + "\n")
    _show_fields(query, needed_fields(query))
    path = cases_path(library.paths[query.name])
    if path.is_file():
        _show_example(path, query, read_cases)
    print("SQL\n")
    print("\n".join(f"  {line}".rstrip() for line in query.body.strip("\n").splitlines()))


def _show_fields(query: Query, needed: set[str]) -> None:
    from flowsql.fields import known
    from flowsql.session import kind_of, optional_fields

    kind = kind_of(query)

    def listed(columns: set[str]) -> str:
        fields = [field for column in sorted(columns) if (field := known(column, kind))]
        return ", ".join(f"{field.name} (v{field.version})" if field.version > 2 else field.name for field in fields)

    versions = [field.version for column in needed if (field := known(column, kind))]
    print(f"Fields needed (record version {max(versions, default=2)})\n  {listed(needed)}")
    better = optional_fields(query) - needed
    if better:
        print(f"  better with: {listed(better)}")
    print()


def _show_example(path: Any, query: Query, read_cases: Any) -> None:
    case = read_cases(path, query)[0]
    print(f"Example: {case.name}")
    for label, rows in (("records", case.found), ("answer", case.expect)):
        if rows:
            names = list(rows[0])
            cells = [names, *[[row[name] for name in names] for row in rows[:6]]]
            widths = [max(len(row[index]) for row in cells) for index in range(len(names))]
            print(f"  {label}{' (the first 6)' if len(rows) > 6 else ''}")
            for row in cells:
                print("    " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def fields(
    names: Annotated[list[str] | None, typer.Argument(metavar="[FIELD]...", help="All by default.")] = None,
    **options: Any,
) -> None:
    """List the fields of flow log records: version, type, meaning, values."""
    import pyarrow as pa

    from flowsql.fields import TGW_FIELDS, VPC_FIELDS, column_name

    table = TGW_FIELDS if options["tgw"] else VPC_FIELDS
    by_column = {field.column: field for field in table}
    if options["version"] and not options["version"].isdecimal():
        raise UsageError(f"{options['version']!r} is not a record version", hint="2 to 11")
    for name in names or []:
        if column_name(name) not in by_column:
            hint = did_you_mean(name, (field.name for field in table), "`flowsql fields` lists them")
            raise NotFound(f"no field {name!r}", hint=hint)
    wanted = {column_name(name) for name in names or []} or set(by_column)
    newest = int(options["version"] or 99)
    chosen = [field for field in table if field.column in wanted and field.version <= newest]
    schema = pa.schema(
        [("field", pa.string()), ("version", pa.int64()), ("type", pa.string())]
        + [("description", pa.string()), ("values", pa.string())]
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
    rows = pa.Table.from_pylist(listed, schema=schema)
    emit(rows, output_format(options), options["output"])


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("list")(with_options(listing, parameters(_LIST, WINDOW, FILTERS, SOURCE, QUERIES, _FORMAT)))
    app.command("show")(with_options(show, parameters(QUERIES)))
    app.command("fields")(with_options(fields, parameters(_FIELDS, _FORMAT)))
