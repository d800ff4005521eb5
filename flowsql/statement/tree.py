"""sqlglot: Athena SQL as tokens and a syntax tree, or why it is none."""

import logging
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from flowsql.errors import QueryError
from flowsql.naming import did_you_mean
from flowsql.query import Rendered

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

_OPEN_ENDED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(?P<open>['"]|/\*)""", re.DOTALL)
_TOKEN = re.compile(r"<Token token_type: \S+, text: (?P<text>.*?), line: .*?>", re.DOTALL)
_READ_ONLY = "flowsql sends one read-only SELECT"
NO_RELATION = "write FROM {{ flows }} or {{ records }}"


def tree_of(rendered: Rendered) -> "exp.Expression":
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


def check_tables(tree: "exp.Expr", names: frozenset[str], place: str) -> None:
    """Whatever is read is flow logs in their window, or made from them: no other table, no file."""
    from sqlglot import exp

    ctes = {cte.alias.lower(): cte for cte in tree.find_all(exp.CTE)}
    for name in names.intersection(ctes):
        where = f"{place}:{line_of(ctes[name].args['alias'])}"
        raise QueryError(f"a CTE may not be called {name!r}: that is flow logs", where=where)
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name.lower() in (*names, *ctes):
            continue
        hint = did_you_mean(table.name, (*names, *ctes), NO_RELATION)
        what = table.sql(dialect="athena", comments=False)
        raise QueryError(f"{what} is neither flow logs nor a CTE", where=f"{place}:{line_of(table)}", hint=hint)
    for join in tree.find_all(exp.Join):
        if join.method.upper() == "NATURAL":
            where = f"{place}:{line_of(join)}"
            raise QueryError("Athena has no NATURAL JOIN", where=where, hint="JOIN … USING (column)")
