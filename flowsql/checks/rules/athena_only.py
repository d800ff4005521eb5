"""The embedded engine cannot answer the query as Athena would.

Why: A saved query runs on Athena, on Trino and on the embedded engine, and its cases run on the last. What is not
proven to give the same answer there is refused when it runs; this rule says so before.

Wrong:

    /* ---
    title: T
    description: D
    columns:
      x: string
    --- */
    SELECT HUMAN_READABLE_SECONDS(MAX(bytes)) AS x FROM {{ flows }}

Right:

    /* ---
    title: T
    description: D
    columns:
      x: string
    --- */
    SELECT CAST(MAX(bytes) AS varchar) AS x FROM {{ flows }}
"""

import re
from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.dialects.duckdb import to_duckdb
from flowsql.errors import EngineError

RULE = Rule("FQ902", "athena-only", "warning", needs="query", kinds=("query",), of_file=True, follows=("FQ3", "FQ4"))

_LINE = re.compile(r"line (\d+): ")


def check(subject: Subject) -> Iterator[Fault]:
    """What the translator refuses, at its line; asked once a file, for it costs more than all the other rules."""
    if not subject.has("tree"):
        return
    try:
        to_duckdb(subject.tree)
    except EngineError as failure:
        line = _LINE.match(failure.message)
        message = failure.message[line.end() :] if line else failure.message
        yield subject.fault(
            f"not for the embedded engine: {message}", _start(subject.sql, int(line[1])) if line else 0, failure.hint
        )


def _start(sql: str, line: int) -> int:
    """The offset of the first word of a line."""
    lines = sql.split("\n")
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1]) - len(lines[line - 1].lstrip())
