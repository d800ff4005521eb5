"""`table detect|ddl|create|verify|list|describe`: tables over flow logs, for Athena."""

import shlex
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql.cli import diagnostics, streams
from flowsql.cli.asking import emit, interruption_of, output_format
from flowsql.cli.commands import SETTINGS, Command, Group
from flowsql.cli.options import CONTEXT, FORMAT, Option, parameters, with_options
from flowsql.cli.remote import statements
from flowsql.errors import FlowsqlError, NotFound, OverBudget, UsageError
from flowsql.library import Library
from flowsql.sources import AthenaSource
from flowsql.units import parse_bytes

if TYPE_CHECKING:
    from flowsql.engines.athena_statements import Statements
    from flowsql.table import Table
    from flowsql.tables.design import Design
    from flowsql.tables.finding import Findings
    from flowsql.tables.verify import Check

_PAGE, _MARGIN = 100, 11
"""Cells of a line at most, and of the labels before it."""

_AWS = (
    Option("profile", "AWS", "AWS profile. (env: FLOWSQL_PROFILE)", "PROFILE"),
    Option("aws_region", "AWS", "AWS region to ask. (default: that of the AWS configuration)", "REGION"),
)
_ATHENA = (
    Option("workgroup", "AWS", "Athena workgroup. (default: primary)", "NAME"),
    Option("results", "AWS", "s3://bucket/prefix/ for results. (default: the workgroup's)", "WHERE"),
)
_DESIGN = (
    Option("table", "Table", "Its name. (default: flowsql.vpc_flow_logs or flowsql.tgw_flow_logs)", "DATABASE.TABLE"),
    Option("flow_log", "Table", "Where several tables are needed: the one over this flow log.", "ID"),
    Option("since", "Table", "First day. (default: that of the first object)", "DAY"),
    Option("inject", "Table", "Ask for account or region in every question.", "account|region", several=True),
    Option("registered", "Table", "Partitions in the catalogue instead of projection.", flag=True),
)
_CREATE = (
    Option("create_database", "Table", "Make the database too, if it does not exist.", flag=True),
    Option("yes", "Table", "Do not ask.", flag=True, short="-y"),
)
_PROOF = (Option("max_bytes", "Limits", "Ask nothing that reads more. (default: 1 GB)", "SIZE"),)
_DATABASE = (Option("database", "Table", "Only this database.", "NAME"),)
Where = Annotated[
    str | None, typer.Argument(metavar="[WHERE]", help="s3://bucket/prefix. Without it, the account's flow logs.")
]
Name = Annotated[str, typer.Argument(metavar="DATABASE.TABLE", help="As `flowsql table list` shows it.")]


def detect(where: Where = None, **options: Any) -> None:
    """Say what flow logs there are, and what a table over them would lack.

    Looks at the objects below a prefix of S3 or, without one, asks DescribeFlowLogs.
    """
    from flowsql.tables.finding import told

    found = _find(where, options)
    if options.get("format") or options.get("output"):
        _emit([_row(design) for design in found.designs], options)
    else:
        for number, design in enumerate(found.designs):
            print("" if number == 0 else "\n", end="")
            for label, text in (*told(design), *_answers(design)):
                print(_wrapped(label, text))
    for log in found.flow_logs:
        if log.delivery is None:
            diagnostics.note(f"{log.id} of {log.resource} delivers to {log.destination}, where no table reads it")
        if log.problem:
            diagnostics.note(f"{log.id} of {log.resource}: {log.problem}")
        if log.traffic in ("ACCEPT", "REJECT"):
            diagnostics.note(f"{log.id} captures only {log.traffic}: what it does not show may still have happened")
    place = f" {shlex.quote(where)}" if where else ""
    for design in found.designs:
        if not (design.conflicts or design.lacking):
            chosen = f" --flow-log {design.sample.flow_log}" if len(found.designs) > 1 else ""
            chosen += f" --since {design.after:%Y-%m-%d}" if design.changes and design.after else ""
            _next(f"flowsql table create{place}{chosen} --create-database")
            break


def ddl(where: Where = None, **options: Any) -> None:
    """Print the statements that make a table in Athena.

    CREATE EXTERNAL TABLE with partition projection or, with --registered, with partitions in the catalogue.
    """
    design, table = _designed(_find(where, options), options)
    print(";\n\n".join(_statements(table, design)) + ";")
    _next(f"flowsql table create{f' {shlex.quote(where)}' if where else ''} --table {'.'.join(table.name or ())}")


def create(where: Where = None, **options: Any) -> None:
    """Make a table in Athena.

    Shows the statements and asks. A table of that name that is defined otherwise is never hidden: its differences
    are told.
    """
    from flowsql.aws.glue import Catalogue
    from flowsql.tables.ddl import create_database
    from flowsql.tables.definition import glue_table
    from flowsql.tables.difference import differences

    design, table = _designed(_find(where, options), options)
    database, name = table.name or ("", "")
    title = f"{database}.{name}"
    catalogue = Catalogue(options["profile"], options["aws_region"])
    statements = _statements(table, design)
    try:
        unlike = differences(glue_table(catalogue.table(database, name)), table)
    except NotFound as failure:
        if database not in catalogue.databases():
            if not options["create_database"]:
                raise NotFound(failure.message, hint="--create-database makes it") from failure
            statements.insert(0, create_database(database))
    else:
        if unlike:
            listed = "\n".join(map(str, unlike))
            raise UsageError(
                f"there is a table {title} already, and it is defined otherwise",
                hint=f"choose another name with --table, or drop it first (its objects stay)\n{listed}",
            )
        diagnostics.say(f"{title} exists, defined as it should be.")
        _next(f"flowsql table verify {title}{_again(options)}")
        return
    diagnostics.say(";\n\n".join(statements) + ";\n")
    _confirm(f"Make {title} in Athena?", options)
    with _athena((database, name), options) as athena:
        for statement in statements:
            athena.execute(statement)
    diagnostics.say(f"{title} is made.")
    _next(f"flowsql table verify {title}{_again(options)}")


def verify(name: Name, **options: Any) -> None:
    """Prove a table: its definition against the objects, then a question about its newest folder.

    What is wrong is told with its right value; exit code 1 then.
    """
    from flowsql.aws.glue import Catalogue
    from flowsql.aws.results import Results
    from flowsql.aws.s3 import S3Store
    from flowsql.aws.survey import survey
    from flowsql.tables.catalogue import listed_partitions
    from flowsql.tables.proving import MOST, prove

    most = parse_bytes(options["max_bytes"]) if options["max_bytes"] else MOST
    place = (options["profile"], options["aws_region"])
    table, stored = _open(name, options)
    found = survey(S3Store(table.location, profile=place[0], region=place[1]))
    listed = None if table.is_projected else listed_partitions(Catalogue(*place), table, ())
    checks: list[Check] = []
    refused = None
    with _athena(_name(name), options) as athena:
        try:
            for check in prove(table, stored, found, listed, athena.execute, Results(*place).weigh, most):
                checks.append(check)
        except OverBudget as failure:
            refused = failure
    if options.get("format") or options.get("output"):
        _emit([asdict(check) for check in checks], options)
    else:
        for check in checks:
            print(_judged(check))
    streams.flush()
    wrong = [check for check in checks if not check.ok]
    if wrong:
        # Where the definition is right as far as it can be judged, only a person can tell what the rows lack.
        mended = next((check for check in wrong if check.right), None)
        hint = "`flowsql table detect` says what lies there"
        hint = f"{mended.property} should be {mended.right}" if mended else hint
        raise FlowsqlError(f"{table.title} is not right: {wrong[0].told}", hint=hint)
    if refused is not None:
        raise refused
    diagnostics.say(f"{table.title} is right ({athena.scanned:,} bytes scanned).")
    database, _, short = table.title.partition(".")
    _next(f"flowsql source add prod --engine athena --database {database} --table {short}{_as_source(options)}")


def listing(**options: Any) -> None:
    """List the tables of the Glue Data Catalog that hold flow logs."""
    from flowsql.aws.glue import Catalogue
    from flowsql.tables.catalogue import described
    from flowsql.tables.definition import glue_table, holds_flow_logs

    catalogue = Catalogue(options["profile"], options["aws_region"])
    found = [table for table in map(glue_table, catalogue.tables(options["database"])) if holds_flow_logs(table)]
    tables = [described(catalogue, table) for table in found if not (table.is_view or table.kind)]
    for table in (table for table in found if table.kind):
        diagnostics.note(f"{'.'.join(table.name)} is not listed: its format is {table.kind}, which is not asked")
    rows = [
        {
            "table": table.title,
            "records": table.kind,
            "format": table.file_format,
            "fields": len(table.columns),
            "partitions": ", ".join(partition.name for partition in table.partitions),
            "location": table.location,
        }
        for table in tables
    ]
    if not rows:
        raise NotFound("no table of the Glue Data Catalog holds flow logs", hint="`flowsql table create` makes one")
    _emit(rows, options)
    _next(f"flowsql table describe {tables[0].title}")


def describe(name: Name, **options: Any) -> None:
    """Show how flowsql reads a table: its columns, and what its partitions stand for."""
    table, _ = _open(name, options)
    rows = [
        {"column": column, "stored": table.renamed.get(column, column), "type": table.types[column], "means": "field"}
        for column in table.columns
    ]
    for partition in table.partitions:
        told = partition.format or ",".join(partition.values)
        parts = (f"{partition.role}, {partition.type}", told, ",".join(partition.range or ()))
        means = " ".join(filter(None, parts))
        rows.append(
            {
                "column": partition.name,
                "stored": partition.name,
                "type": partition.sql_type,
                "means": f"partition: {means}",
            }
        )
    _emit(rows, options)
    diagnostics.say(f"{table.title}: {table.kind} flow logs as {table.file_format} at {table.template}")
    _next(f"flowsql table verify {table.title}")


def _find(where: str | None, options: Mapping[str, Any]) -> "Findings":
    from flowsql.tables.finding import find

    found = find(where, profile=options["profile"], region=options["aws_region"])
    if not found.designs:
        kinds = sorted({log.destination for log in found.flow_logs})
        raise UsageError("no flow log of this account delivers to S3", hint=f"they deliver to {', '.join(kinds)}")
    for text in found.unseen:
        diagnostics.note(f"flow logs that ended are not known of {text}")
    return found


def _designed(found: "Findings", options: Mapping[str, Any]) -> "tuple[Design, Table]":
    """The table that the options describe."""
    from flowsql.tables.design import make_table
    from flowsql.window import parse_moment

    design = found.chosen(options["flow_log"])
    name = options["table"] or f"flowsql.{design.sample.kind}_flow_logs"
    injected = [word.strip() for text in options["inject"] or () for word in text.split(",")]
    for word in injected:
        if word not in ("account", "region"):
            raise UsageError(f"--inject {word} is not possible", hint="account or region")
    since = options["since"]
    moment = parse_moment(since, now=datetime.now(UTC)) if since else None
    made = make_table(design, _name(name), registered=options["registered"], injected=injected, since=moment)
    return design, made


def _statements(table: "Table", design: "Design") -> list[str]:
    """What makes the table, and registers its partitions where they are not projected."""
    from flowsql.tables.ddl import add_partitions, create_table, repair_table
    from flowsql.tables.finding import partition_folders

    made = [create_table(table)]
    if any(partition.type == "registered" for partition in table.partitions):
        if design.sample.style == "hive":
            return [*made, repair_table(table)]
        made.extend(add_partitions(table, partition_folders(table, design, datetime.now(UTC))))
    return made


def _open(name: str, options: Mapping[str, Any]) -> "tuple[Table, Any]":
    from flowsql.aws.glue import Catalogue
    from flowsql.tables.catalogue import described
    from flowsql.tables.definition import glue_table

    catalogue = Catalogue(options["profile"], options["aws_region"])
    stored = glue_table(catalogue.table(*_name(name)))
    return described(catalogue, stored), stored


def _name(text: str) -> tuple[str, str]:
    """`database.table`, which Athena keeps in lower case; raises UsageError."""
    database, dot, table = text.lower().partition(".")
    if not (database and dot and table) or "." in table:
        raise UsageError(f"{text!r} names no table", hint="DATABASE.TABLE, such as network.flow_logs")
    return database, table


def _athena(name: tuple[str, str], options: Mapping[str, Any]) -> "AbstractContextManager[Statements]":
    """Athena for statements about a table of this name."""
    workgroup, output = options["workgroup"] or "primary", options["results"]
    region, profile = options["aws_region"], options["profile"]
    source = AthenaSource("", *name, workgroup, output, region=region, profile=profile)
    return statements(source, interruption_of(options))


def _confirm(question: str, options: Mapping[str, Any]) -> None:
    """Ask on a terminal; raises UsageError where there is none and --yes is not given."""
    if options["yes"]:
        return
    if not (streams.is_terminal(sys.stderr) and sys.stdin is not None and sys.stdin.isatty()):
        raise UsageError("nobody is there to ask", hint="--yes makes the table without asking")
    diagnostics.say(f"{question} [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was made", hint="answer y, or give --yes")


def _answers(design: "Design") -> Iterator[tuple[str, str]]:
    """How many saved questions the fields suffice for, and which fields would help most."""
    from flowsql.questions import kind_of, needed_fields

    questions = [query for query in Library.of() if kind_of(query) == design.sample.kind]
    needs = [needed_fields(query) - set(design.columns) for query in questions]
    lacking = sorted({name for fields in needs for name in fields})
    more = f"; the others need {', '.join(name.replace('_', '-') for name in lacking)}" if lacking else ""
    yield "answers", f"{sum(not fields for fields in needs)} of {len(questions)} saved questions{more}"


def _wrapped(label: str, text: str) -> str:
    """A label and its text beside it, folded between words."""
    width = min(streams.width(sys.stdout, _PAGE), _PAGE)
    indent = " " * _MARGIN
    return textwrap.fill(
        text,
        width,
        initial_indent=f"{label:<{_MARGIN}}",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _row(design: "Design") -> dict[str, Any]:
    from flowsql.tables.finding import told

    row = dict(told(design))
    return {
        "records": row["records"],
        "location": design.template,
        "accounts": list(design.accounts),
        "regions": list(design.regions),
        "flow_logs": row["flow logs"].split(", "),
        "first": f"{design.first:%Y-%m-%d}",
        "columns": list(design.columns),
        "conflicts": list(design.conflicts),
    }


def _judged(check: "Check") -> str:
    text = f"{'ok' if check.ok else 'WRONG':<6} {check.name}: {check.told}"
    return f"{text}\n       {check.property} should be {check.right}" if check.right and not check.ok else text


def _emit(rows: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> None:
    import pyarrow as pa

    emit(pa.Table.from_pylist([dict(row) for row in rows]), output_format(options), options["output"])


def _again(options: Mapping[str, Any]) -> str:
    """The options that the next command needs too."""
    names = ("profile", "aws_region", "workgroup", "results")
    return "".join(f" --{name.replace('_', '-')} {shlex.quote(options[name])}" for name in names if options[name])


def _as_source(options: Mapping[str, Any]) -> str:
    """The same, as the options of a source are called."""
    names = {"profile": "profile", "aws_region": "region", "workgroup": "workgroup", "results": "output"}
    return "".join(f" --{key} {shlex.quote(options[name])}" for name, key in names.items() if options[name])


def _next(command: str) -> None:
    diagnostics.strong(f"Next: {command}")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=Group, rich_markup_mode=None, context_settings=SETTINGS)
    for name, function, options in (
        ("detect", detect, parameters(_AWS, FORMAT)),
        ("ddl", ddl, parameters(_DESIGN, _AWS)),
        ("create", create, (CONTEXT, *parameters(_DESIGN, _CREATE, _AWS, _ATHENA))),
        ("verify", verify, (CONTEXT, *parameters(_PROOF, _AWS, _ATHENA, FORMAT))),
        ("list", listing, parameters(_DATABASE, _AWS, FORMAT)),
        ("describe", describe, parameters(_AWS, FORMAT)),
    ):
        group.command(name, cls=Command, context_settings=SETTINGS)(with_options(function, options))
    app.add_typer(group, name="table", help="Make and check tables over flow logs for Athena.")
