"""What is wrong with a template, at its place in the author's file."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from flowsql.errors import FlowsqlError, QueryError, excerpt
from flowsql.macros import MACROS, columns
from flowsql.naming import nearest
from flowsql.query import Query
from flowsql.template.environment import body_of, environment

if TYPE_CHECKING:
    from jinja2 import nodes

_COUNTED = re.compile(r" at \d+$")
"""A place counted in characters, which the finding tells by line and column."""
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_TRIMMING = re.compile(r"\{[{%#][-+]|[-+][%#}]\}")

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


class TemplateMistake(QueryError):
    """A template that cannot be; `kind` says which kind of wrong."""

    kind: Literal["template", "trimming", "undeclared"] = "template"

    def __init__(self, message: str, *, query: Query, at: int, hint: str | None = None) -> None:
        """`at` is the character of the body, from 0."""
        body = body_of(query)
        line, column = body.count("\n", 0, at) + 1, at - body.rfind("\n", 0, at)
        super().__init__(message, where=f"{query.place}:{line}:{column}", hint=hint)
        self.excerpt = excerpt(body, line, column)


class TrimmingTag(TemplateMistake):
    """A tag that takes blanks and line ends away."""

    kind = "trimming"


class Undeclared(TemplateMistake):
    """A name that is neither a parameter nor a macro."""

    kind = "undeclared"


def mistakes(query: Query) -> Iterator[TemplateMistake]:
    """All that is wrong with a template whatever its values are."""
    yield from unfit_lines(query)
    try:
        tree = tree_of(query)
    except TemplateMistake as failure:
        yield failure
        return
    offered = {*columns(), *MACROS, *(param.name for param in query.params)}
    yield from unfit_tags(query, tree)
    yield from unknown_names(query, tree, offered)


@lru_cache(maxsize=16)
def tree_of(query: Query) -> "nodes.Template":
    """The tree of a template, for all who only look at it; raises TemplateMistake."""
    return parsed(query)


def parsed(query: Query) -> "nodes.Template":
    """A tree of a template of one's own; raises TemplateMistake."""
    import jinja2

    try:
        return environment().parse(body_of(query))
    except jinja2.TemplateSyntaxError as failure:
        raise TemplateMistake(
            f"not a template: {_COUNTED.sub('', failure.message or '')}",
            query=query,
            at=failure.lineno - 1,
            hint="values are written {{ name }}, conditions {% if name %} … {% endif %}",
        ) from failure
    except RecursionError as failure:
        raise TemplateMistake("not a template: nested too deeply", query=query, at=0) from failure


def unfit_lines(query: Query) -> Iterator[TemplateMistake]:
    """Tags that trim, and characters that no statement may hold."""
    at = 0
    for line in body_of(query).split("\n"):
        if found := _NOT_TEXT.search(line):
            yield TemplateMistake("a character here is not text", query=query, at=at + found.start())
        if found := _TRIMMING.search(line):
            hint = f"write {found[0].replace('-', '').replace('+', '')}: line numbers stay those of the file"
            yield TrimmingTag(f"{found[0]} trims or keeps blanks", query=query, at=at + found.start(), hint=hint)
        at += len(line) + 1


def unfit_tags(query: Query, tree: "nodes.Template") -> Iterator[TemplateMistake]:
    """Conditions, loops and names only: a filter or a macro of the author's own could reach inside a literal."""
    from jinja2 import nodes

    for node in tree.find_all(nodes.Stmt):
        if not isinstance(node, (nodes.Output, nodes.If, nodes.For, nodes.Assign)):
            at = next((inner.lineno for inner in (node, *node.find_all(nodes.Node)) if inner.lineno), 1) - 1
            yield TemplateMistake(
                "a saved query has no tags but {% if %}, {% for %} and {% set name = … %}",
                query=query,
                at=at,
            )
    for filter_ in tree.find_all(nodes.Filter):
        yield TemplateMistake(
            f"a template has no filters, such as | {filter_.name}",
            query=query,
            at=filter_.lineno - 1,
            hint="write the function in SQL, around the braces: upper({{ name }})",
        )
    for sum_ in tree.find_all((nodes.BinExpr, nodes.Concat, nodes.Neg, nodes.Pos)):
        if not isinstance(sum_, (nodes.And, nodes.Or)):
            yield TemplateMistake(
                "a template does not calculate",
                query=query,
                at=sum_.lineno - 1,
                hint="write the calculation as SQL, outside the braces",
            )


def unknown_names(query: Query, tree: "nodes.Template", offered: Collection[str]) -> Iterator[Undeclared]:
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
                query=query,
                at=name.lineno - 1,
                hint=f"did you mean {near!r}?  {listed}" if near else listed,
            )


def failed(query: Query, failure: BaseException) -> TemplateMistake:
    """What went wrong while a template was rendered, at the innermost tag the failure went through."""
    at, trace = 1, failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            at = trace.tb_lineno
        trace = trace.tb_next
    message, hint = (failure.message, failure.hint) if isinstance(failure, FlowsqlError) else _in_words(failure)
    return TemplateMistake(message, query=query, at=at - 1, hint=hint)


def _in_words(failure: BaseException) -> tuple[str, str | None]:
    """Message and hint for what went wrong in an expression, without Python's words."""
    said = str(failure)
    for words, message, hint in _IN_WORDS:
        if words in said:
            return message, hint
    return "this cannot be worked out", "a template prints {{ names }} and asks {% if name %} or {% if name == 'a' %}"
