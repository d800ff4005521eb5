"""Macros: golden text of what each renders to, and what each refuses."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
import sqlglot

from flowsql.dialects.duckdb import to_duckdb
from flowsql.dialects.duckdb_macros import MACROS as DUCKDB_MACROS
from flowsql.dialects.duckdb_macros import setup
from flowsql.errors import QueryError
from flowsql.macros import MACROS, PRIVATE_NETWORKS, TCP_FLAGS, Macros, columns
from flowsql.params import Param, bind
from flowsql.query import Query, Relation
from flowsql.services import PROTOCOLS, service_names
from flowsql.template import render
from flowsql.window import Window

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
PARAMS = (
    Param("net", "cidr", default="10.0.0.0/8"),
    Param("nets", "cidrs", default="10.0.0.0/8,2001:db8::/32"),
    Param("host", "ip", default="2001:db8::9"),
    Param("gone", "cidrs", optional=True),
    Param("bin", "duration", default="5m"),
    Param("port", "port", default="22"),
)
VALUES = {param.name: bind(param) for param in PARAMS}

GOLDEN: dict[str, tuple[str, ...]] = {
    "flows": ("{{ flows }}",),
    "records": ("{{ records }}",),
    "baseline": ("{{ baseline('7d') }}", "{{ baseline('90m') }}", "{{ baseline(bin) }}", "{{ baseline('1m30s') }}"),
    "window": ("{{ window.seconds }}", "{{ window.start }}", "{{ window.end }}"),
    "in_cidr": (
        "{{ in_cidr(srcaddr, net) }}",
        "{{ in_cidr(srcaddr, '10.0.0.0/8') }}",
        "{{ in_cidr('f.srcaddr', net) }}",
        "{{ in_cidr(srcaddr, host) }}",
        "{{ in_cidr(srcaddr, nets) }}",
        "{{ in_cidr(srcaddr, '::/0') }}",
        "NOT {{ in_cidr(srcaddr, ['10.0.0.0/8', host]) }}",
    ),
    "in_any": ("{{ in_any(pkt_dstaddr, nets) }}", "{{ in_any(pkt_dstaddr, net) }}"),
    "is_private": ("{{ is_private(srcaddr) }}", "{{ is_private('f.srcaddr') }}"),
    "is_public": ("{{ is_public(dstaddr) }}",),
    "bucket": (
        "{{ bucket('5m') }}",
        "{{ bucket(bin) }}",
        "{{ bucket('1h', end) }}",
        "{{ bucket('1h', 'f.end') }}",
        "{{ bucket('1d', 'hour_start') }}",
    ),
    "has_flag": ("{{ has_flag(tcp_flags, 'SYN') }}", "NOT {{ has_flag('f.tcp_flags', 'syn-ack') }}"),
    "has": (
        "{% if has('tcp_flags') %}present{% endif %}",
        "{% if has('tcp-flags') %}present{% endif %}",
        "{% if has(tcp_flags) %}present{% endif %}",
        "{% if has('start_time') %}present{% endif %}",
        "{% if has(start) %}present{% endif %}",
        "{% if has('vpc_id') %}present{% else %}absent{% endif %}",
    ),
    "protocol_name": ("{{ protocol_name(protocol) }}", "{{ protocol_name('f.protocol') }}"),
    "service_name": ("{{ service_name(dstport) }}",),
    "kind_by_flags": (
        "{{ kind_by_flags(protocol, tcp_flags) }}",
        "{{ kind_by_flags('f.protocol', 'f.tcp_flags') }}",
    ),
    "kind_by_ports": ("{{ kind_by_ports(srcport, dstport) }}", "{{ kind_by_ports('f.srcport', 'f.dstport') }}"),
    "flags_seen": ("{{ flags_seen(tcp_flags) }}", "{{ flags_seen('flag_bits') }}"),
}


def rendered(text: str, fields: tuple[str, ...] | None = ("start", "end", "tcp_flags")) -> str:
    query = Query("topic/name", "", "", PARAMS, (), (), f"{text}\n")
    return render(query, VALUES, WINDOW, fields).sql.removesuffix("\n")


@pytest.mark.parametrize("macro", GOLDEN)
def test_what_a_macro_becomes(macro: str, golden: Callable[[str, str], None]) -> None:
    shown = [f"-- {text}\n{rendered(text)}\n" for text in GOLDEN[macro]]
    golden(f"macros/{macro}.sql", "\n".join(shown))


def test_every_macro_has_a_golden_text_and_stays_on_one_line() -> None:
    assert set(GOLDEN) == set(MACROS) == set(Macros(WINDOW, None, {}).context())
    assert not any("\n" in rendered(text) for texts in GOLDEN.values() for text in texts)


def test_relations_are_collected_with_their_windows() -> None:
    body = "{{ flows }} {{ baseline('1d') }} {{ baseline('24h') }}\n"
    query = Query("topic/name", "", "", (), (), (), body)
    assert render(query, {}, WINDOW).relations == (
        Relation("flows", "flows", WINDOW),
        Relation("baseline_1d", "flows", Window(SINCE - timedelta(days=1), SINCE)),
    )
    query = Query("topic/name", "", "", (), (), (), "{{ records }}\n")
    assert render(query, {}, WINDOW).relations == (Relation("records", "records", WINDOW),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ in_cidr(srcaddr, '10.0.0.0/33') }}", "parameter 'network': '10.0.0.0/33' is not a network"),
        ("{{ in_cidr(srcaddr, port) }}", "parameter 'port': '22' is not a network"),
        ("{{ in_cidr(srcaddr, 5) }}", "5 is not a network"),
        ("{{ in_cidr(srcaddr, dstaddr) }}", "'dstaddr' is not a network"),
        ("{{ in_cidr(srcaddr, gone) }}", "in_cidr needs a network that was given"),
        ("{{ in_cidr(net, net) }}", "parameter 'net' is not a column"),
        ("{{ in_cidr('srcaddr; --', net) }}", "'srcaddr; --' is not a column"),
        ("{{ in_cidr('a.b.c', net) }}", "'a.b.c' is not a column"),
        ("{{ in_cidr(5, net) }}", "5 is not a column"),
        ("{{ bucket(300) }}", "300 is not a length of time"),
        ("{{ bucket('soon') }}", "'soon' is not a length of time"),
        ("{{ bucket(gone) }}", "Value(name='gone', literal=None, items=()) is not a length of time"),
        ("{{ bucket() }}", "a macro is given too many or too few arguments"),
        ("{{ baseline('never') }}", "'never' is not a length of time"),
        ("{{ has_flag(tcp_flags, 'SIN') }}", "'SIN' is not a TCP flag"),
        ("{{ has_flag(tcp_flags, 2) }}", "2 is not a TCP flag"),
        ("{% if has('tcp_flag') %}x{% endif %}", "has('tcp_flag'): there is no such field"),
        ("{{ is_private }}", "a macro is written with its arguments"),
        ("{{ window }}", "{{ … }} may print a parameter or a macro, not"),
    ],
)
def test_a_macro_used_wrongly_is_an_error_at_its_line(text: str, message: str) -> None:
    with pytest.raises(QueryError) as failure:
        rendered(f"\n\n{text}")
    assert failure.value.message.startswith(message)
    assert (failure.value.where or "").startswith("topic/name:3:")


def test_a_field_that_is_only_in_the_logs_may_be_asked_for() -> None:
    assert rendered("{% if has('brand_new') %}yes{% endif %}", ("start", "brand_new")) == "yes"
    with pytest.raises(QueryError, match="there is no such field"):
        rendered("{% if has('brand_new') %}yes{% endif %}")
    assert rendered("{% if has('vpc_id') %}yes{% endif %}", None) == "yes"


def test_columns_are_identifiers() -> None:
    names = columns()
    assert names["start"] == '"start"'
    assert names["end"] == '"end"'
    assert names["srcaddr"] == "srcaddr"
    assert {"start_time", "end_time", "tgw_id", "next_hop_vpc_id"} <= set(names)


# What the macros mean, asked of the embedded engine.


def answers(expression: str, table: str) -> list[object]:
    with duckdb.connect() as connection:
        for statement in setup(" ".join(DUCKDB_MACROS)):
            connection.execute(statement)
        connection.execute(f"CREATE TABLE flows AS {table}")
        sql = to_duckdb(sqlglot.parse_one(f"SELECT {rendered(expression)} AS x FROM flows", read="athena"))
        answered: list[object] = connection.sql(sql).to_arrow_table().column(0).to_pylist()
        return answered


ADDRESSES = (
    *("10.1.2.3", "172.16.0.1", "172.32.0.1", "192.168.1.1", "100.64.0.1", "100.128.0.1", "169.254.169.254"),
    *("127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "8.8.8.8", "192.0.2.1", "fc00::1", "fe80::1", "::1"),
    *("::", "ff02::1", "2001:db8::1", "2600:1f18::1"),
)


@pytest.mark.parametrize("macro", ["is_private", "is_public"])
def test_private_and_public_addresses(macro: str) -> None:
    table = f"SELECT unnest({[*ADDRESSES, '-']}) AS srcaddr UNION ALL SELECT NULL"
    *answered, dash, missing = answers(f"{{{{ {macro}(srcaddr) }}}}", table)
    assert (dash, missing) == (None, None)
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
    for text, answer in zip(ADDRESSES, answered, strict=True):
        address = ipaddress.ip_address(text)
        private = any(address in network for network in networks)
        nowhere = address.is_unspecified or text.startswith(("224.", "255.", "ff02"))
        assert answer == (private if macro == "is_private" else not (private or nowhere)), text


@pytest.mark.parametrize("network", ["::/0", "::/64", "0.0.0.0/0", "2000::/3", "8.0.0.0/5", "::/3", "::fffe:0:0/95"])
@pytest.mark.parametrize("form", ["in_cidr(srcaddr, '{}')", "in_any(srcaddr, ['192.0.2.0/24', '{}'])"])
def test_a_network_holds_addresses_of_its_own_version_only(network: str, form: str) -> None:
    """Athena holds IPv4 addresses as ::ffff:a.b.c.d, within ::/0."""
    table = f"SELECT unnest({[*ADDRESSES, '-']}) AS srcaddr UNION ALL SELECT NULL"
    also = ["192.0.2.0/24"] if "any" in form else []
    networks = [ipaddress.ip_network(text) for text in (network, *also)]
    inside = [any(ipaddress.ip_address(text) in block for block in networks) for text in ADDRESSES]
    macro = form.format(network)
    assert answers(f"{{{{ {macro} }}}}", table) == [*inside, None, None]
    assert answers(f"NOT {{{{ {macro} }}}}", table) == [*(not hit for hit in inside), None, None]


def test_flags_are_tested_by_bits() -> None:
    table = "SELECT unnest([0, 1, 2, 3, 4, 16, 18, 19, 22]) AS tcp_flags UNION ALL SELECT NULL"
    assert answers("{{ has_flag(tcp_flags, 'SYN') }}", table)[:9] == [
        *(False, False, True, True, False, False, True, True, True)
    ]
    assert answers("NOT {{ has_flag(tcp_flags, 'SYN-ACK') }}", table)[-1] is None
    assert [bits for bits in TCP_FLAGS.values() if bits & (bits - 1)] == [18]


def test_requests_and_replies_by_flags() -> None:
    table = (
        "SELECT unnest([0, 1, 2, 3, 4, 18, 19, NULL, 2]) AS tcp_flags, unnest([6, 6, 6, 6, 6, 6, 6, 6, 17]) AS protocol"
    )
    kinds = [None, None, "request", "request", None, "reply", "reply", None, None]
    assert answers("{{ kind_by_flags(protocol, tcp_flags) }}", table) == kinds


def test_requests_and_replies_by_ports() -> None:
    ports = {
        (50000, 443): "request",
        (443, 50000): "reply",
        (50000, 8080): "request",
        (8080, 50000): "reply",
        (123, 123): "unknown",
        (2000, 3000): "unknown",
        (40000, 50000): "unknown",
        (2000, 443): "request",
    }
    sources, destinations = [source for source, _ in ports], [destination for _, destination in ports]
    table = f"SELECT unnest({sources}) AS srcport, unnest({destinations}) AS dstport UNION ALL SELECT NULL, NULL"
    assert answers("{{ kind_by_ports(srcport, dstport) }}", table) == [*ports.values(), "unknown"]


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        ([2, 18, 19, 4], "SYN-ACK FIN RST"),
        ([2, 1], "SYN FIN"),
        ([18], "SYN-ACK"),
        ([4], "RST"),
        ([0, 0], "none"),
        ([0, 2], "SYN"),
        (["NULL", 1], "FIN"),
        (["NULL"], None),
    ],
)
def test_the_flags_of_a_group(bits: list[object], names: str | None) -> None:
    table = f"SELECT CAST(unnest([{', '.join(map(str, bits))}]) AS INTEGER) AS tcp_flags"
    assert answers("{{ flags_seen(tcp_flags) }}", table) == [names]


def test_names_of_protocols_and_services() -> None:
    numbers = [*PROTOCOLS, 200]
    named = answers("{{ protocol_name(protocol) }}", f"SELECT unnest({numbers}) AS protocol")
    assert named == [*PROTOCOLS.values(), "200"]
    ports = [*list(service_names())[:20], 65000]
    expected = [*list(service_names().values())[:20], "65000"]
    assert answers("{{ service_name(dstport) }}", f"SELECT unnest({ports}) AS dstport") == expected


def test_a_bucket_is_aligned_to_unix_time() -> None:
    table = f'SELECT unnest([{WINDOW.since_epoch + 299}, {WINDOW.since_epoch + 300}]) AS "start"'
    assert answers("{{ bucket('5m') }}", table) == [SINCE, SINCE + timedelta(minutes=5)]
