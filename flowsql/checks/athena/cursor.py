"""Walking over the tokens of a statement, and remembering where it leaves the grammar."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from flowsql.checks.athena.tokens import Token, tokenize
from flowsql.checks.athena.words import CONNECTING, RESERVED

_NAMES = ("word", "quoted", "backquoted", "numbered")
_AFTER_NAME = (frozenset((*",)].=<>+-*/%;", "<>", "!=", "<=", ">=", "||", "==", "::", "&&")) | RESERVED) - {"BY"}


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where a statement leaves Athena's grammar."""

    kind: str
    """Which construct it is: the name of a rule, or `syntax` when no rule knows it."""
    start: int
    """The offset of the token."""
    text: str
    """The token as written."""
    detail: str = ""
    """What the rule says more exactly, as the words that Athena expects there."""


class Refused(Exception):
    """The statement cannot be read on from here."""


class Cursor:
    """The tokens of one statement and the place in them; subclasses add the grammar."""

    def __init__(self, sql: str) -> None:
        self.tokens = tokenize(sql)
        self.at = 0
        self.faults: list[Departure] = []
        self.furthest: tuple[int, str] = (-1, "")

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def key(self) -> str:
        return self.tokens[self.at].key

    def is_closed(self) -> bool:
        """Whether every quote and comment has its end."""
        for token, after in pairwise(self.tokens):
            if token.key == "/" and after.key in ("*", "**") and after.start == token.start + 1:
                return False
        return not any(token.kind == "stray" and token.text in "'\"`" for token in self.tokens)

    def ahead(self, count: int = 1) -> Token:
        """A later token, or the last one."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """The token here; the cursor moves on, but never past the end."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def take(self, *keys: str) -> bool:
        """Move over one of these words or signs when it stands here."""
        if self.tokens[self.at].key in keys:
            self.at += 1
            return True
        return False

    def follows(self, *keys: str) -> bool:
        """Whether exactly these words and signs stand here, one after the other."""
        return all(self.ahead(count).key == key for count, key in enumerate(keys))

    def take_all(self, *keys: str) -> bool:
        """Move over these words when all of them stand here."""
        if not self.follows(*keys):
            return False
        self.at += len(keys)
        return True

    def expect(self, *keys: str) -> None:
        """Move over these words; raises Refused at the first that is missing."""
        for key in keys:
            if self.tokens[self.at].key != key:
                raise self.refused(key)
            self.at += 1

    def refused(self, expected: str) -> Refused:
        """The failure at this token; the furthest of all is what the person is told."""
        if self.at > self.furthest[0]:
            self.furthest = (self.at, expected)
        return Refused(expected)

    def fault(self, kind: str, token: Token | None = None, detail: str = "") -> None:
        """Note a construct Athena refuses, and read on."""
        token = token or self.token
        self.faults.append(Departure(kind, token.start, token.text, detail))

    def listed(self, item: Callable[[], None]) -> None:
        """`item (, item)*`; a comma with nothing behind it is a fault of its own."""
        item()
        while self.key == ",":
            comma = self.advance()
            following = self.token
            if following.key in (")", "]") or following.kind == "end" or self._closes_list(following):
                self.fault("trailing-comma", comma)
                return
            item()

    def _closes_list(self, token: Token) -> bool:
        if token.key in ("ORDER", "GROUP"):
            return self.ahead().key == "BY"
        return token.key in CONNECTING and token.key not in ("AS", "WITH") and not self.is_name_here()

    def is_name_here(self) -> bool:
        """Whether the reserved word here is meant as a name, by what follows it."""
        following = self.ahead()
        return following.kind == "end" or following.key in _AFTER_NAME

    def identifier(self, expected: str = "a name") -> None:
        """One name; a reserved word, backticks or a leading digit is a fault when a name is clearly meant."""
        token = self.token
        if token.kind not in _NAMES or (token.key in CONNECTING):
            raise self.refused(expected)
        if token.kind == "backquoted":
            self.fault("backticks")
        elif token.kind == "numbered":
            self.fault("leading-digit")
        elif token.key in RESERVED:
            if not self.is_name_here():
                raise self.refused(expected)
            self.fault("reserved-word")
        self.at += 1

    def is_identifier(self, count: int = 0) -> bool:
        """Whether a token can be a name as it stands."""
        token = self.ahead(count)
        return token.kind in _NAMES and token.key not in RESERVED

    def qualified(self) -> None:
        """`name(.name)*`"""
        self.identifier()
        while self.key == "." and self.ahead().key != "*":
            self.at += 1
            self.identifier()

    def parenthesised(self, item: Callable[[], None]) -> None:
        """`( item )`"""
        self.expect("(")
        item()
        self.expect(")")
