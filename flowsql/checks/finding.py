"""A finding: what a rule has to say about one place in the author's file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


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

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)
