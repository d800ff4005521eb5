"""A parameter is declared and never used.

Why: Whoever gives it believes that it narrows the answer, and it does nothing.

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

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.errors import QueryError
from flowsql.template import names_in

RULE = Rule("FQ113", "unused-parameter", "error", needs="text", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Parameters whose name no tag has."""
    if subject.query is None:
        return
    try:
        used = names_in(subject.query)
    except QueryError:
        return
    for param in subject.query.params:
        if param.name not in used:
            place = subject.header_line("params", param.name)
            yield Fault(f"parameter {param.name!r} is never used", *place, f"use {{{{ {param.name} }}}} or take it out")
