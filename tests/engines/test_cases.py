"""The cases of every saved query, on every engine: the same rows as the embedded engine's, in the same order."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flowsql.cases import Case, cases_path, differences, objects, read_cases
from flowsql.query import Query
from flowsql.session import Flows, in_memory
from tests.engines.conftest import LIBRARY, Place

pytestmark = pytest.mark.trino

NAMES = sorted(query.name for query in LIBRARY)
_AT_ONCE = 4


def cases_of(query: Query) -> Iterator[tuple[int, Case]]:
    """The cases of a query, numbered."""
    yield from enumerate(read_cases(cases_path(LIBRARY.paths[query.name]), query))


def is_tabled(case: Case) -> bool:
    """Whether a table of flow logs can be made of a case's fields: one of times alone is none."""
    return bool(set(case.columns) - {"version", "start", "end"})


def options_of(case: Case) -> dict[str, str]:
    return {**case.options, "since": case.window.since.isoformat(), "until": case.window.until.isoformat()}


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_on_every_engine(name: str, place: Place) -> None:
    query = LIBRARY.find(name)
    embedded = in_memory(query, LIBRARY)
    engines: dict[str, Callable[[str], Flows]] = {"athena": place.athena, "trino": place.trino}

    def ask(number: int, case: Case) -> list[str]:
        stored = objects(case, (*case.found, *case.other))
        table = f"{query.short_name.replace('-', '_')}_{number}"
        place.table(table, case.columns, stored)
        wanted = embedded(stored, options_of(case))
        problems = differences(case.expect, wanted, query, case)
        for engine, flows in engines.items():
            rows = flows(table).ask(query, options_of(case)).rows.to_pylist()
            same = len(rows) == len(wanted) and all(
                all(alike(row[key], other[key]) for key in other) for row, other in zip(rows, wanted, strict=True)
            )
            if not same:
                problems += [f"{engine}, {case.place}: {case.name}"]
                problems += differences(case.expect, rows, query, case) or [f"{rows} is not {wanted}"]
        return problems

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda item: ask(*item) if is_tabled(item[1]) else [], cases_of(query)))
    assert not any(found), "\n".join(line for problems in found for line in problems)
