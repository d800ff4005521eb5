"""A saved query has no cases, or cases that cannot be read.

Why: A few records that must be found, a few that must not, and the expected rows are what shows that a query answers
its question; `flowsql test` runs them. Cases that are no YAML, give what is no record or expect a column that the query
does not return show nothing.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS asked
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC

Right:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: int
    tags: [web]
    --- */
    SELECT
        srcaddr,
        COUNT(*) AS asked
    FROM {{ flows }}
    WHERE dstport = {{ port }}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC
"""

from collections.abc import Iterator

from flowsql.cases import cases_path, read_cases
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.errors import QueryError

RULE = Rule("FQ117", "no-cases", "warning", needs="query", kinds=("query",), of_file=True, follows=("FQ10",))


def check(subject: Subject) -> Iterator[Fault]:
    """A file without its `.cases.yaml`, or with one that `flowsql test` cannot run."""
    query = subject.query
    if query is None or query.path is None:
        return
    path = cases_path(query.path)
    if not path.is_file():
        yield Fault("the query has no cases", 1, 1, f"write some to {path}: `flowsql new` shows how")
        return
    try:
        read_cases(path, query)
    except QueryError as failure:
        yield Fault(f"the cases of the query cannot be read: {failure.where}: {failure.message}", 1, 1, failure.hint)
