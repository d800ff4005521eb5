"""The header has a key that means nothing.

Why: A key that is misspelt is a setting that is not made, and nobody notices.

Wrong:

    /* ---
    title: Web clients
    description: Who asked the web servers.
    params:
      port: {type: port, defualt: 443, help: Destination port.}
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

RULE = Rule("FQ102", "unknown-key", "error", needs="text", kinds=("query",), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Keys of the header and of its parameters."""
    for failure in subject.misread:
        if isinstance(failure, Misread) and failure.kind == "key":
            yield subject.fault_of(failure)
