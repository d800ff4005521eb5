"""A Glue table, whoever made it → Table: which column is which field, and what its partitions stand for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowsql.dates import UNITS, Unit, date_pattern
from flowsql.errors import SourceError
from flowsql.fields import TGW_FIELDS, VPC_FIELDS, record_kind
from flowsql.partitions import SERVICE, Partition, Role
from flowsql.table import Table
from flowsql.tables.registered import Registered

_FIELDS = {item.column.replace("_", ""): item.column for item in (*VPC_FIELDS, *TGW_FIELDS)}
_ALIASES = {
    **_FIELDS,
    "account": "account_id",
    "sourceaddress": "srcaddr",
    "destinationaddress": "dstaddr",
    "sourceport": "srcport",
    "destinationport": "dstport",
    "numpackets": "packets",
    "numbytes": "bytes",
    "starttime": "start",
    "endtime": "end",
    "windowstart": "start",
    "windowend": "end",
    "flowaction": "action",
    "status": "log_status",
}
"""Names without underscores → columns: those AWS's own older definitions have, and the usual ways around END."""

_DERIVED = ("start_time", "end_time")
_TRAFFIC = {"srcaddr", "dstaddr", "interface_id", "log_status", "bytes", "packets", "tgw_id"}

_ROLES: dict[str, Role] = {
    **dict.fromkeys(
        ("account", "accountid", "awsaccount", "awsaccountid", "accid", "acct", "accountnumber"), "account"
    ),
    **dict.fromkeys(("region", "awsregion", "regioncode", "awsregioncode", "regionname"), "region"),
    **dict.fromkeys(("service", "awsservice"), "service"),
    **dict.fromkeys(("year", "yyyy"), "year"),
    **dict.fromkeys(("month", "mon", "mm"), "month"),
    **dict.fromkeys(("day", "dd"), "day"),
    **dict.fromkeys(("hour", "hh", "hr"), "hour"),
    **dict.fromkeys(("date", "dt", "ds", "partitiondate", "datehour", "datetime", "eventdate", "logdate"), "date"),
}
_FORMATS = (
    *("yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "yyyy/MM/dd/HH", "yyyy-MM-dd-HH", "yyyyMMddHH", "yyyy-MM-dd/HH"),
    *("yyyy-MM-dd HH:00:00", "yyyy-MM-dd'T'HH", "yyyy-MM-dd HH", "yyyy-MM", "yyyy/MM", "yyyyMM"),
)
"""What dates look like whose format nobody wrote down."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_OWN_FORMATS = {
    "iceberg": "Iceberg",
    "delta": "Delta Lake",
    "hudi": "Hudi",
    "hoodie": "Hudi",
    "symlinktextinputformat": "symbolic link",
}
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_SPANS: dict[str, tuple[Unit | None, int]] = {"weeks": ("day", 7), **{f"{unit}s": (unit, 1) for unit in UNITS}}


@dataclass(frozen=True, slots=True)
class GlueTable:
    """A table as Glue describes it, without what does not matter here."""

    name: tuple[str, str]
    """Database and table."""
    columns: tuple[tuple[str, str], ...]
    """Name and type, in order."""
    partition_keys: tuple[tuple[str, str], ...]
    location: str
    parameters: Mapping[str, str] = field(hash=False)
    serde: str
    serde_parameters: Mapping[str, str] = field(hash=False)
    is_view: bool = False
    kind: str = ""
    """What lists the objects that hold its rows, where not all below its location do: `Iceberg`, `Hudi`."""

    @property
    def projected(self) -> bool:
        """Whether Athena makes up the partitions from the table's properties."""
        return self.parameters.get("projection.enabled", "").strip().lower() == "true"

    @property
    def is_parquet(self) -> bool:
        """Whether the objects are read as Parquet."""
        return "parquet" in self.serde.lower()

    @property
    def is_plain(self) -> bool:
        """Whether it is a table without flow logs and without partitions, as a list of accounts."""
        return not (self.is_view or self.partition_keys or holds_flow_logs(self))


def glue_table(raw: Mapping[str, Any]) -> GlueTable:
    """What `GetTable` says of a table, checked as little as possible: anybody may have written it."""
    storage = raw.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    return GlueTable(
        (str(raw.get("DatabaseName", "")), str(raw["Name"])),
        _columns(storage.get("Columns") or ()),
        _columns(raw.get("PartitionKeys") or ()),
        str(storage.get("Location") or ""),
        dict(raw.get("Parameters") or {}),
        str(serde.get("SerializationLibrary") or storage.get("InputFormat") or ""),
        dict(serde.get("Parameters") or {}),
        raw.get("TableType") == "VIRTUAL_VIEW",
        _kind(raw),
    )


def _kind(raw: Mapping[str, Any]) -> str:
    """The format that a table's parameters or its input format name."""
    parameters = {key.lower(): str(value).lower() for key, value in (raw.get("Parameters") or {}).items()}
    reader = str((raw.get("StorageDescriptor") or {}).get("InputFormat") or "").lower()
    named = ("table_type", "spark.sql.sources.provider")
    told = " ".join((*(parameters.get(name, "") for name in named), reader.rpartition(".")[2]))
    return next((name for word, name in _OWN_FORMATS.items() if word in told), "")


def _columns(raw: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(item["Name"]).lower(), str(item.get("Type") or "string").lower()) for item in raw)


def holds_flow_logs(table: GlueTable) -> bool:
    """Whether the columns look like those of flow log records."""
    names = set(_named(table.columns))
    fields = set(_FIELDS.values())
    return {"start", "end"} <= names and (len(names & _TRAFFIC) > 2 or (len(names) > 2 and names <= fields))


def table_of(table: GlueTable, registered: Sequence[Registered] = ()) -> Table:
    """A Glue table as a Table; `registered` are some of its listed partitions, if it has any.

    Raises SourceError for a view, for a table that does not hold flow logs and for one in a format of its own.
    """
    where = ".".join(table.name)
    if table.is_view:
        raise SourceError(f"{where} is a view, and a view does not show its partitions", hint="name the table it reads")
    if not holds_flow_logs(table):
        raise SourceError(
            f"{where} does not hold flow logs: its columns are {', '.join(name for name, _ in table.columns[:8])} …",
            hint="`flowsql table list` shows those that do; `flowsql table create` makes one",
        )
    if table.kind:
        raise SourceError(
            f"{where} is {'an' if table.kind[0] in 'AEIO' else 'a'} {table.kind} table: a list of its own, not its "
            "location, says which objects a question reads, so that none can be bounded",
            hint="ask the flow logs as AWS delivers them: `flowsql table create` makes a table over these",
        )
    named = _named(table.columns)
    columns = tuple(column for column in named if column not in _DERIVED)
    template = _template(table, registered)
    return Table(
        columns,
        record_kind(columns),
        name=table.name,
        types={column: kind for column, (_, kind) in named.items()},
        file_format="parquet" if table.is_parquet else "text",
        partitions=tuple(
            _partition(table, name, kind, template, [item.values[n] for item in registered if n < len(item.values)])
            for n, (name, kind) in enumerate(table.partition_keys)
        ),
        location=_folder(table.location),
        template=template,
        renamed={column: stored for column, (stored, _) in named.items() if column != stored},
    )


def _named(columns: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Column of a record → the name and type it has in the table; a name that is right keeps others off it."""
    stored = {name for name, _ in columns}
    found: dict[str, tuple[str, str]] = {}
    for name, kind in columns:
        plain = name.replace("-", "_")
        column = plain if plain in _FIELDS.values() else _ALIASES.get(plain.replace("_", ""), plain)
        if column != name and (column in stored or column in found):
            column = name
        found[column] = (name, kind)
    return found


def _partition(table: GlueTable, name: str, kind: str, template: str, seen: Sequence[str]) -> Partition:
    """One partition column with what projection, template, listed values and its name tell, in this order."""
    about = {key.removeprefix(f"projection.{name}."): value for key, value in _properties(table, name)}
    kind = kind.partition("(")[0]
    role = _role(table, name, about, template, seen)
    first, comma, last = about.get("range", "").partition(",")
    span = (first.strip(), last.strip()) if comma else None
    projected = about.get("type", "").strip().lower()
    if not table.projected or projected not in ("enum", "integer", "date", "injected"):
        form = _format(seen, kind, template, name) if role == "date" else ""
        digits = 2 if seen and role in ("month", "day", "hour") and _alike(seen) else None
        return Partition(
            name, "other" if role == "date" and not form else role, "registered", form, digits, sql_type=kind
        )
    unit, times = _SPANS.get(f"{about.get('interval.unit', '').strip().lower().rstrip('s')}s", (None, 1))
    return Partition(
        name,
        role,
        projected,  # type: ignore[arg-type]
        about.get("format", "") if role == "date" else "",
        int(about["digits"]) if about.get("digits", "").strip().isdecimal() else None,
        tuple(about.get("values", "").split(",")) if projected == "enum" else (),
        span,
        times * int(about["interval"]) if about.get("interval", "").strip().isdecimal() else times,
        unit,
        kind,
    )


def _alike(seen: Sequence[str]) -> bool:
    """Whether the listed numbers show their width: one with a leading zero does."""
    return any(value.startswith("0") and len(value) == 2 for value in seen)


def _properties(table: GlueTable, name: str) -> Iterable[tuple[str, str]]:
    lower = {key.lower(): value for key, value in table.parameters.items()}
    return [(key, value) for key, value in lower.items() if key.startswith(f"projection.{name}.")]


def _role(table: GlueTable, name: str, about: Mapping[str, str], template: str, seen: Sequence[str]) -> Role:
    if about.get("type", "").strip().lower() == "date":
        return "date"
    plain = name.replace("-", "").replace("_", "")
    others = {key.replace("-", "").replace("_", "") for key, _ in table.partition_keys} - {plain}
    by_name = _ROLES.get(plain, "other")
    if by_name == "day" and not others & {"month", "mon", "mm"} and not _ends_with_a_month(about):
        by_name = "date"
    if by_name in ("year", "month", "hour", "day") and not _is_small(seen):
        by_name = "date"
    by_place = _role_in(template, name)
    return by_place or _role_of(seen) or by_name


def _ends_with_a_month(about: Mapping[str, str]) -> bool:
    """Whether a projection counts the days of a month: the month itself is then in a date of another column."""
    last = about.get("range", "").rpartition(",")[2].strip()
    return about.get("type", "").strip().lower() == "integer" and last.isdecimal() and int(last) <= 31


def _is_small(seen: Sequence[str]) -> bool:
    """Whether listed values can be a year, month, day or hour alone."""
    return all(value.isdecimal() and len(value) <= 4 for value in seen)


def _role_in(template: str, name: str) -> Role | None:
    """What a place in the path says: `aws-region=${r}`, `AWSLogs/${a}/vpcflowlogs/${r}/`."""
    parts = template.split("/")
    for at, part in enumerate(parts):
        key, _, value = part.rpartition("=")
        if value == f"${{{name}}}":
            named = {
                "aws-account-id": "account",
                "aws-region": "region",
                "aws-service": "service",
                "service": "service",
            }
            if key in named:
                return named[key]  # type: ignore[return-value]
            if part == value and parts[at + 1 : at + 2] == [SERVICE]:
                return "account"
            if part == value and parts[at - 1 : at] == [SERVICE]:
                return "region"
    return None


def _role_of(seen: Sequence[str]) -> Role | None:
    """What listed values are, when all of them are the same kind of thing."""
    if seen and all(_ACCOUNT.fullmatch(value) for value in seen):
        # A minute is written with twelve digits too, and begins with a year.
        return None if all(value.startswith("20") for value in seen) else "account"
    if seen and all(_REGION.fullmatch(value) for value in seen):
        return "region"
    return "service" if seen and set(seen) == {SERVICE} else None


def _format(seen: Sequence[str], kind: str, template: str, name: str) -> str:
    """The pattern of dates nobody described; empty when listed values fit none."""
    if kind == "date":
        return "yyyy-MM-dd"
    for form in _FORMATS if seen else ():
        pattern = date_pattern(form)
        if all(pattern.parse(value) for value in seen):
            return form
    return "" if seen else "yyyy-MM-dd"


def _template(table: GlueTable, registered: Sequence[Registered]) -> str:
    """Where partitions lie: as the table says, as Hive would have it, or as a listed partition shows."""
    given = table.parameters.get("storage.location.template", "")
    location = _folder(table.location)
    if table.projected:
        return _folder(given) or location + "".join(f"{name}=${{{name}}}/" for name, _ in table.partition_keys)
    if not registered or not table.partition_keys:
        return location
    path = _folder(registered[0].location)
    values = dict(zip((name for name, _ in table.partition_keys), registered[0].values, strict=False))
    hive = "".join(f"{name}={value}/" for name, value in values.items())
    if path.endswith(f"/{hive}"):
        return path.removesuffix(hive) + "".join(f"{name}=${{{name}}}/" for name in values)
    return _from_path(path, values)


def _from_path(path: str, values: Mapping[str, str]) -> str:
    """A partition's path with the columns in place of its values, up to the first date that no value explains."""
    parts = path.rstrip("/").split("/")
    dates = parts.index(SERVICE) + 2 if SERVICE in parts else len(parts)
    made: list[str] = []
    left = dict(values)
    for at, part in enumerate(parts):
        key, equals, value = part.rpartition("=")
        name = next((name for name in left if left[name] == value), None)
        if name is None and at >= dates:
            break
        if name is not None:
            del left[name]
        made.append(part if name is None else f"{key}{equals}${{{name}}}")
    return "/".join(made) + "/"


def _folder(location: str) -> str:
    return f"{location.rstrip('/')}/" if location else ""
