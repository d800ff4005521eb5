"""The header of a saved query cannot be read, or lacks something.

Why: The header is how people find a query, what they may set and what they can rely on: title, description, params,
columns, tags, as YAML between `/* ---` and `--- */`.

Wrong:

    /* ---
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

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.template.mistakes import TemplateMistake

RULE = Rule("FQ101", "bad-header", "error", needs="text", kinds=("query",), of_file=True)


_NARROWER = ("key", "type", "default")


def check(subject: Subject) -> Iterator[Fault]:
    """Whatever no narrower rule tells."""
    for failure in subject.misread:
        if not isinstance(failure, TemplateMistake) and getattr(failure, "kind", "") not in _NARROWER:
            yield subject.fault_of(failure)
