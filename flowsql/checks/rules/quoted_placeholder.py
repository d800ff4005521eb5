"""A placeholder stands inside quotes or a comment.

Why: A parameter is written as one complete SQL literal, quotes included: inside quotes of your own the text holds
stray quotes, and a value can leave it. So it can leave a comment, and what follows is read as SQL.

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

RULE = Rule("FQ114", "quoted-placeholder", "error", needs="text", protects=True)


_LEXEME = re.compile(
    r"""\{\{.*?\}\}|\{%.*?%\}|\{\#.*?\#\}|/\*[ ]---.*?---[ ]\*/|(?P<comment>--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")""",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ASSIGNED = re.compile(r"\{%\s*(?:set|for)\s+(\w+)")
_QUOTED = "a placeholder stands inside quotes", "write it bare: it brings its own quotes"
_COMMENTED = "a placeholder stands inside a comment, which its value could end", "{# … #} is a comment of the template"


def check(subject: Subject) -> Iterator[Fault]:
    """Quotes with a tag between them, and comments with the value of a parameter in them."""
    values = {param.name for param in subject.query.params} if subject.query else set()
    values.update(_ASSIGNED.findall(subject.source))
    for found in _LEXEME.finditer(subject.source):
        tags = list(_PLACEHOLDER.finditer(found["quoted"] or found["comment"] or ""))
        if found["comment"]:
            tags = [tag for tag in tags if values.intersection(re.findall(r"\w+", tag[0]))]
        for tag in tags[:1]:
            offset = found.start() + tag.start()
            line = subject.source.count("\n", 0, offset) + 1
            column = offset - subject.source.rfind("\n", 0, offset)
            message, hint = _COMMENTED if found["comment"] else _QUOTED
            yield Fault(message, line, column, hint)
