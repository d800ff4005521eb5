"""Every failure a person can meet: what happened, where, what to do next, and the exit code.

FlowsqlError            1
├── UsageError          2   an option, a parameter or a window that cannot be right
│   └── NotFound        2   a name that does not exist; carries the nearest one
├── QueryError          2   a saved query or its cases are written wrong; `where` is file:line
│   └── Refused         2   the checks found errors, all of which it carries
├── MissingField        2   the flow logs do not carry a field the question needs
├── EngineError         1   the engine refused or failed the statement
├── SourceError         3   the place the flow logs are in cannot be read
├── DamagedObject       4   a flow log object is broken; the answer would be incomplete
└── OverBudget          5   the question would read or cost more than allowed; nothing was run

Ended                 128 and its number: a signal, which is no failure but an interruption
"""

from collections.abc import Sequence
from typing import Any

_SHOWN = 160
"""Characters of a line that are shown."""
_BEFORE = 80
"""Of a long line, those before the place."""


def excerpt(source: str, line: int, column: int) -> tuple[str, ...]:
    """A line of the author's file, of a long one what is around the place, and a caret under the place."""
    lines = source.split("\n")
    if line > len(lines) or not lines[line - 1].strip():
        return ()
    text, before = lines[line - 1].expandtabs(1), column - 1
    if before > _BEFORE and len(text) > _SHOWN:
        text, before = f"…{text[before - _BEFORE + 1 :]}", _BEFORE
    if len(text) > _SHOWN:
        text = f"{text[: _SHOWN - 1]}…"
    return f"{line:>5} | {text}", f"      | {' ' * before}^"


class FlowsqlError(Exception):
    """A failure with a message for a person, the place it happened at and the next step.

    `where` is a `file:line`, an object's name or None; `hint` says the legal values or the next command.
    """

    exit_code = 1
    excerpt: tuple[str, ...] = ()
    """The author's line and a caret under the place, where both are known."""

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  hint: {self.hint}" if self.hint else ""
        return "\n".join((f"{place}{self.message}", *self.excerpt)) + advice

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [f"flowsql: {self}"]


class Ended(KeyboardInterrupt):
    """A signal ends the program; `exit_code` is 128 and its number, as shells have it."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


class UsageError(FlowsqlError):
    exit_code = 2


class NotFound(UsageError):
    """A query, field or parameter name that does not exist."""


class QueryError(FlowsqlError):
    """A saved query, or its cases, is written wrong."""

    exit_code = 2


class Refused(QueryError):
    """A question the checks refuse; `others` are the refusals after the first.

    `findings` are what the checks said: path, line, column, code, name, message, severity and hint of each.
    """

    def __init__(self, findings: Sequence[Any], refusals: Sequence[QueryError]) -> None:
        first, *others = refusals
        super().__init__(first.message, where=first.where, hint=first.hint)
        self.excerpt = first.excerpt
        self.findings = tuple(findings)
        self.others = tuple(others)

    def __reduce__(self) -> tuple[Any, ...]:
        first = QueryError(self.message, where=self.where, hint=self.hint)
        first.excerpt = self.excerpt
        return type(self), (self.findings, (first, *self.others))

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *map(str, self.others)))


class MissingField(FlowsqlError):
    """The flow logs asked do not carry a field the question needs."""

    exit_code = 2


class EngineError(FlowsqlError):
    """The engine refused or failed the statement."""


class SourceError(FlowsqlError):
    """The place the flow logs are in cannot be read."""

    exit_code = 3


class DamagedObject(FlowsqlError):
    """A flow log object is broken, so the answer would be incomplete."""

    exit_code = 4


class OverBudget(FlowsqlError):
    """The question would read or cost more than the person or the source allows."""

    exit_code = 5
