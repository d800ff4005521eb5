"""sqlglot: a text of SQL as its statements, each with tokens, a tree, or why it is none; offsets hold."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

_LEXEME = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|(?P<open>['"`]|/\*)|(?P<end>;)"""
)
_UNREAD = re.compile(
    rf"""\b[xX]'[0-9a-fA-F \t]*'|(?<![\w.])\d+(?:_\d+)+(?:\.\d+(?:_\d+)*)?(?![\w.])|(?P<as_is>{_LEXEME.pattern})""",
    re.DOTALL,
)
"""Literals as Athena takes them and sqlglot does not: bytes with blanks, numbers with underscores."""
_TOKEN = re.compile(r"<Token token_type: \S+, text: (?P<text>.*?), line: .*?>", re.DOTALL)
_LACKING = re.compile(r"Required keyword: '\w+' missing for <class '[\w.]*\.(\w+)'>")
_STUMBLES = (AttributeError, TypeError, ValueError, LookupError)
"""What sqlglot's parsers raise of a few malformed texts instead of ParseError."""
_DEEP = 50
"""Parentheses inside each other that nobody writes; with fewer, something else nests."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a statement has no tree."""

    message: str
    offset: int | None
    """The character it is about; None when none is known."""


@dataclass(frozen=True)
class Part:
    """One statement of a text."""

    text: str
    """The statement alone."""
    start: int
    """The character of the whole text it begins at."""
    line: int
    """The lines before it."""

    @property
    def sql(self) -> str:
        """The statement behind as many blanks as there are characters before it, so that offsets hold."""
        return " " * self.start + self.text

    @cached_property
    def tokens(self) -> "tuple[Token, ...]":
        """sqlglot's tokens of Athena SQL, at their places in the whole text; none when it cannot be read as tokens."""
        from sqlglot.errors import TokenError

        try:
            tokens = tokens_of(self.text)
        except TokenError:
            return ()
        for token in tokens:
            token.start += self.start
            token.end += self.start
            token.line += self.line
        return tuple(tokens)

    @property
    def declares_functions(self) -> bool:
        """Whether it begins with functions of its own: `WITH FUNCTION f(…) …`, which sqlglot takes for a CTE."""
        words = [token.text.upper() for token in self.tokens[:4]]
        return words[:2] == ["WITH", "FUNCTION"] and words[2:3] != ["AS"] and words[3:] == ["("]

    @cached_property
    def tree(self) -> "exp.Expression | None":
        """The syntax tree; None when sqlglot cannot read the statement."""
        parsed = self._parsed
        return None if isinstance(parsed, Failure) else parsed

    @cached_property
    def failure(self) -> Failure | None:
        """Why there is no tree."""
        parsed = self._parsed
        return parsed if isinstance(parsed, Failure) else None

    @cached_property
    def _parsed(self) -> "exp.Expression | Failure":
        from sqlglot import exp
        from sqlglot.dialects.dialect import Dialect
        from sqlglot.errors import ParseError

        logger = logging.getLogger("sqlglot")
        if not logger.handlers:  # what it warns of on stderr, rules say with a place
            logger.addHandler(logging.NullHandler())
        if self.declares_functions:
            return Failure("it declares functions", self.tokens[1].start)
        if not self.tokens:
            end = open_end(self.text)
            return Failure("a quote or comment is not closed", None if end is None else self.start + end)
        try:
            trees = Dialect.get_or_raise("athena").parser().parse(list(self.tokens), self.sql)
        except ParseError as failure:
            return self._refused(failure.errors[0] if failure.errors else {"description": str(failure)})
        except RecursionError:
            return _too_deep(self.tokens)
        except _STUMBLES:
            return Failure("it cannot be read", None)
        tree = next((tree for tree in trees if tree is not None), None)
        return tree if isinstance(tree, exp.Expression) else Failure("there is no statement", None)

    def _refused(self, error: dict[str, object]) -> Failure:
        what = _TOKEN.sub(lambda token: repr(token["text"]), str(error.get("description")))
        what = _LACKING.sub(lambda node: f"{node[1].upper()} is not complete", what)
        what = what.replace("Invalid expression / Unexpected token", "it cannot be read on from here")
        line, column = error.get("line"), error.get("col")
        offset = None
        if isinstance(line, int) and isinstance(column, int):
            end = self.start + _offset(self.text, line - self.line, column)
            offset = next((token.start for token in self.tokens if token.start < end <= token.end + 1), end)
        return Failure(what.replace(repr("SENTINEL"), "its end"), offset)


def _too_deep(tokens: "tuple[Token, ...]") -> Failure:
    """What is said of a statement whose tree is deeper than Python goes."""
    depth = deepest = 0
    place: int | None = None
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth > deepest:
            deepest, place = depth, token.start
    if deepest < _DEEP:
        return Failure("nested too deeply", None)
    return Failure(f"nested too deeply, {deepest:,} parentheses inside each other", place)


def tree_of(sql: str, dialect: str) -> "exp.Expression | None":
    """The tree of one statement as another dialect reads it; None when it cannot."""
    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    reader = Dialect.get_or_raise(dialect)
    try:
        trees = reader.parser().parse(reader.tokenize(sql), sql)
    except (ParseError, TokenError, RecursionError, *_STUMBLES):
        return None
    tree = next((tree for tree in trees if tree is not None), None)
    return tree if isinstance(tree, exp.Query) and isinstance(tree, exp.Expression) else None


def tokens_of(sql: str) -> "list[Token]":
    """sqlglot's tokens of Athena SQL, whose offsets are those of the text; raises sqlglot's TokenError."""
    from sqlglot.dialects.dialect import Dialect

    return list(Dialect.get_or_raise("athena").tokenize(_UNREAD.sub(_readable, sql)))


def _readable(found: re.Match[str]) -> str:
    """A literal without what sqlglot cannot read in it, as long as before."""
    if found["as_is"] is not None:
        return found[0]
    return re.sub(r"[_ \t]", "", found[0]).ljust(len(found[0]))


def _offset(sql: str, line: int, column: int) -> int:
    """The offset of a 1-based line and column."""
    start = 0
    for _ in range(line - 1):
        start = sql.find("\n", start) + 1
    return min(start + column, len(sql))


def open_end(sql: str) -> int | None:
    """Where the quote or comment that is not closed begins."""
    return next((found.start() for found in _LEXEME.finditer(sql) if found["open"]), None)


def parts_of(sql: str) -> tuple[Part, ...]:
    """The statements of a text, split at semicolons; pieces of blanks and comments alone are none."""
    found, line, at = [], 0, 0
    for start, end in _pieces(sql):
        line += sql.count("\n", at, start)
        found.append(Part(sql[start:end], start, line))
        at = start
    return tuple(found)


def _pieces(sql: str) -> Iterator[tuple[int, int]]:
    start, has_words, at = 0, False, 0
    for found in _LEXEME.finditer(sql):
        has_words = has_words or bool(sql[at : found.start()].strip())
        at = found.end()
        if found["end"]:
            if has_words:
                yield start, found.start()
            start, has_words = found.end(), False
        else:
            has_words = has_words or found[0][:2] not in ("--", "/*")
    if has_words or sql[at:].strip():
        yield start, len(sql)
