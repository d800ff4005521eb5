"""Makes the flow logs of one day, as gzip text and as Parquet, and keeps them under benchmarks/data/.

The same seed and number of rows give the same objects, byte for byte. Prints what it made as one JSON object.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from flowsql.fields import DEFAULT_FORMAT, column_name, column_type
from flowsql.layout import SLOT, object_key

Ints = npt.NDArray[np.int64]

DATA = Path(__file__).parent / "data"
DAY = datetime(2026, 3, 10, tzinfo=UTC)
SLOTS = 288
ACCOUNT, REGION, FLOW_LOG = "123456789012", "us-east-1", "fl-0f10a5c1b2d3e4f56"

HOSTS = 500
SOURCES = 4000
SCANNERS = 300
"""The last sources of the list only probe ports, and only they are rejected."""
CLIENT_OF = 8
"""Hosts that one public source uses."""
NEIGHBOURS = 20
"""Hosts that one host talks to."""

FROM_SOURCE, TO_SOURCE, INTERNAL, PROBE = range(4)
SHARES = (0.36, 0.34, 0.20, 0.10)
EMPTY_SHARE = 0.005
"""Share of rows that stand for an interval without traffic, or with lost records."""
SERVICES = np.array([443, 443, 443, 443, 80, 22, 8080, 5432, 6379, 9092])
PROBED = np.array([22, 23, 80, 443, 445, 1433, 3306, 3389, 5900, 6379, 8080, 8443])

_TYPES = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
SCHEMA = pa.schema([(column_name(name), _TYPES[column_type(column_name(name))]) for name in DEFAULT_FORMAT])


@dataclass(frozen=True, slots=True)
class Network:
    """What does not change during the day."""

    addresses: pa.Array
    """Hosts first, then public sources: a row names both by their position here."""
    interfaces: pa.Array
    phases: Ints
    """Second of the minute at which the host's interface closes its aggregation interval."""
    intervals: Ints
    """Aggregation interval of the host's interface, seconds."""
    clients: Ints
    """Per source, the hosts that it uses."""
    neighbours: Ints
    popularity: npt.NDArray[np.float64]
    """Cumulative share of the traffic by source."""
    rows: Ints
    """Rows of each slot."""


@cache
def network(seed: int, total: int) -> Network:
    """The network of a seed, with `total` rows spread over the slots."""
    rng = np.random.default_rng(seed)
    hosts = [f"10.0.{16 + number // 100}.{10 + number % 100}" for number in range(HOSTS)]
    first = rng.choice([3, 18, 34, 45, 52, 77, 81, 91, 104, 141, 185, 195, 212], SOURCES)
    rest = rng.choice(250**3, SOURCES, replace=False)
    sources = [f"{a}.{b // 62500 + 1}.{b // 250 % 250 + 1}.{b % 250 + 1}" for a, b in zip(first, rest, strict=True)]
    weights = 1 / np.arange(1, SOURCES - SCANNERS + 1) ** 0.9
    noise = rng.uniform(0.9, 1.1, SLOTS)
    edges = np.round(np.concatenate([[0.0], np.cumsum(noise)]) / noise.sum() * total).astype(np.int64)
    return Network(
        addresses=pa.array(hosts + sources),
        interfaces=pa.array([f"eni-0{int(number):016x}" for number in rng.integers(1 << 62, size=HOSTS)]),
        phases=rng.integers(60, size=HOSTS),
        intervals=np.where(rng.random(HOSTS) < 0.1, 600, 60),
        clients=rng.integers(HOSTS, size=(SOURCES, CLIENT_OF)),
        neighbours=rng.integers(HOSTS, size=(HOSTS, NEIGHBOURS)),
        popularity=np.cumsum(weights / weights.sum()),
        rows=np.diff(edges),
    )


def ends(rng: np.random.Generator, net: Network, kind: Ints) -> tuple[Ints, Ints, Ints]:
    """Per row the recording host, and both ends as positions in `addresses`."""
    size = len(kind)
    client = np.minimum(np.searchsorted(net.popularity, rng.random(size)), SOURCES - SCANNERS - 1)
    server = net.clients[client, rng.integers(CLIENT_OF, size=size)]
    host = np.where(kind < INTERNAL, server, rng.integers(HOSTS, size=size))
    neighbour = net.neighbours[host, rng.integers(NEIGHBOURS, size=size)]
    scanner = SOURCES - 1 - rng.integers(SCANNERS, size=size)
    src = np.select([kind == FROM_SOURCE, kind == PROBE], [HOSTS + client, HOSTS + scanner], host)
    dst = np.select([kind == TO_SOURCE, kind == INTERNAL], [HOSTS + client, neighbour], host)
    return host, src, dst


def records(seed: int, total: int, slot: int) -> pa.Table:
    """The rows of one slot, in the order in which the interfaces closed their intervals."""
    net = network(seed, total)
    rng = np.random.default_rng([seed, slot])
    size = int(net.rows[slot])
    kind = rng.choice(4, size, p=SHARES)
    host, src, dst = ends(rng, net, kind)
    minute = rng.integers(5, size=size)
    order = np.lexsort((host, net.phases[host], minute))
    kind, host, src, dst, minute = kind[order], host[order], src[order], dst[order], minute[order]

    end = int((DAY + slot * SLOT).timestamp()) + minute * 60 + net.phases[host]
    interval = net.intervals[host]
    start = end - interval + rng.integers(interval // 4)
    ephemeral = rng.integers(32768, 61000, size=size)
    service = rng.choice(SERVICES, size)
    packets = np.where(kind == PROBE, rng.integers(1, 4, size=size), np.exp(rng.normal(2.3, 1.5, size)) + 1)
    packets = packets.astype(np.int64)
    octets = packets * np.where(kind == PROBE, rng.choice([40, 44, 60], size), rng.integers(52, 1400, size=size))

    empty = rng.random(size) < EMPTY_SHARE
    lost = empty & (rng.random(size) < 0.01)
    status = pa.array(["OK", "NODATA", "SKIPDATA"]).take(pa.array(empty.astype(np.int8) + lost))
    action = pa.array(["ACCEPT", "REJECT"]).take(pa.array((kind == PROBE).astype(np.int8), mask=empty))
    columns: dict[str, Any] = {
        "version": np.full(size, 2),
        "account_id": pa.repeat(ACCOUNT, size),
        "interface_id": net.interfaces.take(pa.array(host)),
        "srcaddr": net.addresses.take(pa.array(src, mask=empty)),
        "dstaddr": net.addresses.take(pa.array(dst, mask=empty)),
        "srcport": pa.array(np.where(kind == TO_SOURCE, service, ephemeral), mask=empty),
        "dstport": pa.array(
            np.select([kind == TO_SOURCE, kind == PROBE], [ephemeral, rng.choice(PROBED, size)], service),
            mask=empty,
        ),
        "protocol": pa.array(rng.choice([6, 17, 1], size, p=[0.9, 0.09, 0.01]), mask=empty),
        "packets": pa.array(packets, mask=empty),
        "bytes": pa.array(octets, mask=empty),
        "start": start,
        "end": end,
        "action": action,
        "log_status": status,
    }
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)


def write_slot(folder: Path, seed: int, total: int, slot: int) -> int:
    """Write one slot as both objects; returns the bytes of the uncompressed text."""
    table = records(seed, total, slot)
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    text = io.BytesIO()
    frame.rename(dict(zip(SCHEMA.names, DEFAULT_FORMAT, strict=True))).write_csv(
        text, separator=" ", null_value="-", quote_style="never"
    )
    unique = hashlib.sha256(f"{seed} {slot}".encode()).hexdigest()[:8]
    paths = {
        parquet: folder
        / ("parquet" if parquet else "text")
        / object_key(ACCOUNT, REGION, FLOW_LOG, DAY + slot * SLOT, unique, hourly=True, parquet=parquet)
        for parquet in (False, True)
    }
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    paths[False].write_bytes(gzip.compress(text.getbuffer(), 6, mtime=0))
    # As AWS writes it: a hyphen stays a hyphen in a text column, and is null in a number.
    dashed = [column.fill_null("-") if pa.types.is_string(column.type) else column for column in table.itercolumns()]
    pq.write_table(pa.table(dashed, schema=SCHEMA), paths[True], compression="gzip")
    return text.tell()


def generate(rows: int, seed: int) -> dict[str, Any]:
    """Make the day unless it is there already; returns its folders, its window and what it is made of."""
    folder = DATA / f"{rows}-rows-seed-{seed}"
    manifest = folder / "manifest.json"
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if manifest.exists():
        made: dict[str, Any] = json.loads(manifest.read_text())
        if made["recipe"] == recipe:
            return made
    shutil.rmtree(folder, ignore_errors=True)
    began = time.perf_counter()
    # A forked child of a process that has run polars can hang.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        sizes = pool.map(write_slot, *zip(*((folder, seed, rows, slot) for slot in range(SLOTS)), strict=True))
        characters = sum(sizes)
    made = {
        "recipe": recipe,
        "rows": rows,
        "text": str(folder / "text"),
        "parquet": str(folder / "parquet"),
        "hour": [(DAY + timedelta(hours=hour)).isoformat() for hour in (12, 13)],
        "day": [(DAY + timedelta(days=days)).isoformat() for days in (0, 1)],
        "text_bytes": characters,
        "gzip_bytes": sum(path.stat().st_size for path in folder.rglob("*.log.gz")),
        "parquet_bytes": sum(path.stat().st_size for path in folder.rglob("*.log.parquet")),
    }
    manifest.write_text(json.dumps(made, indent=1) + "\n")
    print(f"made {rows} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return made


def main() -> None:
    """Parse the command line, make the day, print its manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the whole day")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(generate(options.rows, options.seed)))


if __name__ == "__main__":
    main()
