"""Headers of saved queries: what they may say, and an error with file, line and the nearest name for the rest."""

import inspect
from pathlib import Path

import pytest

from flowsql.cli.asking import EstimateGroup, RenderGroup, RunGroup
from flowsql.cli.commands import QueryGroup
from flowsql.errors import QueryError
from flowsql.frontmatter import COMMON_OPTIONS, Scalar, parse, read_yaml
from flowsql.params import Param
from flowsql.query import Column

HEADER = """\
/* ---
title: Rejected SSH
description: >
  Who was refused,
  how often.
params:
  port:  {type: port, default: 22, help: Destination port.}
  net:   {type: cidr, optional: true}
columns:
  srcaddr: string
  attempts: int
tags: [ssh, reject]
--- */
"""
BODY = "SELECT srcaddr, COUNT(*) AS attempts\nFROM {{ flows }}\n"
PATH = Path("queries/connectivity/rejected-ssh.sql")


def failure(text: str) -> str:
    with pytest.raises(QueryError) as raised:
        parse(text, "connectivity/rejected-ssh", PATH)
    return str(raised.value).removeprefix("queries/connectivity/rejected-ssh.sql:")


def changed(old: str, new: str) -> str:
    assert HEADER.count(old) == 1
    return HEADER.replace(old, new) + BODY


def test_a_header_is_read() -> None:
    query = parse(HEADER + BODY, "connectivity/rejected-ssh", PATH)
    assert query.title == "Rejected SSH"
    assert query.description == "Who was refused, how often."
    assert query.params == (
        Param("port", "port", "Destination port.", "22"),
        Param("net", "cidr", "", None, optional=True),
    )
    assert query.columns == (Column("srcaddr", "string"), Column("attempts", "int"))
    assert query.tags == ("ssh", "reject")
    assert (query.topic, query.short_name, query.place) == ("connectivity", "rejected-ssh", str(PATH))


def test_the_header_is_blanked_and_not_cut() -> None:
    query = parse(HEADER + BODY, "q")
    assert query.body == "\n" * HEADER.count("\n") + BODY
    assert parse(HEADER + BODY.rstrip(), "q").body == query.body
    assert parse(HEADER + "\n\n" + BODY + "\n\n", "q").body.count("\n") == (HEADER + BODY).count("\n") + 4


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(line_end: str) -> None:
    text = "\ufeff" + (HEADER + BODY).replace("\n", line_end)
    assert parse(text, "q") == parse(HEADER + BODY, "q")


def test_only_five_keys_and_one_of_them_may_be_left_out() -> None:
    for key in ("title", "description", "columns"):
        lines = HEADER.splitlines(keepends=True)
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
        end = next(number for number in range(at + 1, len(lines)) if not lines[number].startswith(" "))
        assert failure("".join(lines[:at] + lines[end:]) + BODY).startswith("1: ")
    assert parse(changed("tags: [ssh, reject]\n", ""), "q").tags == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("default: 22", "defualt: 22", "7: unknown key 'defualt' in params.port\n  hint: did you mean 'default'?"),
        ("tags:", "tag:", "12: unknown key 'tag'\n  hint: did you mean 'tags'?"),
        (
            "tags:",
            "xyz:",
            "12: unknown key 'xyz'\n  hint: known keys: title, description, params, columns, tags",
        ),
        ("tags:", "title:", "12: key 'title' stands twice"),
        ("  attempts: int", "  srcaddr: int", "11: key 'srcaddr' stands twice"),
        ("  net:   {type: cidr,", "  port:   {type: cidr,", "8: key 'port' stands twice"),
        ("default: 22", "type: port", "7: key 'type' stands twice"),
        ("type: port", "type: prot", "7: parameter 'port' has unknown type 'prot'\n  hint: did you mean 'port'?"),
        ("type: port, ", "", "7: the header lacks 'params.port.type'"),
        ("type: port,", "type: [port],", "7: params.port.type is a text"),
        (
            "default: 22",
            "default: sssh",
            "7: the default does not fit: parameter 'port': 'sssh' is not 0 to 65535, or a service name such as ssh"
            "\n  hint: for example 22",
        ),
        ("type: port, default: 22", "type: int, default: 22, min: 23", "7: the default does not fit: parameter 'port'"),
        (
            "type: port, default: 22",
            "type: int, min: 9, max: 8",
            "7: min of 'port' is more than its max\n  hint: swap 9 and",
        ),
        ("type: port, default: 22", "type: int, min: low", "7: params.port.min is a whole number of at most 64 bits"),
        ("type: port, default: 22", "type: float, max: [1]", "7: params.port.max is a text"),
        (
            "default: 22",
            "default: 22, min: 1",
            "7: min goes with type int or float, not port\n  hint: a type checks its",
        ),
        ("default: 22", "default: [22]", "7: the default of 'port' is a text\n  hint: a list is written 22,3389"),
        ("optional: true", "optional: yes", "8: optional of 'net' is true or false"),
        ("  net:", "  Net:", "8: 'Net' is not a parameter name\n  hint: lower-case letters, digits and _"),
        ("  net:", "  größe:", "8: 'größe' is not a parameter name\n  hint: lower-case letters, digits and _"),
        ("  net:", "  vpc:", "8: 'vpc' is an option every query has\n  hint: choose another name: last, since"),
        ("  net:", "  max_bytes:", "8: 'max_bytes' is an option every query has"),
        ("  net:", "  from:", "8: 'from' means something else in a template\n  hint: choose another name"),
        ("  net:", "  self:", "8: 'self' means something else in a template"),
        ("  net:", "  loop:", "8: 'loop' means something else in a template"),
        ("  net:", "  bucket:", "8: 'bucket' means something else in a template\n  hint: choose another name"),
        ("  net:   {type: cidr, optional: true}", "  net:", "8: parameter 'net' is a mapping"),
        ("type: cidr", "type: choice", "8: parameter 'net': type choice goes with a list of choices"),
        ("optional: true", "choices: [a]", "8: parameter 'net': type choice goes with a list of choices"),
        ("optional: true", "choices: [a, [b]]", "8: choices of 'net' is a list of texts"),
        (
            "  attempts: int",
            "  attempts: integer",
            "11: column 'attempts' has an unknown type\n  hint: did you mean 'int'?",
        ),
        ("  attempts: int", "  Attempts: int", "11: 'Attempts' is not a column name"),
        ("tags: [ssh, reject]", "tags: ssh", "12: tags is a list of words\n  hint: [ssh, reject]"),
        ("title: Rejected SSH", "title:", "2: title is empty"),
        ("title: Rejected SSH", "title: [a]", "2: title is a text"),
        (
            "title: Rejected SSH",
            "title: Bob's: b",
            "2:13: not YAML: mapping values are not allowed in this context\n"
            "  hint: a text with a colon or a special character stands in quotes: title: 'Bob''s: b'",
        ),
        (
            "title: Rejected SSH",
            "title: `a`",
            "2:8: not YAML: found character that cannot start any token\n  hint: a text",
        ),
        (
            "title: Rejected SSH",
            'title: "a',
            "2:8: not YAML: found unexpected end of stream\n  hint: a quote is not cl",
        ),
        ("help: Destination port.", "help: One: two.", "7:45: not YAML: "),
        ("title: Rejected SSH", "title: &a x", "2:"),
        ("title: Rejected SSH", "? [a]\n: b", "2: a key is a text"),
        ("title: Rejected SSH", "title: a\x07", "2: not YAML: a character here is not text"),
        ("/* ---", "/*---", "1: a saved query begins with its header\n  hint: line 1 is /* ---"),
        ("--- */", "---*/", "1: the header is not closed\n  hint: end it with a line --- */"),
    ],
)
def test_an_error_says_file_line_and_the_nearest_name(old: str, new: str, message: str) -> None:
    if new == "title: &a x":
        text = changed(old, new).replace("tags: [ssh, reject]", "tags: [*a]")
        assert failure(text) == "2: YAML's anchors and aliases are not read here"
    else:
        assert failure(changed(old, new)).startswith(message)


def test_other_broken_files() -> None:
    assert failure("").startswith("1: a saved query begins with its header")
    assert failure("SELECT 1").startswith("1: ")
    assert failure("/* ---\n- a\n--- */\n" + BODY).startswith("2: the header is not a mapping")
    assert failure("/* ---\n--- */\n" + BODY).startswith("1: the header lacks 'title'")
    assert failure(HEADER).startswith("13: there is no SELECT after the header")
    assert failure("/* ---\na: &a [*a]\n--- */\n" + BODY) == "2: YAML's anchors and aliases are not read here"
    assert "nested too deeply" in failure("/* ---\na: " + "[" * 5000 + "]" * 5000 + "\n--- */\n" + BODY)
    assert failure("/* ---\na: b\n---\nc: d\n--- */\n" + BODY).startswith("3:1: not YAML: ")
    assert failure("/* ---\ntitle: \ud800\n--- */\n" + BODY).endswith("not YAML: a character here is not text")


def test_the_first_shape_of_a_good_failure() -> None:
    with pytest.raises(QueryError) as raised:
        parse(changed("default: 22", "defualt: 22"), "connectivity/rejected-ssh", PATH)
    assert str(raised.value) == (
        "queries/connectivity/rejected-ssh.sql:7: unknown key 'defualt' in params.port\n  hint: did you mean 'default'?"
    )
    with pytest.raises(QueryError, match=r"^connectivity/rejected-ssh:1: "):
        parse("", "connectivity/rejected-ssh")


def test_what_yaml_would_change_stays_text() -> None:
    texts = ["no", "22:30", "2024-01-01", "1e3", "0x1F", "010", "null", "~", "true", "1_000", ".5", "<<", "NaN", "y"]
    document = read_yaml("\n".join(f"- {text}" for text in texts), "place")
    assert document.tree == [Scalar(text, number) for number, text in enumerate(texts, 1)]
    query = parse(changed("port, default: 22", "string, default: no"), "q")
    assert query.params[0].default == "no"
    assert parse(changed("port, default: 22", "string, default: ''"), "q").params[0].default == ""
    assert parse(changed("port, default: 22", "choice, choices: [on, 'off'], default: on"), "q").params[0].choices == (
        "on",
        "off",
    )


@pytest.mark.parametrize("group", [RunGroup, EstimateGroup, RenderGroup])
def test_no_query_may_declare_an_option_of_the_command_line(group: type[QueryGroup]) -> None:
    query = parse(HEADER + BODY, "q")
    command = group(name="group").make(query, None)
    others = set(inspect.signature(command).parameters) - {param.name for param in query.params}
    assert {name for name in others if not name.startswith("_")} <= set(COMMON_OPTIONS)


@pytest.mark.parametrize(
    "declared", ["type: port, default: 99999", "type: port, halp: x", "type: prt", "type: port, min: 9"]
)
def test_a_parameter_declared_wrong_stands_for_one_of_its_type(declared: str) -> None:
    source = changed("{type: port, default: 22, help: Destination port.}", f"{{{declared}}}")
    found: list[QueryError] = []
    query = parse(source, "connectivity/rejected-ssh", None, found)
    assert len(found) == 1
    assert [param.type for param in query.params if param.name == "port"] == ["port"]
