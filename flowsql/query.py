"""Frozen values: a saved query, what it declares, and what it becomes when its parameters are known."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flowsql.params import Param, Value
from flowsql.window import Window

RelationKind = Literal["flows", "records"]

COLUMN_TYPES: tuple[str, ...] = ("string", "int", "float", "bool", "timestamp", "list")
"""The types a query's columns may have; `list` is a list of strings."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a query's answer."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Query:
    """One saved `.sql` file."""

    name: str
    """Its path without the suffix: `connectivity/rejected-ssh`."""
    title: str
    description: str
    params: tuple[Param, ...]
    columns: tuple[Column, ...]
    tags: tuple[str, ...]
    body: str
    """The file's text with the header blanked, so that line numbers hold."""
    path: Path | None = None
    """None for SQL given by hand."""

    @property
    def topic(self) -> str:
        """The folder: `connectivity`."""
        return self.name.rpartition("/")[0]

    @property
    def short_name(self) -> str:
        """The name as it is usually typed: `rejected-ssh`."""
        return self.name.rpartition("/")[2]

    @property
    def place(self) -> str:
        """What errors call it: the file's path, or its name."""
        return str(self.path) if self.path else self.name


@dataclass(frozen=True, slots=True)
class Relation:
    """A set of flow log records that a rendered query reads under a name."""

    name: str
    kind: RelationKind
    """`flows` are the records with log-status OK, `records` all of them."""
    window: Window


@dataclass(frozen=True, slots=True)
class Filters:
    """The options every query takes besides its own: each narrows what `flows` holds."""

    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    vpc: tuple[str, ...] = ()
    subnet: tuple[str, ...] = ()
    interface: tuple[str, ...] = ()
    instance: tuple[str, ...] = ()

    def by_column(self) -> dict[str, tuple[str, ...]]:
        """The columns that are narrowed, with the values wanted."""
        columns = {
            "account_id": self.account,
            "region": self.region,
            "vpc_id": self.vpc,
            "subnet_id": self.subnet,
            "interface_id": self.interface,
            "instance_id": self.instance,
        }
        return {column: values for column, values in columns.items() if values}


def key_name(column: str) -> str:
    """The column that holds what the key of an object says of `account_id` or `region`."""
    return f"key_{column}"


FILTER_OPTIONS: tuple[str, ...] = ("account", "region", "vpc", "subnet", "interface", "instance")
"""The fields of Filters, which are options of every question."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the author's text in the rendered SQL; offsets are characters."""

    rendered: int
    """Where it begins in `Rendered.sql`."""
    source: int
    """Where it begins in the body with `\\n` line ends."""
    length: int
    """What follows it, up to the next span, was put there by a placeholder."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A query with its parameters bound: Athena SQL, line for line the file's."""

    query: Query
    sql: str
    window: Window
    values: dict[str, Value]
    relations: tuple[Relation, ...] = field(default=())
    spans: tuple[Span, ...] = field(default=(), compare=False, repr=False)
    """The author's own text in `sql`, in order; none at all when `sql` is the body itself."""

    def source_offset(self, offset: int) -> int:
        """The character of the body that one of `sql` comes from; that of its `{{` for what a placeholder made."""
        before = [span for span in self.spans if span.rendered <= offset]
        if not before:
            return offset if not self.spans else 0
        last = before[-1]
        return last.source + min(offset - last.rendered, last.length)
