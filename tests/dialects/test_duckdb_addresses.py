"""IPADDRESS on the embedded engine against Python's ipaddress: networks, order, and text that is no address."""

import ipaddress
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from flowsql.dialects.duckdb import to_duckdb
from flowsql.errors import EngineError

if TYPE_CHECKING:
    import duckdb


def parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="athena")


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("10.1.2.3/8", "write 10.0.0.0/8"),
        ("10.0.0.0", "a prefix length"),
        ("10.0.0.0/33", "a prefix length"),
        ("010.0.0.0/8", "a prefix length"),
        ("fc00::/129", "a prefix length"),
        ("::ffff:10.0.0.0/104", "a prefix length"),
        ("::ffff:0:0/16", "a prefix length"),
        ("fc00::/x", "a prefix length"),
        ("", "a prefix length"),
    ],
)
def test_refuses_a_network_that_athena_refuses(network: str, words: str) -> None:
    with pytest.raises(EngineError, match="is no network to Athena") as refused:
        to_duckdb(parsed(f"SELECT contains('{network}', TRY_CAST(srcaddr AS ipaddress)) FROM flows"))
    assert words in str(refused.value.hint)


V4 = st.one_of(
    st.integers(0, 2**32 - 1),
    st.builds(
        lambda base, low: base + low, st.sampled_from([10 << 24, (172 << 24) + (16 << 16), 0]), st.integers(0, 2**21)
    ),
).map(ipaddress.IPv4Address)
V6 = st.one_of(
    st.integers(0, 2**128 - 1),
    st.lists(st.sampled_from([0, 0, 1, 0xDB8, 0x2001, 0xFC00, 0xFE80, 0xFFFF]), min_size=8, max_size=8).map(
        lambda groups: sum(group << (16 * at) for at, group in enumerate(groups))
    ),
).map(ipaddress.IPv6Address)
QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def member(network: Any, address: Any) -> bool:
    """As Athena has it: an IPv4 address is the IPv6 address ::ffff:a.b.c.d."""

    def wide(value: Any) -> int:
        return int(value) if value.version == 6 else 0xFFFF00000000 + int(value)

    length = network.prefixlen + (96 if network.version == 4 else 0)
    return bool(wide(network.network_address) >> (128 - length) == wide(address) >> (128 - length))


def memberships(
    connection: "duckdb.DuckDBPyConnection", texts: list[str], networks: list[Any]
) -> list[tuple[Any, ...]]:
    """One row per text: is it in each network, as a value, and again as a condition."""
    tests = [f"contains('{network}', TRY_CAST(a AS ipaddress))" for network in networks]
    values = ", ".join(f"({at}, '{text}')" for at, text in enumerate(texts))
    sql = f"SELECT {', '.join(tests)}, {', '.join(f'IF({test}, 1)' for test in tests)}"
    rows: list[tuple[Any, ...]] = connection.sql(
        to_duckdb(parsed(f"{sql} FROM (VALUES {values}) AS t(i, a) ORDER BY i"))
    ).fetchall()
    return rows


@QUICK
@given(
    addresses=st.lists(V4, min_size=60, max_size=60),
    others=st.lists(V6, min_size=10, max_size=10),
    networks=st.lists(st.tuples(V4, st.integers(0, 32)), min_size=5, max_size=5),
)
def test_ipv4_networks_hold_what_python_says(
    connection: "duckdb.DuckDBPyConnection", addresses: list[Any], others: list[Any], networks: list[Any]
) -> None:
    blocks = [ipaddress.IPv4Network((int(base), length), strict=False) for base, length in networks]
    everyone = [*addresses, *others]
    answers = memberships(connection, [str(address) for address in everyone], blocks)
    for address, row in zip(everyone, answers, strict=True):
        inside = [member(block, address) for block in blocks]
        assert list(row) == [*inside, *(1 if hit else None for hit in inside)], address


@QUICK
@given(
    addresses=st.lists(V6, min_size=60, max_size=60),
    others=st.lists(V4, min_size=10, max_size=10),
    networks=st.lists(st.tuples(V6, st.integers(0, 128)), min_size=5, max_size=5),
    near=st.lists(st.integers(0, 2**64), min_size=5, max_size=5),
)
def test_ipv6_networks_hold_what_python_says(
    connection: "duckdb.DuckDBPyConnection",
    addresses: list[Any],
    others: list[Any],
    networks: list[Any],
    near: list[int],
) -> None:
    blocks = [ipaddress.IPv6Network((int(base), length), strict=False) for base, length in networks]
    blocks = [block for block in blocks if block.network_address.ipv4_mapped is None]
    hosts = [block[offset % block.num_addresses] for block, offset in zip(blocks, near, strict=False)]
    everyone = [*addresses, *hosts, *others]
    texts = [address.exploded.upper() if at % 3 == 0 else str(address) for at, address in enumerate(everyone)]
    answers = memberships(connection, texts, blocks)
    for address, row in zip(everyone, answers, strict=True):
        inside = [member(block, address) for block in blocks]
        assert list(row) == [*inside, *(1 if hit else None for hit in inside)], address


@QUICK
@given(addresses=st.lists(st.one_of(V4, V6), min_size=50, max_size=50))
def test_addresses_sort_and_compare_as_numbers(connection: "duckdb.DuckDBPyConnection", addresses: list[Any]) -> None:
    values = ", ".join(f"('{address}')" for address in addresses)
    sql = f"SELECT a FROM (VALUES {values}) AS t(a) ORDER BY CAST(a AS ipaddress), a"
    found = [ipaddress.ip_address(text) for (text,) in connection.sql(to_duckdb(parsed(sql))).fetchall()]
    numbers = [int(address) if address.version == 6 else 0xFFFF00000000 + int(address) for address in found]
    assert numbers == sorted(numbers)


NOT_ADDRESSES = [
    "-",
    "",
    "10.0.0",
    "010.0.0.1",
    "1.2.3.256",
    " 10.0.0.1",
    "10.0.0.1.1",
    ":1",
    "1::2::3",
    "12345::1",
    "1:2:3:4:5:6:7",
]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fc00::/7", "::1/128"])
def test_text_that_is_no_address_is_neither_in_nor_out(connection: "duckdb.DuckDBPyConnection", network: str) -> None:
    block = ipaddress.ip_network(network)
    assert memberships(connection, NOT_ADDRESSES, [block]) == [(None, None)] * len(NOT_ADDRESSES)
    sql = to_duckdb(parsed(f"SELECT contains('{network}', CAST(a AS ipaddress)) FROM (VALUES '-') AS t(a)"))
    with pytest.raises(Exception, match="Cannot cast value to IPADDRESS"):
        connection.sql(sql).fetchall()


def test_several_networks_make_one_test(connection: "duckdb.DuckDBPyConnection") -> None:
    networks = ["10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "::1/128"]
    test = " OR ".join(f"contains('{network}', TRY_CAST(a AS ipaddress))" for network in networks)
    texts = ["10.9.9.9", "172.31.0.1", "172.32.0.1", "fd00::1", "::1", "8.8.8.8", "-"]
    values = ", ".join(f"({at}, '{text}')" for at, text in enumerate(texts))
    sql = to_duckdb(parsed(f"SELECT ({test}), NOT ({test}) FROM (VALUES {values}) AS t(i, a) ORDER BY i"))
    inside = [True, True, False, True, True, False, None]
    assert connection.sql(sql).fetchall() == [(hit, None if hit is None else not hit) for hit in inside]
    assert sql.count("ATHENA_IP6") == 2
