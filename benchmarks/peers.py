"""Top talkers as a person would write it by hand, once with polars and once with DuckDB.

Each is a whole program: `python benchmarks/peers.py polars|duckdb FOLDER SINCE UNTIL` prints CSV.
"""

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    talkers = duckdb.execute(
        f"""
        SELECT srcaddr, dstaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS flows
        FROM {flows}
        WHERE log_status = 'OK' AND "end" >= $since AND start < $until
        GROUP BY srcaddr, dstaddr
        ORDER BY bytes DESC, srcaddr, dstaddr
        LIMIT {LIMIT}
        """,
        {"paths": paths, "since": since, "until": until},
    )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(talkers.fetchall())


def main() -> None:
    """Answer with the named peer."""
    name, folder, *moments = sys.argv[1:]
    since, until = (datetime.fromisoformat(moment).astimezone(UTC) for moment in moments)
    answer = {"polars": with_polars, "duckdb": with_duckdb}[name]
    answer(objects(folder, since, until), int(since.timestamp()), int(until.timestamp()))


if __name__ == "__main__":
    main()
