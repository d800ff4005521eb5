"""The functions of Athena engine version 3, and the calls of a statement, read from its tokens."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

_OPENING, _CLOSING = frozenset(("(", "[")), frozenset((")", "]"))
_BRACKETS = _OPENING | _CLOSING
_NAMING = frozenset(("AS", "ORDINALITY", "WITH", "RECURSIVE", "TABLESAMPLE", "TABLE_SAMPLE", ")", ".", "]"))
"""After these a word with parentheses names columns, or is not a call."""
_NO_CALLS = frozenset(
    (
        "varchar",
        "char",
        "decimal",
        "timestamp",
        "time",
        "varbinary",
        "numeric",
        "row",
        "map",
        "array",
        "columns",
        "descriptor",
    )
)
"""Types with a length, and words of the grammar; MAP(…) and ROW(…) take any arguments."""
_CALLED = frozenset(
    (
        *("VAR", "IDENTIFIER", "STRUCT", "DATETIME", "INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "TEXT"),
        *(
            "JSON",
            "BINARY",
            "VARBINARY",
            "BOOLEAN",
            "LIST",
            "OBJECT",
            "BIT",
            "INET",
            "IPADDRESS",
            "IPPREFIX",
            "VARIANT",
        ),
    )
)
"""Words that are a call when parentheses follow: names, and types that other engines convert with."""
_PATTERN = "MATCH_RECOGNIZE"


@dataclass(frozen=True, slots=True)
class Function:
    """One function."""

    name: str
    kind: str
    """`scalar`, `aggregate`, `window`, `table`, `special` (of the grammar) or `pattern` (of MATCH_RECOGNIZE)."""
    counts: frozenset[int]
    """How many arguments it takes; empty for any number."""
    more: bool = False
    """Whether it takes more than the greatest of them too."""

    def takes(self, count: int) -> bool:
        """Whether it takes that many arguments."""
        return not self.counts or count in self.counts or (self.more and count > max(self.counts))

    @property
    def shown(self) -> str:
        """How many arguments it takes, for a person."""
        numbers = [str(count) for count in sorted(self.counts)]
        return f"{numbers[-1]} or more" if self.more else " or ".join(numbers)


@cache
def functions() -> dict[str, Function]:
    """Lower-case name → function."""
    found = {}
    for line in files("flowsql.data").joinpath("athena-functions.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, kind, counts = line.split("\t")
        numbers = frozenset(int(count) for count in counts.rstrip("+").split(",")) if counts != "*" else frozenset()
        found[name] = Function(name, kind, numbers, counts.endswith("+"))
    return found


@cache
def aggregates() -> frozenset[str]:
    """The names of the aggregate functions."""
    return frozenset(function.name for function in functions().values() if function.kind == "aggregate")


@dataclass(frozen=True, slots=True)
class Call:
    """A name with parentheses after it."""

    name: str
    token: "Token"
    arguments: int


def calls(tokens: "Sequence[Token]") -> Iterator[Call]:
    """The function calls of a statement; what is called in a row pattern is left out."""
    at = 0
    while at < len(tokens) - 1:
        token, following = tokens[at], tokens[at + 1]
        if token.text.upper() == _PATTERN and following.text == "(":
            at = _end(tokens, at + 1)
        elif following.text == "(" and _is_call(tokens, at):
            yield Call(token.text.lower(), token, _count(tokens, at + 1))
        at += 1


def _is_call(tokens: "Sequence[Token]", at: int) -> bool:
    token = tokens[at]
    if token.token_type.name not in _CALLED and token.text.lower() not in functions():
        return False
    if token.text.lower() in _NO_CALLS or token.token_type.name == "STRING":
        return False
    before = tokens[at - 1] if at else None
    if before is None or before.text.upper() in _NAMING or before.token_type.name in ("VAR", "IDENTIFIER"):
        return False
    end = _end(tokens, at + 1)
    after = [each.text.upper() for each in tokens[end + 1 : end + 3]]
    return after != ["AS", "("]  # a CTE with its columns


def _end(tokens: "Sequence[Token]", at: int) -> int:
    """The position of the parenthesis that closes the one at `at`."""
    depth = 0
    for position in range(at, len(tokens)):
        text = tokens[position].text
        if text not in _BRACKETS or tokens[position].token_type.name in ("STRING", "IDENTIFIER"):
            continue
        depth += 1 if text in _OPENING else -1
        if depth == 0:
            return position
    return len(tokens) - 1


def _count(tokens: "Sequence[Token]", at: int) -> int:
    """The arguments between parentheses, up to an ORDER BY among them."""
    end = _end(tokens, at)
    if end == at + 1:
        return 0
    depth, count = 0, 1
    for token in tokens[at + 1 : end]:
        if token.token_type.name in ("STRING", "IDENTIFIER"):
            continue
        if depth == 0 and token.text.upper() in ("ORDER", "ORDER BY"):
            break
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        count += depth == 0 and token.text == ","
    return count


def first_argument(tokens: "Sequence[Token]", names: Collection[str]) -> "Iterator[tuple[str, Token]]":
    """Name and first argument of the calls of some functions, where that is a text by itself."""
    return (found for found in _first(tokens, names) if found[1].token_type.name == "STRING")


def first_words(tokens: "Sequence[Token]", names: Collection[str]) -> "Iterator[tuple[str, Token]]":
    """Name and first argument of the calls of some functions, where that is a word by itself, without quotes."""
    return (found for found in _first(tokens, names) if found[1].token_type.name not in ("STRING", "IDENTIFIER"))


def _first(tokens: "Sequence[Token]", names: Collection[str]) -> "Iterator[tuple[str, Token]]":
    for at, token in enumerate(tokens[:-3]):
        argument, after = tokens[at + 2], tokens[at + 3]
        if token.text.lower() in names and tokens[at + 1].text == "(" and after.text in (",", ")"):
            yield token.text.lower(), argument


def last_argument(tokens: "Sequence[Token]", names: Collection[str]) -> "Iterator[tuple[str, Token]]":
    """Name and last argument of the calls of some functions, where that is a text by itself."""
    for at, token in enumerate(tokens[:-2]):
        if token.text.lower() in names and tokens[at + 1].text == "(":
            end = _end(tokens, at + 1)
            if tokens[end - 1].token_type.name == "STRING" and tokens[end - 2].text in (",", "("):
                yield token.text.lower(), tokens[end - 1]
