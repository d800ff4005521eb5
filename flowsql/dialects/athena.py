"""What is put around a statement of Athena SQL before it is sent, with the author's lines kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.statement.parts import tokens_of

if TYPE_CHECKING:
    from sqlglot import exp

_NESTING = frozenset(
    (
        *("array", "arrayagg", "arrayuniqueagg", "arraydistinct", "arrayconcat", "arraysort", "arrayunion"),
        *("arrayintersect", "arrayexcept", "arrayremove", "arrayslice", "arrayreverse", "slice", "flatten"),
        *("generateseries", "sequence", "map", "mapagg", "multimapagg", "mapunion", "mapfilter", "mapconcat"),
        *("mapfromentries", "mapkeys", "mapvalues", "mapentries", "transformkeys", "transformvalues", "varmap"),
        *("histogram", "numerichistogram", "splittomap", "struct", "row", "split", "regexpsplit", "regexpextractall"),
        *("transform", "arrayfilter", "zip", "zipwith", "setagg", "setunion", "strtomap", "approxmostfrequent"),
        *("ngrams", "combinations", "shuffle"),
    )
)
"""Functions by sqlglot's names and Trino's that may make a nested value; one too many costs an EXPLAIN."""

_OPENING, _CLOSING = ("L_PAREN", "L_BRACKET", "L_BRACE"), ("R_PAREN", "R_BRACKET", "R_BRACE")
"""sqlglot's names of brackets."""

_AGGREGATES_ALONE = ("count", "countif", "sum", "avg", "min", "max", "approxdistinct")


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement as it is sent."""

    sql: str
    skipped: int
    """Lines of the file before its first one: line N of what is sent is line N + skipped of the file."""
    inserted: int
    """Characters put on its first line."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an ORDER BY that is a column of the answer."""

    column: int
    """Counted from 0."""
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What the outermost SELECT says about its rows."""

    limit: int | None
    """The most rows there can be, as far as the text says."""
    order: tuple[SortKey, ...] | None
    """The keys rows are ordered by, none when unordered; None when the order cannot be made again from the columns."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A statement from which its order can be made again when a SELECT is put around it."""

    sql: str
    more: int
    """Columns put after its own: what it is ordered by besides them."""
    keys: tuple[SortKey, ...]
    """Columns counted from 0, its own first."""


def placed(sql: str, relations: Mapping[str, str]) -> Placed:
    """A statement with its relations as CTEs on its first line: `WITH flows AS (SELECT …) SELECT …`.

    `relations` are SELECTs by name, put on one line; without any, nothing is put there. Comments and blank lines before
    and after the statement, and a semicolon that ends it, are not sent.
    """
    tokens = tokens_of(sql)
    while tokens[-1].text == ";":
        tokens.pop()
    ctes = ", ".join(f"{name} AS ({select.replace(chr(10), ' ')})" for name, select in relations.items())
    first, begin, end = tokens[0], tokens[0].start, tokens[-1].end + 1
    skipped = sql.count("\n", 0, begin)
    if not relations:
        return Placed(sql[begin:end], skipped, 0)
    if first.token_type.name != "WITH":
        start = f"WITH {ctes} "
        return Placed(f"{start}{sql[begin:end]}", skipped, len(start))
    last = tokens[1] if tokens[1].text.upper() == "RECURSIVE" else first
    after = last.end + 1
    start = f" {ctes},"
    return Placed(f"{sql[begin:after]}{start}{sql[after:end]}", skipped, len(start))


def shape(tree: "exp.Expression") -> Shape:
    """What the outermost SELECT of a tree says about its rows."""
    from sqlglot import exp

    query = _outermost(tree)
    limit = _limit(query)
    if isinstance(query, exp.Select) and not query.args.get("group") and _aggregates(query):
        limit = 1
    return Shape(limit, _order(query))


def ordered(sql: str, tree: "exp.Expression", names: Sequence[str]) -> Ordered | None:
    """A statement with what it is ordered by among its columns, of which `names` are its own.

    None where that cannot be told: DISTINCT and UNION take no more columns, and a new name may hide what a key means.
    """
    from sqlglot import exp

    query = _outermost(tree)
    order = query.args.get("order")
    more: list[str] = []
    keys = []
    for item in order.expressions if order is not None else ():
        column = _column(item.this, _items(query), names)
        if column is None:
            if not isinstance(query, exp.Select) or query.args.get("distinct") or _is_renamed(item.this, query):
                return None
            column = len(names) + len(more)
            more.append(item.this.sql(dialect="athena", comments=False))
        keys.append(SortKey(column, bool(item.args.get("desc")), bool(item.args.get("nulls_first"))))
    if not more:
        return Ordered(sql, 0, tuple(keys))
    place = _end_of_items(sql)
    if place is None:
        return None
    return Ordered(f"{sql[:place].rstrip(' ')}, {', '.join(more)} {sql[place:]}", len(more), tuple(keys))


def makes_nested(tree: "exp.Expression") -> bool:
    """Whether a statement has anything that makes arrays, maps or rows."""
    from sqlglot import exp

    for node in tree.walk():
        if isinstance(node, exp.Cast) and node.to.this.name in ("ARRAY", "MAP", "STRUCT", "LIST"):
            return True
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
        if name.replace("_", "") in _NESTING:
            return True
    return False


def filters_of(conditions: Sequence["exp.Expression"]) -> list[str]:
    """Conditions as Athena SQL, each in parentheses."""
    return [f"({condition.sql(dialect='athena', comments=False)})" for condition in conditions]


def _outermost(tree: "exp.Expr") -> "exp.Expr":
    """The SELECT or set operation that says which rows there are, and in which order."""
    from sqlglot import exp

    query = tree
    while isinstance(query, exp.Subquery) and not query.args.get("order") and not query.args.get("limit"):
        query = query.this
    return query


def _items(query: "exp.Expr") -> "list[exp.Expr]":
    """What the SELECT that names the columns lists."""
    from sqlglot import exp

    first = query
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    return first.expressions if isinstance(first, exp.Select) else []


def _is_renamed(key: "exp.Expr", query: "exp.Expr") -> bool:
    """Whether a sort key uses a name that the answer gives to something else: it means that there, and only there."""
    from sqlglot import exp

    given = {
        item.alias.lower()
        for item in _items(query)
        if isinstance(item, exp.Alias)
        and not (isinstance(item.this, exp.Column) and item.this.name.lower() == item.alias.lower())
    }
    return any(not column.table and column.name.lower() in given for column in key.find_all(exp.Column))


def _end_of_items(sql: str) -> int | None:
    """Where what the outermost SELECT lists ends, which is at its FROM; None without one."""
    depth, place, before = 0, None, ""
    for token in tokens_of(sql):
        kind = token.token_type.name
        depth += kind in _OPENING
        depth -= kind in _CLOSING
        # `a IS DISTINCT FROM b` is a condition.
        if depth == 0 and kind == "FROM" and place is None and before != "DISTINCT":
            place = token.start
        before = kind
    return place


def _limit(query: "exp.Expr") -> int | None:
    from sqlglot import exp

    limit = query.args.get("limit")
    value = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
    return int(value.this) if isinstance(value, exp.Literal) and str(value.this).isdecimal() else None


def _aggregates(query: "exp.Select") -> bool:
    """Whether every column is an aggregate over all rows, so that there is one row."""
    from sqlglot import exp

    return all(
        item.unalias().key in _AGGREGATES_ALONE and not isinstance(item.unalias(), exp.Window)
        for item in query.expressions
    )


def _order(query: "exp.Expr") -> tuple[SortKey, ...] | None:
    order = query.args.get("order")
    if order is None:
        return ()
    items = _items(query)
    if any(item.is_star for item in items):
        return None
    keys = []
    for item in order.expressions:
        column = _column(item.this, items, [each.alias_or_name for each in items])
        if column is None:
            return None
        keys.append(SortKey(column, bool(item.args.get("desc")), bool(item.args.get("nulls_first"))))
    return tuple(keys)


def _column(key: "exp.Expr", items: "list[exp.Expr]", names: Sequence[str]) -> int | None:
    """The column of the answer, which has these names, a sort key is: by number, by name, or by being what it is."""
    from sqlglot import exp

    if isinstance(key, exp.Literal) and not key.is_string:
        number = int(key.this) - 1
        return number if 0 <= number < len(names) else None
    if isinstance(key, exp.Column) and not key.table:
        named = [index for index, name in enumerate(names) if name.lower() == key.name.lower()]
        if named:
            return named[0]
    if any(item.is_star for item in items):
        return None
    same = [index for index, item in enumerate(items) if item.unalias() == key]
    return same[0] if same else None
