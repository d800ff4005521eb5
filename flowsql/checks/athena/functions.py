"""Athena's functions: calls, and those with a syntax of their own."""

from collections.abc import Callable

from flowsql.checks.athena.tokens import Token
from flowsql.checks.athena.types import Types
from flowsql.checks.athena.words import EXTRACT_FIELDS


class Functions(Types):
    """Function calls, windows, CASE, CAST and the JSON functions."""

    def expression(self) -> None:
        raise NotImplementedError

    def value(self) -> None:
        raise NotImplementedError

    def array(self) -> None:
        raise NotImplementedError

    def is_query(self, count: int = 0) -> bool:
        """Whether the parenthesis here opens a query."""
        while self.ahead(count).key == "(":
            count += 1
        return self.ahead(count).key in ("SELECT", "WITH", "VALUES", "TABLE") and self.ahead(count + 1).key not in (
            ",",
            ")",
        )

    def subquery(self) -> None:
        raise NotImplementedError

    def try_subquery(self) -> bool:
        raise NotImplementedError

    def order_by(self) -> None:
        raise NotImplementedError

    def special(self) -> bool:
        """Move over a function or constructor with its own syntax, when one stands here."""
        key, opened = self.key, self.ahead().key == "("
        if key == "ARRAY" and self.ahead().key == "[":
            self.at += 1
            self.array()
            return True
        if key == "CASE" and self.ahead().key not in (",", ")", "."):
            self._case()
            return True
        form = self._forms().get(key) if opened else None
        if form is None:
            return False
        token = self.advance()
        self.expect("(")
        form()
        self.expect(")")
        if key == "LISTAGG":
            self._within_group(token)
            self._tail(token)
        return True

    def _forms(self) -> dict[str, Callable[[], None]]:
        return {
            "CAST": self._cast,
            "TRY_CAST": self._cast,
            "EXISTS": self._query,
            "EXTRACT": self._extract,
            "TRIM": self._trim,
            "SUBSTRING": self._substring,
            "POSITION": self._position,
            "NORMALIZE": self._normalize,
            "LISTAGG": self._listagg,
            "GROUPING": self._grouping,
            "ROW": self._row,
            "JSON_VALUE": self._json_value,
            "JSON_QUERY": self._json_query,
            "JSON_EXISTS": self._json_exists,
            "JSON_OBJECT": self._json_object,
            "JSON_ARRAY": self._json_array,
        }

    def _query(self) -> None:
        self.at -= 1
        self.subquery()
        self.at -= 1

    def _case(self) -> None:
        self.expect("CASE")
        if self.key != "WHEN":
            self.expression()
        if self.key != "WHEN":
            raise self.refused("WHEN")
        while self.take("WHEN"):
            self.expression()
            self.expect("THEN")
            self.expression()
        if self.take("ELSE"):
            self.expression()
        self.expect("END")

    def _cast(self) -> None:
        self.expression()
        self.expect("AS")
        self.type()

    def _extract(self) -> None:
        if self.token.kind == "word" and self.key not in EXTRACT_FIELDS and self.ahead().key == "FROM":
            self.fault("extract-field")
            self.at += 1
        else:
            self.identifier("a part of a date")
        self.expect("FROM")
        self.value()

    def _trim(self) -> None:
        if self.key in ("BOTH", "LEADING", "TRAILING") and self.ahead().key not in (",", ")"):
            self.at += 1
            if self.key != "FROM":
                self.value()
            self.expect("FROM")
            self.value()
            return
        self.value()
        if self.take("FROM", ","):
            self.value()

    def _substring(self) -> None:
        self.expression()
        if self.take("FROM"):
            self.value()
            if self.take("FOR"):
                self.value()
        else:
            while self.take(","):
                self.expression()

    def _position(self) -> None:
        self.value()
        self.expect("IN")
        self.value()

    def _normalize(self) -> None:
        self.value()
        if self.take(",") and not self.take("NFD", "NFC", "NFKD", "NFKC"):
            raise self.refused("NFC, NFD, NFKC or NFKD")

    def _listagg(self) -> None:
        self.take("DISTINCT", "ALL")
        self.expression()
        if self.take(","):
            self.text()
        if self.take_all("ON", "OVERFLOW") and not self.take("ERROR"):
            self.expect("TRUNCATE")
            if self.key not in ("WITH", "WITHOUT"):
                self.text()
            if not self.take("WITH", "WITHOUT"):
                raise self.refused("WITH or WITHOUT")
            self.expect("COUNT")

    def _grouping(self) -> None:
        if self.key != ")":
            self.listed(self.qualified)

    def _row(self) -> None:
        if self.key != ")":
            self.listed(self.expression)

    def _within_group(self, token: Token) -> None:
        if self.key != "WITHIN":
            self.fault("listagg-order", token)
            return
        self.expect("WITHIN", "GROUP", "(")
        self.order_by()
        self.expect(")")

    def call(self, name: Token) -> None:
        """`(arguments)` of a function, and FILTER, OVER behind it."""
        self.expect("(")
        self._arguments()
        self.expect(")")
        if self.follows("WITHIN", "GROUP"):
            self.fault("within-group", name)
            self._within_group(name)
        self._tail(name)

    def _arguments(self) -> None:
        if self.take("*"):
            return
        if self.is_identifier() and self.ahead().key == "." and self.ahead(2).key == "*":
            self.at += 3
            return
        if self.key == "DISTINCT" or (self.key == "ALL" and self.ahead().key not in (",", ")", ".", "+", "-", "*")):
            self.at += 1
            if self.key in (")", "ORDER"):
                raise self.refused("an expression")
        if self.key not in (")", "ORDER"):
            self.listed(self._argument)
        if self.key == "ORDER":
            self.order_by()

    def _argument(self) -> None:
        self.expression()
        if self.key == "=>":
            self.fault("named-argument")
            self.at += 1
            self.expression()
        if self.key in ("IGNORE", "RESPECT") and self.ahead().key == "NULLS":
            self.fault("nulls-inside")
            self.at += 2

    def _tail(self, name: Token) -> None:
        if self.follows("FILTER", "("):
            self.at += 2
            self.expect("WHERE")
            self.expression()
            self.expect(")")
        if self.key in ("IGNORE", "RESPECT") and self.ahead().key == "NULLS":
            self.at += 2
            if self.key != "OVER":
                raise self.refused("OVER")
        if self.key == "OVER" and (self.ahead().key == "(" or self.is_identifier(1)):
            self.at += 1
            if self.take("("):
                self.window()
                self.expect(")")
            else:
                self.identifier()

    def window(self) -> None:
        """What stands between the parentheses of OVER."""
        raise NotImplementedError

    def _json_path(self) -> None:
        """`value [FORMAT JSON], 'path' [PASSING …]`"""
        self._json_input()
        self.expect(",")
        self.text()
        if self.take("AS"):
            self.identifier()
        if self.take("PASSING"):
            self.listed(self._passed)

    def _passed(self) -> None:
        self._json_input()
        self.expect("AS")
        self.identifier()

    def _json_input(self) -> None:
        self.expression()
        if self.take("FORMAT"):
            self._json_format()

    def _json_format(self) -> None:
        self.expect("JSON")
        if self.take("ENCODING") and not self.take("UTF8", "UTF16", "UTF32"):
            raise self.refused("UTF8, UTF16 or UTF32")

    def _returning(self) -> None:
        if self.take("RETURNING"):
            self.type()
            if self.take("FORMAT"):
                self._json_format()

    def _on(self, event: str, *outcomes: str) -> None:
        """`NULL ON EMPTY` and the like."""
        start = self.at
        if self.key in outcomes:
            word = self.advance().key
            if word == "DEFAULT":
                self.expression()
            if word == "EMPTY":
                self.take("ARRAY", "OBJECT")
            if not self.take_all("ON", event):
                self.at = start

    def _json_value(self) -> None:
        self._json_path()
        self._returning()
        for event in ("EMPTY", "ERROR"):
            self._on(event, "ERROR", "NULL", "DEFAULT")

    def _json_query(self) -> None:
        self._json_path()
        self._returning()
        if self.take("WITHOUT") or self.take("WITH"):
            self.take("CONDITIONAL", "UNCONDITIONAL")
            self.take("ARRAY")
            self.expect("WRAPPER")
        if self.take("KEEP", "OMIT"):
            self.expect("QUOTES")
            self.take_all("ON", "SCALAR", "STRING")
        for event in ("EMPTY", "ERROR"):
            self._on(event, "ERROR", "NULL", "EMPTY")

    def _json_exists(self) -> None:
        self._json_path()
        self._on("ERROR", "TRUE", "FALSE", "UNKNOWN", "ERROR")

    def _json_object(self) -> None:
        if self.key not in (")", "RETURNING"):
            self.listed(self._json_member)
            self._absent()
            if self.take("WITH", "WITHOUT"):
                self.expect("UNIQUE")
                self.take("KEYS")
        self._returning()

    def _json_member(self) -> None:
        if self.key == "KEY" and self.ahead().key not in (":", "VALUE"):
            self.at += 1
        self.expression()
        if not self.take(":", "VALUE"):
            raise self.refused(":")
        self._json_input()

    def _json_array(self) -> None:
        if self.key not in (")", "RETURNING"):
            self.listed(self._json_input)
            self._absent()
        self._returning()

    def _absent(self) -> None:
        for word in ("NULL", "ABSENT"):
            if self.take_all(word, "ON", "NULL"):
                return
