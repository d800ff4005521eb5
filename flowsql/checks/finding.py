"""A finding: what a rule has to say about one place in the author's file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from flowsql.errors import excerpt

Severity = Literal["error", "warning", "hint"]
"""An error stops a question, a warning is shown beside its answer, a hint is told by `flowsql check` alone."""


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
        return excerpt(source, self.line, self.column)

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)
