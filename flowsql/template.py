"""jinja2: strict names; values are bound and never pasted; line numbers hold."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

from flowsql.errors import FlowsqlError, QueryError
from flowsql.macros import Macros, Sql, columns
from flowsql.naming import nearest
from flowsql.params import Value
from flowsql.query import Query, Relation, Rendered
from flowsql.window import Window

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def render(
    query: Query, values: Mapping[str, Value], window: Window, fields: Collection[str] | None = None
) -> Rendered:
    """Bind values into a query's template → Athena SQL with the file's line numbers.

    `fields` are the columns the flow logs have, for `has('…')`; None answers yes. Raises QueryError at file:line.
    """
    import jinja2

    relations: dict[str, Relation] = {}
    macros = Macros(window, fields, relations)
    offered = {**columns(), **macros.context(), **values}
    tree = _parsed(query)
    used = _check_names(query, tree, offered)
    try:
        sql = _environment().from_string(tree).render(offered)
    except QueryError as failure:
        raise QueryError(failure.message, where=failure.where or query.place, hint=failure.hint) from failure
    except FlowsqlError:
        raise
    except (jinja2.TemplateError, TypeError, AttributeError, ValueError, ArithmeticError) as failure:
        raise QueryError(f"the template fails: {failure}", where=_place(query, failure)) from failure
    read = {name: relation for name, relation in relations.items() if name in used or name.startswith("baseline_")}
    return Rendered(query, sql, window, dict(values), tuple(read.values()))


def _parsed(query: Query) -> "jinja2.nodes.Template":  # type: ignore[name-defined]  # noqa: F821
    import jinja2

    try:
        return _environment().parse(query.body)
    except jinja2.TemplateSyntaxError as failure:
        raise QueryError(
            f"not a template: {failure.message}",
            where=f"{query.place}:{failure.lineno}",
            hint="values are written {{ name }}, conditions {% if name %} … {% endif %}",
        ) from failure


def _check_names(query: Query, tree: object, offered: Mapping[str, object]) -> set[str]:
    """Every name a template uses must exist: found before rendering, so that each has its line."""
    from jinja2 import nodes

    assert isinstance(tree, nodes.Template)
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    used = set()
    for name in tree.find_all(nodes.Name):
        used.add(name.name)
        if name.ctx == "load" and name.name not in offered and name.name not in stored:
            declared = [param.name for param in query.params]
            hint = nearest(name.name, offered)
            listed = f"Declared: {', '.join(declared)}" if declared else "It declares none."
            raise QueryError(
                f"{{{{ {name.name} }}}} is not a parameter of this query",
                where=f"{query.place}:{name.lineno}",
                hint=f"did you mean {hint!r}?  {listed}" if hint else listed,
            )
    return used


def _finalize(value: object) -> str:
    """What `{{ … }}` may print: a bound value as its literal, or SQL a macro made."""
    if isinstance(value, Sql):
        return value
    if isinstance(value, Value):
        if value.literal is None:
            raise QueryError(
                f"{{{{ {value.name} }}}} was not given", hint=f"guard it: {{% if {value.name} %}} … {{% endif %}}"
            )
        return value.literal
    if callable(value):
        raise QueryError("a macro is written with its arguments", hint="for example {{ bucket('5m') }}")
    raise QueryError(
        f"{{{{ … }}}} may print a parameter or a macro, not {value!r}",
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
