"""The template uses a name that is neither a parameter nor a macro.

Why: Only declared parameters are checked and quoted; a name nobody declares cannot be given a value.

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
    WHERE dstport = {{ prot }}
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
from flowsql.template.mistakes import Undeclared

RULE = Rule("FQ110", "undeclared-parameter", "error", needs="text", of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Names in tags."""
    for failure in subject.misread:
        if isinstance(failure, Undeclared):
            yield subject.fault_of(failure)
