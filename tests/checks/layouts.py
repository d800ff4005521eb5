"""Tables of every layout, as Glue has them and as the proof of bounds is told of them."""

from typing import Any

from flowsql.checks.bounds import Relations, TimeKey, time_keys
from flowsql.partitions import Partition

COLUMNS = (
    *("version", "account_id", "interface_id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets"),
    *("bytes", "start", "end", "action", "log_status"),
)
_NUMBERS = {"version": "int", "srcport": "int", "dstport": "int"} | dict.fromkeys(
    ("protocol", "packets", "bytes", "start", "end"), "bigint"
)


def _dates(name: str, pattern: str, first: str, last: str) -> Partition:
    return Partition(name, "date", "date", pattern, range=(first, last))


def _number(name: Any, first: int, last: int, sql_type: str = "string") -> Partition:
    return Partition(name, name, "integer", digits=2, range=(str(first), str(last)), sql_type=sql_type)


_QUARTER = (10, 12)
LAYOUTS: dict[str, tuple[Partition, ...]] = {
    "daily": (_dates("day", "yyyy/MM/dd", "2026/08/01", "2027/02/28"),),
    "isoday": (_dates("date", "yyyy-MM-dd", "2026-08-01", "2027-02-28"),),
    "compact": (_dates("dt", "yyyyMMdd", "20260801", "20270228"),),
    "hourly": (_dates("hour", "yyyy/MM/dd/HH", "2026/10/25/00", "2026/12/05/23"),),
    "ymd": (_number("year", 2021, 2030), _number("month", 1, 12), _number("day", 1, 31)),
    "ymdh": (_number("year", 2021, 2030), _number("month", *_QUARTER), _number("day", 1, 9), _number("hour", 0, 3)),
    "ymdint": tuple(_number(*each, "int") for each in (("year", 2021, 2030), ("month", 1, 12), ("day", 1, 31))),
    "dayhour": (_dates("day", "yyyy/MM/dd", "2026/08/01", "2027/02/28"), _number("hour", 0, 23)),
    "regdate": (Partition("date", "date", range=("2026-08-01", "2027-02-28"), sql_type="date"),),
}
"""First part of the tables' names → partitions; `daily_1` to `daily_3` are three tables of one layout."""


def layout_of(table: str) -> str:
    """`daily_2` → `daily`."""
    return table.rpartition("_")[0]


RELATIONS = Relations(
    lambda table: time_keys(LAYOUTS[layout_of(table.name)]) if layout_of(table.name) in LAYOUTS else None,
    lambda table: (
        (*COLUMNS, *(each.name for each in LAYOUTS[layout_of(table.name)]))
        if layout_of(table.name) in LAYOUTS
        else None
    ),
)
"""For the proof."""


def key_of(table: str) -> TimeKey:
    """The column whose bounds bound a table in time."""
    return time_keys(LAYOUTS[layout_of(table)])[0]


def glue_table(name: str) -> dict[str, Any]:
    """The definition to create a table in Glue with."""
    parameters = {"EXTERNAL": "TRUE", "skip.header.line.count": "1"}
    partitions = LAYOUTS[layout_of(name)]
    if partitions[0].type != "registered":
        parameters["projection.enabled"] = "true"
        parameters["storage.location.template"] = f"s3://bounds/{name}/" + "".join(
            f"${{{p.name}}}/" for p in partitions
        )
    for each in partitions:
        if each.type == "registered" or each.range is None:
            continue
        properties = {"type": each.type, "range": ",".join(each.range), "format": each.format}
        if each.type == "integer":
            properties["digits"] = str(each.digits)
        elif each.format.endswith("HH"):
            properties |= {"interval": "1", "interval.unit": "HOURS"}
        parameters |= {f"projection.{each.name}.{key}": value for key, value in properties.items() if value}
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": [{"Name": each.name, "Type": each.sql_type} for each in partitions],
        "StorageDescriptor": storage(name),
    }


def storage(name: str, folder: str = "") -> dict[str, Any]:
    """Where and how the rows of a table or a partition lie."""
    return {
        "Columns": [{"Name": column, "Type": _NUMBERS.get(column, "string")} for column in COLUMNS],
        "Location": f"s3://bounds/{name}/{folder}",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": " ", "serialization.format": " "},
        },
    }


def first_and_last(table: str) -> tuple[str, str]:
    """The first and last value of the column whose bounds bound a table in time."""
    (found,) = [each.range for each in LAYOUTS[layout_of(table)] if each.name == key_of(table).name]
    assert found is not None
    return found
