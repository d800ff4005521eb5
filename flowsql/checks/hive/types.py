"""The small parts of Hive's DDL: names, types, texts, lists."""

from collections.abc import Callable

from flowsql.checks.athena.cursor import Departure
from flowsql.checks.hive.words import MEANT, RESERVED, TYPES, Token

_SIZED = ("VARCHAR", "CHAR")


class Refused(Exception):
    """The statement cannot be read on from here."""


class Types:
    """The tokens of one statement and the place in them."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.faults: list[Departure] = []

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def key(self) -> str:
        return self.tokens[self.at].key

    def ahead(self, count: int = 1) -> Token:
        """A token further on, or behind."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """The token here; the place moves on, but never past the end."""
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def take(self, *keys: str) -> bool:
        """Move over one of these words when it stands here."""
        if self.key in keys:
            self.at += 1
            return True
        return False

    def expect(self, *keys: str) -> None:
        """Move over these words; raises Refused at the first that is missing."""
        for key in keys:
            if not self.take(key):
                raise self.refused(key)

    def refused(self, expected: str) -> Refused:
        """The failure at this token."""
        return Refused(expected)

    def fault(self, kind: str, token: Token, detail: str = "") -> None:
        """Note what the grammar refuses, and read on."""
        self.faults.append(Departure(kind, token.start, token.text, detail))

    def text(self) -> Token:
        """A text in quotes."""
        if self.token.kind != "string":
            raise self.refused("a text in single quotes")
        return self.advance()

    def number(self) -> None:
        """A whole number."""
        if self.token.kind != "number":
            raise self.refused("a whole number")
        self.at += 1

    def identifier(self) -> Token:
        """One name; quotes, a hyphen, a reserved word are faults when a name is clearly meant."""
        token = self.token
        if token.kind == "string" and self.ahead().kind in ("word", "sign"):
            self.fault("ddl-quotes", token)
            return self.advance()
        if token.key == "_" and self.ahead().kind == "word":
            self.fault("ddl-name", token)
            self.at += 1
            return self.advance()
        if token.kind not in ("word", "backquoted"):
            raise self.refused("a name")
        if token.key in RESERVED:
            if self.ahead().kind == "end":
                raise self.refused("a name")
            self.fault("ddl-reserved-word", token)
        self.at += 1
        while self.key == "-" and self.ahead().kind == "word":
            if self.ahead(-1) is token:
                self.fault("ddl-name", token)
            self.at += 2
        return token

    def table_name(self) -> tuple[str, ...]:
        """`[database.]table`, lower case."""
        name = self.identifier().value.lower()
        return (name, self.identifier().value.lower()) if self.take(".") else (name,)

    def parenthesised(self, item: Callable[[], None]) -> None:
        """`(item, …)`; a comma with nothing behind it is a fault of its own."""
        self.expect("(")
        item()
        while self.key == ",":
            comma = self.advance()
            if self.key in (")", ","):
                self.fault("ddl-trailing-comma", comma)
                continue
            item()
        self.expect(")")

    def over_parenthesis(self) -> None:
        """Over `( … )`, whatever is inside."""
        depth = 0
        while self.token.kind != "end":
            depth += {"(": 1, ")": -1}.get(self.advance().key, 0)
            if not depth:
                return
        raise self.refused(")")

    def type(self) -> str:
        """A type, in lower case; one that Hive does not know is a fault."""
        token = self.token
        if token.kind != "word":
            raise self.refused("a type")
        self.at += 1
        name = token.key
        if name in ("ARRAY", "MAP", "STRUCT", "UNIONTYPE"):
            self._nested(name)
        elif name in _SIZED and self.key == "(":
            self._sizes(1)
        elif name == "DECIMAL" and self.key == "(":
            self._sizes(2)
        elif name not in TYPES:
            self.fault("ddl-type", token, MEANT.get(name, "string, int, bigint, double, boolean, date or timestamp"))
            if self.key == "(":
                self.over_parenthesis()
        elif name == "DOUBLE":
            self.take("PRECISION")
        return name.lower()

    def _sizes(self, most: int) -> None:
        self.expect("(")
        self.number()
        if most > 1 and self.take(","):
            self.number()
        self.expect(")")

    def _nested(self, name: str) -> None:
        self.expect("<")
        if name == "STRUCT":
            self._field()
            while self.take(","):
                self._field()
        else:
            self.type()
            if name == "MAP":
                self.expect(",")
                self.type()
            while name == "UNIONTYPE" and self.take(","):
                self.type()
        self.expect(">")

    def _field(self) -> None:
        self.identifier()
        self.expect(":")
        self.type()
        if self.take("COMMENT"):
            self.text()
