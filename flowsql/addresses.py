"""How an address is spelled, as one pattern that Python, RE2 (Arrow, DuckDB) and Java read alike; IPv4 within IPv6."""

import ipaddress

MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
"""Where Athena holds IPv4 addresses among those of IPv6."""

ADDRESS_COLUMNS: frozenset[str] = frozenset(("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr"))
"""The columns of VPC records that hold addresses."""

OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
"""A number of an IPv4 address; neither AWS nor Athena knows leading zeros."""

IPV4 = rf"{OCTET}(?:\.{OCTET}){{3}}"

_GROUP = "[0-9a-fA-F]{1,4}"


def _whole() -> str:
    whole = [f"(?:{_GROUP}:){{7}}{_GROUP}", f"(?:{_GROUP}:){{1,7}}:", f":(?::{_GROUP}){{1,7}}", "::"]
    whole += [f"(?:{_GROUP}:){{1,{left}}}(?::{_GROUP}){{1,{7 - left}}}" for left in range(1, 7)]
    return f"(?:{'|'.join(whole)})"


def _with_quad() -> str:
    quad = [f"(?:{_GROUP}:){{6}}{IPV4}", f"(?:{_GROUP}:){{1,5}}:{IPV4}", f"::(?:{_GROUP}:){{0,5}}{IPV4}"]
    quad += [f"(?:{_GROUP}:){{1,{left}}}(?::{_GROUP}){{1,{5 - left}}}:{IPV4}" for left in range(1, 5)]
    return "|".join(quad)


IPV6 = f"{_whole()}|{_with_quad()}"
"""Every spelling of an IPv6 address: with and without `::`, a dotted quad at its end."""

IPV6_SCOPED = f"{_whole()}(?:%[0-9]*)?|{_with_quad()}"
"""Also with the scope that Athena allows and no flow log has."""


def covers_mapped(cidr: str) -> bool:
    """Whether a network (`::/0`, `::/64`) is one of IPv6 that Athena takes IPv4 addresses to be in."""
    network = ipaddress.ip_network(cidr)
    return isinstance(network, ipaddress.IPv6Network) and network.supernet_of(MAPPED)


def as_ipv4(cidr: str) -> str | None:
    """The IPv4 network of a network or address such as `::ffff:10.0.0.0/104`; None for one that is not in that form."""
    network = ipaddress.ip_network(cidr)
    if not isinstance(network, ipaddress.IPv6Network) or not network.subnet_of(MAPPED):
        return None
    return str(ipaddress.IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96)))
