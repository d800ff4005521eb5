"""jinja2: strict names; values are bound and never pasted; every line stays on the line it has in the file."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Literal

from flowsql.errors import FlowsqlError, QueryError
from flowsql.macros import MACROS, Macros, Sql, columns
from flowsql.naming import nearest
from flowsql.params import Value
from flowsql.query import Query, Relation, Rendered, Span
from flowsql.window import Window

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

_MARK = re.compile(r"\0(\d+),(\d+)\0")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_TRIMMING = re.compile(r"\{[{%#][-+]|[-+][%#}]\}")


_FAILURES = (TypeError, AttributeError, ValueError, ArithmeticError, NameError)
"""What Python raises of a template's expressions; NameError for numbers beyond any float."""


_IN_WORDS = (
    (
        "not supported between",
        "a template does not tell which of two values is larger",
        "compare in SQL, outside the tags: AND {{ least }} > 6",
    ),
    ("not iterable", "a loop does not run over this", "all values of a parameter at once: dstport IN {{ ports }}"),
    ("not callable", "this is no macro", "relations and parameters stand without parentheses: {{ flows }}"),
    ("argument", "a macro is given too many or too few arguments", None),
    ("has no", "a value has no parts", "a parameter is written by its name alone: {{ port }}"),
)
"""What Python says of a failing expression → what an author is told."""


def render(
    query: Query, values: Mapping[str, Value], window: Window, fields: Collection[str] | None = None
) -> Rendered:
    """Bind values into a query's template → Athena SQL with the file's line numbers.

    `fields` are the columns the flow logs have, for `has('…')`; None answers yes. Raises QueryError at file:line.
    """
    import jinja2

    body = body_of(query)
    _first(_unfit_lines(query, body))
    relations: dict[str, Relation] = {}
    macros = Macros(window, fields, relations)
    offered = {**columns(), **macros.context(), **values}
    template, used = _sound(query, frozenset(offered))
    try:
        marked = template.render(offered)
    except FlowsqlError as failure:
        raise TemplateMistake(failure.message, where=_place(query, failure), hint=failure.hint) from failure
    except (jinja2.TemplateError, RecursionError, *_FAILURES) as failure:
        message, hint = _in_words(failure)
        raise TemplateMistake(message, where=_place(query, failure), hint=hint) from failure
    read = {name: relation for name, relation in relations.items() if name in used or name.startswith("baseline_")}
    sql, spans = _lined_up(marked, body, query)
    return Rendered(query, sql, window, dict(values), tuple(read.values()), spans)


@lru_cache(maxsize=16)
def _sound(query: Query, offered: frozenset[str]) -> "tuple[jinja2.Template, set[str]]":
    """The template of a query and the names it uses, all of them offered; a check renders it many times.

    Raises TemplateMistake.
    """
    body = body_of(query)
    tree = _parsed(query, body)
    _first(_unfit_tags(query, tree), _unknown_names(query, tree, offered))
    used = names_used(tree)
    _mark_pieces(tree, body)
    try:
        return _environment().from_string(tree), used
    except (SyntaxError, RecursionError) as failure:  # it is made into Python, which nests blocks so deep and no deeper
        hint = "fewer {% if … %} inside each other: conditions joined by `and`"
        raise TemplateMistake("not a template: nested too deeply", where=query.place, hint=hint) from failure


def packaged(template: str, **values: object) -> str:
    """A statement from a template that ships with flowsql, such as `create_table`; every text in it is Sql already."""
    from importlib.resources import files

    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, finalize=_only_sql, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    source = files("flowsql").joinpath("ddl", f"{template}.sql.j2").read_text("utf-8")
    return environment.from_string(source).render(values)


def _only_sql(value: object) -> str:
    """What a packaged template may print."""
    if not isinstance(value, Sql):
        raise TypeError(f"{value!r} is not quoted")
    return value


def mistakes(query: Query) -> Iterator["TemplateMistake"]:
    """All that is wrong with a template whatever its values are."""
    body = body_of(query)
    yield from _unfit_lines(query, body)
    try:
        tree = _parsed(query, body)
    except TemplateMistake as failure:
        yield failure
        return
    offered = {*columns(), *MACROS, *(param.name for param in query.params)}
    yield from _unfit_tags(query, tree)
    yield from _unknown_names(query, tree, offered)


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
    tree = _parsed(query, body)
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
    return names_used(_parsed(query, body_of(query)))


class TemplateMistake(QueryError):
    """A template that cannot be; `kind` says which kind of wrong."""

    kind: Literal["template", "trimming", "undeclared"] = "template"


class TrimmingTag(TemplateMistake):
    """A tag that takes blanks and line ends away."""

    kind = "trimming"


class Undeclared(TemplateMistake):
    """A name that is neither a parameter nor a macro."""

    kind = "undeclared"


def _first(*found: Iterable[TemplateMistake]) -> None:
    for mistake in chain(*found):
        raise mistake


def body_of(query: Query) -> str:
    """The body with `\\n` line ends."""
    return query.body.replace("\r\n", "\n").replace("\r", "\n")


def _unfit_lines(query: Query, body: str) -> Iterator[TemplateMistake]:
    """Tags that trim, and characters that no statement may hold."""
    for number, line in enumerate(body.split("\n"), 1):
        place = f"{query.place}:{number}"
        if _NOT_TEXT.search(line):
            yield TemplateMistake("a character here is not text", where=place)
        if found := _TRIMMING.search(line):
            hint = f"write {found[0].replace('-', '').replace('+', '')}: line numbers stay those of the file"
            yield TrimmingTag(f"{found[0]} trims or keeps blanks", where=place, hint=hint)


def _parsed(query: Query, body: str) -> "nodes.Template":
    import jinja2

    try:
        return _environment().parse(body)
    except jinja2.TemplateSyntaxError as failure:
        raise TemplateMistake(
            f"not a template: {failure.message}",
            where=f"{query.place}:{failure.lineno}",
            hint="values are written {{ name }}, conditions {% if name %} … {% endif %}",
        ) from failure
    except RecursionError as failure:
        raise TemplateMistake("not a template: nested too deeply", where=query.place) from failure


def _unfit_tags(query: Query, tree: "nodes.Template") -> Iterator[TemplateMistake]:
    """Conditions, loops and names only: a filter or a macro of the author's own could reach inside a literal."""
    from jinja2 import nodes

    for node in tree.find_all(nodes.Stmt):
        if not isinstance(node, (nodes.Output, nodes.If, nodes.For, nodes.Assign)):
            line = next((inner.lineno for inner in (node, *node.find_all(nodes.Node)) if inner.lineno), 1)
            yield TemplateMistake(
                "a saved query has no tags but {% if %}, {% for %} and {% set name = … %}",
                where=f"{query.place}:{line}",
            )
    for filter_ in tree.find_all(nodes.Filter):
        yield TemplateMistake(
            f"a template has no filters, such as | {filter_.name}",
            where=f"{query.place}:{filter_.lineno}",
            hint="write the function in SQL, around the braces: upper({{ name }})",
        )
    for sum_ in tree.find_all((nodes.BinExpr, nodes.Concat, nodes.Neg, nodes.Pos)):
        if not isinstance(sum_, (nodes.And, nodes.Or)):
            yield TemplateMistake(
                "a template does not calculate",
                where=f"{query.place}:{sum_.lineno}",
                hint="write the calculation as SQL, outside the braces",
            )


def names_used(tree: "nodes.Template") -> set[str]:
    """The names of a template, assigned ones too."""
    from jinja2 import nodes

    return {name.name for name in tree.find_all(nodes.Name)}


def _unknown_names(query: Query, tree: "nodes.Template", offered: Collection[str]) -> Iterator[Undeclared]:
    """Names that do not exist: found before rendering, so that each has its line."""
    from jinja2 import nodes

    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in offered and name.name not in stored:
            declared = sorted(param.name for param in query.params)
            near = nearest(name.name, declared) or nearest(name.name, offered)
            listed = f"Declared: {', '.join(declared)}" if declared else "It declares none."
            yield Undeclared(
                f"{{{{ {name.name} }}}} is not a parameter of this query",
                where=f"{query.place}:{name.lineno}",
                hint=f"did you mean {near!r}?  {listed}" if near else listed,
            )


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
    for _, kind, text in _environment().lex(body):
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
            raise QueryError("a loop may not add lines", where=f"{query.place}:{wanted}", hint=hint)
        pieces += [piece, "\n" * (wanted - line)]
        length += len(piece) + wanted - line
        spans.append(Span(length, int(mark[1]), int(mark[2])))
        line, at = wanted, mark.end()
    return "".join(pieces), tuple(spans)


def _in_words(failure: BaseException) -> tuple[str, str | None]:
    """Message and hint for what went wrong in an expression, without Python's words."""
    said = str(failure)
    for words, message, hint in _IN_WORDS:
        if words in said:
            return message, hint
    return "this cannot be worked out", "a template prints {{ names }} and asks {% if name %} or {% if name == 'a' %}"


def _spelled(value: object) -> str:
    """A constant as the author wrote it; anything else by its kind only, since its insides are not for people."""
    return repr(value) if type(value) in (str, int, float, bool, type(None)) else f"a {type(value).__name__}"


def _finalize(value: object) -> str:
    """What `{{ … }}` may print: a bound value as its literal, or SQL a macro made."""
    import jinja2

    if isinstance(value, Sql):
        return value
    if isinstance(value, Value):
        if value.literal is None:
            raise QueryError(
                f"{{{{ {value.name} }}}} was not given", hint=f"guard it: {{% if {value.name} %}} … {{% endif %}}"
            )
        return value.literal
    if isinstance(value, jinja2.Undefined):
        str(value)  # a strict one raises the error that says what is missing
        raise QueryError("{{ … }} has nothing to print", hint="an inline if needs its else")
    if callable(value):
        raise QueryError("a macro is written with its arguments", hint="for example {{ bucket('5m') }}")
    raise QueryError(
        f"{{{{ … }}}} may print a parameter or a macro, not {_spelled(value)}",
        hint="write the constant as SQL, outside the braces",
    )


@cache
def _environment() -> "SandboxedEnvironment":
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        autoescape=False,
        keep_trailing_newline=True,
        cache_size=0,
    )


def _place(query: Query, failure: BaseException) -> str:
    """file:line of the innermost template line a failure went through."""
    line, trace = None, failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{query.place}:{line}" if line else query.place
