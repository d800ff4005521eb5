"""A parameter or a column has a type that does not exist.

Why: The type says what a person may give, how the value is written as SQL and what dtype a column of the answer has.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, default: 443, help: Destination port.}
    columns:
      srcaddr: string
      asked: integer
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

RULE = Rule("FQ103", "bad-type", "error", needs="text", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Types of parameters and columns."""
    for failure in subject.misread:
        if isinstance(failure, Misread) and failure.kind == "type":
            yield subject.fault_of(failure)
