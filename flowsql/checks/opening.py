"""From a text to what is checked: what kind of file it is, and every way its template may render."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from flowsql.checks.known import Known
from flowsql.checks.rule import Kind
from flowsql.checks.subject import Subject
from flowsql.checks.variants import Renderings, renderings
from flowsql.errors import QueryError
from flowsql.frontmatter import parse
from flowsql.query import Query
from flowsql.table import Table
from flowsql.template.mistakes import mistakes

_COMMENTS = re.compile(r"(\s+|--[^\n]*(\n|$)|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*", re.DOTALL)
_DDL = re.compile(
    r"(CREATE\s+(OR\s+REPLACE\s+)?(EXTERNAL\s+)?TABLE|CREATE\s+(DATABASE|SCHEMA)|ALTER\s+(TABLE|DATABASE|SCHEMA)|MSCK)\b",
    re.IGNORECASE,
)
_NOT_BLANK = re.compile(r"[^\n]")
_MADE_OF = re.compile(r"\bAS\s*\(?\s*(SELECT|WITH)\b", re.IGNORECASE)


def kind_of_text(source: str) -> Kind:
    """A saved query, DDL, or other SQL."""
    if source.startswith("/* ---"):
        return "query"
    start = _COMMENTS.match(source)
    text = source[start.end() if start else 0 :]
    return "ddl" if _DDL.match(text) and not _MADE_OF.search(text.partition(";")[0]) else "sql"


def _not_ddl(source: str) -> Iterator[str]:
    """The statements of a DDL file that are none, each with blanks before it, so that its places hold."""
    from flowsql.checks.hive.words import statements

    for tokens in statements(source):
        start, end = tokens[0].start, tokens[-1].start
        if kind_of_text(source[start:end]) != "ddl":
            yield _NOT_BLANK.sub(" ", source[:start]) + source[start:end]


def subjects_of(
    source: str,
    path: str,
    *,
    kind: Kind | None = None,
    name: str | None = None,
    file: Path | None = None,
    table: Table | None = None,
    others: tuple[Known, ...] = (),
) -> tuple[Subject, ...]:
    """A text as the subjects rules are asked about: one for each way its template may render, at least one.

    Statements in a DDL file that are no DDL are subjects of their own: what reads or writes is judged wherever it lies.

    `name` is what a saved query is called; `file` is where it lies, for what lies beside it; `others` are tables that
    are known beside `table`, which the SQL is about.
    """
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    kind = kind or kind_of_text(source)
    if kind == "ddl":
        inside = (subjects_of(text, path, kind="sql", table=table, others=others) for text in _not_ddl(source))
        return (Subject(path, source, kind, table=table), *chain.from_iterable(inside))
    misread: list[QueryError] = []
    try:
        query = parse(source, name or path, file, misread) if kind == "query" else adhoc(source, path)
    except QueryError as failure:
        return (Subject(path, source, kind, table=table, misread=(*misread, failure)),)
    failures: dict[str, QueryError] = {str(failure): failure for failure in mistakes(query)}
    made = Renderings(query, failures=failures) if failures else renderings(query, table)
    told = (*misread, *made.failures.values())
    return tuple(
        Subject(path, source, kind, query, rendered, table, others, misread=told, unreached=made.unreached)
        for rendered in (made.rendered.values() if made.rendered else (None,))
    )


def adhoc(source: str, path: str) -> Query:
    """SQL without a header as a query without parameters."""
    return Query(path, "", "", (), (), (), source if source.endswith("\n") else f"{source}\n")
