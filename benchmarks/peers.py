"""Top talkers as a person would write it by hand: with polars, with DuckDB, and with DuckDB over Arrow.

Each is a whole program: `python benchmarks/peers.py polars|duckdb|arrow FOLDER SINCE UNTIL` prints CSV.
"""

import csv
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

COLUMNS = ("srcaddr", "dstaddr", "bytes", "packets", "flows")
LIMIT = 20


def objects(folder: str, since: datetime, until: datetime) -> list[str]:
    """The objects whose slot can hold a flow of the window.

    An object is named after the five minutes in which its flows end, or later: at most 10 minutes of
    aggregation and 10 of delivery after they began.
    """
    first = (since - timedelta(minutes=since.minute % 5)).strftime("%Y%m%dT%H%MZ")
    last = (until + timedelta(minutes=20)).strftime("%Y%m%dT%H%MZ")
    return sorted(str(path) for path in Path(folder).rglob("*.log.*") if first <= path.name.split("_")[4] < last)


def with_polars(paths: list[str], since: int, until: int) -> None:
    """Scan lazily, on the streaming engine; addresses are categories, which is quicker than text here."""
    import polars as pl

    if paths[0].endswith(".parquet"):
        flows = pl.scan_parquet(paths).with_columns(pl.col("srcaddr", "dstaddr").cast(pl.Categorical))
    else:
        numbers = dict.fromkeys(("packets", "bytes", "start", "end"), pl.Int64)
        flows = pl.scan_csv(
            paths,
            separator=" ",
            null_values="-",
            quote_char=None,
            infer_schema=False,
            schema_overrides={**numbers, "srcaddr": pl.Categorical, "dstaddr": pl.Categorical},
        ).rename({"log-status": "log_status"})
    talkers = (
        flows.filter(pl.col("log_status") == "OK", pl.col("end") >= since, pl.col("start") < until)
        .group_by("srcaddr", "dstaddr")
        .agg(pl.col("bytes").sum(), pl.col("packets").sum(), pl.len().alias("flows"))
        .sort("bytes", "srcaddr", "dstaddr", descending=[True, False, False])
        .head(LIMIT)
    )
    talkers.collect(engine="streaming").write_csv(sys.stdout)


def with_duckdb(paths: list[str], since: int, until: int) -> None:
    """One SELECT over the reader, told everything it would otherwise guess."""
    import duckdb

    if paths[0].endswith(".parquet"):
        flows = "read_parquet($paths)"
    else:
        flows = """
            read_csv(
                $paths, auto_detect = false,
                delim = ' ', header = true, nullstr = '-', quote = '', escape = '',
                columns = {
                    version: 'INTEGER', account_id: 'VARCHAR', interface_id: 'VARCHAR', srcaddr: 'VARCHAR',
                    dstaddr: 'VARCHAR', srcport: 'INTEGER', dstport: 'INTEGER', protocol: 'INTEGER',
                    packets: 'BIGINT', bytes: 'BIGINT', start: 'BIGINT', 'end': 'BIGINT',
                    action: 'VARCHAR', log_status: 'VARCHAR'
                }
            )"""
    _print(duckdb.execute(talkers_sql(flows), {"paths": paths, "since": since, "until": until}).fetchall())


def with_arrow(paths: list[str], since: int, until: int) -> None:
    """The wanted columns read by Arrow in two threads, summed by DuckDB, nothing looked at: what flowsql builds on."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not paths[0].endswith(".parquet"):
        sys.exit("the peer arrow reads Parquet only")
    names, coded = ["srcaddr", "dstaddr", "packets", "bytes", "start", "end", "log_status"], ["srcaddr", "dstaddr"]

    def batches(path: str) -> list[Any]:
        file = pq.ParquetFile(pa.memory_map(path), read_dictionary=[*coded, "log_status"])
        return list(file.iter_batches(1 << 17, columns=names, use_threads=False))

    def stream() -> Iterator[Any]:
        with ThreadPoolExecutor(2) as pool:
            for first in range(0, len(paths), 32):
                for found in pool.map(batches, paths[first : first + 32]):
                    yield from found

    connection = duckdb.connect()
    reader = pa.RecordBatchReader.from_batches(batches(paths[0])[0].schema, stream())
    connection.register("stored", reader)
    _print(connection.execute(talkers_sql("stored"), {"since": since, "until": until}).fetchall())


def talkers_sql(flows: str) -> str:
    """The question over a relation, bounded by $since and $until."""
    return f"""
        SELECT srcaddr, dstaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS flows
        FROM {flows}
        WHERE log_status = 'OK' AND "end" >= $since AND start < $until
        GROUP BY srcaddr, dstaddr
        ORDER BY bytes DESC, srcaddr, dstaddr
        LIMIT {LIMIT}
        """


def _print(talkers: list[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(talkers)


def main() -> None:
    """Answer with the named peer."""
    name, folder, *moments = sys.argv[1:]
    since, until = (datetime.fromisoformat(moment).astimezone(UTC) for moment in moments)
    answer = {"polars": with_polars, "duckdb": with_duckdb, "arrow": with_arrow}[name]
    answer(objects(folder, since, until), int(since.timestamp()), int(until.timestamp()))


if __name__ == "__main__":
    main()
