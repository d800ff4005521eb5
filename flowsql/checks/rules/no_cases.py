"""A saved query has no cases.

Why: A few records that must be found, a few that must not, and the expected rows are what shows that a query answers
its question; `flowsql test` runs them.

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

from flowsql.cases import cases_path
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ117", "no-cases", "warning", needs="query", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """A file without its `.cases.yaml`."""
    path = subject.query.path if subject.query else None
    if path is not None and not cases_path(path).is_file():
        yield Fault("the query has no cases", 1, 1, f"write some to {cases_path(path)}: `flowsql new` shows how")
