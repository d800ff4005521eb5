"""Every way a template may render: parameter values and fields that between them take its branches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flowsql.errors import QueryError, UsageError
from flowsql.params import Param, Value, bind
from flowsql.query import Query, Rendered
from flowsql.table import Table
from flowsql.template import Branches, branches_of, render
from flowsql.window import Window

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = Window(_MOMENT, _MOMENT + timedelta(hours=1))
"""The window files are checked with."""
_PLAIN = ("1", "2", "a", "b", "22,23", "REJECT", "ACCEPT", "10.0.0.1", "10.0.0.2", "udp", "1h", "2h")
"""Values that fit one type or another, for branches that any other value takes."""

_Values = Mapping[str, Value]
_Given = tuple[_Values, tuple[str, ...] | None]
"""Parameter values, and the fields that `has` answers yes to; None for all."""


@dataclass(slots=True)
class Renderings:
    """What a template becomes, each text once."""

    query: Query
    table: Table | None = None
    """What `has` answers by, where it is known."""
    rendered: dict[str, Rendered] = field(default_factory=dict)
    failures: dict[str, QueryError] = field(default_factory=dict)
    unreached: tuple[int, ...] = ()
    """Where in the body the pieces of SQL begin that no value that was tried shows."""

    def add(self, given: _Given) -> frozenset[int]:
        """Render once more; which pieces of SQL that shows."""
        try:
            rendered = render(self.query, given[0], WINDOW, self.table.columns if self.table else given[1])
        except QueryError as failure:
            self.failures.setdefault(str(failure), failure)
            return frozenset()
        self.rendered.setdefault(rendered.sql, rendered)
        return frozenset(span.source for span in rendered.spans)


def examples(query: Query) -> _Values:
    """Every parameter's default, or a value as one might give it."""
    return {param.name: bind(param, _example(param)) for param in query.params}


def renderings(query: Query, table: Table | None = None) -> Renderings:
    """Render with all parameters, with none that may be left out, with each choice; then for branches still untaken."""
    made = Renderings(query, table)
    full = examples(query)
    bare = {param.name: bind(param) if not param.required else full[param.name] for param in query.params}
    shown = frozenset[int]().union(*map(made.add, _usual(query, full, bare)))
    if made.failures:
        return made
    branches = branches_of(query)
    for values in branches.within:
        shown |= made.add(({**full, **_bound_all(query, values)}, None))
    missing = branches.pieces - shown
    for given in _others(query, branches, full, bare) if missing else ():
        before = dict(made.rendered)
        showing = made.add(given)
        if not showing & missing:
            made.rendered = before  # the same branches with other values: nothing new to ask
        missing -= showing
        if not missing:
            break
    # Of a table that is known some branches are never taken.
    if not made.failures and table is None:
        made.unreached = tuple(sorted(missing))
    return made


def _usual(query: Query, full: _Values, bare: _Values) -> Iterator[_Given]:
    yield full, None
    yield bare, None
    yield full, ()
    for param in query.params:
        for other in param.choices or (("true", "false") if param.type == "bool" else ()):
            yield {**full, param.name: bind(param, other)}, None


def _others(query: Query, branches: Branches, full: _Values, bare: _Values) -> Iterator[_Given]:
    """Values that conditions name, alone and together, and others; one parameter less or more; fields."""
    params = {param.name: param for param in query.params}
    away = {name: _another(param, branches.compared.get(name, ())) or full[name] for name, param in params.items()}
    rest = {name: away[name] if bound.literal is not None else bound for name, bound in bare.items()}
    single = [{name: value} for name, values in branches.compared.items() for value in values]
    for name in branches.fields:
        yield from ((base, (name,)) for base in (full, bare))
        yield full, tuple(other for other in branches.fields if other != name)
    for wanted in ({}, *filter(None, branches.together), *single):
        values = _bound_all(query, wanted)
        yield from (({**base, **values}, None) for base in (full, bare, away, rest))
    for name in params:
        for most, least in ((full, bare), (away, rest)):
            yield {**most, name: least[name]}, None
            yield {**least, name: most[name]}, None


def _another(param: Param, compared: tuple[object, ...]) -> Value | None:
    """A value that no condition names."""
    taken = {(bound.literal, bound.items) for value in compared if (bound := _bound(param, value))}
    others = filter(None, (_bound(param, value) for value in (param.example, param.min, param.max, *_PLAIN)))
    return next((bound for bound in others if (bound.literal, bound.items) not in taken), None)


def _bound_all(query: Query, wanted: Mapping[str, object]) -> _Values:
    """Constants of the template as values, those that can be."""
    params = {param.name: param for param in query.params}
    return {name: bound for name, value in wanted.items() if (bound := _bound(params.get(name), value))}


def _bound(param: Param | None, value: object) -> Value | None:
    """A constant of the template as the parameter's value; None where it cannot be one."""
    if param is None or value is None:
        return None
    try:
        return bind(param, str(value).lower() if isinstance(value, bool) else str(value))
    except UsageError:
        return None


def _example(param: Param) -> str | None:
    return param.example if param.default is None else None
