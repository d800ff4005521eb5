"""sqlglot: what a rendered query is, which relations and columns it reads, and where."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from flowsql.errors import EngineError, QueryError
from flowsql.naming import did_you_mean
from flowsql.query import Rendered

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

_OPEN_ENDED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(?P<open>['"]|/\*)""", re.DOTALL)
_TOKEN = re.compile(r"<Token token_type: \S+, text: (?P<text>.*?), line: .*?>", re.DOTALL)
_TRANSLATED_LINE = re.compile(r"line (\d+): ")
_READ_ONLY = "flowsql sends one read-only SELECT"
_NO_RELATION = "write FROM {{ flows }} or {{ records }}"


@dataclass(frozen=True)
class Statement:
    """One read-only SELECT: what it reads, and how the engine says it."""

    rendered: Rendered
    columns: dict[str, int | None]
    """The columns it reads from flow log relations, lower case, with the line of their first use."""
    reads_all: bool
    """Whether a `SELECT *` reads every column there is."""
    scans: int
    """How often a relation is scanned, CTEs counted each time they are used."""
    native: str
    """The statement in the engine's own dialect."""

    @cached_property
    def tree(self) -> "exp.Expression":
        """The syntax tree of the Athena SQL."""
        return _tree(self.rendered)


def parse(rendered: Rendered, translate: "Callable[[exp.Expression], str] | None" = None) -> Statement:
    """Athena SQL → Statement; `translate` makes the engine's dialect of the tree, without it Athena's stays.

    Raises QueryError at the line of the author's file, and EngineError for what `translate` refuses.
    """
    tree = _tree(rendered)
    place = rendered.query.place
    names = frozenset(relation.name for relation in rendered.relations)
    if not names:
        raise QueryError("the query reads no flow logs", where=place, hint=_NO_RELATION)
    _check_tables(tree, names, place)
    reader = _Reader(names, place)
    native = _translated(tree, translate, place) if translate else rendered.sql
    return Statement(rendered, reader.columns(tree), reader.reads_all(tree), _scans(tree, names), native)


def _translated(tree: "exp.Expression", translate: "Callable[[exp.Expression], str]", place: str) -> str:
    """The engine's dialect; a refusal names the line of the statement, which is that of the file."""
    try:
        return translate(tree)
    except EngineError as failure:
        line = _TRANSLATED_LINE.match(failure.message)
        where = f"{place}:{line[1]}" if line else failure.where or place
        message = failure.message[line.end() :] if line else failure.message
        raise EngineError(message, where=where, hint=failure.hint) from failure


def _tree(rendered: Rendered) -> "exp.Expression":
    from sqlglot import exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    logger = logging.getLogger("sqlglot")
    if not logger.handlers:  # what it warns of on stderr is refused below, with its line
        logger.addHandler(logging.NullHandler())
    place, athena = rendered.query.place, Dialect.get_or_raise("athena")
    try:
        tokens = athena.tokenize(rendered.sql)
        _check_first_word(tokens, place)
        parsed = athena.parser().parse(tokens, rendered.sql)
    except TokenError as failure:
        raise QueryError("not SQL: a quote or comment is not closed", where=_open_end(rendered)) from failure
    except ParseError as failure:
        first = failure.errors[0] if failure.errors else {}
        where = f"{place}:{first['line']}" if first.get("line") else place
        what = _TOKEN.sub(lambda token: repr(token["text"]), str(first.get("description") or failure))
        raise QueryError(f"not SQL: {what.replace(repr('SENTINEL'), 'its end')}", where=where) from failure
    except RecursionError as failure:
        raise QueryError("not SQL: nested too deeply", where=place) from failure
    tree = next(tree for tree in parsed if tree is not None)
    for node in tree.find_all(exp.DML, exp.DDL, exp.Command, exp.Into):
        raise _not_a_select(node.key.upper(), line_of(node), place)
    if not isinstance(tree, exp.Expression) or not isinstance(tree, exp.Query):
        raise _not_a_select(tree.key.upper(), line_of(tree), place)
    return tree


def _check_first_word(tokens: "list[Token]", place: str) -> None:
    """Refuse before parsing whatever does not begin as a SELECT, and all that follows a semicolon."""
    starts = tokens[:1]
    for token, following in pairwise(tokens):
        if token.text == ";" and token.token_type.name == "SEMICOLON" and following.text != ";":
            starts.append(following)
    words = [token for token in tokens if token.text and token.text not in "(;"]
    if not words:
        raise QueryError("there is no SELECT", where=place, hint=_READ_ONLY)
    if words[0].token_type.name not in ("SELECT", "WITH", "VALUES"):
        raise _not_a_select(words[0].text.upper(), words[0].line, place)
    if len(starts) > 1:
        where = f"{place}:{starts[1].line}"
        raise QueryError(f"{len(starts)} statements instead of one SELECT", where=where, hint=_READ_ONLY)


def _not_a_select(what: str, line: int | None, place: str) -> QueryError:
    where = f"{place}:{line}" if line else place
    return QueryError(f"only a SELECT may run, not {what}", where=where, hint=_READ_ONLY)


def _open_end(rendered: Rendered) -> str:
    """file:line of the quote or comment that is not closed."""
    for found in _OPEN_ENDED.finditer(rendered.sql):
        if found["open"]:
            return f"{rendered.query.place}:{rendered.sql.count(chr(10), 0, found.start()) + 1}"
    return rendered.query.place


def line_of(node: "exp.Expr") -> int | None:
    """The line of the first token under a node that has one."""
    for child in node.walk():
        if "line" in child.meta:
            return int(child.meta["line"])
    return None


def _check_tables(tree: "exp.Expr", names: frozenset[str], place: str) -> None:
    """Whatever is read is flow logs in their window, or made from them: no other table, no file."""
    from sqlglot import exp

    ctes = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}
    for name in names.intersection(ctes):
        where = f"{place}:{line_of(ctes[name].args['alias'])}"
        raise QueryError(f"a CTE may not be called {name!r}: that is flow logs", where=where)
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name.lower() in (*names, *ctes):
            continue
        hint = did_you_mean(table.name, (*names, *ctes), _NO_RELATION)
        what = table.sql(dialect="athena", comments=False)
        raise QueryError(f"{what} is neither flow logs nor a CTE", where=f"{place}:{line_of(table)}", hint=hint)
    for join in tree.find_all(exp.Join):
        if join.method.upper() == "NATURAL":
            where = f"{place}:{line_of(join)}"
            raise QueryError("Athena has no NATURAL JOIN", where=where, hint="JOIN … USING (column)")


def _scans(tree: "exp.Expr", names: frozenset[str]) -> int:
    from sqlglot import exp

    ctes = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}
    tables = [(table.name.lower(), table.find_ancestor(exp.CTE)) for table in tree.find_all(exp.Table)]

    def count(body: "exp.Expr | None", inside: frozenset[str]) -> int:
        """The scans of a CTE's body, or of the query itself: each CTE's tables count where it is used."""
        read = [name for name, owner in tables if owner is body]
        if inside.intersection(read):
            return 2  # a recursive CTE reads its input again and again
        own = sum(name in names for name in read)
        return own + sum(count(ctes[name], inside | {name}) for name in read if name in ctes)

    return count(None, frozenset())


@dataclass(frozen=True, slots=True)
class _Outputs:
    """The column names a derived source offers."""

    names: frozenset[str] = frozenset()
    more: bool = False
    """Whether it offers others too, as a `SELECT *` does."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Resolves which columns belong to flow log relations."""

    names: frozenset[str]
    place: str

    def columns(self, tree: "exp.Expr") -> dict[str, int | None]:
        """The fields read, in the order of their first lines."""
        from sqlglot import exp

        read = [
            (column.name.lower(), line_of(column))
            for column in tree.find_all(exp.Column)
            if not isinstance(column.this, exp.Star) and self._is_field(column)
        ]
        for select in tree.find_all(exp.Select):
            read.extend(self._joined(select))
        first: dict[str, int | None] = {}
        for name, line in sorted(read, key=lambda item: item[1] or 0):
            first.setdefault(name, line)
        return first

    def reads_all(self, tree: "exp.Expr") -> bool:
        """Whether a star stands for the columns of flow logs."""
        from sqlglot import exp

        for select in tree.find_all(exp.Select):
            for item in select.expressions:
                if not item.is_star or isinstance(select.parent, exp.Exists):
                    continue
                alias = item.table.lower() if isinstance(item, exp.Column) else ""
                sources = [source for source in _sources(select) if not alias or _alias(source) == alias]
                if any(self._is_relation(source) for source in sources):
                    return True
        return False

    def _is_relation(self, source: "exp.Expr") -> bool:
        from sqlglot import exp

        return isinstance(source, exp.Table) and source.name.lower() in self.names

    def _is_field(self, column: "exp.Column") -> bool:
        """Follow a column outward through the queries it can see; raises QueryError when nothing offers it."""
        from sqlglot import exp

        name, table = column.name.lower(), column.table.lower()
        query = column.find_ancestor(exp.Select, exp.SetOperation)
        if not isinstance(query, exp.Select) or (not table and _is_output(column, query)):
            return False  # ORDER BY of a union, or by a column's new name
        complete = True
        offered: set[str] = set()
        above: exp.Select | None = query
        while above is not None:
            sources = [source for source in _sources(above) if not _is_under(column, source)]
            if table:
                named = next((source for source in sources if _alias(source) == table), None)
                if named is not None:
                    return self._is_relation(named)
            else:
                outputs = [_outputs(source) for source in sources if not self._is_relation(source)]
                if any(name in output.names for output in outputs):
                    return False
                if len(outputs) < len(sources):
                    return True
                complete = complete and not any(output.more for output in outputs)
                offered.update(*(output.names for output in outputs))
            above = _outer(above)
        if not table and complete and offered:
            hint = did_you_mean(name, offered, f"columns: {', '.join(sorted(offered))}")
            raise QueryError(f"there is no column {name!r}", where=f"{self.place}:{line_of(column)}", hint=hint)
        return False

    def _joined(self, select: "exp.Select") -> Iterator[tuple[str, int | None]]:
        """The fields that `USING (…)` names without being columns of the tree."""
        from sqlglot import exp

        sources = _sources(select)
        for join in select.find_all(exp.Join):
            if join.this not in sources:
                continue
            left = sources[: next(index for index, source in enumerate(sources) if source is join.this)]
            for column in join.args.get("using") or []:
                name = column.name.lower()
                derived = any(name in _outputs(source).names for source in left if not self._is_relation(source))
                if self._is_relation(join.this) or (not derived and any(map(self._is_relation, left))):
                    yield name, line_of(column)


def _sources(select: "exp.Select") -> list["exp.Expr"]:
    """What a FROM clause reads, left to right, with its parentheses opened."""
    start = select.args.get("from_") or select.args.get("from")
    items = [start.this] if start else []
    items += [join.this for join in select.args.get("joins") or []]
    return [source for item in (*items, *(select.args.get("laterals") or [])) for source in _opened(item)]


def _opened(item: "exp.Expr") -> Iterator["exp.Expr"]:
    from sqlglot import exp

    if isinstance(item, exp.Subquery) and not isinstance(item.this, exp.Query) and not item.alias:
        yield from _opened(item.this)
    else:
        yield item
    for join in item.args.get("joins") or []:
        yield from _opened(join.this)


def _alias(source: "exp.Expr") -> str:
    return str(source.alias_or_name).lower()


def _is_under(node: "exp.Expr", source: "exp.Expr") -> bool:
    parent = node.parent
    while parent is not None and parent is not source:
        parent = parent.parent
    return parent is source


def _outer(select: "exp.Select") -> "exp.Select | None":
    """The query whose columns a subquery can see: none from a CTE or a derived table, unless it is LATERAL."""
    from sqlglot import exp

    node: exp.Expr = select
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.CTE) or (isinstance(node, exp.Subquery) and isinstance(parent, exp.From)):
            return None
        if isinstance(node, exp.Subquery) and isinstance(parent, exp.Join) and parent.this is node:
            return None
        if isinstance(parent, exp.Select):
            return parent
        node = parent
    return None


def _outputs(source: "exp.Expr") -> _Outputs:
    """The column names a derived source offers, as far as its text tells."""
    from sqlglot import exp

    alias = source.args.get("alias")
    if isinstance(alias, exp.TableAlias) and alias.columns:
        offset = source.args.get("offset")
        numbered = [offset.name] if isinstance(offset, exp.Identifier) else []
        return _Outputs(frozenset(name.lower() for name in (*(column.name for column in alias.columns), *numbered)))
    if isinstance(source, exp.Table):
        cte = _cte(source)
        return _outputs(cte) if cte is not None else _Outputs(more=True)
    if isinstance(source, (exp.CTE, exp.Subquery, exp.Lateral)):
        return _outputs(source.this)
    if isinstance(source, exp.SetOperation):
        return _outputs(source.left)
    if isinstance(source, exp.Select):
        items = [item for item in source.expressions if not item.is_star]
        names = frozenset(item.alias_or_name.lower() for item in items)
        return _Outputs(names, len(items) < len(source.expressions))
    return _Outputs(more=True)


def _cte(table: "exp.Expr") -> "exp.Expr | None":
    """The CTE a table stands for: the nearest around it of that name."""
    node: exp.Expr | None = table
    while node is not None:
        ctes: list[exp.CTE] = node.args["with_"].expressions if node.args.get("with_") else []
        for cte in ctes:
            if cte.alias.lower() == table.name.lower():
                return cte
        node = node.parent
    return None


def _is_output(column: "exp.Column", select: "exp.Select") -> bool:
    """Whether a column of ORDER BY is one of the SELECT list's new names."""
    from sqlglot import exp

    order = column.find_ancestor(exp.Order, exp.Select)
    if not isinstance(order, exp.Order) or order.parent is not select:
        return False
    return column.name.lower() in {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias)}


def conjuncts(tree: "exp.Expression", names: set[str]) -> list[tuple[str, list["exp.Expression"]]]:
    """Per SELECT that reads one relation: its name and the conditions of its WHERE, split at AND.

    The conditions name columns only, so that they can be asked of the relation alone; they end before one that
    looks elsewhere (a subquery, a column of an outer query).
    """
    from sqlglot import exp

    found = []
    for select in tree.find_all(exp.Select):
        first, *others = [*_sources(select), None]
        if not isinstance(first, exp.Table) or len(others) > 1 or first.name.lower() not in names:
            continue
        where = select.args.get("where")
        together = where.this if where else exp.And()
        parts = together.flatten() if isinstance(together, exp.And) else [together]
        found.append((first.name.lower(), list(_alone(parts, _alias(first)))))
    return found


def _alone(conditions: "Iterable[exp.Expr]", alias: str) -> "Iterator[exp.Expression]":
    from sqlglot import exp

    for condition in conditions:
        tables = {column.table.lower() for column in condition.find_all(exp.Column)}
        if condition.find(exp.Query) is not None or tables - {"", alias}:
            return
        copy = exp.Paren(this=condition.unnest().copy())
        for column in copy.find_all(exp.Column):
            column.set("table", None)
        yield copy.this
