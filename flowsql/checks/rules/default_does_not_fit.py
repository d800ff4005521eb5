"""The default of a parameter is not a value of its type.

Why: Whoever runs the query without giving the parameter gets an error instead of an answer.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 65536, help: Destination port.}
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

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.frontmatter import Misread

RULE = Rule("FQ104", "default-does-not-fit", "error", needs="text", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Defaults."""
    for failure in subject.misread:
        if isinstance(failure, Misread) and failure.kind == "default":
            yield subject.fault_of(failure)
