"""The names of IP protocols and of services by port, from the kept copy of IANA's registries."""

import re
from functools import cache
from importlib.resources import files

from flowsql.errors import UsageError

_LAST_PORT = 65535

PROTOCOLS: dict[int, str] = {
    0: "hopopt",
    1: "icmp",
    2: "igmp",
    4: "ipv4",
    6: "tcp",
    8: "egp",
    17: "udp",
    27: "rdp",
    33: "dccp",
    41: "ipv6",
    43: "ipv6-route",
    44: "ipv6-frag",
    46: "rsvp",
    47: "gre",
    50: "esp",
    51: "ah",
    58: "icmpv6",
    59: "ipv6-nonxt",
    60: "ipv6-opts",
    88: "eigrp",
    89: "ospf",
    94: "ipip",
    97: "etherip",
    103: "pim",
    108: "ipcomp",
    112: "vrrp",
    115: "l2tp",
    132: "sctp",
    136: "udplite",
}
"""IANA protocol number → its name in lower case."""

PROTOCOL_NUMBERS: dict[str, int] = {
    **{name: number for number, name in PROTOCOLS.items()},
    "ipv6-icmp": 58,
}


@cache
def _registry() -> tuple[tuple[int, tuple[str, ...], str, tuple[str, ...]], ...]:
    rows = []
    for line in (files("flowsql") / "data/services.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            port, transports, name, aliases = line.split("\t")
            rows.append((int(port), tuple(transports.split(",")), name, tuple(filter(None, aliases.split(",")))))
    return tuple(rows)


@cache
def _ports() -> dict[str, int]:
    """Name → port; a service's own name before another's alias."""
    ports: dict[str, int] = {}
    for port, _, name, _ in _registry():
        ports.setdefault(name, port)
    for port, _, _, aliases in _registry():
        for alias in aliases:
            ports.setdefault(alias, port)
    return ports


def port_number(name: str) -> int:
    """The port of a service by one of its names, such as `ssh`; raises KeyError."""
    return _ports()[name.lower()]


def parse_port(text: str) -> int:
    """A port written in plain digits or as a service name; raises ValueError, KeyError."""
    if not text.isdecimal():
        return port_number(text)
    number = int(text) if text.isascii() else -1
    if not 0 <= number <= _LAST_PORT:
        raise ValueError
    return number


def parse_ports(text: str) -> range:
    """`80-90`, one port or a service name as the ports it means; raises ValueError, KeyError, UsageError."""
    ends = re.fullmatch(r"([0-9]+) *- *([0-9]+)", text)
    if ends is None:
        single = parse_port(text)
        return range(single, single + 1)
    first, last = map(int, ends.groups())
    if not first <= last <= _LAST_PORT:
        hint = f"a range goes from the lower port to the higher, within 0 to {_LAST_PORT}: 80-90"
        raise UsageError(f"{text!r} is no range of ports", hint=hint)
    return range(first, last + 1)


@cache
def service_names() -> dict[int, str]:
    """Port → service name; where TCP and UDP differ, TCP's."""
    names: dict[int, str] = {}
    for port, transports, name, _ in _registry():
        if "tcp" in transports or port not in names:
            names[port] = name
    return names
