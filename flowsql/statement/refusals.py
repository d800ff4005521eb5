"""What flowsql refuses to run: all but one read-only SELECT over flow logs in their window."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flowsql.naming import did_you_mean, nearest
from flowsql.statement.parts import Part

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

Find = Callable[..., Iterable[Any]]
"""The nodes of some kinds in a tree: `tree.find_all`, or what has looked at all of them once."""

READ_ONLY = "flowsql sends one read-only SELECT"
NO_RELATION = "write FROM {{ flows }} or {{ records }}"


_WRITING = ("INSERT", "UPDATE", "DELETE", "MERGE")
"""What some databases take in parentheses where a query may stand."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused, where, and what to write instead."""

    message: str
    at: "exp.Expr | Token | None" = None
    hint: str | None = None


def not_a_select(part: Part, find: Find | None = None) -> Iterator[Refusal]:
    """A statement that is no SELECT, by its first word, and whatever writes inside of one, by the tree.

    `find` gives the nodes of some kinds in its tree, where somebody knows them.
    """
    from sqlglot import exp

    words = [token for token in part.tokens if token.text and token.text != "("]
    if part.tokens and not words:
        yield Refusal("there is no SELECT", None, READ_ONLY)
        return
    if words and words[0].token_type.name not in ("SELECT", "WITH", "VALUES"):
        first = words[0].text.upper()
        refusal = _only_a_select(first, words[0])
        meant = nearest(first, ("SELECT", "WITH"), 0.75)  # DELETE is like SELECT by two thirds
        yield replace(refusal, hint=f"did you mean {meant}?") if meant else refusal
        return
    tree = part.tree
    if tree is None:
        for before, word in zip(part.tokens, part.tokens[1:], strict=False):
            if before.text == "(" and word.text.upper() in _WRITING and word.token_type.name == word.text.upper():
                yield _only_a_select(word.text.upper(), word)
        return
    writing = list((find or tree.find_all)(exp.DML, exp.DDL, exp.Command, exp.Into))
    for node in writing:
        verbs = [token for token in words if token.text.upper() == node.key.upper()]
        yield _only_a_select(node.key.upper(), verbs[0] if verbs else node)
    if not writing and not isinstance(tree, exp.Query):
        yield _only_a_select(tree.key.upper(), tree)


def _only_a_select(what: str, at: "exp.Expr | Token") -> Refusal:
    return Refusal(f"only a SELECT may run, not {what}", at, READ_ONLY)


def several(parts: Sequence[Part]) -> Iterator[Refusal]:
    """All that follows the first statement."""
    if len(parts) > 1:
        second = next((token for token in parts[1].tokens if token.text), None)
        yield Refusal(f"{len(parts)} statements instead of one SELECT", second, READ_ONLY)


def hidden(find: Find, names: frozenset[str]) -> Iterator[Refusal]:
    """CTEs with the name of a relation; `find` gives the nodes of some kinds."""
    from sqlglot import exp

    for cte in find(exp.CTE):
        if cte.alias.lower() in names:
            message = f"a CTE may not be called {cte.alias.lower()!r}: that is flow logs"
            yield Refusal(message, cte.args["alias"], "give it another name")


def foreign(find: Find, names: frozenset[str]) -> Iterator[Refusal]:
    """Whatever is read that is neither flow logs in their window, nor made from them: another table, a file."""
    from sqlglot import exp

    known = (*names, *(cte.alias.lower() for cte in find(exp.CTE)))
    for table in find(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name.lower() in known:
            continue
        what = table.sql(dialect="athena", comments=False)
        hint = did_you_mean(table.name, known, NO_RELATION)
        yield Refusal(f"{what} is neither flow logs nor a CTE", table, hint)


def natural(find: Find) -> Iterator[Refusal]:
    """Joins Athena does not have."""
    from sqlglot import exp

    for join in find(exp.Join):
        if join.method.upper() == "NATURAL":
            yield Refusal("Athena has no NATURAL JOIN", join, "JOIN … USING (column)")
