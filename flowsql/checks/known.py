"""Tables of the catalogue that a check knows: which of them a name in SQL is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.table import Table

if TYPE_CHECKING:
    from sqlglot import exp

_CATALOGUE = "awsdatacatalog"


@dataclass(frozen=True, slots=True)
class Known:
    """A table somebody told of: DDL among the checked files, or the catalogue of a source."""

    name: tuple[str, ...]
    """Catalogue, database and name, as much of them as is known."""
    table: Table | None
    """None where it holds no flow logs and has no partitions, as a list of accounts."""

    def is_meant(self, node: "exp.Table") -> bool:
        """Whether a name in SQL may be this table."""
        name, database, catalogue = [*map(str.lower, reversed(self.name)), "", ""][:3]
        is_near = not node.db or not database or node.db.lower() == database
        return node.name.lower() == name and is_near and node.catalog.lower() in ("", catalogue or _CATALOGUE)
