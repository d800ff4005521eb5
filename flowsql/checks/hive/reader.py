"""Hive's DDL, read word by word: what each statement says, and where it leaves the grammar."""

from collections.abc import Callable
from functools import lru_cache

from flowsql.checks.athena.cursor import Departure
from flowsql.checks.hive.definition import Column, Definition, Property
from flowsql.checks.hive.types import Refused, Types
from flowsql.checks.hive.words import Token, statements

_CLAUSES = ("COMMENT", "PARTITIONED", "CLUSTERED", "SKEWED", "ROW", "STORED", "LOCATION", "TBLPROPERTIES")
_DATABASE_CLAUSES = ("COMMENT", "LOCATION", "WITH")


@lru_cache(maxsize=16)
def definitions(text: str) -> tuple[Definition, ...]:
    """The DDL statements of a text; others in it are passed over."""
    made = []
    for tokens in statements(text):
        if tokens[0].key in ("CREATE", "ALTER", "MSCK"):
            made.append(_Reader(tokens).read())
    return tuple(made)


class _Reader(Types):
    """One statement."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.made = Definition(tokens[0].key, tokens[0].start)

    def read(self) -> Definition:
        try:
            self._statement()
            if self.token.kind != "end":
                raise self.refused("the end of the statement")
        except Refused as refusal:
            token = self.token
            self.faults.append(Departure("ddl-syntax", token.start, token.text, str(refusal)))
        self.made.departures = [] if self.made.is_iceberg else self.faults
        return self.made

    def _statement(self) -> None:
        verb = self.advance().key
        if verb == "MSCK":
            self._repair()
        elif verb == "ALTER":
            self._alter()
        elif self.take("DATABASE", "SCHEMA"):
            self.made.verb = "CREATE DATABASE"
            self._create_database()
        else:
            self._create_table()

    def _repair(self) -> None:
        self.take("REPAIR")
        if self.token.kind != "end":
            self.expect("TABLE")
            self.table_name()

    def _create_database(self) -> None:
        self._if_not_exists()
        self.identifier()
        self._clauses(_DATABASE_CLAUSES)

    def _if_not_exists(self) -> None:
        if self.take("IF"):
            self.expect("NOT", "EXISTS")

    def _create_table(self) -> None:
        if self.key == "OR" and self.ahead().key == "REPLACE":
            self.fault("or-replace", self.token)
            self.at += 2
        self.take("TEMPORARY")
        self.made.external = self.take("EXTERNAL")
        self.expect("TABLE")
        self.made.verb = "CREATE TABLE"
        self._if_not_exists()
        self.made.name = self.table_name()
        if self.take("LIKE"):
            self.table_name()
        elif self.key == "(":
            self.made.columns = self._columns()
        self._clauses(_CLAUSES)

    def _columns(self) -> list[Column]:
        made: list[Column] = []

        def column() -> None:
            token = self.identifier()
            made.append(Column(token.value.lower(), self.type(), token.start))
            if self.take("COMMENT"):
                self.text()

        self.parenthesised(column)
        return made

    def _clauses(self, known: tuple[str, ...]) -> None:
        """The clauses behind a name, in the order of `known`; one that comes late or twice is a fault."""
        last = -1
        while self.key in known:
            place = known.index(self.key)
            if place <= last:
                self.fault("clause-order", self.token, " ".join(known))
            last = max(place, last)
            self._clause_reader(self.advance().key)()

    def _clause_reader(self, word: str) -> Callable[[], None]:
        readers: dict[str, Callable[[], None]] = {
            "COMMENT": self._comment,
            "PARTITIONED": self._partitioned,
            "CLUSTERED": self._clustered,
            "SKEWED": self._skewed,
            "ROW": self._row_format,
            "STORED": self._stored,
            "LOCATION": self._location,
            "TBLPROPERTIES": self._properties,
            "WITH": self._database_properties,
        }
        return readers[word]

    def _comment(self) -> None:
        self.text()

    def _partitioned(self) -> None:
        self.expect("BY")
        self.made.partitions = self._columns()

    def _names(self) -> None:
        self.parenthesised(self._name)

    def _name(self) -> None:
        self.identifier()

    def _clustered(self) -> None:
        self.expect("BY")
        self._names()
        if self.take("SORTED"):
            self.expect("BY")
            self.parenthesised(self._sorted)
        self.expect("INTO")
        self.number()
        self.expect("BUCKETS")

    def _sorted(self) -> None:
        self.identifier()
        self.take("ASC", "DESC")

    def _skewed(self) -> None:
        self.expect("BY")
        self._names()
        self.expect("ON")
        self.over_parenthesis()

    def _row_format(self) -> None:
        self.made.row_format = self.ahead(-1).start
        self.expect("FORMAT")
        if self.take("SERDE"):
            self.made.serde = self.text().value
            if self.take("WITH"):
                self.expect("SERDEPROPERTIES")
                given = {each.key: each.value for each in self._pairs(False)}
                self.made.delimiter = given.get("field.delim", given.get("serialization.format"))
            return
        self.expect("DELIMITED")
        if self.take("FIELDS"):
            self.expect("TERMINATED", "BY")
            self.made.delimiter = self.text().value
            if self.take("ESCAPED"):
                self.expect("BY")
                self.text()
        for words in (("COLLECTION", "ITEMS"), ("MAP", "KEYS"), ("LINES",)):
            if self.take(words[0]):
                self.expect(*words[1:], "TERMINATED", "BY")
                self.text()
        if self.take("NULL"):
            self.expect("DEFINED", "AS")
            self.text()

    def _stored(self) -> None:
        if self.take("BY"):
            self.text()
            if self.take("WITH"):
                self.expect("SERDEPROPERTIES")
                self._pairs(False)
            return
        self.expect("AS")
        if self.take("INPUTFORMAT"):
            self.made.stored_as = self.text().value
            self.expect("OUTPUTFORMAT")
            self.text()
        else:
            self.made.stored_as = self.identifier().value.upper()

    def _location(self) -> None:
        self.made.location = self.text()
        self.made.locations.append(self.made.location)

    def _properties(self) -> None:
        self.made.properties += self._pairs(True)

    def _database_properties(self) -> None:
        self.expect("DBPROPERTIES")
        self._pairs(False)

    def _pairs(self, may_be_keys: bool) -> list[Property]:
        made: list[Property] = []

        def pair() -> None:
            key = self.text()
            if may_be_keys and self.key != "=" and not made:
                return
            self.expect("=")
            value = self.text()
            made.append(Property(key.value, value.value, key.start, value.start))

        self.parenthesised(pair)
        return made

    def _alter(self) -> None:
        if self.take("DATABASE", "SCHEMA"):
            self.identifier()
            self.expect("SET")
            if self.take("LOCATION"):
                self._location()
            else:
                self._database_properties()
            return
        self.expect("TABLE")
        self.made.verb = "ALTER TABLE"
        self.table_name()
        if self.key == "PARTITION":
            self._partition()
        word = self.advance().key
        readers = {"ADD": self._add, "REPLACE": self._replace, "DROP": self._drop, "SET": self._set}
        readers |= {"RENAME": self._rename, "CHANGE": self._change, "UNSET": self._unset}
        if word not in readers:
            self.at -= 1
            raise self.refused("ADD, DROP, REPLACE, CHANGE, RENAME or SET")
        readers[word]()

    def _add(self) -> None:
        if self.key == "COLUMNS":
            self._replace()
            return
        self._if_not_exists()
        if self.key != "PARTITION":
            raise self.refused("PARTITION or COLUMNS")
        self.made.verb = "ADD PARTITION"
        while self.key == "PARTITION":
            self._partition()
            if self.take("LOCATION"):
                self._location()

    def _partition(self) -> None:
        self.expect("PARTITION")
        self.parenthesised(self._partition_value)

    def _partition_value(self) -> None:
        name = self.identifier()
        if self.take("=", "<", ">", "<=", ">=", "<>", "!="):
            if self.token.kind not in ("string", "number"):
                raise self.refused("a text in single quotes")
            self.made.values.append((name.value.lower(), self.advance()))

    def _replace(self) -> None:
        self.expect("COLUMNS")
        self._columns()
        self.take("CASCADE", "RESTRICT")

    def _drop(self) -> None:
        self.made.verb, self.made.start = "DROP PARTITION", self.ahead(-1).start
        if self.take("IF"):
            self.expect("EXISTS")
        self._partition()
        while self.take(","):
            self._partition()
        self.take("PURGE")

    def _set(self) -> None:
        if self.take("LOCATION"):
            self._location()
        elif self.take("FILEFORMAT"):
            self.identifier()
        elif self.take("SERDE"):
            self.text()
        elif self.take("SERDEPROPERTIES"):
            self._pairs(False)
        else:
            self.expect("TBLPROPERTIES")
            self._properties()

    def _unset(self) -> None:
        self.expect("TBLPROPERTIES")
        if self.take("IF"):
            self.expect("EXISTS")
        self._pairs(True)

    def _rename(self) -> None:
        self.expect("TO")
        if self.key == "PARTITION":
            self._partition()
        else:
            self.table_name()

    def _change(self) -> None:
        self.take("COLUMN")
        self.identifier()
        self.identifier()
        self.type()
        if self.take("COMMENT"):
            self.text()
        if self.take("AFTER"):
            self.identifier()
        else:
            self.take("FIRST")
        self.take("CASCADE", "RESTRICT")
