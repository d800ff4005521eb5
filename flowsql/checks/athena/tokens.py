"""The words and signs of Athena SQL, each with its line and column."""

import re
from typing import NamedTuple

_DIGITS = r"[0-9](?:_?[0-9])*"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+|--[^\r\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)
    |(?P<unicode>[uU]&'(?:[^']|'')*')
    |(?P<binary>[xX]'[^']*')
    |(?P<string>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<backquoted>`(?:[^`]|``)*`)
    |(?P<decimal>(?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?
        |{_DIGITS}[eE](?:[+-]{_DIGITS}|{_DIGITS}(?![A-Za-z0-9_])))
    |(?P<integer>(?:0[xX][0-9a-fA-F](?:_?[0-9a-fA-F])*|0[oO][0-7](?:_?[0-7])*|0[bB][01](?:_?[01])*|{_DIGITS})
        (?![A-Za-z0-9_]))
    |(?P<numbered>[0-9][A-Za-z0-9_]+)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>->>|<=>|->|=>|<>|!=|<=|>=|\|\||::|==|&&|\*\*|<<|\{{-|-\}}|[-+*/%=<>().,;:?\[\]{{}}|&^~!@$\#])
    |(?P<stray>.)
    """,
    re.DOTALL | re.VERBOSE,
)


class Token(NamedTuple):
    """One word or sign: `key` is the upper-case word, or the sign; empty for names in quotes and literals."""

    kind: str
    text: str
    key: str
    start: int


END = "end of the statement"


def tokenize(sql: str) -> list[Token]:
    """The tokens without white space and comments, closed by one of kind `end`."""
    made = []
    for found in _TOKEN.finditer(sql):
        kind = found.lastgroup or ""
        if kind != "space":
            text = found[0]
            made.append(Token(kind, text, text.upper() if kind in ("word", "sign") else "", found.start()))
    made.append(Token("end", END, END, len(sql.rstrip())))
    return made


def position(sql: str, start: int) -> tuple[int, int]:
    """Offset → line and column, both from 1."""
    return sql.count("\n", 0, start) + 1, start - sql.rfind("\n", 0, start)
