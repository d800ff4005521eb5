"""Athena's types and literals, as they are written."""

import re

from flowsql.checks.athena.cursor import Cursor
from flowsql.checks.athena.words import INTERVAL_UNITS, INTERVAL_WORDS, MEANT, TYPES

_HEX = re.compile(r"[0-9a-fA-F\s]*")
_TYPES_TO_TAKE = "varchar, bigint, integer, double, decimal, boolean, date, timestamp, ipaddress, array, map or row"
_ZONES = ("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE")


class Types(Cursor):
    """`CAST(… AS type)`, and literals with a type before them."""

    def type(self) -> None:
        token = self.token
        if self.take_all("DOUBLE", "PRECISION"):
            pass
        elif self.key == "ROW" and self.ahead().key == "(":
            self.at += 1
            self.parenthesised(lambda: self.listed(self._row_field))
        elif self.key == "INTERVAL" and self.ahead().key in INTERVAL_UNITS:
            self.at += 2
            if self.take("TO"):
                self.at += 1
        elif self.key in ("TIME", "TIMESTAMP"):
            self._time()
        elif self.key in ("ARRAY", "MAP") and self.ahead().key == "<":
            self.at += 2
            self.listed(self.type)
            self.expect(">")
        else:
            self.identifier("a type")
            self._known(token.text, token.kind)
            if self.key == "(":
                self.parenthesised(lambda: self.listed(self._type_parameter))
        while self.key == "ARRAY":
            self.at += 1
            if self.take("["):
                self._integer()
                self.expect("]")

    def _known(self, text: str, kind: str) -> None:
        name = text.strip('"`').upper()
        if kind != "backquoted" and name not in TYPES:
            self.fault("unknown-type", self.ahead(-1), MEANT.get(name, _TYPES_TO_TAKE))

    def _time(self) -> None:
        self.at += 1
        if self.key == "(":
            self.parenthesised(lambda: self.listed(self._type_parameter))
        for words in _ZONES:
            if self.take_all(*words):
                return

    def _row_field(self) -> None:
        """`name type` or a type alone; a name may be a type's word, as in ROW(date date)."""
        named = self.ahead().kind in ("word", "quoted") and self.ahead().key not in ("PRECISION", "ARRAY", "WITH", "TO")
        if named and not (self.key == "INTERVAL" and self.ahead().key in INTERVAL_UNITS):
            self.identifier()
        self.type()

    def _type_parameter(self) -> None:
        if self.token.kind == "integer":
            self.at += 1
        else:
            self.type()

    def _integer(self) -> None:
        if self.token.kind != "integer":
            raise self.refused("a whole number")
        self.at += 1

    def text(self) -> None:
        """A text in single quotes."""
        if self.token.kind not in ("string", "unicode"):
            raise self.refused("a text in single quotes")
        self.literal()

    def literal(self) -> bool:
        """Move over a literal that stands alone: a number, a text, a constant."""
        kind = self.token.kind
        if kind not in ("integer", "decimal", "string", "unicode", "binary"):
            return False
        token = self.advance()
        if kind == "binary":
            digits = re.sub(r"\s", "", token.text[2:-1])
            if not _HEX.fullmatch(digits) or len(digits) % 2:
                self.fault("bad-literal", token, "a binary literal holds pairs of hexadecimal digits")
        if kind == "unicode":
            self._unicode()
        return True

    def _unicode(self) -> None:
        token, escape = self.ahead(-1), "\\"
        if self.take("UESCAPE"):
            if self.token.kind != "string" or len(self.token.text) != 3:
                raise self.refused("one character in single quotes")
            escape = self.advance().text[1]
        mark = re.escape(escape)
        whole = rf"(?:[^{mark}]|{mark}{mark}|{mark}[0-9a-fA-F]{{4}}|{mark}\+[0-9a-fA-F]{{6}})*"
        if not re.fullmatch(whole, token.text[3:-1], re.DOTALL):
            self.fault("bad-literal", token, f"after {escape} come four hexadecimal digits, or + and six")

    def typed_literal(self) -> bool:
        """Move over `DATE '…'`, `INTERVAL '1' DAY` and the like."""
        token, following = self.token, self.ahead()
        if token.key == "INTERVAL" and self._interval():
            return True
        if token.key == "DOUBLE" and following.key == "PRECISION" and self.ahead(2).kind == "string":
            self.at += 3
            return True
        if following.kind not in ("string", "unicode") or not self.is_identifier():
            return False
        self._named_literal()
        return True

    def _named_literal(self) -> None:
        token = self.advance()
        name = token.text.strip('"`').upper()
        if token.kind == "backquoted":
            self.fault("backticks", token)
        elif name not in TYPES:
            self.fault("unknown-type", token, MEANT.get(name, _TYPES_TO_TAKE))
        self.literal()

    def _interval(self) -> bool:
        """`INTERVAL '1' DAY`; the number without quotes and the unit inside of them are faults."""
        start = self.at
        token = self.advance()
        signed = self.take("+", "-")
        amount = self.token
        if amount.kind == "string" and self.ahead().key in INTERVAL_UNITS:
            self.at += 2
            if self.key == "TO" and self.ahead().key in INTERVAL_UNITS:
                self.at += 2
            return True
        if amount.kind == "string":
            self.at += 1
            unit = self.key if self.key in INTERVAL_WORDS else ""
            self.take(unit)
            self.fault("interval-unit", token, unit)
            return True
        if not signed and amount.kind == "integer":
            self.at += 1
            unit = self.key if self.key in INTERVAL_WORDS else "DAY"
            self.take(unit)
            self.fault("interval-number", token, f"'{amount.text}' {unit}")
            return True
        self.at = start
        return False
