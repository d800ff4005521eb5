"""What an estate does all day: its users, its own services, and the noise of the internet."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from flowsql.sample.capture import (
    GATEWAY_ENDPOINT,
    ICMP,
    RST,
    SYN,
    SYN_ACK,
    TCP,
    UDP,
    Conversation,
    Volume,
    ephemeral,
    through,
    volume,
)
from flowsql.sample.estate import (
    CLIENTS,
    CLIENTS6,
    NOISE,
    OFFICE,
    PARTNERS,
    REPOSITORIES,
    S3,
    TIME_SERVERS,
    Estate,
    Interface,
)

_T = TypeVar("_T")
_Maker = Callable[[Random, Estate, int], Conversation]

_NOISE_PORTS = (23, 445, 8080, 6379, 1433, 5900, 2323, 8443, 81, 22)
_POOLED_SECONDS = 1800


def ordinary(rng: Random, estate: Estate, minute: int, rate: float) -> Iterator[Conversation]:
    """The conversations that begin in the minute at `minute` (Unix seconds); `rate` scales their number."""
    for expected, make in _EVERY_MINUTE:
        for _ in range(_count(rng, expected * rate)):
            yield make(rng, estate, minute + int(60 * rng.random()))
    yield from _pooled(rng, estate, minute, rate)


def _count(rng: Random, expected: float) -> int:
    """A whole number that varies by a fifth and is `expected` on average."""
    return int(expected * (0.8 + 0.4 * rng.random()) + rng.random())


def _pick(rng: Random, choices: Sequence[_T]) -> _T:
    return choices[int(len(choices) * rng.random())]


def _seconds(rng: Random, longest: int) -> int:
    return int(1 + longest * rng.random() ** 2)


def _user(rng: Random, estate: Estate, at: int) -> Conversation:
    return Conversation(
        _pick(rng, CLIENTS),
        _pick(rng, estate.group("web")),
        443 if rng.random() < 0.85 else 80,
        at,
        _seconds(rng, 50),
        volume(rng, 14, 190),
        volume(rng, 22, 1100),
        ephemeral(rng),
    )


def _user6(rng: Random, estate: Estate, at: int) -> Conversation:
    return Conversation(
        _pick(rng, CLIENTS6),
        _pick(rng, estate.group("web")),
        443,
        at,
        _seconds(rng, 50),
        volume(rng, 12, 210),
        volume(rng, 18, 1050),
        ephemeral(rng),
        ipv6=True,
    )


def _request(rng: Random, estate: Estate, at: int) -> Conversation:
    return Conversation(
        _pick(rng, estate.group("web")),
        _pick(rng, estate.group("app")),
        8080,
        at,
        _seconds(rng, 40),
        volume(rng, 18, 420),
        volume(rng, 24, 980),
        ephemeral(rng),
    )


def _lookup(rng: Random, estate: Estate, at: int) -> Conversation:
    asking = [host for host in estate.hosts.values() if host.name not in ("dns", "nat", "spare")]
    return Conversation(
        _pick(rng, asking),
        estate["dns"],
        53,
        at,
        0,
        Volume(1, 60 + int(30 * rng.random())),
        Volume(1, 90 + int(120 * rng.random())),
        ephemeral(rng),
        UDP,
    )


def _outward(
    rng: Random,
    estate: Estate,
    at: int,
    client: Interface,
    server: str,
    volumes: tuple[Volume, Volume],
    port: int = 443,
) -> Conversation:
    """A request to a public server by the way out the client has."""
    return Conversation(
        client,
        server,
        port,
        at,
        _seconds(rng, 30),
        *volumes,
        ephemeral(rng),
        UDP if port == 123 else TCP,
        nat=through(estate, client, server),
    )


def _clock(rng: Random, estate: Estate, at: int) -> Conversation:
    client = _pick(rng, (*estate.group("web"), *estate.group("app"), *estate.group("db"), estate["search"]))
    return _outward(rng, estate, at, client, _pick(rng, TIME_SERVERS), (Volume(1, 76), Volume(1, 76)), 123)


def _partner(rng: Random, estate: Estate, at: int) -> Conversation:
    volumes = volume(rng, 12, 300), volume(rng, 14, 900)
    return _outward(rng, estate, at, _pick(rng, estate.group("app")), _pick(rng, PARTNERS), volumes)


def _patch(rng: Random, estate: Estate, at: int) -> Conversation:
    client = _pick(rng, (*estate.group("app"), estate["db-1"], estate["db-2"]))
    return _outward(rng, estate, at, client, _pick(rng, REPOSITORIES), (volume(rng, 40, 70), volume(rng, 90, 1400)))


def _artifact(rng: Random, estate: Estate, at: int) -> Conversation:
    volumes = volume(rng, 60, 80), volume(rng, 150, 1400)
    return _outward(rng, estate, at, estate["build"], _pick(rng, S3), volumes)


def _object(rng: Random, estate: Estate, at: int) -> Conversation:
    """S3 through the gateway endpoint of the app and database subnets."""
    return Conversation(
        _pick(rng, (*estate.group("app"), estate["db-1"])),
        _pick(rng, S3),
        443,
        at,
        _seconds(rng, 30),
        volume(rng, 30, 500),
        volume(rng, 40, 1250),
        ephemeral(rng),
        path=GATEWAY_ENDPOINT,
    )


def _ping(rng: Random, estate: Estate, at: int) -> Conversation:
    target = _pick(rng, (*estate.group("web"), *estate.group("app"), *estate.group("db")))
    return Conversation(estate["bastion"], target, 0, at, 3, Volume(4, 336), Volume(4, 336), 0, ICMP)


def _administrator(rng: Random, estate: Estate, at: int) -> Conversation:
    return Conversation(
        OFFICE,
        estate["bastion"],
        22,
        at,
        59,
        volume(rng, 90, 110),
        volume(rng, 110, 240),
        ephemeral(rng),
        flags=(0, 0) if rng.random() < 0.7 else (SYN, SYN_ACK),
    )


def _knock(rng: Random, estate: Estate, at: int) -> Conversation:
    """Background noise: every source has one port and two hosts it tries, too little to be a scan."""
    source = int(len(NOISE) * rng.random())
    public = (*estate.group("web"), estate["bastion"], estate["desktop"], estate["reports"])
    packets = 1 + int(2 * rng.random())
    port = _NOISE_PORTS[source % len(_NOISE_PORTS)]
    host = public[(source // 3 + int(2 * rng.random())) % len(public)]
    # The bastion is the one host that lets SSH in.
    answered = port == 22 and host.name == "bastion"
    return Conversation(
        NOISE[source],
        host,
        port,
        at,
        packets - 1,
        Volume(packets, 44 * packets),
        Volume(1, 44),
        ephemeral(rng),
        flags=(SYN | RST if answered else SYN, SYN_ACK),
        outcome="answered" if answered else "refused at server",
    )


_EVERY_MINUTE: tuple[tuple[float, _Maker], ...] = (
    (11.0, _user),
    (2.5, _user6),
    (8.0, _request),
    (5.0, _lookup),
    (0.6, _clock),
    (1.0, _partner),
    (0.25, _patch),
    (0.4, _artifact),
    (3.0, _object),
    (0.5, _ping),
    (0.4, _administrator),
    (4.0, _knock),
)
"""How many conversations of each kind begin in a minute."""


def _pooled(rng: Random, estate: Estate, minute: int, rate: float) -> Iterator[Conversation]:
    """Connections that stay open for half an hour: app hosts to the database, and that to its replica."""
    apps = estate.group("app")
    links = [(apps[number % len(apps)], estate["db-1"]) for number in range(round(6 * rate))]
    if links:
        links.append((estate["db-1"], estate["db-2"]))
    for number, (client, server) in enumerate(links):
        life, age = divmod(minute + 240 * number, _POOLED_SECONDS)
        yield Conversation(
            client,
            server,
            5432,
            minute + number % 60,
            58,
            volume(rng, 260, 210),
            volume(rng, 300, 640),
            40000 + (number * 389 + life * 61) % 20000,
            flags=(SYN, SYN_ACK) if age < 60 else (0, 0),
        )
