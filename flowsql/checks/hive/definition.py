"""What a DDL statement says: its columns, partitions, location, properties, each with its place."""

from dataclasses import dataclass, field

from flowsql.checks.athena.cursor import Departure
from flowsql.checks.hive.words import Token


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is declared."""

    name: str
    """Lower case, without backticks."""
    type: str
    """Lower case."""
    start: int


@dataclass(frozen=True, slots=True)
class Property:
    """One `'key'='value'`."""

    key: str
    value: str
    start: int
    """Where the key stands."""
    value_start: int


@dataclass(slots=True)
class Definition:
    """One DDL statement; the reader fills it as it goes, rules only read it."""

    verb: str
    """`CREATE TABLE`, `ADD PARTITION`, or the first words of another statement."""
    start: int
    name: tuple[str, ...] = ()
    """Of a table: its name, after its database where that is said."""
    external: bool = False
    columns: list[Column] = field(default_factory=list)
    partitions: list[Column] = field(default_factory=list)
    delimiter: str | None = None
    """What FIELDS TERMINATED BY says, or the SerDe's `field.delim`."""
    row_format: int | None = None
    """Where ROW FORMAT stands."""
    serde: str = ""
    stored_as: str = ""
    """What STORED AS says, upper case; the class of INPUTFORMAT when that is given."""
    location: Token | None = None
    locations: list[Token] = field(default_factory=list)
    """Every location in it, those of partitions too."""
    properties: list[Property] = field(default_factory=list)
    values: list[tuple[str, Token]] = field(default_factory=list)
    """Partition column and value, where partitions are added or dropped."""
    departures: list[Departure] = field(default_factory=list)
    """Where it leaves Hive's grammar."""

    @property
    def is_table(self) -> bool:
        """Whether it makes a table with columns of its own."""
        return self.verb == "CREATE TABLE" and bool(self.columns)

    @property
    def is_parquet(self) -> bool:
        """Whether its objects are Parquet."""
        return "parquet" in f"{self.serde} {self.stored_as}".lower()

    @property
    def is_text(self) -> bool:
        """Whether its objects are lines of fields."""
        lines = not self.serde or self.serde.endswith(".LazySimpleSerDe")
        return self.is_table and lines and (self.stored_as in ("", "TEXTFILE") or "TextInput" in self.stored_as)

    def setting(self, key: str) -> Property | None:
        """The property of this key, in whatever case."""
        return next((each for each in self.properties if each.key.lower() == key.lower()), None)

    @property
    def is_projected(self) -> bool:
        """Whether partition projection is on."""
        enabled = self.setting("projection.enabled")
        return enabled is not None and enabled.value.strip().lower() == "true"

    @property
    def is_iceberg(self) -> bool:
        """Whether it is an Iceberg table, whose DDL is another."""
        kind = self.setting("table_type")
        return kind is not None and kind.value.lower() == "iceberg"
