"""Flips one bit at a time in a Parquet object and asks it one question: how often each program answers wrong.

    python benchmarks/damage.py

Each bit lies in the pages of a column the question reads. Prints one row a program: answers as before the flip,
objects refused as damaged, and wrong answers, which nothing gives away.
"""

import argparse
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
from generate import write_slot

import flowsql

COLUMNS = ("srcaddr", "dstaddr", "packets", "bytes", "start", "end", "log_status")
WINDOW = {"since": "2026-03-10T07:00Z", "until": "2026-03-10T11:00Z"}
SQL = """
SELECT srcaddr, dstaddr, SUM(bytes) AS bytes, SUM(packets) AS packets, COUNT(*) AS flows
FROM {source} WHERE log_status = 'OK' AND "end" >= 1773126000 AND "start" < 1773140400
GROUP BY srcaddr, dstaddr ORDER BY srcaddr, dstaddr"""

Answer = list[tuple[object, ...]]


def with_polars(path: Path) -> Answer:
    """Read with polars, so that both peers are asked the same SQL."""
    flows = pl.scan_parquet(path).select(COLUMNS)
    return pl.SQLContext(flows=flows).execute(SQL.format(source="flows")).collect(engine="streaming").rows()


def with_duckdb(path: Path) -> Answer:
    """Read with DuckDB's own reader."""
    return duckdb.execute(SQL.format(source="read_parquet($path)"), {"path": str(path)}).fetchall()


def with_flowsql(path: Path) -> Answer:
    """Ask the same SQL over the flow log."""
    frame = flowsql.connect(path).sql(SQL.format(source="{{ flows }}"), **WINDOW)
    return [tuple(row) for row in frame.itertuples(index=False)]


def flipped(data: bytes, spans: list[tuple[int, int]], chance: random.Random) -> bytes:
    """The bytes with one bit turned in one of the spans (start, length)."""
    start, length = chance.choice(spans)
    damaged = bytearray(data)
    damaged[start + chance.randrange(length)] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def asked(answer: Callable[[Path], Answer], path: Path, right: Answer) -> str:
    """What became of a question of a damaged object."""
    try:
        return "right" if answer(path) == right else "wrong"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # polars panics, which is no Exception
        return "refused"


def main() -> None:
    """Make the object, flip the bits, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--flips", type=int, default=300)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    programs = {"polars": with_polars, "DuckDB": with_duckdb, "flowsql": with_flowsql}
    with tempfile.TemporaryDirectory() as folder:
        write_slot(Path(folder), options.seed, 1_000_000, 100)
        (path,) = Path(folder).rglob("*.parquet")
        data, chance = path.read_bytes(), random.Random(options.seed)
        right = {name: answer(path) for name, answer in programs.items()}
        group = pq.ParquetFile(path).metadata.row_group(0)
        chunks = [group.column(number) for number in range(group.num_columns)]
        spans = [
            (chunk.dictionary_page_offset or chunk.data_page_offset, chunk.total_compressed_size)
            for chunk in chunks
            if chunk.path_in_schema in COLUMNS
        ]
        seen: dict[str, Counter[str]] = {name: Counter() for name in programs}
        # What polars tells of its panics goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for _ in range(options.flips):
            path.write_bytes(flipped(data, spans, chance))
            for name, answer in programs.items():
                seen[name][asked(answer, path, right[name])] += 1
    print(f"{'program':10}{'right':>8}{'refused':>9}{'wrong':>7}")
    for name, became in seen.items():
        print(f"{name:10}{became['right']:8}{became['refused']:9}{became['wrong']:7}")


if __name__ == "__main__":
    main()
