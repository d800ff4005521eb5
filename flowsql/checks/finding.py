"""A finding: what a rule has to say about one place in the author's file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]
"""An error stops a question, a warning is shown beside its answer, a hint is told by `flowsql check` alone."""

_SHOWN = 160
"""Characters of a line that are shown."""
_BEFORE = 80
"""Of a long line, those before the place."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding; findings sort by their place."""

    path: str
    line: int
    """From 1, in the author's file."""
    column: int
    """From 1, in characters."""
    code: str
    """The rule's stable code, such as `FQ601`."""
    name: str
    """The rule's name, such as `select-star`."""
    message: str
    severity: Severity
    hint: str | None = None

    @property
    def where(self) -> str:
        """`path:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"

    def excerpt(self, source: str) -> tuple[str, ...]:
        """The line of the author's file, of a long one what is around the place, and a caret under the place."""
        lines = source.splitlines()
        if self.line > len(lines) or not lines[self.line - 1].strip():
            return ()
        line, before = lines[self.line - 1].expandtabs(1), self.column - 1
        if before > _BEFORE and len(line) > _SHOWN:
            line, before = f"…{line[before - _BEFORE + 1 :]}", _BEFORE
        if len(line) > _SHOWN:
            line = f"{line[: _SHOWN - 1]}…"
        return f"{self.line:>5} | {line}", f"      | {' ' * before}^"

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)
