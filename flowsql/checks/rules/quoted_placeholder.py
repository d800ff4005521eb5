"""A placeholder stands inside quotes.

Why: A parameter is written as one complete SQL literal, quotes included: inside quotes of your own the text holds
stray quotes, and a value can leave it.

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
    WHERE CAST(dstport AS VARCHAR) = '{{ port }}'
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

import re
from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ114", "quoted-placeholder", "error", needs="text")


_LEXEME = re.compile(
    r"""\{\{.*?\}\}|\{%.*?%\}|\{\#.*?\#\}|--[^\n]*|/\*.*?\*/|(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")""", re.DOTALL
)


def check(subject: Subject) -> Iterator[Fault]:
    """Quotes with a tag between them."""
    for found in _LEXEME.finditer(subject.source):
        inside = (found["quoted"] or "").find("{{")
        if inside >= 0:
            offset = found.start() + inside
            line = subject.source.count("\n", 0, offset) + 1
            column = offset - subject.source.rfind("\n", 0, offset)
            yield Fault("a placeholder stands inside quotes", line, column, "write it bare: it brings its own quotes")
