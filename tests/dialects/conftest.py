"""One DuckDB connection, set up as the embedded engine sets up its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from flowsql.dialects.duckdb_macros import MACROS, setup

if TYPE_CHECKING:
    import duckdb


@pytest.fixture(scope="session")
def connection() -> "Iterator[duckdb.DuckDBPyConnection]":
    import duckdb

    with duckdb.connect() as made:
        for sql in setup(" ".join(MACROS)):
            made.execute(sql)
        made.execute(
            "CREATE TABLE flows (srcaddr VARCHAR, dstaddr VARCHAR, dstport INTEGER, bytes BIGINT, start BIGINT)"
        )
        yield made
