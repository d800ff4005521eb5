"""jinja2: strict names; values are bound and never pasted; every line stays on the line it has in the file."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from flowsql.errors import FlowsqlError
from flowsql.macros import Macros, Sql, columns
from flowsql.params import Value
from flowsql.query import Query, Relation, Rendered, Span
from flowsql.template.environment import body_of, environment
from flowsql.template.mistakes import TemplateMistake, failed, parsed, tree_of, unfit_lines, unfit_tags, unknown_names
from flowsql.window import Window

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

_MARK = re.compile(r"\0(\d+),(\d+)\0")


_FAILURES = (TypeError, AttributeError, ValueError, ArithmeticError, NameError)
"""What Python raises of a template's expressions; NameError for numbers beyond any float."""


def render(
    query: Query, values: Mapping[str, Value], window: Window, fields: Collection[str] | None = None
) -> Rendered:
    """Bind values into a query's template → Athena SQL with the file's line numbers.

    `fields` are the columns the flow logs have, for `has('…')`; None answers yes. Raises QueryError at file:line.
    """
    import jinja2

    body = body_of(query)
    _first(unfit_lines(query))
    relations: dict[str, Relation] = {}
    macros = Macros(window, fields, relations)
    offered = {**columns(), **macros.context(), **values}
    template, used = _sound(query, frozenset(offered))
    try:
        marked = template.render(offered)
    except (FlowsqlError, jinja2.TemplateError, RecursionError, *_FAILURES) as failure:
        raise failed(query, failure) from failure
    read = {name: relation for name, relation in relations.items() if name in used or name.startswith("baseline_")}
    sql, spans = _lined_up(marked, body, query)
    return Rendered(query, sql, window, dict(values), tuple(read.values()), spans)


@lru_cache(maxsize=16)
def _sound(query: Query, offered: frozenset[str]) -> "tuple[jinja2.Template, set[str]]":
    """The template of a query and the names it uses, all of them offered; a check renders it many times.

    Raises TemplateMistake.
    """
    tree = parsed(query)
    _first(unfit_tags(query, tree), unknown_names(query, tree, offered))
    used = names_used(tree)
    _mark_pieces(tree, body_of(query))
    try:
        return environment().from_string(tree), used
    except (SyntaxError, RecursionError) as failure:  # it is made into Python, which nests blocks so deep and no deeper
        hint = "fewer {% if … %} inside each other: conditions joined by `and`"
        raise TemplateMistake("not a template: nested too deeply", query=query, at=0, hint=hint) from failure


def packaged(template: str, **values: object) -> str:
    """A statement from a template that ships with flowsql, such as `create_table`; every text in it is Sql already."""
    from importlib.resources import files

    import jinja2

    plain = jinja2.Environment(
        undefined=jinja2.StrictUndefined, finalize=_only_sql, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    source = files("flowsql").joinpath("ddl", f"{template}.sql.j2").read_text("utf-8")
    return plain.from_string(source).render(values)


def _only_sql(value: object) -> str:
    """What a packaged template may print."""
    if not isinstance(value, Sql):
        raise TypeError(f"{value!r} is not quoted")
    return value


@dataclass(frozen=True, slots=True)
class Branches:
    """By what a template decides which SQL it becomes."""

    pieces: frozenset[int]
    """Where in the body the pieces of SQL begin that are more than blanks."""
    together: tuple[Mapping[str, object], ...]
    """For each condition: the names that it and those around it compare with constants, and these constants."""
    compared: Mapping[str, tuple[object, ...]]
    """Name → every constant that it is compared with."""
    fields: tuple[str, ...]
    """What `has('…')` is asked."""
    within: tuple[Mapping[str, object], ...]
    """What is compared within placeholders and assignments, where no piece of SQL shows the branch."""


def branches_of(query: Query) -> Branches:
    """The branches of a template; raises QueryError when it is no template."""
    from jinja2 import nodes

    body = body_of(query)
    tree = tree_of(query)
    together: list[Mapping[str, object]] = []

    def walk(node: nodes.Node, around: Mapping[str, object]) -> None:
        if isinstance(node, nodes.If):
            within = {**around, **dict(_compared(node.test))}
            together.append(within)
            for child in node.body:
                walk(child, within)
            for child in (*node.elif_, *node.else_):
                walk(child, around)
        else:
            for child in node.iter_child_nodes():
                walk(child, around)

    walk(tree, {})
    compared: dict[str, tuple[object, ...]] = {}
    for name, value in _compared(tree):
        compared[name] = (*compared.get(name, ()), value)
    asked = [call.args[0] for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.args]
    fields = tuple(dict.fromkeys(arg.value for arg in asked if isinstance(arg, nodes.Const)))
    inner = tree.find_all((nodes.CondExpr, nodes.Assign))
    within = tuple({name: value} for node in inner for name, value in _compared(node))
    return Branches(frozenset(_pieces_at(body, blank=False)), tuple(together), compared, fields, within)


def _compared(tree: "nodes.Node") -> Iterator[tuple[str, object]]:
    """The names under a node that are compared with constants, each with each constant."""
    from jinja2 import nodes

    found = (tree, *tree.find_all(nodes.Compare)) if isinstance(tree, nodes.Compare) else tree.find_all(nodes.Compare)
    for compare in found:
        sides = (compare.expr, *(operand.expr for operand in compare.ops))
        names = [side.name for side in sides if isinstance(side, nodes.Name)]
        constants = [
            each.value
            for side in sides
            for each in (side.items if isinstance(side, (nodes.Tuple, nodes.List)) else (side,))
            if isinstance(each, nodes.Const)
        ]
        yield from ((name, constant) for name in names for constant in constants)


def names_in(query: Query) -> set[str]:
    """Every name a template uses; raises QueryError when it is no template."""
    return names_used(tree_of(query))


def _first(*found: Iterable[TemplateMistake]) -> None:
    for mistake in chain(*found):
        raise mistake


def names_used(tree: "nodes.Template") -> set[str]:
    """The names of a template, assigned ones too."""
    from jinja2 import nodes

    return {name.name for name in tree.find_all(nodes.Name)}


def _mark_pieces(tree: "nodes.Template", body: str) -> None:
    """Put its place in the body before every piece of SQL, since what a condition leaves out takes its lines along."""
    from jinja2 import nodes

    places = list(_pieces_at(body))

    def pieces(node: nodes.Node) -> Iterator[nodes.TemplateData]:
        """In the order they are written."""
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.TemplateData):
                yield child
            yield from pieces(child)

    for data, place in zip(pieces(tree), places, strict=True):
        data.data = f"\0{place},{len(data.data)}\0{data.data}"


def _pieces_at(body: str, *, blank: bool = True) -> Iterator[int]:
    """Where the pieces of SQL begin; with `blank` those of blanks too."""
    at = 0
    for _, kind, text in environment().lex(body):
        if kind == "data" and (blank or text.strip()):
            yield at
        at += len(text)


def _lined_up(marked: str, body: str, query: Query) -> tuple[str, tuple[Span, ...]]:
    """Each piece of SQL on its own line again: blank lines stand where a condition left something out."""
    pieces, spans, line, at, length = [], [], 1, 0, 0
    marked += f"\0{len(body)},0\0"
    for mark in _MARK.finditer(marked):
        piece = marked[at : mark.start()]
        line += piece.count("\n")
        wanted = body.count("\n", 0, int(mark[1])) + 1
        if wanted < line:
            hint = "write the rows out, or keep the loop on one line"
            raise TemplateMistake("a loop may not add lines", query=query, at=int(mark[1]), hint=hint)
        pieces += [piece, "\n" * (wanted - line)]
        length += len(piece) + wanted - line
        spans.append(Span(length, int(mark[1]), int(mark[2])))
        line, at = wanted, mark.end()
    return "".join(pieces), tuple(spans)
