"""Sources: what a SELECT reads, under which alias, with which columns, and how its joins combine them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowsql.checks.bounds.conditions import Condition, Ref

if TYPE_CHECKING:
    from sqlglot import exp

_MOST_COLUMNS = 10_000
"""Stars over joins of stars double the columns at each step."""


@dataclass(frozen=True)
class Named:
    """A CTE, and the names its query can see."""

    cte: "exp.CTE"
    names: "Mapping[str, Named]"
    columns: tuple[str, ...] | None = None
    """The names of its columns; None where they are not known."""
    recursive: bool = False
    open: frozenset[str] = frozenset()
    """The recursive CTEs that are being followed."""


@dataclass(frozen=True)
class Source:
    """One relation of a FROM clause."""

    alias: str
    node: "exp.Expr"
    names: Mapping[str, Named]
    named: Named | None
    """The CTE it is."""
    columns: tuple[str, ...] | None
    """The names of its columns outside; None where they are not known."""
    inner: tuple[str, ...] | None
    """The names of the same columns inside."""

    def hides(self, name: str) -> bool:
        """Whether it is a table, and the name one of those that a star leaves out, such as `$path`."""
        return name.startswith("$") and self.named is None and self.node.key == "table"

    def inward(self, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
        """The conditions that mention it, about its own columns."""
        kept = [each for each in conditions if any(ref and ref[0] == self.alias for ref in each.refs)]
        return tuple(each.renamed(self._renaming(each)) for each in kept)

    def _renaming(self, condition: Condition) -> dict[Ref, Ref]:
        mine = {ref for ref in condition.refs if ref and ref[0] == self.alias}
        if self.columns is None or self.columns == self.inner:
            return {ref: ("", ref[1]) for ref in mine}
        if self.inner is None or len(self.inner) != len(self.columns):
            return {}
        where = dict(zip(self.columns, self.inner, strict=True))
        return {ref: ("", where[ref[1]]) for ref in mine if ref[1] in where}


@dataclass(frozen=True)
class Step:
    """One join."""

    side: str
    """`LEFT`, `RIGHT`, `FULL`; empty for an inner or cross join."""
    on: "exp.Expr | None"
    using: tuple[str, ...]
    left: frozenset[str]
    """The aliases to its left."""
    right: frozenset[str]


@dataclass(frozen=True)
class Sources:
    """The relations of one SELECT."""

    items: tuple[Source, ...]
    steps: tuple[Step, ...]

    def resolve(self, column: "exp.Column") -> Ref | None:
        """The relation and column a name stands for; None for one of elsewhere or not known."""
        name, table = column.name.lower(), column.table.lower()
        found = self.offering(name, {table} if table else None)
        merging = [step for step in self.steps if name in step.using] if not table else []
        if any(step.side for step in merging):
            return None  # a column made of both sides, which Trino does not take apart
        if merging:
            found = found[:1]
        return (found[0].alias, name) if len(found) == 1 else None

    def offering(self, name: str, aliases: "set[str] | frozenset[str] | None" = None) -> list[Source]:
        """The relations that have a column, else those that may."""
        items = [item for item in self.items if aliases is None or item.alias in aliases]
        found = [item for item in items if item.columns is not None and (name in item.columns or item.hides(name))]
        return found or [item for item in items if item.columns is None]


@dataclass
class _Gathering:
    names: Mapping[str, Named]
    known: "Callable[[exp.Table], tuple[str, ...] | None]"
    items: list[Source] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def item(self, node: "exp.Expr") -> frozenset[str]:
        """Take one relation, or several in parentheses; their aliases."""
        from sqlglot import exp

        if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query) and not node.alias:
            aliases = self.item(node.this)
        else:
            source = self._source(node)
            self.items.append(source)
            aliases = frozenset((source.alias,))
        for join in node.args.get("joins") or ():
            aliases = self.join(join, aliases)
        return aliases

    def join(self, join: "exp.Join", left: frozenset[str]) -> frozenset[str]:
        right = self.item(join.this)
        using = tuple(each.name.lower() for each in join.args.get("using") or ())
        self.steps.append(Step(join.side.upper(), join.args.get("on"), using, left, right))
        return left | right

    def _source(self, node: "exp.Expr") -> Source:
        from sqlglot import exp

        alias = str(node.alias_or_name).lower()
        named, inner = None, None
        if isinstance(node, exp.Table):
            if not node.db and isinstance(node.this, exp.Identifier):
                named = self.names.get(node.name.lower())
            inner = named.columns if named else self.known(node)
        elif isinstance(node, exp.Subquery):
            inner = output_names(node, self.names, self.known)
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            inner = output_names(node.this, self.names, self.known)
        elif isinstance(node, exp.Values):
            inner = tuple(f"_col{number}" for number in range(len(node.expressions[0].expressions)))
        columns = inner
        if named is not None and (renamed := _alias_columns(named.cte)):
            columns = renamed
        if renamed := _alias_columns(node):
            columns = renamed
        if columns is not None and isinstance(node.args.get("offset"), exp.Identifier):
            columns = (*columns, node.args["offset"].name.lower())  # WITH ORDINALITY
        return Source(alias, node, self.names, named, columns, inner)


def sources_of(
    select: "exp.Select", names: Mapping[str, Named], known: "Callable[[exp.Table], tuple[str, ...] | None]"
) -> Sources:
    """What a FROM clause reads, left to right."""
    gathering = _Gathering(names, known)
    start = select.args.get("from_")
    aliases = gathering.item(start.this) if start is not None else frozenset()
    for join in select.args.get("joins") or ():
        aliases = gathering.join(join, aliases)
    for lateral in select.args.get("laterals") or ():
        gathering.item(lateral)
    return Sources(tuple(gathering.items), tuple(gathering.steps))


def with_ctes(
    query: "exp.Expr", names: Mapping[str, Named], known: "Callable[[exp.Table], tuple[str, ...] | None]"
) -> Mapping[str, Named]:
    """The names a query can see: those of outside, and the CTEs of its own WITH."""
    with_ = query.args.get("with_")
    for cte in with_.expressions if with_ is not None else ():
        recursive = bool(cte.parent.args.get("recursive"))
        columns = None if recursive else output_names(cte.this, names, known)
        names = {**names, cte.alias.lower(): Named(cte, names, columns, recursive)}
    return names


def output_names(
    query: "exp.Expr", names: Mapping[str, Named], known: "Callable[[exp.Table], tuple[str, ...] | None]"
) -> tuple[str, ...] | None:
    """The names of a query's columns, in order; None where they are not known."""
    from sqlglot import exp

    names = with_ctes(query, names, known)
    if isinstance(query, exp.Subquery):
        return output_names(query.this, names, known)
    if isinstance(query, exp.SetOperation):
        return output_names(query.this, names, known)
    if not isinstance(query, exp.Select):
        return None
    found: list[str] = []
    for item in query.expressions:
        if not _is_star(item):
            found.append(item.alias_or_name.lower())
            continue
        sources = sources_of(query, names, known)
        if any(step.using for step in sources.steps):
            return None
        starred = list(_starred(item, sources))
        if any(source.columns is None for source in starred):
            return None
        found.extend(name for source in starred for name in source.columns or ())
        if len(found) > _MOST_COLUMNS:
            return None
    return tuple(found)


def select_outputs(select: "exp.Select", sources: Sources, wanted: Iterable[str]) -> dict[Ref, Ref]:
    """Which column of which relation each of the SELECT's wanted columns is, unchanged."""
    from sqlglot import exp

    found: dict[Ref, Ref] = {}
    for name in wanted:
        plain = [each for each in select.expressions if not _is_star(each) and each.alias_or_name.lower() == name]
        stars = [each for each in select.expressions if _is_star(each)]
        ref: Ref | None = None
        if len(plain) == 1:
            column = plain[0].unalias()
            ref = sources.resolve(column) if isinstance(column, exp.Column) else None
        elif not plain and stars:
            ref = _through(stars, sources, name)
        if ref is not None:
            found["", name] = ref
    return found


def _through(stars: "Sequence[exp.Expr]", sources: Sources, name: str) -> Ref | None:
    starred = {source.alias for star in stars for source in _starred(star, sources)}
    offering = sources.offering(name, starred)
    return (offering[0].alias, name) if len(offering) == 1 else None


def _is_star(item: "exp.Expr") -> bool:
    from sqlglot import exp

    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))


def _starred(star: "exp.Expr", sources: Sources) -> Iterator[Source]:
    from sqlglot import exp

    alias = star.table.lower() if isinstance(star, exp.Column) else ""
    return (source for source in sources.items if not alias or source.alias == alias)


def _alias_columns(node: "exp.Expr") -> tuple[str, ...]:
    from sqlglot import exp

    alias = node.args.get("alias")
    columns = alias.columns if isinstance(alias, exp.TableAlias) else ()
    return tuple(column.name.lower() for column in columns)
