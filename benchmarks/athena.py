"""Half a million rows fetched through the Athena API: flowsql, awswrangler and PyAthena's PandasCursor, in one run.

    pip install -e '.[dev,bench]' && python benchmarks/athena.py

Starts the local AWS of the tests (a JDK and mvn), writes flow logs, asks each program for the same rows in a process of
its own, and prints seconds, peak memory and whether bigint and timestamps kept their types.
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
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

        source = AthenaSource("bench", database, "flow_logs", output=place)
        flows = connect(source=source, results=way)
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
    print(json.dumps({"rows": len(frame), "total": total, "seconds": seconds, "peak": peak, "dtypes": dtypes}))


def main() -> None:
    """Start the local AWS, run every program, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=500_000)
    rows = parser.parse_args().rows
    sys.path.insert(0, str(ROOT))
    from tests.stack import aws

    with aws.started() as stack:
        os.environ.update(stack.environment)
        bucket, database = stack.bucket("bench"), stack.database("bench")
        write(bucket, database, rows)
        print(f"{'program':20} {'seconds':>8} {'peak MiB':>9} {'rows':>8}  bytes, start_time")
        totals = set()
        for program in PROGRAMS:
            command = [sys.executable, __file__, "--child", program, bucket, database]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{program:20} failed: {done.stderr.strip().splitlines()[-1]}")
                continue
            told = json.loads(done.stdout.splitlines()[-1])
            totals.add((told["rows"], told["total"]))
            print(f"{program:20} {told['seconds']:8.1f} {told['peak']:9.0f} {told['rows']:8,}  {told['dtypes']}")
        print("all the same rows" if len(totals) == 1 else f"DIFFERENT: {totals}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:5])
    else:
        main()
