"""Every shipped query: its header, its cases, its contract with the SELECT, and the Athena SQL it becomes.

A new query costs nothing here but one run of `FLOWSQL_WRITE_GOLDEN=1 pytest tests/test_catalogue.py`.
"""

import keyword
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2
import pytest
import sqlglot
from jinja2 import meta
from sqlglot import exp

from flowsql import frontmatter
from flowsql.cases import cases_path, check, read_cases
from flowsql.dialects.duckdb import to_duckdb
from flowsql.errors import QueryError
from flowsql.fields import known
from flowsql.library import Library, packaged_folder
from flowsql.naming import python_name
from flowsql.params import TYPES, Param, Value, bind
from flowsql.query import Query, Rendered
from flowsql.questions import kind_of, needed_fields
from flowsql.session import Flows, in_memory
from flowsql.statement import parse
from flowsql.template import render
from flowsql.window import Window

LIBRARY = Library((packaged_folder(),))
SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
GOLDEN = Path(__file__).parent / "golden" / "rendered"

ORDERED_BY_PLACE = ("performance/slow-instance",)
"""Ordered by a number that each row has of its own, which cannot be read from GROUP BY."""

every_query = pytest.mark.parametrize("name", LIBRARY.paths)


def values(query: Query, *, everything: bool = False) -> dict[str, Value]:
    """Defaults, examples where there is no default, and nothing or also an example for what is optional."""

    def value(param: Param) -> str | None:
        if param.default is not None or (param.optional and not everything):
            return None
        return param.choices[0] if param.choices else TYPES[param.type].example

    return {param.name: bind(param, value(param)) for param in query.params}


def renderings(query: Query) -> dict[str, Rendered]:
    """A query in its extremes: all fields or none but those it needs, optional parameters given or not."""
    return {
        "all fields": render(query, values(query), WINDOW, None),
        "few fields": render(query, values(query), WINDOW, ()),
        "all fields, everything given": render(query, values(query, everything=True), WINDOW, None),
        "few fields, everything given": render(query, values(query, everything=True), WINDOW, ()),
    }


def outputs(tree: exp.Expression) -> list[str]:
    assert isinstance(tree, exp.Query)
    return [str(name) for name in tree.named_selects]


def test_every_file_can_be_read() -> None:
    assert [str(problem) for problem in LIBRARY.loaded[1]] == []
    assert len(LIBRARY) >= 30


def test_names_are_unambiguous_and_usable_in_python() -> None:
    names = [python_name(name) for name in LIBRARY.paths]
    assert len(set(names)) == len(names)
    for full, name in zip(LIBRARY.paths, names, strict=True):
        assert full.count("/") == 1, "folders are topics, one level deep"
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not hasattr(Flows, name), f"Flows.{name} is something else"


@every_query
def test_the_header_says_what_the_query_is_for(name: str) -> None:
    query = LIBRARY.find(name)
    assert 0 < len(query.title) <= 60
    assert len(query.description) >= 40
    assert query.tags
    assert len(set(query.tags)) == len(query.tags)
    assert all(param.help for param in query.params)


@every_query
def test_all_cases_pass(name: str) -> None:
    query, path = LIBRARY.find(name), cases_path(LIBRARY.paths[name])
    assert path.is_file(), f"{name} has no cases"
    cases = read_cases(path, query)
    assert any(case.expect for case in cases), "some case must find something"
    assert any(case.other for case in cases), "some case must leave something out"
    for number, case in enumerate(cases):
        if number or len(cases) == 1:  # the order in which records come must not matter
            case = replace(case, found=case.found[::-1], other=case.other[::-1])
        assert check(case, query, in_memory(query, LIBRARY)) == [], f"{case.place} {case.name}"


@every_query
def test_every_parameter_is_used(name: str) -> None:
    query = LIBRARY.find(name)
    used = meta.find_undeclared_variables(jinja2.Environment().parse(query.body))
    assert {param.name for param in query.params} <= used


@every_query
def test_the_select_keeps_its_contract(name: str) -> None:
    query = LIBRARY.find(name)
    file_lines = LIBRARY.paths[name].read_text("utf-8").count("\n")
    declared = [column.name for column in query.columns]
    for label, rendered in renderings(query).items():
        assert rendered.sql.count("\n") == file_lines, label
        statement = parse(rendered, to_duckdb)
        assert outputs(statement.tree) == declared, label
        assert not statement.reads_all, label
        assert not rendered.sql.rstrip().endswith(";"), label
        if name not in ORDERED_BY_PLACE:
            assert_total_order(statement.tree, label)
        assert outputs(sqlglot.parse_one(rendered.sql, read="trino")) == declared, label


def assert_total_order(tree: exp.Expression, label: str) -> None:
    """ORDER BY names what tells two rows apart, as far as that can be read from GROUP BY."""
    ordered = tree.args.get("order")
    assert ordered is not None, f"{label}: no ORDER BY"
    if not isinstance(tree, exp.Select):
        named = {item.this.name for item in ordered.expressions}
        assert set(outputs(tree)) <= named, f"{label}: a union is ordered by all its columns"
        return
    selected = {item.alias: item.this for item in tree.expressions if isinstance(item, exp.Alias)}
    settled = [selected.get(item.this.name, item.this) for item in ordered.expressions]
    for key in row_keys(tree):
        covered = any(key in list(expression.find_all(type(key))) for expression in settled)
        assert covered, f"{label}: ties of {key.sql()} are in no order"


def row_keys(select: exp.Select) -> list[exp.Expr]:
    """The expressions that tell two input rows of a SELECT apart: its GROUP BY, or that of the one CTE it reads."""
    source = only_cte(select)
    group = select.args.get("group")
    offered = {item.alias_or_name: item.unalias() for item in source.expressions} if source is not None else {}
    if group is not None:
        return [key for key in group.expressions if not is_constant(key, select)]
    keys: list[exp.Expr] = []
    for key in row_keys(source) if source is not None else []:
        names = [name for name, item in offered.items() if key in list(item.find_all(type(key)))]
        keys += [exp.column(name) for name in names[:1]]
    return keys


def is_constant(item: exp.Expr, select: exp.Select) -> bool:
    """Whether an expression is a literal, or a column that is one in the CTE it comes from."""
    source = only_cte(select)
    if not isinstance(item, exp.Column) or source is None:
        return isinstance(item, exp.Literal)
    found = [inner.unalias() for inner in source.expressions if inner.alias_or_name == item.name]
    return any(is_constant(inner, source) for inner in found)


def only_cte(select: exp.Select) -> exp.Select | None:
    """The body of the one CTE that a SELECT reads; None when it reads something else or several."""
    ctes = {cte.alias: cte.this for cte in select.root().find_all(exp.CTE)}
    start = select.args.get("from_")
    body = ctes.get(start.this.name) if start is not None and not select.args.get("joins") else None
    return body if isinstance(body, exp.Select) else None


@every_query
def test_the_fields_it_needs_are_documented_and_fewer_than_those_it_can_use(name: str) -> None:
    query = LIBRARY.find(name)
    needed = needed_fields(query)
    kind = kind_of(query)
    assert all(known(column, kind) for column in needed)
    full = set(parse(renderings(query)["all fields, everything given"]).columns) - {"start_time", "end_time"}
    assert needed - full == set() or "{% else %}" in query.body


@every_query
def test_the_athena_sql_is_as_it_was(name: str, golden: Callable[[str, str], None]) -> None:
    query = LIBRARY.find(name)
    golden(f"rendered/{name}.sql", render(query, values(query), WINDOW, None).sql.strip("\n") + "\n")


def test_no_golden_sql_is_left_of_a_query_that_is_gone() -> None:
    kept = {path.relative_to(GOLDEN).with_suffix("").as_posix() for path in GOLDEN.rglob("*.sql")}
    assert kept == set(LIBRARY.paths)


PIECES = (
    *(
        "{{",
        "}}",
        "{% if x %}",
        "{% endif %}",
        "{#",
        "'",
        '"',
        "--",
        "/*",
        "*/",
        "(",
        ")",
        ";",
        "\n",
        ":",
        "[",
        "]",
        "\t",
    ),
    *(
        "&a ",
        "*a",
        "\\",
        "%",
        "é",
        "\u2028",
        "\ufeff",
        "SELECT ",
        "FROM ",
        "WITH ",
        "JOIN ",
        "*",
        "{{ 5 }}",
        "INTO x ",
        "?",
    ),
)


def test_a_spoilt_file_is_an_error_with_its_place_and_never_a_crash() -> None:
    chance = random.Random("flowsql")
    texts = [path.read_text("utf-8") for path in LIBRARY.paths.values()]
    places = []
    for _ in range(250):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice((*PIECES, "")) + text[at + chance.choice((0, 0, 1, 5)) :]
        try:
            query = frontmatter.parse(text, "topic/spoilt")
            parse(render(query, values(query), WINDOW, ()))
        except QueryError as failure:
            places.append(str(failure.where))
    assert len(places) > 100
    assert all(place.startswith("topic/spoilt") for place in places)
