"""Named places to ask: what the source of each engine says, read from a table of `flowsql.toml`."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from flowsql.cost import PRICE_PER_TB
from flowsql.errors import UsageError
from flowsql.naming import did_you_mean
from flowsql.toml_files import TomlFile
from flowsql.units import parse_bytes
from flowsql.window import parse_duration

REUSE_LIMIT = timedelta(days=7)
"""How old a result Athena gives again at most."""

TRINO_PASSWORD = "FLOWSQL_TRINO_PASSWORD"
TRINO_TOKEN = "FLOWSQL_TRINO_TOKEN"
"""The environment alone holds what proves who asks: a password, or a JWT."""


@dataclass(frozen=True, slots=True)
class DuckDBSource:
    """Flow log objects in a folder or in S3, asked with the embedded engine."""

    name: str
    """Empty for a place that was given without a name (`--logs`)."""
    logs: str
    """A folder, a file, a glob or `s3://bucket/prefix`."""
    log_format: str | None = None
    """The fields of files without a header line."""
    profile: str | None = None
    region: str | None = None
    """Of the bucket."""
    max_bytes: int | None = None
    """A question may read so many bytes."""
    origin: str = ""
    """Who said so: an option, a variable, or file:line."""
    engine: ClassVar[str] = "duckdb"

    @property
    def location(self) -> str:
        """The place as a person knows it."""
        return self.logs


@dataclass(frozen=True, slots=True)
class AthenaSource:
    """A table in the Glue Data Catalog, asked with Athena."""

    name: str
    database: str
    table: str
    workgroup: str = "primary"
    output: str | None = None
    """`s3://bucket/prefix/` for results; None leaves it to the workgroup."""
    catalog: str = "AwsDataCatalog"
    region: str | None = None
    """None leaves it to the AWS configuration."""
    profile: str | None = None
    max_bytes: int | None = None
    """A question may read so many bytes."""
    budget: float | None = None
    """A question may cost so many dollars."""
    price_per_tb: float = PRICE_PER_TB
    """Dollars."""
    reuse: timedelta = timedelta(hours=1)
    """How old a result may be to be given again; zero never reuses one."""
    origin: str = ""
    engine: ClassVar[str] = "athena"

    @property
    def location(self) -> str:
        """The place as a person knows it."""
        return f"{self.database}.{self.table}"


@dataclass(frozen=True, slots=True)
class TrinoSource:
    """A table of a Trino cluster; password or JWT come from TRINO_PASSWORD or TRINO_TOKEN."""

    name: str
    host: str
    catalog: str
    schema: str
    table: str
    port: int | None = None
    """None is 443 with TLS and 8080 without."""
    user: str | None = None
    """None is the name the person is logged in under."""
    tls: bool = True
    ca: str | None = None
    """A PEM file with the authority that signed the server's certificate; None trusts those the system trusts."""
    max_bytes: int | None = None
    """A question may read so many bytes."""
    origin: str = ""
    engine: ClassVar[str] = "trino"

    @property
    def location(self) -> str:
        """The place as a person knows it."""
        return f"{self.host}: {self.catalog}.{self.schema}.{self.table}"


Source = DuckDBSource | AthenaSource | TrinoSource

ENGINES: Mapping[str, type[Source]] = {kind.engine: kind for kind in (AthenaSource, DuckDBSource, TrinoSource)}

_SECRETS = re.compile(r"passw|secret|token|jwt|credential|access_?key|private_?key|api_?key", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def keys(engine: str) -> tuple[str, ...]:
    """What the table of a source may say besides `engine`, the required first."""
    fields = [field for field in dataclasses.fields(ENGINES[engine]) if field.name not in ("name", "origin")]
    return tuple(field.name for field in sorted(fields, key=lambda field: not _required(field)))


def required(engine: str) -> tuple[str, ...]:
    """What the table of a source has to say."""
    fields = dataclasses.fields(ENGINES[engine])
    return tuple(field.name for field in fields if field.name != "name" and _required(field))


def is_source_name(text: str) -> bool:
    """Whether a text could be the name of a source."""
    return _NAME.fullmatch(text) is not None


def read_sources(file: TomlFile) -> dict[str, Source | UsageError]:
    """The sources of a file by name; one that cannot be read is its error, with file:line.

    Raises UsageError for what is no table of sources.
    """
    tables = file.content.get("source", {})
    wrong = [name for name, table in tables.items() if not isinstance(table, dict)] if isinstance(tables, dict) else []
    if wrong or not isinstance(tables, dict):
        where = file.place("source", *wrong[:1])
        raise UsageError(
            "a source is a table of its own",
            where=where,
            hint='[source.NAME] and below it engine = "…"; `default_source = "NAME"` chooses one',
        )
    place = partial(file.place, "source")
    found: dict[str, Source | UsageError] = {}
    for name, table in tables.items():
        try:
            found[name] = make_source(name, table, place, file.path.parent)
        except UsageError as failure:
            found[name] = failure
    return found


def make_source(name: str, table: Mapping[str, Any], place: Callable[..., str], base: Path) -> Source:
    """The source a table describes. Raises UsageError.

    `place` says where one of its nested keys stands; paths that are relative are meant from `base`.
    """
    if not is_source_name(name):
        raise UsageError(
            f"{name!r} is no name for a source", where=place(name), hint="letters, digits, - and _, as in prod-eu"
        )
    engine = table.get("engine")
    if not isinstance(engine, str) or engine not in ENGINES:
        listed = f"engines: {', '.join(ENGINES)}"
        said = "says no engine" if engine is None else f"has no known engine: {engine!r}"
        hint = did_you_mean(engine, ENGINES, listed) if isinstance(engine, str) else f'engine = "athena"; {listed}'
        raise UsageError(f"source {name} {said}", where=place(name, "engine"), hint=hint)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "engine":
            continue
        where = place(name, key)
        _refuse_secret(key, value, engine, where)
        if key not in keys(engine):
            hint = did_you_mean(key, keys(engine), f"a source with engine {engine} has: {', '.join(keys(engine))}")
            raise UsageError(f"unknown key {key!r} in source {name}", where=where, hint=hint)
        values[key] = _value(key, value, where)
        if key == "ca" or (key == "logs" and "://" not in values[key]):
            values[key] = str(base / Path(values[key]).expanduser())
    for key in required(engine):
        if key not in values:
            raise UsageError(f"source {name} does not say {key}", where=place(name), hint=f'{key} = "…"')
    made: Source = ENGINES[engine](name=name, origin=place(name), **values)
    return made


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING


def _refuse_secret(key: str, value: object, engine: str, where: str) -> None:
    """Raise UsageError for what must not stand in a file, without repeating it."""
    inside = key == "host" and isinstance(value, str) and "@" in value
    if not inside and not _SECRETS.search(key):
        return
    hint = f"export {TRINO_PASSWORD}=…, or {TRINO_TOKEN}=… for a JWT"
    if engine != "trino":
        hint = 'profile = "…" names credentials of the AWS configuration; the variables AWS_… hold them too'
    raise UsageError(f"{key!r} holds a secret, which does not belong in a file", where=where, hint=hint)


def _value(key: str, value: object, where: str) -> Any:
    """A value of the file as its field has it; raises UsageError."""
    try:
        return _READERS.get(key, _text)(value)
    except UsageError as failure:
        # An option is named by where it stands.
        message = failure.message if where.startswith("--") else f"{key}: {failure.message}"
        raise UsageError(message, where=where, hint=failure.hint) from failure


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise UsageError("a text is wanted", hint='such as "flow_logs"')
    return value


def _matching(pattern: str, what: str, example: str) -> Callable[[object], str]:
    expression = re.compile(pattern)

    def read(value: object) -> str:
        text = _text(value)
        if not expression.fullmatch(text):
            raise UsageError(f"{text!r} is no {what}", hint=f'such as "{example}"')
        return text

    return read


def _size(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, (int, float)):
        raise UsageError(f"{value} is no number of bytes", hint='1 or more, or a text such as "10GB"')
    size = parse_bytes(_text(value))
    if size <= 0:
        raise UsageError("nothing could be read", hint='such as "10GB"')
    return size


def _money(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError("a number of dollars is wanted", hint="such as 0.50, without quotes")
    if not 0 <= value < 1e9:
        raise UsageError(f"{value} dollars are none that a question could cost", hint="0 or more, such as 0.50")
    return float(value)


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise UsageError("a port is wanted", hint="a number from 1 to 65535")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError("true or false is wanted", hint="without quotes")
    return value


def _age(value: object) -> timedelta:
    text = _text(value)
    if text == "off":
        return timedelta()
    age = parse_duration(text)
    if not timedelta(minutes=1) <= age <= REUSE_LIMIT:
        raise UsageError(f"{text!r} is no age of a result", hint="from 1m to 7d, or off")
    return age


_REGION = _matching(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}", "AWS region", "eu-west-1")
_READERS: Mapping[str, Callable[[object], Any]] = {
    "output": _matching(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?", "place in S3", "s3://bucket/results/"),
    "region": _REGION,
    "workgroup": _matching(r"[A-Za-z0-9._-]{1,128}", "name of a workgroup", "primary"),
    "host": _matching(r"[A-Za-z0-9.:_\[\]-]+", "host", "trino.example.com"),
    "port": _port,
    "tls": _flag,
    "max_bytes": _size,
    "budget": _money,
    "price_per_tb": _money,
    "reuse": _age,
}
