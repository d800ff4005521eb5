"""Athena's expressions: operators, predicates, functions, constructors."""

from flowsql.checks.athena.functions import Functions
from flowsql.checks.athena.tokens import Token
from flowsql.checks.athena.words import CLOCKS, CONNECTING, CONSTANTS, RESERVED

_COMPARED = ("=", "<>", "!=", "<", "<=", ">", ">=")
_COMBINED = ("+", "-", "*", "/", "%", "||")
_FOREIGN_SIGNS = {
    "==": "double-equals",
    "<=>": "null-safe-equals",
    "&&": "and-sign",
    "&": "bit-operator",
    "|": "bit-operator",
    "^": "bit-operator",
    "<<": "bit-operator",
    "~": "regular-expression",
    "**": "power-sign",
    "->>": "json-arrow",
}
_FOREIGN_WORDS = {
    "ILIKE": "ilike",
    "RLIKE": "regular-expression",
    "REGEXP": "regular-expression",
    "DIV": "division-word",
    "MOD": "division-word",
}


class Expressions(Functions):
    """`expression` and what it is made of."""

    def expression(self) -> None:
        self._negation()
        while self.key in ("AND", "OR", "&&"):
            if self.key == "&&":
                self.fault("and-sign")
            self.at += 1
            self._negation()

    def _negation(self) -> None:
        while self.key in ("NOT", "!"):
            if self.key == "!":
                self.fault("not-sign")
            self.at += 1
        self._predicate()

    def _predicate(self) -> None:
        """One value and at most one comparison behind it: `a = b = c` is none."""
        self.value()
        if self.key in _COMPARED:
            self.at += 1
            self._compared()
        elif self.key == "IS":
            self._is()
        elif self.key in ("BETWEEN", "IN", "LIKE") or (
            self.key == "NOT" and self.ahead().key in ("BETWEEN", "IN", "LIKE", *_FOREIGN_WORDS)
        ):
            self.take("NOT")
            self._ranged()

    def _compared(self) -> None:
        if self.key in ("ALL", "ANY", "SOME") and self.ahead().key == "(":
            if self.is_query(1):
                self.at += 1
                self.subquery()
                return
            if self.key != "ALL":
                self.fault("any-of-list")
        self.value()

    def _is(self) -> None:
        self.expect("IS")
        self.take("NOT")
        if self.take("NULL"):
            return
        if self.key in ("TRUE", "FALSE", "UNKNOWN"):
            self.fault("is-true")
            self.at += 1
            return
        if self.key != "DISTINCT":
            raise self.refused("NULL")
        self.expect("DISTINCT", "FROM")
        self.value()

    def _ranged(self) -> None:
        word = self.advance().key
        if word == "BETWEEN":
            self.value()
            self.expect("AND")
            self.value()
        elif word == "IN":
            self._in()
        elif word == "LIKE":
            if self.key in ("ANY", "ALL", "SOME") and self.ahead().key == "(":
                self.fault("any-of-list")
            self.value()
            if self.take("ESCAPE"):
                self.value()
        else:
            self.fault(_FOREIGN_WORDS[word], self.ahead(-1))
            self.value()

    def _in(self) -> None:
        if self.key != "(":
            raise self.refused("(")
        if self.is_query() and self.try_subquery():
            return
        self.expect("(")
        if self.key == ")":
            self.fault("empty-in", self.ahead(-1))
        else:
            self.listed(self.expression)
        self.expect(")")

    def value(self) -> None:
        """Values joined by arithmetic; which operator binds tighter is no matter of grammar here."""
        self._signed()
        while True:
            key = self.key
            if key in _COMBINED:
                self.at += 1
            elif key in _FOREIGN_SIGNS and key != "&&":
                self._foreign_sign()
            elif key in _FOREIGN_WORDS and self._starts_value(self.ahead()):
                self.fault(_FOREIGN_WORDS[key])
                self.at += 1
            elif key == ">" and self.ahead().key == ">":
                self.fault("bit-operator")
                self.at += 2
            else:
                return
            self._signed()

    def _foreign_sign(self) -> None:
        kind = _FOREIGN_SIGNS[self.key]
        self.fault(kind)
        self.at += 1
        if kind == "regular-expression":
            self.take("*")

    def _starts_value(self, token: Token) -> bool:
        if token.kind == "sign":
            return token.key == "("
        return token.kind != "end" and (token.key not in RESERVED or token.key in CONSTANTS)

    def _signed(self) -> None:
        while self.take("-", "+"):
            pass
        if self.key == "~":
            self.fault("bit-operator")
            self.at += 1
        self.primary()
        while self.follows("AT", "TIME", "ZONE"):
            self.at += 3
            self._zone()

    def _zone(self) -> None:
        """The zone is a text or an interval; one that is computed needs `at_timezone`."""
        if self.key != "INTERVAL" or not self.typed_literal():
            self.text()

    def primary(self) -> None:
        """A value and the subscripts, fields and casts behind it."""
        self._simple()
        while True:
            if self.key == "[":
                self._subscript()
            elif self.key == "." and self.ahead().key != "*":
                self.at += 1
                self.identifier()
            elif self.key == "::":
                self.fault("cast-sign")
                self.at += 1
                self.type()
            else:
                return

    def _subscript(self) -> None:
        self.expect("[")
        self.value()
        if self.key == ":":
            self.fault("array-slice")
            self.at += 1
            if self.key != "]":
                self.value()
        self.expect("]")

    def _simple(self) -> None:
        token = self.token
        if self.literal() or self.take("?"):
            return
        if token.key == "(":
            self._parenthesis()
        elif token.key == "[":
            self.fault("bare-array")
            self._array()
        elif token.key == "{":
            self._braces()
        elif token.key in CONSTANTS:
            self.at += 1
            if self.follows("(", ")"):
                self.fault("clock-parentheses", token)
                self.at += 2
        elif token.key in CLOCKS:
            self._clock()
        elif token.kind == "sign" or token.kind == "end" or token.key in CONNECTING:
            raise self.refused("an expression")
        elif not (self.typed_literal() or self.special()):
            self._named()

    def _clock(self) -> None:
        token = self.advance()
        if self.follows("(", ")"):
            self.fault("clock-parentheses", token)
            self.at += 2
        elif self.take("("):
            if self.token.kind != "integer":
                raise self.refused("a whole number")
            self.at += 1
            self.expect(")")

    def _named(self) -> None:
        """A column, a function call or a lambda of one argument."""
        start, token = self.at, self.token
        if self.key in ("FINAL", "RUNNING") and self.is_identifier(1) and self.ahead(2).key in ("(", "."):
            self.at += 1
        if token.key in ("LEFT", "RIGHT") and self.ahead().key == "(":
            self.fault("left-right", token)
            self.at += 1
        else:
            self.identifier("an expression")
        if self.key == "->":
            self.at += 1
            self.expression()
            return
        here, faults = self.at, len(self.faults)
        while self.key == "." and self.is_identifier(1):
            self.at += 2
        if self.key == "(":
            self.call(self.tokens[start])
        else:
            self.at = here
            del self.faults[faults:]

    def _parenthesis(self) -> None:
        if self._is_lambda():
            self.expect("(")
            if self.key != ")":
                self.listed(self.identifier)
            self.expect(")", "->")
            self.expression()
            return
        if self.is_query() and self.try_subquery():
            return
        self.expect("(")
        self.listed(self.expression)
        self.expect(")")

    def _is_lambda(self) -> bool:
        count = 1
        while self.is_identifier(count) and self.ahead(count + 1).key == ",":
            count += 2
        if self.is_identifier(count):
            count += 1
        return self.ahead(count).key == ")" and self.ahead(count + 1).key == "->"

    def _array(self) -> None:
        self.expect("[")
        if self.key != "]":
            self.listed(self.expression)
        self.expect("]")

    def array(self) -> None:
        """`[a, b]` behind the word ARRAY."""
        self._array()

    def _braces(self) -> None:
        """`{'a': 1}` or a placeholder that was not filled: over it to its end, whatever is inside."""
        self.fault("template-braces" if self.ahead().key == "{" else "braces")
        depth = 0
        while self.token.kind != "end":
            depth += {"{": 1, "}": -1}.get(self.advance().key, 0)
            if not depth:
                return
        raise self.refused("}")
