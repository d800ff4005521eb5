"""From a conversation to the flow log records of every interface it passes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, NamedTuple

from flowsql.sample.estate import Estate, Interface

ICMP, TCP, UDP = 1, 6, 17
FIN, SYN, RST, SYN_ACK = 1, 2, 4, 18
SAME_VPC, GATEWAY_ENDPOINT, INTERNET_GATEWAY = 1, 7, 8
"""Values of traffic-path."""

MEGABYTE = 1_000_000

Outcome = Literal["answered", "unanswered", "refused at client", "refused at server", "reply refused"]


class Volume(NamedTuple):
    packets: int
    bytes: int


NOTHING = Volume(0, 0)


class Record(NamedTuple):
    """One flow log record; a named tuple, because a pack makes tens of thousands."""

    at: Interface
    start: int
    end: int
    status: Literal["OK", "NODATA", "SKIPDATA"]
    srcaddr: str | None = None
    dstaddr: str | None = None
    srcport: int | None = None
    dstport: int | None = None
    protocol: int | None = None
    packets: int | None = None
    bytes: int | None = None
    action: Literal["ACCEPT", "REJECT"] | None = None
    tcp_flags: int | None = None
    pkt_srcaddr: str | None = None
    pkt_dstaddr: str | None = None
    direction: Literal["ingress", "egress"] | None = None
    path: int | None = None
    hop: Interface | None = None
    """The interface that sends the traffic here, or gets it from here."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a client asks a server within one capture window, and what comes back."""

    client: Interface | str
    """An interface of the estate, or an address without one."""
    server: Interface | str
    port: int
    start: int
    """Unix seconds."""
    seconds: int
    sent: Volume
    received: Volume = NOTHING
    client_port: int = 0
    protocol: int = TCP
    flags: tuple[int, int] = (SYN | FIN, SYN_ACK | FIN)
    """tcp-flags of the requests and of the replies."""
    outcome: Outcome = "answered"
    nat: Interface | None = None
    """The NAT gateway between a private client and a public server."""
    path: int = INTERNET_GATEWAY
    """The way out of the VPC when there is no NAT gateway."""
    ipv6: bool = False


class _Leg(NamedTuple):
    """One direction of a conversation."""

    srcaddr: str
    dstaddr: str
    srcport: int
    dstport: int
    volume: Volume
    flags: int


def recorded(talk: Conversation, until: int) -> list[Record]:
    """The records of every interface on the way; none ends at or after `until` (Unix seconds)."""
    if talk.start >= until:
        return []
    near = talk.client if isinstance(talk.client, Interface) else None
    far = talk.server if isinstance(talk.server, Interface) else None
    source, target = _address(talk.client, talk.ipv6), _address(talk.server, talk.ipv6)
    tcp = talk.protocol == TCP
    ask = _Leg(source, target, talk.client_port, talk.port, talk.sent, talk.flags[0] if tcp else 0)
    answer = _Leg(target, source, talk.port, talk.client_port, talk.received, talk.flags[1] if tcp else 0)
    found: list[Record] = []
    if near:
        refused = talk.outcome == "refused at client"
        found.append(_record(talk, until, near, ask, "egress", talk.nat or far, refused=refused))
        if refused:
            return found
    if near and talk.nat:
        found += _translated(talk, until, near, talk.nat, ask, answer)
    if far:
        refused = talk.outcome == "refused at server"
        found.append(_record(talk, until, far, ask, "ingress", near, refused=refused))
    if talk.outcome in ("unanswered", "refused at server"):
        return found
    refused = talk.outcome == "reply refused"
    if far:
        found.append(_record(talk, until, far, answer, "egress", near, refused=refused))
    if near and not refused:
        found.append(_record(talk, until, near, answer, "ingress", talk.nat or far))
    return found


def _translated(
    talk: Conversation, until: int, near: Interface, nat: Interface, ask: _Leg, answer: _Leg
) -> Iterator[Record]:
    """The two views a NAT gateway's interface has of each direction: inside and outside."""
    # High ports only: a reply to port 3389 of the gateway would look like somebody's remote desktop.
    port = 28000 + ask.srcport * 31 % 37000
    true = (ask.srcaddr, ask.dstaddr)
    yield _record(talk, until, nat, ask._replace(dstaddr=nat.address), "ingress", near, true)
    yield _record(talk, until, nat, ask._replace(srcaddr=nat.address, srcport=port), "egress", None)
    if talk.outcome == "answered":
        yield _record(talk, until, nat, answer._replace(dstaddr=nat.address, dstport=port), "ingress", None)
        yield _record(talk, until, nat, answer._replace(srcaddr=nat.address), "egress", near, true[::-1])


def _record(
    talk: Conversation,
    until: int,
    at: Interface,
    leg: _Leg,
    direction: Literal["ingress", "egress"],
    hop: Interface | None,
    true_ends: tuple[str, ...] | None = None,
    *,
    refused: bool = False,
) -> Record:
    path = None
    if direction == "egress":
        inside = hop is not None or leg.dstaddr.startswith("10.")
        path = SAME_VPC if inside else INTERNET_GATEWAY if at is talk.nat else talk.path
    source, target = true_ends or (leg.srcaddr, leg.dstaddr)
    return Record(
        at,
        talk.start,
        min(talk.start + talk.seconds, until - 1),
        "OK",
        leg.srcaddr,
        leg.dstaddr,
        leg.srcport,
        leg.dstport,
        talk.protocol,
        leg.volume.packets,
        leg.volume.bytes,
        "REJECT" if refused else "ACCEPT",
        leg.flags,
        source,
        target,
        direction,
        path,
        hop,
    )


def _address(end: Interface | str, ipv6: bool) -> str:
    if isinstance(end, str):
        return end
    return end.ipv6 if ipv6 and end.ipv6 else end.address


def stream(first: Conversation, minutes: int) -> Iterator[Conversation]:
    """One connection that stays open: a conversation a minute, SYN in the first and FIN in the last."""
    for minute in range(minutes):
        flags = (SYN, SYN_ACK) if minute == 0 else (FIN, FIN) if minute == minutes - 1 else (0, 0)
        yield replace(first, start=first.start + 60 * minute, flags=flags)


def volume(rng: Random, packets: float, size: float) -> Volume:
    """About that many packets of about that many bytes each."""
    count = max(1, int(packets * (0.6 + 0.8 * rng.random())))
    return Volume(count, count * max(40, int(size * (0.8 + 0.4 * rng.random()))))


def ephemeral(rng: Random) -> int:
    """A client port as Linux chooses it."""
    return 32768 + int(28232 * rng.random())


def through(estate: Estate, client: Interface, server: str) -> Interface | None:
    """The NAT gateway on the way to a public server, None for hosts with a public address of their own."""
    public = client.subnet_id in (estate["web-1"].subnet_id, estate["web-2"].subnet_id)
    return None if public or server.startswith("10.") else estate["nat"]
