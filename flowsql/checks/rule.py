"""What a rule is: its code and name, what it needs, the manual page in its docstring."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flowsql.checks.finding import Severity

if TYPE_CHECKING:
    from flowsql.checks.subject import Subject

Kind = Literal["query", "sql", "ddl"]
Needs = Literal["text", "query", "sql", "tokens", "tree", "engine"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule yields; made with `Subject.fault`."""

    message: str
    line: int
    column: int
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its module declares it."""

    code: str
    """`FQ` and three digits: 0 the checks themselves, 1 header and template, 2 read-only, 3 grammar, 4 names and types,
    5 bounds, 6 cost, 7 what flow logs mean, 8 DDL, 9 portability. Never given to another rule."""
    name: str
    """Words joined by hyphens; the module is called the same with underscores."""
    severity: Severity
    needs: Needs = "tree"
    """`text`: nothing but the file. `query`: its header could be read. `sql`: its SQL could be rendered. `tokens`: and
    read as tokens. `tree`: and parsed. A rule is not asked when there is less, and the report says so. `engine`: and an
    engine was asked what it makes of it."""
    kinds: tuple[Kind, ...] = ("query", "sql")
    protects: bool = False
    """Protects the account: no comment may silence it."""
    follows: tuple[str, ...] = ()
    """Codes or their beginnings: after such an error anywhere in the file this rule has nothing to add."""
    follows_here: tuple[str, ...] = ()
    """The same, of an error at the same place."""
    of_file: bool = False
    """Judges how a file is kept, not what it asks: not asked before a question runs."""


@dataclass(frozen=True, slots=True)
class Page:
    """The manual page of a rule."""

    summary: str
    why: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule with its code and its manual page."""

    rule: Rule
    check: "Callable[[Subject], Iterator[Fault]]"
    docstring: str

    @property
    def page(self) -> Page:
        """The docstring's sections; raises ValueError when one is missing or they are out of order."""
        return page_of(self.docstring)


_PAGE = re.compile(
    r"(?P<summary>[^\n]+)\n\nWhy: (?P<why>.+?)\n\nWrong:\n\n(?P<wrong>    .+?)\n\nRight:\n\n(?P<right>    .+)",
    re.DOTALL,
)


def page_of(docstring: str) -> Page:
    """Summary line, `Why: …`, and two SQL texts indented by four under `Wrong:` and `Right:`."""
    found = _PAGE.fullmatch(docstring.strip())
    if found is None:
        raise ValueError("a rule's docstring is: a summary line, 'Why: …', 'Wrong:' and 'Right:' with indented SQL")
    wrong, right = (inspect.cleandoc(f"\n{found[name]}") + "\n" for name in ("wrong", "right"))
    return Page(found["summary"], " ".join(found["why"].split()), wrong, right)
