"""Incidents without an attacker: what is broken, slow or dear."""

from dataclasses import replace

from flowsql.sample.capture import (
    MEGABYTE,
    RST,
    SYN,
    SYN_ACK,
    Conversation,
    Volume,
    ephemeral,
    stream,
    through,
    volume,
)
from flowsql.sample.estate import REPOSITORIES, S3
from flowsql.sample.manifest import Incident
from flowsql.sample.stage import Act, Stage


def _nacl_rejects_replies(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    server = estate["db-2"]
    talks = [
        Conversation(
            estate[name],
            server,
            5432,
            at,
            7,
            Volume(3, 180),
            Volume(3, 180),
            ephemeral(rng),
            flags=(SYN, SYN_ACK),
            outcome="reply refused",
        )
        for name in ("app-4", "app-6")
        for at in stage.moments(50, 1, 90)
    ]
    detail = (
        f"Requests of app-4 and app-6 to db-2 ({server.address}:5432, {server.interface_id}) are accepted, "
        "their replies rejected: the network ACL of the database subnet lacks the outbound rule."
    )
    return Incident("network ACL rejects replies", "nacl-asymmetry", server.address, detail), talks


def _service_down(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    server = estate["search"]
    clients = estate.group("app")
    talks = [
        Conversation(
            clients[int(len(clients) * rng.random())],
            server,
            9200,
            at + int(40 * rng.random()),
            7,
            Volume(4, 240),
            client_port=ephemeral(rng),
            flags=(SYN, 0),
            outcome="unanswered",
        )
        for at in stage.every(40)
    ]
    detail = f"SYNs to search ({server.address}:9200) are accepted, and none is answered: nothing serves there."
    if "tcp_flags" in stage.columns:
        return Incident("service down", "syn-no-answer", server.address, detail), talks
    # Without tcp-flags no SYN can be told; that port 9200 never sent a byte can.
    return Incident("service down", "who-talks-to-me", server.address, detail, {"host": server.address}), talks


def _patches_do_not_apply(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    culprit = estate["db-3"]
    talks = []
    for at in stage.every(300):
        for source in REPOSITORIES:
            attempt = Conversation(
                culprit,
                source,
                443,
                at + int(240 * rng.random()),
                7,
                Volume(3, 180),
                client_port=ephemeral(rng),
                flags=(SYN, 0),
                outcome="refused at client",
            )
            talks += [attempt, replace(attempt, start=attempt.start + 15, client_port=ephemeral(rng))]
    for name in ("db-1", "db-2"):
        for at in stage.every(1200):
            peer = estate[name]
            talks.append(
                Conversation(
                    peer,
                    REPOSITORIES[0],
                    443,
                    at + int(1100 * rng.random()),
                    20,
                    volume(rng, 60, 70),
                    volume(rng, 140, 1400),
                    ephemeral(rng),
                    nat=through(estate, peer, REPOSITORIES[0]),
                )
            )
    detail = (
        f"db-3 ({culprit.address}, {culprit.instance_id}) is refused on its way out to the package "
        f"repositories {' and '.join(REPOSITORIES)} on port 443, while db-1 and db-2 reach them."
    )
    return Incident("patches do not apply", "patch-path", culprit.address, detail, {"host": culprit.address}), talks


def _nat_spike(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, culprit = stage.rng, stage.estate["build"]
    minutes, pulled, pushed = 15, 300 * MEGABYTE, 50 * MEGABYTE
    talks: list[Conversation] = []
    for server in S3:
        first = Conversation(
            culprit,
            server,
            443,
            stage.ago(34),
            59,
            Volume(pushed // 1400 + pulled // 2960, pushed + pulled // 2960 * 52),
            Volume(pulled // 1480 + pushed // 2800, pulled + pushed // 2800 * 52),
            ephemeral(rng),
            nat=through(stage.estate, culprit, server),
        )
        talks += stream(first, minutes)
    total = len(S3) * minutes * (pulled + pushed) / 1e9
    detail = (
        f"build ({culprit.address}, {culprit.instance_id}) moved {total:.0f} GB to and from S3 through "
        f"the NAT gateway ({stage.estate['nat'].interface_id}) in {minutes} minutes; a gateway endpoint "
        "carries that free of charge."
    )
    question = "top-talkers"
    if "pkt_dst_aws_service" in stage.columns:
        question = "nat-to-aws-service"
    elif "pkt_srcaddr" in stage.columns:
        question = "nat-top-sources"
    return Incident("NAT spike", question, culprit.address, detail), talks


def slow_instance(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    slow = estate["app-2"]
    talks = [
        Conversation(
            estate[name],
            slow,
            8080,
            at,
            30,
            volume(rng, 40, 90),
            volume(rng, 44, 70),
            ephemeral(rng),
            flags=(SYN | RST, SYN_ACK | RST),
        )
        for name in ("web-1", "web-2", "app-1", "app-3", "app-4", "search")
        for at in stage.moments(59, 1, 25)
    ]
    # Packets that come after the slow host gave the connection up are rejected at its interface.
    late = replace(talks[0], seconds=4, sent=Volume(2, 104), flags=(0, 0), outcome="refused at server")
    talks += [
        replace(late, client=talk.client, client_port=talk.client_port, start=talk.start + 35) for talk in talks[::2]
    ]
    for host in range(150, 156):
        for at in stage.moments(59, 1, 4):
            server = f"192.0.2.{host}"
            nat = through(estate, slow, server)
            sent, received = volume(rng, 8, 120), volume(rng, 7, 150)
            talks.append(Conversation(slow, server, 443, at, 3, sent, received, ephemeral(rng), nat=nat))
    detail = (
        f"In the last hour app-2 ({slow.address}, {slow.instance_id}) has peers it never had, smaller "
        "packets than before, resets, and late packets that are rejected."
    )
    return Incident("slow instance", "slow-instance", slow.address, detail, {"host": slow.address}), talks


FAULTS: tuple[Act, ...] = (_nacl_rejects_replies, _service_down, _patches_do_not_apply, _nat_spike)
