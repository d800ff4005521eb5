"""The culprits a manifest names are in the records, and nothing ordinary looks like them."""

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from flowsql.sample import Manifest, write_sample

UNTIL = datetime(2026, 11, 23, 19, 8, 42, tzinfo=UTC)
HOUR_AGO = int(UNTIL.timestamp()) - 3600

Row = dict[str, str]


def rows(manifest: Manifest) -> Iterator[Row]:
    for path in sorted(manifest.directory.rglob("*.log.gz")):
        header, *lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
        for line in lines:
            yield dict(zip(header.split(" "), line.split(" "), strict=True))


@pytest.fixture(scope="module", params=[1, 20], ids="seed {}".format)
def manifest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_sample(tmp_path_factory.mktemp("sample"), until=UNTIL, version=11, seed=request.param)


@pytest.fixture(scope="module")
def flows(manifest: Manifest) -> list[Row]:
    """The rows with traffic in them."""
    return [row for row in rows(manifest) if row["log-status"] == "OK"]


@pytest.fixture(scope="module")
def recent(flows: list[Row]) -> list[Row]:
    return [row for row in flows if int(row["start"]) >= HOUR_AGO]


def culprit(manifest: Manifest, question: str) -> str:
    (found,) = [incident.culprit for incident in manifest.incidents if incident.question == question]
    return found


def test_the_scanner_tried_many_ports_of_one_host(manifest: Manifest, recent: list[Row]) -> None:
    scanner = culprit(manifest, "vertical-scan")
    ports: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in recent:
        if int(row["dstport"]) <= 1024:
            ports[row["srcaddr"], row["dstaddr"]].add(row["dstport"])
    (target,) = [pair[1] for pair in ports if pair[0] == scanner]
    assert len(ports.pop((scanner, target))) >= 300
    assert max(map(len, ports.values())) < 10


def test_the_sweeper_tried_one_port_of_many_hosts(manifest: Manifest, recent: list[Row]) -> None:
    hosts: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in recent:
        hosts[row["srcaddr"], row["dstport"]].add(row["dstaddr"])
    assert len(hosts.pop((culprit(manifest, "horizontal-sweep"), "445"))) >= 200
    assert max(len(found) for (_, port), found in hosts.items() if int(port) < 1024) < 20


def test_the_brute_force_is_refused_and_let_in(manifest: Manifest, recent: list[Row]) -> None:
    tries = Counter((row["srcaddr"], row["action"]) for row in recent if row["dstport"] == "22")
    attacker = culprit(manifest, "rejected-ssh")
    refused = Counter({source: count for (source, action), count in tries.items() if action == "REJECT"})
    assert refused.most_common(1) == [(attacker, 240)]
    assert tries[attacker, "ACCEPT"] == 150


def test_the_replies_of_one_database_are_rejected(manifest: Manifest, recent: list[Row]) -> None:
    server = culprit(manifest, "nacl-asymmetry")
    accepted = {
        (row["srcaddr"], row["srcport"])
        for row in recent
        if row["dstaddr"] == server and row["flow-direction"] == "ingress" and row["action"] == "ACCEPT"
    }
    rejected = [row for row in recent if row["srcaddr"] == server and row["action"] == "REJECT"]
    assert len(rejected) >= 100
    assert {(row["dstaddr"], row["dstport"]) for row in rejected} <= accepted
    everywhere = {row["srcaddr"] for row in recent if row["action"] == "REJECT" and row["tcp-flags"] == "18"}
    assert everywhere == {server}


def test_the_service_that_is_down_answers_nobody(manifest: Manifest, flows: list[Row]) -> None:
    server = culprit(manifest, "syn-no-answer")
    asked = [row for row in flows if (row["dstaddr"], row["dstport"]) == (server, "9200")]
    assert len([row for row in asked if row["flow-direction"] == "ingress"]) >= 200
    assert {(row["action"], row["tcp-flags"]) for row in asked if row["srcaddr"] != "10.0.10.15"} == {("ACCEPT", "2")}
    assert not [row for row in flows if (row["srcaddr"], row["srcport"]) == (server, "9200")]


def test_one_database_cannot_fetch_patches_and_its_peers_can(manifest: Manifest, recent: list[Row]) -> None:
    stuck = culprit(manifest, "patch-path")
    verdicts = Counter(
        (row["srcaddr"], row["action"])
        for row in recent
        if row["dstaddr"].startswith("192.0.2.8") and row["srcaddr"].startswith("10.0.2")
    )
    assert verdicts[stuck, "REJECT"] >= 40
    assert {pair for pair in verdicts if pair[0] == stuck} == {(stuck, "REJECT")}
    assert verdicts["10.0.20.10", "ACCEPT"] >= 2
    assert verdicts["10.0.21.10", "ACCEPT"] >= 2
    assert not [row for row in recent if row["dstaddr"] == stuck and row["srcaddr"].startswith("192.0.2.8")]


def test_the_exfiltration_outweighs_all_that_leaves_elsewhere(manifest: Manifest, recent: list[Row]) -> None:
    sent: Counter[tuple[str, str]] = Counter()
    for row in recent:
        if row["traffic-path"] == "8" and row["interface-type"] == "-":
            sent[row["srcaddr"], row["dstaddr"]] += int(row["bytes"])
    (first, second) = sent.most_common(2)
    assert first[0][0] == culprit(manifest, "large-transfers")
    assert first[1] >= 5_000_000_000 > 100 * second[1]


def test_the_beacon_keeps_time(manifest: Manifest, flows: list[Row]) -> None:
    source = culprit(manifest, "beaconing")
    starts = sorted(int(row["start"]) for row in flows if row["srcaddr"] == source and row["dstaddr"] == "203.0.113.45")
    # The NAT gateway sees it as well, under its own address as destination.
    assert len(starts) == 36
    assert all(abs(later - earlier - 300) <= 8 for earlier, later in pairwise(starts))


def test_the_spike_goes_through_nat_to_s3(manifest: Manifest, recent: list[Row]) -> None:
    source = culprit(manifest, "nat-to-aws-service")
    carried: Counter[str] = Counter()
    for row in recent:
        if row["next-hop-interface-type"] == "nat_gateway" and "S3" in (
            row["pkt-dst-aws-service"],
            row["pkt-src-aws-service"],
        ):
            own = row["srcaddr"] if row["flow-direction"] == "egress" else row["dstaddr"]
            carried[own] += int(row["bytes"])
    assert set(carried) == {source}
    assert carried[source] > 20_000_000_000


@pytest.mark.parametrize(
    ("question", "port"), [("admin-ports-from-internet", "3389"), ("db-ports-from-internet", "5432")]
)
def test_a_door_is_open_to_the_internet(manifest: Manifest, recent: list[Row], question: str, port: str) -> None:
    entered = {
        row["dstaddr"]
        for row in recent
        if row["dstport"] == port and row["action"] == "ACCEPT" and not row["srcaddr"].startswith("10.")
    }
    assert entered == {culprit(manifest, question)}


def test_the_slow_instance_differs_from_its_past(manifest: Manifest, flows: list[Row]) -> None:
    slow = culprit(manifest, "slow-instance")
    peers: dict[bool, set[str]] = {True: set(), False: set()}
    size: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    rejects: Counter[bool] = Counter()
    for row in flows:
        if slow not in (row["srcaddr"], row["dstaddr"]):
            continue
        now = int(row["start"]) >= HOUR_AGO
        other = row["srcaddr"] if row["dstaddr"] == slow else row["dstaddr"]
        peers[now].add(other)
        if row["srcport"] == "8080" or row["dstport"] == "8080":
            rejects[now] += row["action"] == "REJECT"
            size[now][0] += int(row["bytes"])
            size[now][1] += int(row["packets"])
    assert len(peers[True] - peers[False]) >= 8
    assert (rejects[False], rejects[True] >= 50) == (0, True)
    assert 3 * size[True][0] / size[True][1] < size[False][0] / size[False][1]


def test_lost_and_empty_windows_are_there(manifest: Manifest) -> None:
    states = Counter((row["log-status"], row["interface-id"]) for row in rows(manifest))
    nat = culprit(manifest, "log-status")
    assert states["SKIPDATA", nat] == 6
    (idle,) = [interface for status, interface in states if status == "NODATA"]
    assert states["OK", idle] == 0
    (empty,) = [row for row in rows(manifest) if row["log-status"] == "SKIPDATA"][:1]
    assert {empty[name] for name in ("srcaddr", "dstport", "bytes", "action", "tcp-flags", "type")} == {"-"}
    assert empty["vpc-id"] != "-"


@pytest.mark.parametrize("version", [2, 5])
def test_every_culprit_is_in_the_last_hour_of_any_version(tmp_path: Path, version: int) -> None:
    manifest = write_sample(tmp_path, until=UNTIL, version=version, rate=0.3)
    seen = {
        row[name]
        for row in rows(manifest)
        if int(row["start"]) >= HOUR_AGO
        for name in ("srcaddr", "dstaddr", "interface-id")
    }
    assert len(manifest.incidents) == 13
    for incident in manifest.incidents:
        assert incident.culprit in seen, incident
        assert incident.culprit in incident.detail or incident.question == "log-status"
    nat = "top-talkers" if version == 2 else "nat-to-aws-service"
    assert nat in {incident.question for incident in manifest.incidents}


def test_one_hour_has_no_past_for_a_slow_instance(tmp_path: Path) -> None:
    manifest = write_sample(tmp_path, until=UNTIL, hours=1)
    assert "slow-instance" not in {incident.question for incident in manifest.incidents}
