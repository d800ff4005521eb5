"""Parameter values: each type checks and says what is legal, and no value ever leaves its literal."""

import datetime as dt
import ipaddress
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache

import duckdb
import numpy
import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from flowsql.errors import UsageError
from flowsql.params import (
    TYPES,
    Param,
    Value,
    bind,
    date_literal,
    hive_identifier,
    hive_text,
    identifier,
    integer_literal,
    text_literal,
)
from flowsql.query import Query
from flowsql.template import render
from flowsql.window import Window

DIALECTS = ("athena", "trino", "duckdb")
CHOICES = ("bytes", "packets", "it's", 'a"b', "{{ x }}", "-- c")
SINCE = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
WINDOW = Window(SINCE, SINCE + dt.timedelta(hours=1))
FREE = ("string", "choice")
QUOTED = {"string", "ip", "cidr", "cidrs", "action", "interface", "instance", "vpc", "subnet", "account", "region"} | {
    "choice"
}

GOOD: list[tuple[str, object, str]] = [
    ("int", "10", "10"),
    ("int", " -7 ", "(-7)"),
    ("int", "+1000", "1000"),
    ("int", 9223372036854775807, "9223372036854775807"),
    ("int", numpy.int64(5), "5"),
    ("float", "0.5", "0.5E0"),
    ("float", -2, "(-2.0E0)"),
    ("float", "1e300", "1E300"),
    ("float", 5e-324, "5E-324"),
    ("float", numpy.float64(0.25), "0.25E0"),
    ("string", "it's", "'it''s'"),
    ("string", " kept ", "' kept '"),
    ("string", "", "''"),
    ("string", "a\\", "'a\\'"),
    ("string", 5, "'5'"),
    ("bool", "Yes", "TRUE"),
    ("bool", False, "FALSE"),
    ("bool", numpy.bool_(True), "TRUE"),
    ("port", "22", "22"),
    ("port", "SSH", "22"),
    ("port", 0, "0"),
    ("port", "https", "443"),
    ("ports", "22,rdp , 5432", "(22, 3389, 5432)"),
    ("ports", [22, "postgresql"], "(22, 5432)"),
    ("ports", 22, "(22)"),
    ("ports", (port for port in (80, 443)), "(80, 443)"),
    ("ports", "80-83", "(80, 81, 82, 83)"),
    ("ports", "22, 80 - 82 ,https,http-alt", "(22, 80, 81, 82, 443, 8080)"),
    ("ports", ["0-1", 65535, "65534-65535"], "(0, 1, 65535, 65534, 65535)"),
    ("ports", "7-7", "(7)"),
    ("ports", numpy.array([80, 443]), "(80, 443)"),
    ("ip", "10.0.0.5", "'10.0.0.5'"),
    ("ip", "2001:DB8:0::1", "'2001:db8::1'"),
    ("ip", ipaddress.ip_address("10.0.0.5"), "'10.0.0.5'"),
    ("cidr", "10.0.0.0/8", "'10.0.0.0/8'"),
    ("cidr", "10.0.0.5", "'10.0.0.5/32'"),
    ("cidr", ipaddress.ip_network("fc00::/7"), "'fc00::/7'"),
    ("cidrs", "10.0.0.0/8,2001:db8::/32", "('10.0.0.0/8', '2001:db8::/32')"),
    ("cidrs", ipaddress.ip_network("10.0.0.0/8"), "('10.0.0.0/8')"),
    ("protocol", "TCP", "6"),
    ("protocol", "ipv6-icmp", "58"),
    ("protocol", 255, "255"),
    ("action", "reject", "'REJECT'"),
    ("duration", "1h30m", "5400"),
    ("duration", "PT5M", "300"),
    ("duration", dt.timedelta(minutes=5), "300"),
    ("timestamp", "2026-11-22T10:00Z", "from_unixtime(1795341600)"),
    ("timestamp", "2026-11-22 12:00+02:00", "from_unixtime(1795341600)"),
    ("timestamp", "1969-12-31T23:59:59Z", "from_unixtime(-1)"),
    ("timestamp", "2026-11-22T10:00:00.250Z", "from_unixtime(1795341600.25E0)"),
    ("timestamp", SINCE, "from_unixtime(1795341600)"),
    ("interface", "eni-0a1b2c3d4e5f67890", "'eni-0a1b2c3d4e5f67890'"),
    ("instance", "i-0a1b2c3d", "'i-0a1b2c3d'"),
    ("vpc", "vpc-0a1b2c3d4e5f67890", "'vpc-0a1b2c3d4e5f67890'"),
    ("subnet", "subnet-0a1b2c3d4e5f67890", "'subnet-0a1b2c3d4e5f67890'"),
    ("account", "123456789012", "'123456789012'"),
    ("account", 123456789012, "'123456789012'"),
    ("account", "unknown", "'unknown'"),
    ("region", "us-east-1", "'us-east-1'"),
    ("region", "us-isob-east-1", "'us-isob-east-1'"),
    ("region", "eusc-de-east-1", "'eusc-de-east-1'"),
    ("choice", "it's", "'it''s'"),
]

BAD: list[tuple[str, object]] = [
    ("int", "ten"),
    ("int", "1.0"),
    ("int", "9223372036854775808"),
    ("int", "-9223372036854775808"),
    ("int", "٣"),
    ("int", "9" * 5000),
    ("int", 10**5000),
    ("int", True),
    ("int", ""),
    ("int", [1]),
    ("float", "nan"),
    ("float", math.inf),
    ("float", "1e400"),
    ("float", "1;"),
    ("string", "a\nb"),
    ("string", "a\0"),
    ("string", "a\u2028b"),
    ("string", "\ud800"),
    ("string", ["a", "b"]),
    ("string", b"a"),
    ("bool", "maybe"),
    ("port", "65536"),
    ("port", -1),
    ("port", "no such service"),
    ("port", [22]),
    ("ports", "22,99999"),
    ("ports", ""),
    ("ports", []),
    ("ports", b"22"),
    ("ports", "90-80"),
    ("ports", "1-70000"),
    ("ports", "22,1-1024"),
    ("ports", "0-65535"),
    ("ports", ["1-1000", "2000-2024"]),
    ("ports", "80-"),
    ("ports", "-80"),
    ("ports", "80-90-100"),
    ("ports", "80--90"),
    ("ports", "ssh-http"),
    ("ports", "８０-９０"),
    ("port", "80-90"),
    ("ip", "10.0.0"),
    ("ip", "10.0.0.5/32"),
    ("ip", "010.0.0.5"),
    ("ip", "fe80::1%eth0"),
    ("ip", "fe80::1%a'\n--"),
    ("int", "1_0"),
    ("int", "١٠"),
    ("float", "1_0.5"),
    ("float", "١.5"),
    ("port", "２２"),
    ("protocol", "６"),
    ("ip", "::ffff:10.0.0.5"),
    ("cidr", "::ffff:10.0.0.0/104"),
    ("cidrs", "10.0.0.0/8,::ffff:10.0.0.5"),
    ("cidr", "10.0.0.5/8"),
    ("cidr", "10.0.0.0/33"),
    ("cidr", "fe80::%a'\nb/64"),
    ("cidrs", "10.0.0.0/8,x"),
    ("protocol", "256"),
    ("protocol", "smtp"),
    ("action", "DROP"),
    ("duration", "5"),
    ("duration", "0s"),
    ("duration", dt.timedelta()),
    ("timestamp", "yesteryear"),
    ("timestamp", "0001-01-01T00:00+14:00"),
    ("interface", "i-0a1b2c3d4e5f67890"),
    ("interface", "eni-0A1B2C3D"),
    ("instance", "i-0a1b2c3d'"),
    ("vpc", "vpc-"),
    ("subnet", "subnet-0a1b2c3d4e5f678901234"),
    ("account", "1234"),
    ("account", "１２３４５６７８９０１２"),
    ("region", "us-east"),
    ("region", "us-east-1'"),
    ("choice", "Bytes"),
    ("choice", "bytes "),
]


def param(kind: str) -> Param:
    return Param("x", kind, choices=CHOICES if kind == "choice" else ())


@pytest.mark.parametrize(("kind", "given_value", "literal"), GOOD, ids=[f"{row[0]}-{n}" for n, row in enumerate(GOOD)])
def test_a_good_value_becomes_one_literal(kind: str, given_value: object, literal: str) -> None:
    assert bind(param(kind), given_value).literal == literal


@pytest.mark.parametrize(("kind", "given_value"), BAD, ids=[f"{row[0]}-{n}" for n, row in enumerate(BAD)])
def test_a_bad_value_is_refused_and_the_parameter_named(kind: str, given_value: object) -> None:
    with pytest.raises(UsageError) as failure:
        bind(param(kind), given_value)
    assert "parameter 'x'" in failure.value.message
    assert len(str(failure.value)) < 500
    assert str(failure.value).isprintable() or "\n  hint: " in str(failure.value)


def test_every_type_is_tried_and_says_what_is_legal() -> None:
    assert {kind for kind, _, _ in GOOD} == {kind for kind, _ in BAD} == set(TYPES)
    for name in TYPES:
        with pytest.raises(UsageError) as failure:
            bind(param(name), "\ud800")
        assert param(name).legal in failure.value.message or name in ("duration", "timestamp")
        assert failure.value.hint or name in FREE
        with pytest.raises(UsageError) as failure:
            bind(param(name))
        assert failure.value.message == "parameter 'x' needs a value"
        assert param(name).legal in str(failure.value.hint)
        if name != "choice":
            assert bind(param(name), TYPES[name].example).literal


def test_the_messages_in_full() -> None:
    with pytest.raises(UsageError) as failure:
        bind(Param("port", "port"), "shh")
    assert str(failure.value) == (
        "parameter 'port': 'shh' is not 0 to 65535, or a service name such as ssh\n  hint: for example 22"
    )
    with pytest.raises(UsageError) as failure:
        bind(Param("net", "cidr"), "10.1.2.3/8")
    assert str(failure.value) == "parameter 'net': '10.1.2.3/8' has host bits set\n  hint: the network is 10.0.0.0/8"
    with pytest.raises(UsageError) as failure:
        bind(Param("net", "cidr"), "::ffff:10.0.0.0/104")
    assert str(failure.value) == (
        "parameter 'net': '::ffff:10.0.0.0/104' is IPv4 written as IPv6, which flow logs never hold\n"
        "  hint: write 10.0.0.0/8"
    )
    with pytest.raises(UsageError) as failure:
        bind(Param("host", "ip"), "::ffff:10.0.0.5")
    assert failure.value.hint == "write 10.0.0.5"
    for text in ("90-80", "1-70000"):
        with pytest.raises(UsageError) as failure:
            bind(Param("ports", "ports"), f"22,{text}")
        assert str(failure.value) == (
            f"parameter 'ports': {text!r} is no range of ports\n"
            "  hint: a range goes from the lower port to the higher, within 0 to 65535: 80-90"
        )
    with pytest.raises(UsageError, match="parameter 'ports' names 1,025 ports\n  hint: at most 1,024; "):
        bind(Param("ports", "ports"), "22,1-1024")
    with pytest.raises(UsageError) as failure:
        bind(Param("by", "choice", choices=("bytes", "packets")), "byte")
    assert str(failure.value) == "parameter 'by': 'byte' is not one of bytes, packets\n  hint: did you mean 'bytes'?"


@pytest.mark.parametrize(
    ("param", "good", "bad", "told"),
    [
        (Param("n", "int", min="0"), ("0", "7"), ("-1",), "a whole number from 0\n  hint: for example 10"),
        (
            Param("n", "int", max="1000"),
            ("-5", "1000"),
            ("1001",),
            "a whole number up to 1000\n  hint: for example 10",
        ),
        (Param("n", "int", min="20", max="30"), ("20", "30"), ("19", "31"), "from 20 to 30\n  hint: for example 20"),
        (
            Param("n", "float", min="0", max="1"),
            ("0", "1.0", "0.25"),
            ("-0.1", "1.5"),
            "a number from 0 to 1\n  hint: for",
        ),
    ],
)
def test_numbers_have_bounds(param: Param, good: tuple[str, ...], bad: tuple[str, ...], told: str) -> None:
    for text in good:
        assert bind(param, text)
    for text in bad:
        with pytest.raises(UsageError) as raised:
            bind(param, text)
        assert f"parameter 'n': {text!r} is not " in str(raised.value)
        assert told in str(raised.value)
    with pytest.raises(UsageError, match="'many' is not a"):
        bind(param, "many")
    assert bind(param, param.example)


def test_a_limit_is_bounded_by_its_header_alone() -> None:
    assert bind(Param("limit", "int"), -1).literal == "(-1)"


def test_defaults_and_optional_parameters() -> None:
    assert bind(Param("port", "port", default="22")).literal == "22"
    assert bind(Param("port", "port", default="22"), "80").literal == "80"
    left_out = bind(Param("net", "cidr", optional=True))
    assert not left_out
    assert left_out.literal is None
    assert left_out.items == ()


def test_a_value_in_a_condition() -> None:
    assert bind(param("int"), 0)
    assert bind(param("string"), "")
    assert bind(param("string"), "FALSE")
    assert bind(param("bool"), "true")
    assert not bind(param("bool"), "false")
    assert bind(param("choice"), "bytes") == "bytes"
    assert bind(param("choice"), "bytes") != "packets"
    assert bind(param("port"), "ssh") == 22
    assert bind(param("bool"), True) == True  # noqa: E712  as a template compares
    assert bind(param("int"), 5) == bind(param("int"), "5")
    assert bind(param("int"), 5) != bind(param("int"), 6)
    assert bind(param("int"), 5) != 5.0


def test_the_items_of_a_list_are_plain_texts() -> None:
    assert bind(param("cidrs"), "10.0.0.5, fc00::/7").items == ("10.0.0.5/32", "fc00::/7")
    assert bind(param("duration"), "5m").items == ("300",)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 200)), min_size=1, max_size=12))
def test_ranges_of_ports_are_all_their_ports(spans: list[tuple[int, int]]) -> None:
    ends = [(first, min(first + more, 65535)) for first, more in spans]
    text = ",".join(f"{first}-{last}" if last > first else str(first) for first, last in ends)
    ports = [str(port) for first, last in ends for port in range(first, last + 1)]
    for default, typed in ((None, text), (text, None)):
        if len(ports) > 1024:
            with pytest.raises(UsageError, match="at most 1,024"):
                bind(Param("x", "ports", default=default), typed)
        else:
            value = bind(Param("x", "ports", default=default), typed)
            assert (value.literal, value.items) == (f"({', '.join(ports)})", tuple(ports))


# No value leaves its literal.

PIECES = (
    *("'", "''", '"', "`", "\\", "\\'", "\\\\", "--", "-- ", "/*", "*/", "#", ";", "; DROP TABLE flows", "%", "%s"),
    *("%(x)s", "{{", "}}", "{{ flows }}", "{%", "%}", "{# ", "${x}", "$$", ":x", "?", "@x", "\n", "\r\n", "\t", "\0"),
    *("\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\ufeff", "\u200b", "\u202e", "\ud800", "\udfff", "\ufffe"),
    *("\U0010ffff", "😀", "é", "ß", "İ", "ſ", "＇", "ʼ", "`", "' OR 1=1 --", "' UNION SELECT 1 --", "1); --", "E'\\''"),
    *("U&'\\0027'", "N'x'", "x'27'", "NULL", "TRUE", "-1", "1e5", "0x1F", "١", "10.0.0.0/8", "::1", "fe80::1%'", "22"),
    *("ssh", "tcp", "REJECT", "5m", "now", "2026-11-22", "eni-0a1b2c3d", "us-east-1", "unknown", "true", ",", " ", "_"),
)
HARMLESS: dict[str, tuple[str, ...]] = {
    "int": ("1", "-1"),
    "float": ("1.5", "-1.5"),
    "string": ("text",),
    "choice": ("bytes",),
    "timestamp": ("2026-11-22T10:00Z", "1960-01-01T00:00Z"),
}
TEMPLATE = (
    "\nSELECT srcaddr, {{ x }} AS marked\nFROM {{ flows }}\n"
    "WHERE action = 'kept' AND {{ x }} IS NOT NULL -- {{ x }}\nLIMIT 5\n"
)
PLURAL_TEMPLATE = (
    "\nSELECT srcaddr\nFROM {{ flows }}\nWHERE action = 'kept' AND dstaddr IN {{ x }} -- {{ x }}\nLIMIT 5\n"
)


def rendered(kind: str, value: Value) -> str:
    body = PLURAL_TEMPLATE if TYPES[kind].plural else TEMPLATE
    query = Query("test/hostile", "", "", (param(kind),), (), (), body)
    return render(query, {"x": value}, WINDOW).sql


def shape_and_literals(sql: str, dialect: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The kinds of the nodes of the tree and where they hang, and the texts of its literals."""
    statements = sqlglot.parse(sql, read=dialect)
    assert len(statements) == 1
    tree = statements[0]
    assert isinstance(tree, exp.Select)
    nodes = list(tree.walk())
    return (
        [(type(node).__name__, node.arg_key) for node in nodes],
        [str(node.this) for node in nodes if isinstance(node, exp.Literal)],
    )


@cache
def harmless_shape(kind: str, index: int, count: int, dialect: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    example_text = HARMLESS.get(kind, (TYPES[kind].example,))[index]
    value = bind(param(kind), [example_text.split(",")[0]] * count if TYPES[kind].plural else example_text)
    return shape_and_literals(rendered(kind, value), dialect)


def expected_literals(kind: str, value: Value) -> list[str]:
    """What the tree must hold besides the query's own literals."""
    assert value.literal is not None
    if kind == "bool":
        return []
    if kind in QUOTED or TYPES[kind].plural:
        texts = list(value.items)
    elif kind == "timestamp":
        texts = [value.literal.removeprefix("from_unixtime(").strip("-()")]
    else:
        texts = [value.literal.strip("-()")]
    return texts if TYPES[kind].plural else texts * 2


def check_stays_in_its_literal(kind: str, given_value: object) -> bool:
    """Whether the value was accepted; fails when it leaves its literal."""
    try:
        value = bind(param(kind), given_value)
    except UsageError:
        return False
    if kind in FREE:
        assert value.items == (str(given_value),)
    negative = "-" in str(value.literal).strip("'").partition("E")[0] and kind in ("int", "float", "timestamp")
    sql = rendered(kind, value)
    assert sql.count("\n") == 5
    for dialect in DIALECTS:
        shape, literals = shape_and_literals(sql, dialect)
        wanted_shape, known = harmless_shape(kind, int(negative), len(value.items), dialect)
        assert shape == wanted_shape, (kind, given_value, dialect)
        assert sorted(literals) == sorted([*expected_literals(kind, value), "kept", "5"]), (kind, given_value, dialect)
        assert len(literals) == len(known)
    return True


def hostile(kind: str, chance: random.Random) -> Iterator[object]:
    """Values of a type, values that nearly are, and texts made to break out."""
    good = [value for name, value, _ in GOOD if name == kind and isinstance(value, (str, int, float))]
    while True:
        pieces = [chance.choice(PIECES) for _ in range(chance.randint(1, 4))]
        text = "".join(pieces)
        seed = str(chance.choice(good))
        at = chance.randint(0, len(seed))
        yield text
        yield seed[:at] + chance.choice(PIECES) + seed[at:]
        yield str(chance.choice(CHOICES)) if kind == "choice" else seed
        yield chance.choice((chance.randint(-(2**65), 2**65), chance.randint(0, 300), chance.uniform(-1e9, 1e9)))
        yield [seed, text] if chance.random() < 0.5 else [seed] * chance.randint(1, 5)


@pytest.mark.parametrize("kind", TYPES)
def test_500_values_of_each_type_stay_in_their_literals(kind: str) -> None:
    chance = random.Random(f"flowsql {kind}")
    accepted = 0
    for value, _ in zip(hostile(kind, chance), range(500), strict=False):
        accepted += check_stays_in_its_literal(kind, value)
    assert accepted >= 50
    assert accepted < 500 or kind == "string"


hostile_text = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "Cc", "Zl", "Zp", "Po", "Sk"])),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.integers(min_value=-(2**70), max_value=2**70).map(str),
    st.floats().map(str),
    st.ip_addresses().map(str),
    st.datetimes().map(str),
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(TYPES)), text=hostile_text)
@example(kind="string", text="'; DROP TABLE flows --")
@example(kind="string", text="\\")
@example(kind="string", text="\\'")
@example(kind="string", text="%(x)s {{ flows }} {% if x %} {# -- */ /*")
@example(kind="ip", text="fe80::1%' OR '1'='1")
def test_no_text_leaves_its_literal(kind: str, text: str) -> None:
    check_stays_in_its_literal(kind, text)


@pytest.mark.parametrize("piece", ["'", "\\", "--", "{{", "%", "a", "😀"])
def test_a_very_long_text_stays_in_its_literal(piece: str) -> None:
    assert check_stays_in_its_literal("string", piece * 20_000)


def test_a_thousand_networks_stay_in_their_list() -> None:
    networks = [f"10.{n // 250}.{n % 250}.0/24" for n in range(1000)]
    assert check_stays_in_its_literal("cidrs", networks)


# The embedded engine reads back what was given.


def values_of(literals: Iterable[str]) -> tuple[object, ...]:
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {', '.join(literals)}").fetchone()
    assert row is not None
    return row


def read_back(kind: str, texts: list[str], convert: Callable[[str], object]) -> None:
    assert list(values_of(str(bind(param(kind), text).literal) for text in texts)) == list(map(convert, texts))


def test_duckdb_reads_back_texts() -> None:
    texts = [piece for piece in PIECES if is_accepted("string", piece)]
    read_back("string", [*texts, "".join(texts), "'" * 5000, "\\" * 5000], str)


def is_accepted(kind: str, text: str) -> bool:
    try:
        return bind(param(kind), text).literal is not None
    except UsageError:
        return False


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1, max_size=50))
def test_duckdb_reads_back_whole_numbers(numbers: list[int]) -> None:
    read_back("int", [str(number) for number in numbers], int)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_duckdb_reads_back_floats(numbers: list[float]) -> None:
    read_back("float", [repr(number) for number in numbers], float)
    given_back = values_of(str(bind(param("float"), number).literal) for number in numbers)
    assert not any(isinstance(value, Decimal) for value in given_back)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.ip_addresses().filter(lambda address: not getattr(address, "ipv4_mapped", None)), min_size=1, max_size=20
    )
)
def test_duckdb_reads_back_addresses(addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> None:
    read_back("ip", [str(address) for address in addresses], str)


def test_a_negative_number_never_starts_a_comment() -> None:
    assert values_of([f"1 -{bind(param('int'), -3).literal}", f"1 -{integer_literal(-3)}"]) == (4, 4)


def test_the_literals_flowsql_itself_writes() -> None:
    assert text_literal("it's") == "'it''s'"
    assert integer_literal(5) == "5"
    with pytest.raises(ValueError, match="control character"):
        text_literal("a\nb")


@given(st.text())
def test_names_stay_names(name: str) -> None:
    try:
        select, ddl, text = identifier(name), hive_identifier(name), hive_text(name)
    except ValueError:
        assert not name.isprintable() or any(0xD800 <= ord(char) < 0xE000 for char in name)
        return
    assert (select[0], select[-1], select[1:-1].replace('""', "")) == ('"', '"', name.replace('"', ""))
    assert (ddl[0], ddl[-1], ddl[1:-1].replace("``", "")) == ("`", "`", name.replace("`", ""))
    assert re.fullmatch(r"'(?:[^'\\]|\\['\\])*'", text)


def test_days() -> None:
    assert date_literal("2026-11-22") == "DATE '2026-11-22'"
    with pytest.raises(ValueError, match="isoformat"):
        date_literal("2026-11-22' OR ''='")
