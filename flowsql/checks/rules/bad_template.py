"""The template cannot be rendered.

Why: A template holds parameters, macros and conditions; it does not calculate, and an optional parameter is printed
only where a condition says it was given.

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
    WHERE dstport = {{ port + 1 }}
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
    WHERE dstport = {{ port }} + 1
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.frontmatter import Misread
from flowsql.template.mistakes import TrimmingTag, Undeclared

RULE = Rule("FQ112", "bad-template", "error", needs="text", of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Whatever of the template no narrower rule tells."""
    for failure in subject.misread:
        if not isinstance(failure, (Misread, Undeclared, TrimmingTag)) and subject.query is not None:
            yield subject.fault_of(failure)
