"""What a template may call. Each macro returns one line of Athena SQL; none of them quotes a value itself.

Columns are written bare (`{{ in_cidr(srcaddr, network) }}`), or as text where an alias qualifies them
(`{{ in_cidr('f.srcaddr', network) }}`).
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from flowsql.addresses import covers_mapped
from flowsql.errors import QueryError
from flowsql.fields import ALL_COLUMNS, column_name
from flowsql.naming import did_you_mean
from flowsql.params import Param, Value, bind, integer_literal, text_literal
from flowsql.query import Relation
from flowsql.services import PROTOCOLS, service_names
from flowsql.window import Window, parse_duration

PRIVATE_NETWORKS: tuple[str, ...] = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
"""Addresses that never cross the internet: private, shared (carrier and EKS pods), link-local, loopback."""

_NEVER_PUBLIC = (*PRIVATE_NETWORKS, "0.0.0.0/8", "224.0.0.0/3", "ff00::/8", "::/128")

TCP_FLAGS: dict[str, int] = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "SYN-ACK": 18, "URG": 32}
"""Flag name → bits; flow logs record SYN-ACK as 18 and never a lone ACK."""

MACROS: tuple[str, ...] = (
    *("flows", "records", "baseline", "window", "has", "bucket", "has_flag"),
    *("in_any", "in_cidr", "is_private", "is_public", "protocol_name", "service_name"),
    *("kind_by_flags", "kind_by_ports", "flags_seen"),
)
"""The names that a template may use besides its parameters and the columns."""

_IDENTIFIER = re.compile(r'[a-z_][a-z0-9_]*(\.([a-z_][a-z0-9_]*|"(start|end)"))?')
_RESERVED = ("start", "end")
DERIVED_COLUMNS: tuple[str, ...] = ("start_time", "end_time")
"""Columns `flows` has besides the fields: `start` and `end` as timestamps in UTC."""


class Sql(str):
    """Text that is SQL already, made by a macro."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class WindowMacro:
    """`{{ window.seconds }}`, `{{ window.start }}`, `{{ window.end }}`: whole numbers, Unix seconds."""

    seconds: Sql
    start: Sql
    end: Sql


def columns() -> dict[str, Sql]:
    """The columns a template may hand to a macro by their bare names, as SQL identifiers."""
    return {name: Sql(f'"{name}"' if name in _RESERVED else name) for name in (*ALL_COLUMNS, *DERIVED_COLUMNS)}


@dataclass(frozen=True, slots=True)
class Macros:
    """The macros of one rendering; `relations` collects what the query reads."""

    window: Window
    fields: Collection[str] | None
    """The columns the flow logs have; None answers yes to every `has`."""
    relations: dict[str, Relation]

    def context(self) -> dict[str, object]:
        """Name → macro, as the template sees them."""
        callables: tuple[Callable[..., object], ...] = (
            self.baseline,
            self.has,
            bucket,
            flags_seen,
            has_flag,
            in_any,
            in_cidr,
            is_private,
            is_public,
            kind_by_flags,
            kind_by_ports,
            protocol_name,
            service_name,
        )
        return {
            **{macro.__name__: macro for macro in callables},
            "flows": self._relation("flows", "flows"),
            "records": self._relation("records", "records"),
            "window": WindowMacro(
                Sql(integer_literal(self.window.seconds)),
                Sql(integer_literal(self.window.since_epoch)),
                Sql(integer_literal(self.window.until_epoch)),
            ),
        }

    def _relation(self, name: str, kind: str) -> Sql:
        relation = Relation(name, "flows" if kind == "flows" else "records", self.window)
        self.relations[name] = relation
        return Sql(name)

    def baseline(self, length: str | Value) -> Sql:
        """`FROM {{ baseline('7d') }}`: the flows of the time before the window."""
        span = _length(length)
        name = f"baseline_{_compact(span)}"
        self.relations[name] = Relation(name, "flows", self.window.before(span))
        return Sql(name)

    def has(self, field: str) -> bool:
        """`{% if has('tcp_flags') %}`: whether the flow logs carry a field; raises QueryError for no field at all."""
        column = column_name(str(field).strip('"'))
        offered = columns()
        if column not in offered and column not in (self.fields or ()):
            hint = did_you_mean(column, offered, "`flowsql fields` lists them")
            raise QueryError(f"has({field!r}): there is no such field", hint=hint)
        return self.fields is None or column in self.fields or column in DERIVED_COLUMNS


def _compact(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _column(column: object) -> str:
    if isinstance(column, Sql):
        return column
    if isinstance(column, str) and _IDENTIFIER.fullmatch(column):
        alias, dot, name = column.rpartition(".")
        return f'{alias}{dot}"{name}"' if name in _RESERVED else column
    shown = f"parameter {column.name!r}" if isinstance(column, Value) else repr(column)
    raise QueryError(f"{shown} is not a column", hint="a bare column, or 'alias.column' in quotes")


def _networks(networks: object) -> tuple[str, ...]:
    if isinstance(networks, Value):
        return tuple(bind(Param(networks.name, "cidr"), item).items[0] for item in networks.items)
    if isinstance(networks, str) and not isinstance(networks, Sql):
        return bind(Param("network", "cidr"), networks).items
    if isinstance(networks, (list, tuple)):
        return tuple(network for item in networks for network in _networks(item))
    raise QueryError(f"{networks!r} is not a network", hint="a cidr parameter, or '10.0.0.0/8' in quotes")


def _length(length: object) -> timedelta:
    if isinstance(length, Value) and length.items:
        return parse_duration(f"{length.items[0]}s")
    if isinstance(length, str):
        return parse_duration(length)
    raise QueryError(f"{length!r} is not a length of time", hint="a duration parameter, or '5m' in quotes")


def in_cidr(address: object, network: object) -> Sql:
    """Whether an address lies in a network (or any of several); NULL for a missing address.

    An IPv4 network holds IPv4 addresses only and an IPv6 network, `::/0` too, IPv6 addresses only.
    """
    parsed = f"TRY_CAST({_column(address)} AS IPADDRESS)"
    tests = [_membership(cidr, parsed) for cidr in _networks(network)]
    if not tests:
        raise QueryError("in_cidr needs a network that was given", hint="guard it: {% if network %} … {% endif %}")
    return Sql(tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})")


def _membership(cidr: str, parsed: str) -> str:
    test = f"contains({text_literal(cidr)}, {parsed})"
    if not covers_mapped(cidr):
        return test
    # Athena holds 10.0.0.1 as ::ffff:10.0.0.1, so that an IPv6 network of few bits would hold it too.
    return f"({test} AND NOT contains({text_literal('0.0.0.0/0')}, {parsed}))"


def in_any(address: object, networks: object) -> Sql:
    """Whether an address lies in any of several networks."""
    return in_cidr(address, networks)


def is_private(address: object) -> Sql:
    """Whether an address is private, shared, link-local or loopback."""
    return in_cidr(address, PRIVATE_NETWORKS)


def is_public(address: object) -> Sql:
    """Whether an address can be on the internet; NULL for a missing address."""
    return Sql(f"(NOT {in_cidr(address, _NEVER_PUBLIC)})")


def bucket(length: str | Value, column: object = "start") -> Sql:
    """The beginning of the time bin a record falls in, as a timestamp; bins are aligned to Unix time."""
    seconds = integer_literal(int(_length(length).total_seconds()))
    return Sql(f"from_unixtime({_column(column)} / {seconds} * {seconds})")


def has_flag(column: object, flag: str) -> Sql:
    """Whether every bit of a TCP flag is set: a bit test, since a record ORs the flags of its window."""
    bits = TCP_FLAGS.get(str(flag).upper())
    if bits is None:
        raise QueryError(f"{flag!r} is not a TCP flag", hint=f"one of {', '.join(TCP_FLAGS)}")
    return Sql(f"(bitwise_and({_column(column)}, {bits}) = {bits})")


def kind_by_flags(protocol: object, flags: object) -> Sql:
    """`request` or `reply` by what opens a TCP connection; NULL where no SYN was recorded, and for other protocols."""
    tcp = f"{_column(protocol)} = 6 AND"
    reply, request = has_flag(flags, "SYN-ACK"), has_flag(flags, "SYN")
    return Sql(f"CASE WHEN {tcp} {reply} THEN 'reply' WHEN {tcp} {request} THEN 'request' END")


def kind_by_ports(source: object, destination: object) -> Sql:
    """`request` or `reply` by which port is a service's: below 1024, else below 32768; `unknown` if neither tells."""
    here, there = _column(source), _column(destination)
    arms = [
        f"WHEN {low} < {limit} AND {high} >= {limit} THEN '{kind}'"
        for kind, low, high in (("reply", here, there), ("request", there, here))
        for limit in (1024, 32768)
    ]
    return Sql(f"CASE {' '.join(arms)} ELSE 'unknown' END")


def flags_seen(column: object) -> Sql:
    """An aggregate: the TCP flags in any record of a group, such as `SYN FIN`; `none`, or NULL where none has flags."""
    bits = _column(column)
    tests = {
        flag: f"WHEN BOOL_OR({has_flag(column, flag)}) THEN '{flag} '" for flag in ("SYN-ACK", "SYN", "FIN", "RST")
    }
    opened = f"{tests['SYN-ACK']} {tests['SYN']}"
    named = " || ".join(f"CASE {arms} ELSE '' END" for arms in (opened, tests["FIN"], tests["RST"]))
    return Sql(f"CASE WHEN COUNT({bits}) = 0 THEN NULL WHEN MAX({bits}) = 0 THEN 'none' ELSE TRIM({named}) END")


def protocol_name(column: object) -> Sql:
    """The name of a protocol number, such as `tcp`; the number itself when it has none here."""
    number = _column(column)
    arms = " ".join(f"WHEN {value} THEN {text_literal(name)}" for value, name in PROTOCOLS.items())
    return Sql(f"CASE {number} {arms} ELSE CAST({number} AS VARCHAR) END")


def service_name(column: object) -> Sql:
    """The registered service of a port, such as `ssh`; the number itself when it has none here."""
    port = _column(column)
    arms = " ".join(f"WHEN {value} THEN {text_literal(name)}" for value, name in service_names().items())
    return Sql(f"CASE {port} {arms} ELSE CAST({port} AS VARCHAR) END")
