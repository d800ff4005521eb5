"""Incidents with an attacker, or with a door left open for one."""

from flowsql.sample.capture import (
    FIN,
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
from flowsql.sample.manifest import Incident
from flowsql.sample.stage import Act, Stage

SCANNER, BRUTE = "203.0.113.66", "203.0.113.99"
ADMINISTRATOR, DATABASE_CLIENT = "203.0.113.150", "203.0.113.160"
DROP, CONTROLLER = "203.0.113.200", "203.0.113.45"


def _vertical_scan(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, target = stage.rng, stage.estate["web-1"]
    ports = sorted({*rng.sample(range(1, 1025), 380), 80, 443, 3306, 5432, 6379, 8080, 9200, 27017})
    rng.shuffle(ports)
    talks = []
    for port, at in zip(ports, stage.moments(38, 30, len(ports)), strict=True):
        opened = port in (80, 443)
        talks.append(
            Conversation(
                SCANNER,
                target,
                port,
                at,
                0,
                Volume(2, 84) if opened else Volume(1, 44),
                Volume(1, 44),
                ephemeral(rng),
                flags=(SYN | RST if opened else SYN, SYN_ACK),
                outcome="answered" if opened else "refused at server",
            )
        )
    detail = f"{SCANNER} tried {len(ports)} ports of web-1 ({target.address}) within eight minutes."
    return Incident("port scan", "vertical-scan", SCANNER, detail), talks


def _horizontal_sweep(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    culprit = estate["app-5"]
    owners = {host.address: host for host in estate.hosts.values()}
    targets = [f"{estate.network}.{subnet}.{host}" for subnet in (10, 11, 20, 21) for host in range(4, 64)]
    targets.remove(culprit.address)
    talks = []
    for address, at in zip(targets, stage.moments(26, 20, len(targets)), strict=True):
        known = owners.get(address)
        talks.append(
            Conversation(
                culprit,
                known or address,
                445,
                at,
                3,
                Volume(2, 120),
                client_port=ephemeral(rng),
                flags=(SYN, 0),
                outcome="refused at server" if known else "unanswered",
            )
        )
    detail = (
        f"app-5 ({culprit.address}, {culprit.instance_id}) knocked at port 445 of {len(targets)} "
        "private addresses within six minutes; none let it in."
    )
    return Incident("sweep for file shares", "horizontal-sweep", culprit.address, detail), talks


def _ssh_brute_force(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, estate = stage.rng, stage.estate
    talks = [
        Conversation(
            BRUTE,
            estate[name],
            22,
            at,
            1,
            Volume(2, 120),
            client_port=ephemeral(rng),
            flags=(SYN, 0),
            outcome="refused at server",
        )
        for name in ("web-1", "web-2", "desktop", "reports")
        for at in stage.moments(44, 6, 60)
    ]
    refused = len(talks)
    talks += [
        Conversation(
            BRUTE,
            estate["bastion"],
            22,
            at,
            2 + int(4 * rng.random()),
            volume(rng, 14, 150),
            volume(rng, 13, 190),
            ephemeral(rng),
        )
        for at in stage.moments(44, 6, 150)
    ]
    detail = (
        f"{BRUTE} was refused {refused} times on SSH at four hosts, and let in for {len(talks) - refused} "
        f"logins of a few seconds at the bastion ({estate['bastion'].address})."
    )
    return Incident("SSH brute force", "rejected-ssh", BRUTE, detail), talks


def _exfiltration(stage: Stage) -> tuple[Incident, list[Conversation]]:
    culprit = stage.estate["reports"]
    minutes, per_minute = 25, 240 * MEGABYTE
    first = Conversation(
        culprit,
        DROP,
        443,
        stage.ago(41),
        59,
        Volume(per_minute // 1480, per_minute),
        Volume(per_minute // 2960, per_minute // 2960 * 52),
        ephemeral(stage.rng),
    )
    detail = (
        f"reports ({culprit.address}, {culprit.instance_id}) sent {minutes * per_minute / 1e9:.0f} GB "
        f"to {DROP}:443 in {minutes} minutes."
    )
    incident = Incident("exfiltration", "large-transfers", culprit.address, detail)
    return incident, list(stream(first, minutes))


def _beacon(stage: Stage) -> tuple[Incident, list[Conversation]]:
    rng, culprit = stage.rng, stage.estate["app-3"]
    talks = [
        Conversation(
            culprit,
            CONTROLLER,
            443,
            at + 17 + int(9 * rng.random()),
            2,
            Volume(7, 640 + int(40 * rng.random())),
            Volume(6, 480 + int(40 * rng.random())),
            ephemeral(rng),
            nat=through(stage.estate, culprit, CONTROLLER),
        )
        for at in stage.every(300)
    ]
    detail = (
        f"app-3 ({culprit.address}, {culprit.instance_id}) calls {CONTROLLER}:443 every 300 seconds, "
        "give or take eight, with some 650 bytes."
    )
    return Incident("beacon", "beaconing", culprit.address, detail), talks


def _exposed(
    stage: Stage, name: str, question: str, host: str, port: int, visitor: str
) -> tuple[Incident, list[Conversation]]:
    rng, target = stage.rng, stage.estate[host]
    talks = [
        Conversation(
            visitor,
            target,
            port,
            at,
            50,
            volume(rng, 160, 130),
            volume(rng, 240, 700),
            ephemeral(rng),
            flags=(SYN | FIN, SYN_ACK | FIN),
        )
        for at in stage.moments(40, 5, 8)
    ]
    detail = f"{host} ({target.address}, {target.interface_id}) accepts port {port} from the internet ({visitor})."
    return Incident(name, question, target.address, detail), talks


def _desktop_exposed(stage: Stage) -> tuple[Incident, list[Conversation]]:
    return _exposed(stage, "remote desktop open", "admin-ports-from-internet", "desktop", 3389, ADMINISTRATOR)


def _database_exposed(stage: Stage) -> tuple[Incident, list[Conversation]]:
    return _exposed(stage, "database open", "db-ports-from-internet", "reports", 5432, DATABASE_CLIENT)


ATTACKS: tuple[Act, ...] = (
    _vertical_scan,
    _horizontal_sweep,
    _ssh_brute_force,
    _exfiltration,
    _beacon,
    _desktop_exposed,
    _database_exposed,
)
