"""Half a million rows fetched through the Athena API: flowsql, awswrangler and PyAthena's PandasCursor, in one run.

    pip install -e '.[dev,bench]' && python benchmarks/athena.py

Starts the local AWS of the tests (a JDK and mvn), writes flow logs, asks each program for the same rows in a process of
its own, in turns, and prints the best seconds, their ratio to awswrangler's by the same way, peak memory and whether
bigint and timestamps kept their types. Fails when a frame of flowsql's is not the embedded engine's, to the last value.
"""

import argparse
import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SINCE = int(datetime(2026, 11, 22, 10, tzinfo=UTC).timestamp())
FIELDS = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action")
TYPES = {"srcport": "int", "dstport": "int", "protocol": "int"} | dict.fromkeys(
    ("packets", "bytes", "start", "end"), "bigint"
)
OBJECTS = 10
PROGRAMS = ("flowsql csv", "flowsql unload", "awswrangler csv", "awswrangler unload", "PandasCursor")
PEERS = {"unload": "awswrangler unload"}
"""What a program is compared with, by the way its rows come; else with awswrangler's CSV."""

EMBEDDED = "flowsql duckdb"
COLUMNS = "srcaddr, dstaddr, srcport, dstport, bytes, packets, action, start_time"


def write(bucket: str, database: str, rows: int) -> None:
    """Flow logs of one hour and a table over them."""
    import boto3

    s3, glue = boto3.client("s3"), boto3.client("glue")
    for number in range(OBJECTS):
        first = number * rows // OBJECTS
        lines = [" ".join(name.replace("_", "-") for name in FIELDS)]
        for row in range(first, (number + 1) * rows // OBJECTS):
            start = SINCE + row % 3500
            lines.append(
                f"10.{row % 200}.{row % 250}.{row % 240} 10.0.0.{row % 255} {row % 65536} 443 6 {row % 100} {row} "
                f"{start} {start + 30} ACCEPT"
            )
        s3.put_object(Bucket=bucket, Key=f"logs/{number}.log.gz", Body=gzip.compress("\n".join(lines).encode(), 1))
    storage = {
        "Columns": [{"Name": name, "Type": TYPES.get(name, "string")} for name in FIELDS],
        "Location": f"s3://{bucket}/logs/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": " ", "serialization.format": " "},
        },
    }
    made: Any = {
        "Name": "flow_logs",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": storage,
        "Parameters": {"EXTERNAL": "TRUE", "skip.header.line.count": "1"},
    }
    glue.create_table(DatabaseName=database, TableInput=made)


def fetch(program: str, bucket: str, database: str) -> Any:
    """The rows as a pandas frame, by one program."""
    place = f"s3://{bucket}/results/"
    name, _, way = program.partition(" ")
    sql = "SELECT srcaddr, dstaddr, srcport, dstport, bytes, packets, action, "
    sql += f"CAST(from_unixtime(start) AS timestamp) AS start_time FROM {database}.flow_logs"
    if name == "flowsql":
        from flowsql.session import connect
        from flowsql.sources import AthenaSource

        source = AthenaSource("bench", database, "flow_logs", output=place, reuse=timedelta())
        flows = connect(f"s3://{bucket}/logs/") if way == "duckdb" else connect(source=source, results=way)
        return flows.sql(f"SELECT {COLUMNS} FROM {{{{ flows }}}}", since="2026-11-22T10:00Z", until="2026-11-22T11:00Z")
    if name == "awswrangler":
        import awswrangler

        unload = {"unload_approach": True, "s3_output": f"{place}wrangler-{os.getpid()}/"} if way == "unload" else {}
        options: dict[str, Any] = {"ctas_approach": False, "s3_output": place} | unload
        return awswrangler.athena.read_sql_query(sql, database=database, **options)
    from pyathena import connect as pyathena_connect
    from pyathena.pandas.cursor import PandasCursor

    return pyathena_connect(s3_staging_dir=place, cursor_class=PandasCursor).cursor().execute(sql).as_pandas()


def child(program: str, bucket: str, database: str) -> None:
    """Fetch once and print what it took."""
    began = time.perf_counter()
    frame = fetch(program, bucket, database)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total = int(frame["bytes"].sum())
    dtypes = f"{frame['bytes'].dtype}, {frame['start_time'].dtype}"
    told = {"rows": len(frame), "total": total, "seconds": seconds, "peak": peak, "dtypes": dtypes}
    if program.startswith("flowsql"):
        told["digest"] = digest(frame)
    print(json.dumps(told))


def digest(frame: Any) -> str:
    """What is the same for frames with the same columns, types and rows, in whatever order these came."""
    import pandas

    rows = frame.sort_values("bytes", ignore_index=True)
    hashes = pandas.util.hash_pandas_object(rows).to_numpy().tobytes()
    return hashlib.sha256(f"{rows.dtypes.to_dict()}".encode() + hashes).hexdigest()


def ask(program: str, bucket: str, database: str) -> dict[str, Any]:
    """What a process of its own tells of one fetch; raises SystemExit with its last words."""
    command = [sys.executable, __file__, "--child", program, bucket, database]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program} failed: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Start the local AWS, run every program, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.stack import aws

    with aws.started() as stack:
        os.environ.update(stack.environment)
        bucket, database = stack.bucket("bench"), stack.database("bench")
        write(bucket, database, options.rows)
        embedded = ask(EMBEDDED, bucket, database)
        ask(PROGRAMS[0], bucket, database)  # The first query pays for a Trino that has just started.
        runs = [{program: ask(program, bucket, database) for program in PROGRAMS} for _ in range(options.rounds)]
    best = {program: min((run[program] for run in runs), key=lambda told: told["seconds"]) for program in PROGRAMS}
    print(f"{'program':20} {'seconds':>8} {'ratio':>6} {'peak MiB':>9} {'rows':>8}  bytes, start_time")
    for program, told in best.items():
        peer = best[PEERS.get(program.partition(" ")[2], "awswrangler csv")]
        ratio = told["seconds"] / peer["seconds"]
        print(
            f"{program:20} {told['seconds']:8.1f} {ratio:6.2f} {told['peak']:9.0f} {told['rows']:8,}  {told['dtypes']}"
        )
    if len({(told["rows"], told["total"]) for told in (embedded, *best.values())}) > 1:
        raise SystemExit("the programs did not give the same rows")
    if {told["digest"] for run in runs for told in run.values() if "digest" in told} != {embedded["digest"]}:
        raise SystemExit("a frame that came through Athena is not the embedded engine's")
    print("all the same rows; flowsql's frames are the embedded engine's, value for value")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:5])
    else:
        main()
