"""Athena's results → typed Arrow: the CSV, unloaded Parquet, or the API's pages, all alike."""

import io
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from flowsql.aws.results import Results
from flowsql.dialects.athena import SortKey
from flowsql.engines.athena_calls import Calls
from flowsql.engines.trino_types import DIGESTS, TrinoType, arrow_type, from_texts, parse_type
from flowsql.errors import EngineError
from flowsql.params import identifier

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 4 << 20
"""Bytes of CSV that are parsed at once."""

_AHEAD = 4
"""Unloaded objects that are fetched at once."""

_DIRECT = ("bigint", "integer", "int", "smallint", "tinyint", "double")
"""Types whose texts Arrow's CSV reader reads as Athena means them."""

_AS_TEXT = ("ipaddress", "uuid", "time", "time with time zone", "interval day to second", "interval year to month")
_TYPES = "flowsql types: "
"""What a statement of nested columns ends with, so that whoever fetches its rows again knows what they were."""
_UNSORTABLE = ("ipaddress", "uuid", "json", "varbinary", "array", "map", "row", "unknown", *DIGESTS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer and how its values travel."""

    name: str
    type: TrinoType
    as_json: bool = False
    """Whether a nested value comes as JSON text."""

    @property
    def read_as(self) -> TrinoType:
        """The type by which its texts are read: what is nested and no JSON stays the text it is."""
        return TrinoType("varchar") if self.type.is_nested and not self.as_json else self.type


def columns_of(execution_columns: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """ResultSetMetadata.ColumnInfo → columns."""
    made = []
    for info in execution_columns:
        text = str(info["Type"])
        if text == "decimal":
            text = f"decimal({info.get('Precision') or 38},{info.get('Scale') or 0})"
        made.append(Column(str(info["Name"]), TrinoType(text) if text in ("array", "map", "row") else parse_type(text)))
    return tuple(made)


def planned_columns(text: str) -> tuple[Column, ...] | None:
    """The columns in a plan as JSON; None when it names them otherwise than it types them.

    Raises ValueError, KeyError, TypeError and EngineError for what is no such plan.
    """
    plan = json.loads(text)
    while "name" not in plan:
        plan = next(iter(plan.values()))
    names = str(plan["descriptor"]["columnNames"]).removeprefix("[").removesuffix("]").split(", ")
    outputs = plan["outputs"]
    if plan["name"] != "Output" or len(names) != len(outputs):
        return None
    return tuple(Column(name, parse_type(output["type"])) for name, output in zip(names, outputs, strict=True))


def travelling(columns: Sequence[Column], route: str) -> tuple[Column, ...]:
    """The columns as they travel by a route: nested ones as JSON unless Parquet holds them as they are."""
    return tuple(
        Column(column.name, column.type, column.type.is_nested and (route == "csv" or not _fits_parquet(column.type)))
        for column in columns
    )


def wrapped(
    sql: str, columns: Sequence[Column], route: str, more: int = 0, order: Sequence[SortKey] = ()
) -> tuple[str, int]:
    """A statement whose values are made to travel exactly, and the characters put before it on its first line.

    `order` is by its columns and by `more` of them after those, which do not travel.
    """
    items = [
        f"{_exact(f'c{number}', column, route)} AS {identifier(column.name)}" for number, column in enumerate(columns)
    ]
    start = f"SELECT {', '.join(items)} FROM ("
    names = ", ".join(f"c{number}" for number in range(len(columns) + more))
    made = f"{start}{sql}\n) AS answer ({names})"
    if order:
        made += f" ORDER BY {', '.join(map(_sorted_by, order))}"
    if route == "csv":
        # A name in a row may hold what ends a comment.
        types = json.dumps([column.type.sql() for column in columns]).replace("*/", "*\\/")
        made += f"\n/* {_TYPES}{types} */"
    return made, len(start)


def travelled(sql: str) -> tuple[Column, ...] | None:
    """The columns that `wrapped` made travel as CSV; None for another statement."""
    _, found, types = sql.rpartition(f"\n/* {_TYPES}")
    try:
        kinds = [parse_type(text) for text in json.loads(types.removesuffix(" */"))] if found else []
    except (ValueError, TypeError, EngineError):
        return None
    return travelling([Column("", kind) for kind in kinds], "csv") or None


def _sorted_by(key: SortKey) -> str:
    # With the relation's name, since a column of the answer may be called c0.
    way = "DESC" if key.descending else "ASC"
    return f"answer.c{key.column} {way} NULLS {'FIRST' if key.nulls_first else 'LAST'}"


def is_sortable(columns: Sequence[Column], order: tuple[SortKey, ...] | None) -> bool:
    """Whether rows that come in any order can be put in the statement's order again."""
    if order is None or any(key.nulls_first for key in order):
        return False
    return all(
        columns[key.column].type.name not in (*_UNSORTABLE, *_AS_TEXT) if key.column < len(columns) else False
        for key in order
    )


def in_order(rows: "pa.Table", order: Sequence[SortKey]) -> "pa.Table":
    """Rows in the statement's order."""
    import pyarrow.compute as pc

    if not order or rows.num_rows < 2:
        return rows
    numbered = rows.rename_columns([str(number) for number in range(rows.num_columns)])
    keys = [(str(key.column), "descending" if key.descending else "ascending") for key in order]
    return rows.take(pc.sort_indices(numbered, sort_keys=keys))


def read_csv(results: Results, uri: str, columns: Sequence[Column]) -> "pa.Table":
    """The CSV that Athena wrote, in pieces; raises SourceError, EngineError."""
    import pyarrow as pa
    from pyarrow import csv

    names = [str(number) for number in range(len(columns))]
    direct = {name: arrow_type(column.type) for name, column in zip(names, columns, strict=True) if _is_direct(column)}
    with results.stream(uri) as body:
        try:
            reader = csv.open_csv(
                pa.PythonFile(body, mode="r"),
                csv.ReadOptions(column_names=names, skip_rows_after_names=1, block_size=_BLOCK),
                # A row of one NULL column is an empty line.
                csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                csv.ConvertOptions(
                    column_types={name: direct.get(name, pa.string()) for name in names},
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            return _table((batch.columns for batch in reader), columns)
        except pa.ArrowInvalid as failure:
            raise EngineError(f"the result is no CSV as Athena writes it: {failure}", where=uri) from failure


def prepare(results: Results, where: str) -> None:
    """What reading Parquet at a place takes long to begin with."""
    from pyarrow import parquet  # noqa: F401

    results.connect(where)


def read_parquet(results: Results, uris: Iterable[str], columns: Sequence[Column]) -> "pa.Table":
    """The files an UNLOAD wrote, in their order, some fetched ahead; raises SourceError, EngineError."""
    import pyarrow as pa
    from pyarrow import parquet

    def pieces() -> Iterator[Sequence[Any]]:
        for data in _ahead(results.read, uris):
            with parquet.ParquetFile(io.BytesIO(data)) as file:
                yield from (batch.columns for batch in file.read().to_batches())

    try:
        return _table(pieces(), columns, parquet=True)
    except pa.ArrowInvalid as failure:
        raise EngineError(f"unloaded Parquet is not of the columns' types: {failure}") from failure


def _ahead(read: Callable[[str], bytes], uris: Iterable[str]) -> Iterator[bytes]:
    """What `read` gives for each, at most so many objects in memory at once."""
    left = iter(uris)
    with ThreadPoolExecutor(_AHEAD) as pool:
        coming = deque(pool.submit(read, uri) for uri in islice(left, _AHEAD))
        try:
            while coming:
                data = coming.popleft().result()
                coming.extend(pool.submit(read, uri) for uri in islice(left, 1))
                yield data
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_pages(calls: Calls, query_id: str, columns: Sequence[Column]) -> "pa.Table":
    """The rows from GetQueryResults, a thousand at a time: for a workgroup that keeps results to itself."""
    import pyarrow as pa

    def pieces() -> Iterator[Sequence[Any]]:
        token, first = None, True
        while first or token:
            more: dict[str, Any] = {"NextToken": token} if token else {}
            page = calls.call("GetQueryResults", QueryExecutionId=query_id, MaxResults=1000, **more)
            rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]]
            # The first row of a SELECT holds the columns' names.
            rows = rows[1:] if first and rows and rows[0] == [column.name for column in columns] else rows
            yield [pa.array([row[number] for row in rows], pa.string()) for number in range(len(columns))]
            token, first = page.get("NextToken"), False

    return _table(pieces(), columns)


def _table(pieces: Iterable[Sequence[Any]], columns: Sequence[Column], *, parquet: bool = False) -> "pa.Table":
    """Pieces of columns → one typed table; the texts of a piece are given back before the next is read."""
    import pyarrow as pa

    kinds = [arrow_type(column.type if parquet else column.read_as) for column in columns]
    made: list[list[Any]] = [[] for _ in columns]
    for piece in pieces:
        for place, (array, column, kind) in enumerate(zip(piece, columns, kinds, strict=True)):
            typed = array if array.type == kind else _typed(array, column, kind, parquet=parquet)
            made[place].extend(typed.chunks if isinstance(typed, pa.ChunkedArray) else [typed])
    arrays = [pa.chunked_array(chunks, kind) for chunks, kind in zip(made, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def _typed(array: Any, column: Column, kind: Any, *, parquet: bool) -> Any:
    if not parquet or column.as_json:
        return from_texts(array, column.read_as)
    if column.type.name == "timestamp with time zone":
        import pyarrow as pa

        return array.cast(pa.timestamp("us"), safe=False).cast(kind)
    return array.cast(kind, safe=column.type.name != "timestamp")


def _is_direct(column: Column) -> bool:
    return column.type.name in _DIRECT


def _fits_parquet(kind: TrinoType) -> bool:
    """Whether Athena can write a type in Parquet as it is."""
    inside = kind.name in ("timestamp with time zone", "json", "unknown", *_AS_TEXT, *DIGESTS)
    return not inside and all(_fits_parquet(inner) for inner in kind.of)


def _exact(name: str, column: Column, route: str) -> str:
    """An expression whose value travels exactly."""
    kind = column.type
    if column.as_json:
        plain = _plain(kind)
        value = name if plain == kind else f"CAST({name} AS {plain.sql()})"
        return f"json_format(CAST({value} AS JSON))"
    if route == "csv" or _fits_parquet(kind):
        return name if not (kind.name == "row" and route == "unload") else f"CAST({name} AS {kind.sql()})"
    if kind.name == "timestamp with time zone":
        return f"CAST({name} AT TIME ZONE 'UTC' AS timestamp)"
    if kind.name in DIGESTS:
        return f"CAST({name} AS varbinary)"
    return f"json_format({name})" if kind.name == "json" else f"CAST({name} AS varchar)"


def _plain(kind: TrinoType) -> TrinoType:
    """A type without what JSON has no like of."""
    if kind.name in _AS_TEXT:
        return TrinoType("varchar")
    return TrinoType(kind.name, kind.arguments, tuple(_plain(inner) for inner in kind.of), kind.fields)
