"""A tag takes the blanks and line ends around it away.

Why: Errors point at the line of the file because rendering keeps every line where it is; a tag such as {%- moves all
that follow.

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
    {%- if port %}
    WHERE dstport = {{ port }}
    {% endif %}
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
    {% if port %}
    WHERE dstport = {{ port }}
    {% endif %}
    GROUP BY srcaddr
    ORDER BY asked DESC, srcaddr ASC
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.template.mistakes import TrimmingTag

RULE = Rule("FQ111", "trimming-tag", "error", needs="text", of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Tags with a hyphen or a plus."""
    for failure in subject.misread:
        if isinstance(failure, TrimmingTag):
            yield subject.fault_of(failure)
