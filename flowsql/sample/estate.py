"""The network a sample is recorded in: one VPC per account and region, and the internet around it.

Public addresses are only those reserved for documentation (RFC 5737, RFC 3849), so that no sample names a
real host.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random
from urllib.parse import quote

CLIENTS = tuple(f"198.51.100.{host}" for host in range(10, 250))
CLIENTS6 = tuple(f"2001:db8:ffff:{network:x}::{network + 7:x}" for network in range(1, 60))
OFFICE = "198.51.100.7"
NOISE = tuple(f"203.0.113.{host}" for host in range(1, 41))
S3 = tuple(f"192.0.2.{host}" for host in range(32, 36))
REPOSITORIES = ("192.0.2.80", "192.0.2.81")
TIME_SERVERS = ("192.0.2.123", "192.0.2.124")
PARTNERS = tuple(f"192.0.2.{host}" for host in range(140, 144))
SERVICES: Mapping[str, str] = dict.fromkeys(S3, "S3")
"""The AWS service that owns a public address."""

_SUBNETS = {
    "public-a": (0, 1),
    "public-b": (1, 2),
    "app-a": (10, 1),
    "app-b": (11, 2),
    "db-a": (20, 1),
    "db-b": (21, 2),
    "build-a": (40, 1),
}
"""Third octet and Availability Zone of each subnet."""

_HOSTS = (
    ("nat", "public-a", 5, "network"),
    ("web-1", "public-a", 10, "shop & web"),
    ("bastion", "public-a", 20, "platform"),
    ("web-2", "public-b", 10, "shop & web"),
    ("desktop", "public-b", 30, "back office"),
    ("reports", "public-b", 40, "data/reports"),
    ("app-1", "app-a", 11, "orders"),
    ("app-3", "app-a", 13, "orders"),
    ("app-5", "app-a", 15, "orders"),
    ("dns", "app-a", 53, "platform"),
    ("app-2", "app-b", 12, "orders"),
    ("app-4", "app-b", 14, "orders"),
    ("app-6", "app-b", 16, "orders"),
    ("search", "app-b", 80, "search"),
    ("spare", "app-b", 90, "platform"),
    ("db-1", "db-a", 10, "data"),
    ("db-2", "db-b", 10, "data"),
    ("db-3", "db-b", 30, "data"),
    ("build", "build-a", 60, "platform"),
)
"""Name, subnet, last octet and team of each interface."""

_WITHOUT_INSTANCE = {"nat", "spare", "app-6"}
_WITH_IPV6 = {"web-1", "web-2"}
_COMPASS = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}


@dataclass(frozen=True, slots=True, eq=False)
class Interface:
    """One network interface and what AWS knows about it."""

    name: str
    account: str
    region: str
    vpc_id: str
    subnet_id: str
    az_id: str
    interface_id: str
    instance_id: str | None
    address: str
    ipv6: str | None
    service: str | None
    """`nat_gateway`, or None for an interface of ours."""
    labels: Mapping[str, str]
    """Tag and ECS columns as flow logs carry them."""


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """One VPC of one account and region, with the flow log that records it."""

    account: str
    region: str
    flow_log: str
    network: str
    """The first two octets of every address: `10.0`."""
    hosts: Mapping[str, Interface]

    def __getitem__(self, name: str) -> Interface:
        return self.hosts[name]

    def group(self, role: str) -> tuple[Interface, ...]:
        """The numbered hosts of one role: `web`, `app`, `db`."""
        return tuple(host for name, host in self.hosts.items() if name.startswith(f"{role}-"))


def build_estate(seed: int, number: int, account: str, region: str) -> Estate:
    """The VPC `10.number.0.0/16`; the identifiers depend on the seed, the addresses do not."""
    rng = Random(f"{seed}/{account}/{region}/identifiers")
    vpc = _identifier("vpc", rng)
    flow_log = _identifier("fl", rng)
    subnets = {name: _identifier("subnet", rng) for name in _SUBNETS}
    hosts = {}
    for name, subnet, octet, team in _HOSTS:
        third, zone = _SUBNETS[subnet]
        interface = _identifier("eni", rng)
        instance = _identifier("i", rng)
        hosts[name] = Interface(
            name=name,
            account=account,
            region=region,
            vpc_id=vpc,
            subnet_id=subnets[subnet],
            az_id=f"{_zone_prefix(region)}-az{zone}",
            interface_id=interface,
            instance_id=None if name in _WITHOUT_INSTANCE else instance,
            address=f"10.{number}.{third}.{octet}",
            ipv6=str(ip_address(f"2001:db8:{number:x}:{third:x}::{octet:x}")) if name in _WITH_IPV6 else None,
            service="nat_gateway" if name == "nat" else None,
            labels=_labels(name, team, account, region, rng),
        )
    return Estate(account, region, flow_log, f"10.{number}", hosts)


def _identifier(kind: str, rng: Random) -> str:
    return f"{kind}-0{rng.getrandbits(64):016x}"


def _zone_prefix(region: str) -> str:
    """`ap-southeast-2` → `apse2`, the way AWS begins the Availability Zone IDs of a region."""
    area, *middle, number = region.split("-")
    return area + "".join(_COMPASS.get(word, word[:1]) for word in middle) + number


def _labels(name: str, team: str, account: str, region: str, rng: Random) -> dict[str, str]:
    labels = {"interface_tag": _encoded(f"{name}/primary"), "interface_tag_2": _encoded(team)}
    if name not in _WITHOUT_INSTANCE:
        labels |= {"instance_tag": _encoded(name), "instance_tag_2": _encoded(team)}
        if name.startswith("app-"):
            labels |= {"asg_tag": _encoded("asg-orders"), "asg_tag_2": _encoded(team)}
    if name == "app-6":
        task = f"{rng.getrandbits(128):032x}"
        container = f"{task}-{rng.getrandbits(32):010d}"
        arn = f"arn:aws:ecs:{region}:{account}"
        labels |= {
            "ecs_cluster_arn": f"{arn}:cluster/shop",
            "ecs_cluster_name": "shop",
            "ecs_container_id": container,
            "ecs_service_name": "orders",
            "ecs_task_definition_arn": f"{arn}:task-definition/orders:7",
            "ecs_task_arn": f"{arn}:task/shop/{task}",
            "ecs_task_id": task,
        }
    return labels


def _encoded(text: str) -> str:
    """Percent-encoded as in flow logs, where a hyphen is `%2D`, so no tag looks like a missing value."""
    return quote(text, safe="").replace("-", "%2D")
