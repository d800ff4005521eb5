"""Tables that the cases of rules are about, by their keys."""

from flowsql.fields import DEFAULT_FORMAT, TGW_DEFAULT_FORMAT, column_name
from flowsql.partitions import Partition
from flowsql.table import Table

_DEFAULT = tuple(map(column_name, DEFAULT_FORMAT))
_ACCOUNT = Partition("account", "account", "enum", values=("111122223333",))
_REGION = Partition("aws_region", "region", "enum", values=("us-east-1",))


def _table(*partitions: Partition, columns: tuple[str, ...] = _DEFAULT) -> Table:
    location = "s3://bucket/AWSLogs/"
    return Table(columns, name=("network", "flow_logs"), location=location, partitions=partitions)


def _number(name: str, sql_type: str = "string") -> Partition:
    digits = None if name == "year" or sql_type == "int" else 2
    return Partition(name, name, "integer", digits=digits, range=("1", "31"), sql_type=sql_type)  # type: ignore[arg-type]


def _day(name: str, pattern: str) -> Partition:
    return Partition(name, "date", "date", pattern, range=("2024/01/01", "NOW"))


TABLES: dict[str, Table] = {
    "daily": _table(_ACCOUNT, _REGION, _day("day", "yyyy/MM/dd")),
    "iso": _table(_ACCOUNT, _day("date", "yyyy-MM-dd")),
    "backwards": _table(_day("day", "dd-MM-yyyy")),
    "hourly": _table(_ACCOUNT, _REGION, _day("hour", "yyyy/MM/dd/HH")),
    "many": _table(
        Partition("account", "account", "enum", values=tuple(f"{number:012}" for number in range(20))),
        _REGION,
        Partition("hour", "date", "date", "yyyy/MM/dd/HH", range=("2018/01/01/00", "2026/12/31/23")),
    ),
    "parts": _table(_ACCOUNT, _number("year"), _number("month"), _number("day")),
    "numbers": _table(_number("year", "int"), _number("month", "int"), _number("day", "int")),
    "injected": _table(Partition("account", "account", "injected"), _day("day", "yyyy/MM/dd")),
    "typed": _table(Partition("date", "date", sql_type="date")),
    "whole": _table(),
    "format": Table(_DEFAULT),
    "transit": Table(tuple(map(column_name, TGW_DEFAULT_FORMAT)), "tgw", name=("network", "flow_logs")),
}
"""`daily` and so on: `network.flow_logs` with these partitions."""
