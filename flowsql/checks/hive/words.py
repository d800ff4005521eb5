"""The words and signs of Hive's DDL, and which of them are reserved."""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)
    |(?P<string>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")+)
    |(?P<backquoted>`(?:[^`]|``)*`)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_]))
    |(?P<word>[A-Za-z0-9][A-Za-z0-9_]*)
    |(?P<sign><>|!=|<=|>=|[-+*/%=<>().,;:?\[\]{}_$&|^~!@\#\\])
    |(?P<stray>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_TEXT = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([01][0-7][0-7])|(.))", re.DOTALL)
_SPELLED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
"""What Hive reads a letter behind a backslash as, where it is not the letter itself."""
END = "end of the statement"


class Token(NamedTuple):
    """One word or sign: `key` is the upper-case word, or the sign; empty for quoted names and literals."""

    kind: str
    text: str
    key: str
    start: int

    @property
    def value(self) -> str:
        """A name without its backticks, a text without its quotes and backslashes."""
        if self.kind == "backquoted":
            return self.text[1:-1].replace("``", "`")
        if self.kind != "string":
            return self.text
        # Texts that touch are one to Hive: 'it''s' is its, not it's.
        return "".join(_ESCAPED.sub(_unescaped, piece[0][1:-1]) for piece in _TEXT.finditer(self.text))


def statements(text: str) -> list[list[Token]]:
    """The tokens of each statement, split at semicolons, each list closed by a token of kind `end`."""
    made: list[list[Token]] = [[]]
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "space":
            continue
        if found[0] == ";":
            made.append([])
        else:
            key = found[0].upper() if kind in ("word", "sign") else ""
            made[-1].append(Token(kind, found[0], key, found.start()))
    return [[*tokens, Token("end", END, END, _after(tokens[-1]))] for tokens in made if tokens]


def _unescaped(found: re.Match[str]) -> str:
    """The character that a backslash and what follows it stand for: a code point, an octal byte, a letter."""
    point, octal, letter = found.groups()
    if letter is None:
        return chr(int(point, 16) if point else int(octal, 8))
    return _SPELLED.get(letter, letter)


def _after(token: Token) -> int:
    return token.start + len(token.text)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


RESERVED = _words("""
    ALL ALTER AND ARRAY AS AUTHORIZATION BETWEEN BIGINT BINARY BOOLEAN BOTH BY CASE CAST CHAR COLUMN COMMIT CONF
    CONSTRAINT CREATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURSOR DATABASE DATE DECIMAL DELETE DESCRIBE
    DISTINCT DOUBLE DROP ELSE END EXCEPT EXCHANGE EXISTS EXTENDED EXTERNAL EXTRACT FALSE FETCH FLOAT FLOOR FOLLOWING
    FOR FOREIGN FROM FULL FUNCTION GRANT GROUP GROUPING HAVING IF IMPORT IN INNER INSERT INT INTEGER INTERSECT
    INTERVAL INTO IS JOIN LATERAL LEFT LESS LIKE LOCAL MACRO MAP MINUS MORE NONE NOT NULL OF ON ONLY OR ORDER OUT
    OUTER OVER PARTIALSCAN PARTITION PERCENT PRECEDING PRECISION PRESERVE PRIMARY PROCEDURE RANGE READS REDUCE
    REFERENCES REGEXP REVOKE RIGHT RLIKE ROLLBACK ROLLUP ROW ROWS SELECT SET SMALLINT START TABLE TABLESAMPLE THEN
    TIMESTAMP TO TRANSFORM TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUEJOIN UPDATE USER USING VALUES VARCHAR WHEN
    WHERE WINDOW WITH
    """)
"""Words that name nothing in DDL unless they stand in backticks."""

TYPES = _words("TINYINT SMALLINT INT INTEGER BIGINT FLOAT DOUBLE BOOLEAN DATE DATETIME TIMESTAMP STRING BINARY DECIMAL")
MEANT = {
    "TEXT": "string",
    "VARCHAR": "string, or varchar(n)",
    "CHAR": "string, or char(n)",
    "REAL": "float",
    "NUMERIC": "decimal",
    "NUMBER": "decimal",
    "LONG": "bigint",
    "IPADDRESS": "string: a query casts it, TRY_CAST(srcaddr AS ipaddress)",
    "ROW": "struct<name:type>",
    "JSON": "string",
}
"""Types that are none in DDL, and what to write."""
