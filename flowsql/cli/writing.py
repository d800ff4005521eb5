"""`new`: the first lines of a saved query and its cases, which pass before they are changed."""

import json
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from flowsql.cli import diagnostics
from flowsql.cli.commands import SETTINGS, Command
from flowsql.cli.options import QUERIES, Option, parameters, with_options
from flowsql.cli.places import library_of, settings_of
from flowsql.errors import UsageError
from flowsql.library import short_path
from flowsql.naming import did_you_mean
from flowsql.params import TYPES, Param, bind

_OPTIONS = (
    Option("title", "Query", "What it is called. (asked for on a terminal)", "TEXT"),
    Option("param", "Query", "A parameter, NAME:TYPE or NAME:TYPE=DEFAULT.", "PARAM", several=True),
)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
_PARAM = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(:(?P<type>[a-z]+))?(=(?P<default>.*))?")
_PLAIN = re.compile(r"\w[\w .()-]*")


@dataclass(frozen=True, slots=True)
class _Condition:
    """How a parameter of a type narrows a first query."""

    sql: str
    column: str
    other: str
    """A value of the column that does not fit."""
    fit: str = ""
    """A value of the column that fits; the parameter's own when empty."""


_CONDITIONS = {
    "port": _Condition("dstport = {{ # }}", "dstport", "1"),
    "ports": _Condition("dstport IN {{ # }}", "dstport", "1"),
    "protocol": _Condition("protocol = {{ # }}", "protocol", "254"),
    "ip": _Condition("dstaddr = {{ # }}", "dstaddr", "192.0.2.254"),
    "cidr": _Condition("{{ in_cidr(dstaddr, #) }}", "dstaddr", "192.0.2.254"),
    "cidrs": _Condition("{{ in_any(dstaddr, #) }}", "dstaddr", "192.0.2.254"),
    "action": _Condition("action = {{ # }}", "action", "-"),
    "int": _Condition("packets >= {{ # }}", "packets", "-"),
    "interface": _Condition("interface_id = {{ # }}", "interface_id", "eni-0fffffffffffffff0"),
    "instance": _Condition("instance_id = {{ # }}", "instance_id", "i-0fffffffffffffff0"),
    "subnet": _Condition("subnet_id = {{ # }}", "subnet_id", "subnet-0fffffffffffffff0"),
    "vpc": _Condition("vpc_id = {{ # }}", "vpc_id", "vpc-0fffffffffffffff0"),
    "region": _Condition("region = {{ # }}", "region", "xx-other-9"),
    "string": _Condition("pkt_dst_aws_service = {{ # }}", "pkt_dst_aws_service", "OTHER"),
    "bool": _Condition("({{ # }} OR action = 'REJECT')", "action", "-", "REJECT"),
    "float": _Condition("bytes >= {{ # }} * packets", "bytes", "-", "1000000"),
    "account": _Condition("account_id = {{ # }}", "account_id", "999999999999"),
}


def new(
    name: Annotated[str, typer.Argument(metavar="TOPIC/NAME", help="Such as connectivity/web-clients.")],
    **options: Any,
) -> None:
    """Write a saved query and its cases to begin with.

    Both already pass `flowsql check` and `flowsql test`. They go into the folder of --queries, or ./queries.
    """
    if not _NAME.fullmatch(name):
        hint = "lower-case words joined by hyphens: connectivity/web-clients"
        raise UsageError(f"{name!r} is not a topic and a name", hint=hint)
    folders = settings_of(options).queries
    path = (Path(folders[-1]) if folders else Path("queries")) / f"{name}.sql"
    cases = path.with_suffix(".cases.yaml")
    for file in (path, cases):
        if file.exists():
            raise UsageError(f"{short_path(file)} exists already", hint="choose another name, or take it away first")
    asks = options["title"] is None and sys.stdin is not None and sys.stdin.isatty()
    title = _title(options["title"], name, asks)
    params = tuple(_param(text) for text in _given(options["param"], asks))
    _check_params(params)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(query_text(name, title, params), "utf-8")
    cases.write_text(cases_text(params), "utf-8")
    print(short_path(path))
    print(short_path(cases))
    _say_next(name, options)


def _say_next(name: str, options: dict[str, Any]) -> None:
    """The commands to go on with, by the shortest name that means the new query, and what that name hides."""
    library = library_of(settings_of(options))
    shortest = library.shortest(name)
    place = "" if options["queries"] is None else f" --queries {shlex.quote(options['queries'])}"
    diagnostics.say(
        f"Change both, with `flowsql test {shortest}{place} --watch` beside; "
        f"then `flowsql check{place}` and `flowsql run {shortest}{place}`"
    )
    hidden = library.overridden(shortest)
    if hidden is not None:
        diagnostics.note(f"{shortest} means your own now; it hides the packaged {hidden}")


def _title(given: str | None, name: str, asks: bool) -> str:
    title = name.rpartition("/")[2].replace("-", " ").capitalize()
    if asks:
        given = typer.prompt("Title", default=title, err=True)
    title = " ".join((given if given is not None else title).split())
    if not title or "*/" in title or "\0" in title:
        raise UsageError("the title is empty, or ends the header", hint="--title 'Clients of the web servers'")
    return title


def _given(given: Sequence[str] | None, asks: bool) -> list[str]:
    if given or not asks:
        return list(given or ())
    text = typer.prompt("Parameters, such as port:port=22 (none)", default="", show_default=False, err=True)
    return [word for word in str(text).split() if word]


def _param(text: str) -> Param:
    found = _PARAM.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is not a parameter", hint="NAME:TYPE or NAME:TYPE=DEFAULT, such as port:port=22")
    kind = found["type"] or found["name"]
    if kind not in TYPES:
        raise UsageError(f"there is no type {kind!r}", hint=did_you_mean(kind, TYPES, f"types: {', '.join(TYPES)}"))
    if kind not in _CONDITIONS:
        hint = f"`flowsql new` writes: {', '.join(_CONDITIONS)}; other types you add by hand"
        raise UsageError(f"no first condition for a parameter of type {kind!r}", hint=hint)
    if (
        kind == "string"
        and found["default"] is not None
        and (found["default"] == "-" or len(found["default"].split()) != 1)
    ):
        raise UsageError("the first case can show no text with blanks", hint="give a word, and change it in the file")
    param = Param(found["name"], kind, default=found["default"])
    bind(param, None if param.default is not None else TYPES[kind].example)
    return param


def _check_params(params: Sequence[Param]) -> None:
    from flowsql.frontmatter import parse

    names = [param.name for param in params]
    if "limit" in names:
        raise UsageError("a first query has a parameter limit already: the most rows to return", hint="leave it out")
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UsageError(f"two parameters have the name {name}", hint="--param NAME:TYPE, each with its own name")
    columns = [_CONDITIONS[param.type].column for param in params]
    for number, column in enumerate(columns):
        if column in columns[:number]:
            raise UsageError(f"two parameters ask about {column}", hint="give one, and add the other by hand")
    parse(query_text("new/query", "New", params), "the parameters")


def _yaml(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def query_text(name: str, title: str, params: Sequence[Param]) -> str:
    """The `.sql` file: the records of the window by source and interface, narrowed by the parameters."""
    declared = []
    for param in params:
        default = f", default: {_yaml(param.default)}" if param.default is not None else ""
        declared.append(f"  {param.name}: {{type: {param.type}{default}, help: Only records with this {param.name}.}}")
    declared.append("  limit: {type: int, default: 100, min: 0, help: Most rows to return.}")
    conditions = [_CONDITIONS[param.type].sql.replace("#", param.name) for param in params]
    if not any(param.type == "protocol" for param in params):
        conditions.insert(0, "protocol = 6")
    lines = [
        "/* ---",
        f"title: {_yaml(title)}",
        "description: >",
        "  Who sent, to which interfaces, how many records. A record is one connection in one aggregation",
        "  interval, so long connections count several times.",
        "params:",
        *declared,
        *("columns:", "  srcaddr: string", "  interface_id: string", "  records: int"),
        f"tags: [{name.partition('/')[0]}]",
        "--- */",
        *("SELECT", "    srcaddr,", "    interface_id,", "    COUNT(*) AS records", "FROM {{ flows }}", "WHERE"),
        "    " + "\n    AND ".join(conditions),
        *(
            "GROUP BY srcaddr, interface_id",
            "ORDER BY records DESC, srcaddr ASC, interface_id ASC",
            "LIMIT {{ limit }}",
        ),
    ]
    return "\n".join((*lines, ""))


def cases_text(params: Sequence[Param]) -> str:
    """The cases: two records that are found, and one for each condition that is not."""
    fits = {"srcaddr": "203.0.113.9", "interface_id": "eni-0a0a0a0a0a0a0a0a", "protocol": "6"}
    others, given = [], []
    for param in params:
        condition = _CONDITIONS[param.type]
        value = bind(param, None if param.default is not None else TYPES[param.type].example).items[0]
        fits[condition.column] = condition.fit or value.partition("/")[0]
        others.append((condition.column, condition.other))
        if param.default is None:
            given.append(f"{param.name}: {json.dumps(value)}")
    if not any(column == "protocol" for column, _ in others):
        others.append(("protocol", "17"))
    found = [fits, {**fits}]
    rows = [{**fits, column: value} for column, value in others if value != "-"]
    lines = ["- name: records are counted by source and interface"]
    lines += [f"  params: {{{', '.join(given)}}}"] if given else []
    lines += ["  found: |", *_table(found), "  other: |", *_table(rows), "  expect: |"]
    lines += _table([{"srcaddr": fits["srcaddr"], "interface_id": fits["interface_id"], "records": "2"}])
    return "\n".join((*lines, ""))


def _table(rows: Sequence[dict[str, str]]) -> list[str]:
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(len(row[number]) for row in cells) for number in range(len(cells[0]))]
    return [
        "    " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("new", cls=Command, context_settings=SETTINGS)(with_options(new, parameters(_OPTIONS, QUERIES)))
