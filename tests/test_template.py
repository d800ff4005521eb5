"""Templates: strict names, bound values, every line on its own line, and nothing that could paste text."""

from datetime import UTC, datetime, timedelta

import pytest

from flowsql.errors import QueryError
from flowsql.params import Param, bind
from flowsql.query import Query
from flowsql.template import render
from flowsql.window import Window

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
PARAMS = (
    Param("port", "port", default="22"),
    Param("limit", "int", default="100"),
    Param("net", "cidr", optional=True),
    Param("replies", "bool", default="false"),
    Param("by", "choice", default="bytes", choices=("bytes", "packets")),
    Param("ports", "ports", optional=True),
)


def sql(body: str, fields: tuple[str, ...] | None = None, **given: object) -> str:
    query = Query("connectivity/test", "", "", PARAMS, (), (), body)
    return render(query, {param.name: bind(param, given.get(param.name)) for param in PARAMS}, WINDOW, fields).sql


def failure(body: str, **given: object) -> str:
    with pytest.raises(QueryError) as raised:
        sql(body, **given)
    where, _, column = (raised.value.where or "").rpartition(":")
    assert column.isdecimal()
    return str(QueryError(raised.value.message, where=where, hint=raised.value.hint))


def test_values_become_literals() -> None:
    body = "SELECT 1 FROM {{ flows }} WHERE dstport = {{ port }} AND x IN {{ ports }}\n"
    assert sql(body, ports="80,443") == "SELECT 1 FROM flows WHERE dstport = 22 AND x IN (80, 443)\n"


def test_what_a_condition_leaves_out_keeps_its_lines() -> None:
    body = (
        "SELECT\n{% if net %}\n  net,\n{% elif replies %}\n  replies,\n  too,\n{% else %}\n  neither,\n{% endif %}\n"
        "FROM {{ flows }}\n"
    )
    assert sql(body).splitlines() == ["SELECT", *[""] * 6, "  neither,", "", "FROM flows"]
    assert sql(body, net="10.0.0.0/8").splitlines() == ["SELECT", "", "  net,", *[""] * 6, "FROM flows"]
    assert sql(body, replies=True).splitlines() == [
        "SELECT",
        *[""] * 3,
        "  replies,",
        "  too,",
        *[""] * 3,
        "FROM flows",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "{# a\ncomment #}\nSELECT {{ port }}\n",
        "SELECT {{\n  port\n}}\nFROM {{ flows }}\n",
        "{% set pkt = has('pkt_srcaddr')\n  and has('pkt_dstaddr') %}\nSELECT {% if pkt %}1{% else %}2{% endif %}\n",
        "SELECT {% if net %}\n1\n{% endif %} 2 {% if port %}\n\n3{% endif %}\n",
        "{% if port %}{% if net %}\na\n{% else %}\nb\n{% endif %}\n{% endif %}\nc\n",
        "{% raw %}\n{{ not_a_name }}\n{% endraw %}\n",
        "{% for item in [1, 2, 3] %}{{ port }}, {% endfor %}\n1\n",
        "no template at all\n\n\n",
    ],
)
def test_the_line_count_is_that_of_the_file(body: str) -> None:
    for given in ({}, {"net": "10.0.0.0/8"}):
        assert sql(body, **given).count("\n") == body.count("\n")


def test_text_after_a_multi_line_tag_stands_on_its_own_line() -> None:
    body = "{# 1\n2 #}\n{% if net %}\n4\n{% endif %}\nsixth {{ port }}\n"
    assert sql(body).splitlines()[5] == "sixth 22"


def test_conditions_on_values() -> None:
    assert sql("{% if net %}given{% else %}left out{% endif %}") == "left out"
    assert sql("{% if net %}{{ net }}{% endif %}", net="10.0.0.0/8") == "'10.0.0.0/8'"
    assert sql("{% if replies %}yes{% else %}no{% endif %}") == "no"
    assert sql("{% if replies %}yes{% else %}no{% endif %}", replies="yes") == "yes"
    assert sql("{% if by == 'bytes' %}b{% else %}p{% endif %}") == "b"
    assert sql("{% if by == 'bytes' %}b{% else %}p{% endif %}", by="packets") == "p"
    assert sql("{% if by in ('bytes', 'packets') %}known{% endif %}") == "known"
    assert sql("{% if port == 22 and not net %}ssh{% endif %}") == "ssh"


def test_fields_decide_a_branch() -> None:
    body = "{% if has('tcp_flags') %}exact{% else %}weaker{% endif %}"
    assert sql(body, ("tcp_flags",)) == "exact"
    assert sql(body, ("srcaddr",)) == "weaker"
    assert sql(body, None) == "exact"


def test_line_ends_do_not_matter() -> None:
    assert sql("a\r\n{{ port }}\r\nb\rc") == "a\n22\nb\nc"


def test_the_second_shape_of_a_good_failure() -> None:
    assert failure("\n\nSELECT {{ prot }}\n") == (
        "connectivity/test:3: {{ prot }} is not a parameter of this query\n"
        "  hint: did you mean 'port'?  Declared: by, limit, net, port, ports, replies"
    )
    assert failure("\n{% if xyzzy %}a{% endif %}\n") == (
        "connectivity/test:2: {{ xyzzy }} is not a parameter of this query\n"
        "  hint: Declared: by, limit, net, port, ports, replies"
    )
    assert "did you mean 'srcaddr'?" in failure("{{ in_cidr(srcadr, net) }}")
    query = Query("sql", "", "", (), (), (), "{{ x }}\n")
    with pytest.raises(QueryError) as raised:
        render(query, {}, WINDOW)
    assert raised.value.hint == "It declares none."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("\n{{- port }}", "2: {{- trims or keeps blanks\n  hint: write {{: line numbers stay those of the file"),
        ("\n{{ port -}}", "2: -}} trims or keeps blanks"),
        ("\n{%- if net %}{% endif %}", "2: {%- trims or keeps blanks"),
        ("\n{% if net -%}{% endif %}", "2: -%} trims or keeps blanks"),
        ("\n{%+ if net %}{% endif %}", "2: {%+ trims or keeps blanks"),
        ("\n{#- note #}", "2: {#- trims or keeps blanks"),
        ("\n{% for x in [1, 2] %}\n{{ port }}\n{% endfor %}\n", "2: a loop may not add lines"),
        ('\n{{ "\'" }}', '2: {{ … }} may print a parameter or a macro, not "\'"'),
        ("\n\n{{ 5 }}", "3: {{ … }} may print a parameter or a macro, not 5"),
        ("\n{{ port.literal }}", "2: {{ … }} may print a parameter or a macro, not '22'"),
        ("\n{{ port ~ 'x' }}", "2: a template does not calculate"),
        ("\n{{ flows|upper }}", "2: a template has no filters, such as | upper"),
        ("\n{{ '1 OR 1=1'|safe }}", "2: a template has no filters, such as | safe"),
        ("\n{{ none }}", "2: {{ … }} may print a parameter or a macro, not None"),
        ("\n{{ bucket }}", "2: a macro is written with its arguments"),
        ("\n\n\n{{ net }}", "4: {{ net }} was not given\n  hint: guard it: {% if net %} … {% endif %}"),
        ("\n{{ port + 1 }}", "2: a template does not calculate"),
        ("\n{{ 1 // 0 }}", "2: a template does not calculate"),
        ("\n{{ ''.__class__ }}", "2: this cannot be worked out"),
        ("\n{{ window.hours }}", "2: a value has no parts"),
        ("\n{{ port[0] }}", "2: a value has no parts"),
        ("\n{{ flows(1) }}", "2: this is no macro"),
        ("\n{% if limit > 6 %}a{% endif %}", "2: a template does not tell which of two values is larger"),
        ("\n{{ port if net }}", "2: {{ … }} has nothing to print\n  hint: an inline if needs its else"),
        ("\n{% for x in port %}{% endfor %}", "2: a loop does not run over this"),
        ("\n{{ 1e999 }}", "2: this cannot be worked out"),
        ("\n{% include 'x' %}", "2: a saved query has no tags but {% if %}, {% for %} and {% set name = … %}"),
        ("\n{% import 'x' as x %}", "2: a saved query has no tags but"),
        ("\n{% macro m() %}{% endmacro %}", "2: a saved query has no tags but"),
        ("\n{% set x %}DROP{% endset %}", "2: a saved query has no tags but"),
        ("\n{% filter replace('\"', '') %}{{ net }}{% endfilter %}", "2: a saved query has no tags but"),
        ("\n{% autoescape true %}{{ net }}{% endautoescape %}", "2: a saved query has no tags but"),
        ("\n{% with x = 1 %}{% endwith %}", "2: a saved query has no tags but"),
        ("\n{% block x %}{% endblock %}", "2: a saved query has no tags but"),
        ("\n{% nonsense %}", "2: not a template: Encountered unknown tag 'nonsense'"),
        ("\n{% if port %}", "2: not a template: "),
        ("\n\n{{ port", "3: not a template: "),
        ("\na\0", "2: a character here is not text"),
        ("\n\n\ud800", "3: a character here is not text"),
        ("{{ lipsum() }}", "1: {{ lipsum }} is not a parameter of this query"),
        ("{{ range(5) }}", "1: {{ range }} is not a parameter of this query"),
    ],
)
def test_what_a_template_may_not_do(body: str, message: str) -> None:
    assert failure(body).startswith(f"connectivity/test:{message}")


@pytest.mark.parametrize(
    "body",
    [
        "SELECT {{ bucket('1h') }},\n  {{ flows | ^upper }}",
        "SELECT {{ bucket('1h') }},\n  {{ ^1 + 1 }}",
        "SELECT {{ bucket('1h') }},\n  {{ ^5 }}",
        "SELECT {{ bucket('1h') }},\n  {{ bucket('1h') }}, {{ bucket^(5) }}",
        "SELECT {{ bucket('1h') }},\n  {{ bucket('1h' ^}}",
        "SELECT {{ bucket('1h') }},\n  {{ ^'a }}",
        "SELECT {{ bucket('1h') }},\n  {% ^for x in port %}{% endfor %}",
        "SELECT {{ bucket('1h') }},\n  {% ^include 'x' %}",
        "SELECT {{ bucket('1h') }},\n  {% ^nonsense %}",
        "SELECT {{ bucket('1h') }}, 'é\u2028' {{ port }}, {{ ^prot }}",
        "SELECT {% raw %} {{ {% endraw %} {# {{ #} ^{{- port }}",
    ],
)
def test_a_mistake_is_told_at_its_tag(body: str) -> None:
    before, _, after = body.partition("^")
    with pytest.raises(QueryError) as raised:
        sql(before + after)
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert raised.value.where == f"connectivity/test:{line}:{column}"
    assert raised.value.excerpt[1] == "      | " + " " * (column - 1) + "^"


def test_a_template_nested_too_deeply_is_refused() -> None:
    assert failure("{{ " + "(" * 5000 + ")" * 5000 + " }}") == "connectivity/test:1: not a template: nested too deeply"
    blocks = "{% if port %}" * 120 + "{% endif %}" * 120
    assert failure(blocks).startswith("connectivity/test:1: not a template: nested too deeply")


def test_braces_in_a_value_are_not_read_again() -> None:
    query = Query("test", "", "", (Param("x", "string"),), (), (), "SELECT {{ x }}\n")
    value = bind(query.params[0], "{{ flows }} {% if %} {# \\ %")
    assert render(query, {"x": value}, WINDOW).sql == "SELECT '{{ flows }} {% if %} {# \\ %'\n"


def test_only_the_relations_a_query_names_are_read() -> None:
    query = Query("test", "", "", (), (), (), "SELECT 1 FROM {{ records }}\n")
    assert [relation.name for relation in render(query, {}, WINDOW).relations] == ["records"]


@pytest.mark.parametrize("sum_", ["port + 1", "1 ~ 2", "-1", "2 * 3", "port // 2"])
def test_a_template_does_not_calculate(sum_: str) -> None:
    told = failure(f"SELECT 1,\n  {{{{ {sum_} }}}}")
    assert told.startswith("connectivity/test:2: a template does not calculate\n")
    assert told.endswith("hint: write the calculation as SQL, outside the braces")
