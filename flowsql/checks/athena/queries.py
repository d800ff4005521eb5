"""Athena's queries: SELECT and its clauses, joins, windows, set operations."""

from flowsql.checks.athena.cursor import Departure, Refused
from flowsql.checks.athena.expressions import Expressions
from flowsql.checks.athena.words import CONNECTING, RESERVED

_CLAUSES = {
    "OFFSET": ("integer", "?"),
    "LIMIT": ("integer", "?", "ALL"),
    "FETCH": ("FIRST", "NEXT"),
    "TABLESAMPLE": ("BERNOULLI", "SYSTEM", "("),
    "MATCH_RECOGNIZE": ("(",),
}
FOREIGN_CLAUSES = {
    "QUALIFY": "qualify",
    "MINUS": "minus",
    "SORT": "hive-order",
    "CLUSTER": "hive-order",
    "DISTRIBUTE": "hive-order",
    "LATERAL": "lateral-view",
    "STRAIGHT_JOIN": "foreign-join",
    "ASOF": "foreign-join",
    "SEMI": "foreign-join",
    "ANTI": "foreign-join",
    "PIVOT": "pivot",
    "UNPIVOT": "pivot",
}
"""Words that begin a clause elsewhere, and only name things in Athena."""


class Queries(Expressions):
    """`query` and everything of it that is not an expression."""

    def __init__(self, sql: str) -> None:
        super().__init__(sql)
        self._tried: dict[int, tuple[int, list[Departure]] | None] = {}

    def query(self) -> None:
        if self.take("WITH"):
            if self.key == "FUNCTION" and self.ahead().key not in ("AS", "(") and self.ahead(2).key == "(":
                self.fault("inline-function")
                raise self.refused("a name")
            self.take("RECURSIVE")
            self.listed(self._named_query)
        self._without_with()

    def _named_query(self) -> None:
        self.identifier()
        if self.key == "(":
            self._column_names()
        self.expect("AS")
        self.subquery()

    def subquery(self) -> None:
        self.expect("(")
        self.query()
        self.expect(")")

    def try_subquery(self) -> bool:
        """Move over `(query)`; when it turns out to be an expression, stay where it began."""
        if self.ahead().key != "(":
            self.subquery()
            return True
        start, before = self.at, len(self.faults)
        if start not in self._tried:
            try:
                self.subquery()
                self._tried[start] = self.at, self.faults[before:]
            except Refused:
                self._tried[start] = None
            self.at = start
            del self.faults[before:]
        made = self._tried[start]
        if made is None:
            return False
        self.at = made[0]
        self.faults += made[1]
        return True

    def _without_with(self) -> None:
        self._union()
        if self.key == "ORDER":
            self.order_by()
        self._limits()

    def order_by(self) -> None:
        self.expect("ORDER", "BY")
        self.listed(self.sort_item)

    def sort_item(self) -> None:
        """`expression [ASC | DESC] [NULLS FIRST | LAST]`"""
        self.expression()
        self.take("ASC", "DESC")
        if self.take("NULLS") and not self.take("FIRST", "LAST"):
            raise self.refused("FIRST or LAST")

    def _limits(self) -> None:
        if self.take("OFFSET"):
            self._count()
            self.take("ROW", "ROWS")
        if self.key == "LIMIT":
            limit = self.advance()
            if not self.take("ALL"):
                self._count()
            if self.key == ",":
                self.fault("limit-comma", limit)
                self.at += 1
                self._count()
            if self.key == "OFFSET":
                self.fault("limit-before-offset")
                self.at += 1
                self._count()
                self.take("ROW", "ROWS")
        elif self.take("FETCH"):
            self._fetch()

    def _fetch(self) -> None:
        if not self.take("FIRST", "NEXT"):
            raise self.refused("FIRST or NEXT")
        if self.key not in ("ROW", "ROWS"):
            self._count()
        if not self.take("ROW", "ROWS"):
            raise self.refused("ROWS")
        if not self.take_all("WITH", "TIES"):
            self.expect("ONLY")

    def _count(self) -> None:
        if self.token.kind != "integer" and self.key != "?":
            raise self.refused("a whole number")
        self.at += 1

    def _union(self) -> None:
        self._term()
        while self.key in ("UNION", "EXCEPT", "INTERSECT") or (self.key == "MINUS" and self.is_query(1)):
            if self.key == "MINUS":
                self.fault("minus")
            self.at += 1
            self.take("ALL", "DISTINCT")
            self.take("CORRESPONDING")
            self._term()

    def _term(self) -> None:
        if self.key == "SELECT":
            self._select()
        elif self.take("TABLE"):
            self.qualified()
        elif self.take("VALUES"):
            self.listed(self.expression)
        elif self.key == "FROM":
            self.fault("from-first")
            raise self.refused("SELECT")
        else:
            if self.key != "(":
                raise self.refused("SELECT")
            self.at += 1
            self._without_with()
            self.expect(")")

    def _select(self) -> None:
        self.expect("SELECT")
        if self.follows("DISTINCT", "ON", "("):
            self.fault("distinct-on", self.ahead())
            self.at += 2
            self.parenthesised(lambda: self.listed(self.expression))
        elif self.key == "DISTINCT" or (self.key == "ALL" and self.ahead().key not in (",", ".", "FROM")):
            self.at += 1
        if self.key == "TOP" and self.ahead().kind == "integer":
            self.fault("top")
            self.at += 2
        self.listed(self._select_item)
        if self.take("FROM"):
            self.listed(self.relation)
        if self.take("WHERE"):
            self.expression()
        if self.follows("GROUP", "BY"):
            self._group_by()
        if self.take("HAVING"):
            self.expression()
        if self.key == "QUALIFY" and not self.is_alias():
            self.fault("qualify")
            self.at += 1
            self.expression()
        if self.key == "WINDOW" and self.is_identifier(1) and self.ahead(2).key == "AS":
            self.at += 1
            self.listed(self._named_window)

    def _select_item(self) -> None:
        if self.key == "*":
            self.at += 1
            self._star_changes()
            return
        self.expression()
        if self.follows(".", "*"):
            self.at += 2
            if not self._star_changes() and self.take("AS"):
                self._column_names()
        elif self.take("AS"):
            if self.token.kind == "string":
                self.fault("text-as-name")
                self.at += 1
            else:
                self.identifier()
        elif self.is_alias():
            self.identifier()

    def _star_changes(self) -> bool:
        """`* EXCEPT (a)` and the like, which other engines know."""
        if self.key not in ("EXCLUDE", "EXCEPT", "REPLACE") or (self.key == "EXCEPT" and self.is_query(1)):
            return False
        if self.key == "EXCEPT" and self.ahead().key != "(":
            return False
        self.fault("star-changes")
        self.at += 1
        if self.key == "(":
            self._over_parenthesis()
        else:
            self.identifier()
        return True

    def _over_parenthesis(self) -> None:
        depth = 0
        while self.token.kind != "end":
            depth += {"(": 1, ")": -1}.get(self.advance().key, 0)
            if not depth:
                return

    def is_alias(self) -> bool:
        """Whether the word here names what stands before it, and begins no clause."""
        if not self.is_identifier():
            return self.token.kind in ("backquoted", "numbered")
        key, following = self.key, self.ahead()
        if key in _CLAUSES and (following.key in _CLAUSES[key] or following.kind in _CLAUSES[key]):
            return False
        if key == "WINDOW" and self.is_identifier(1) and self.ahead(2).key == "AS":
            return False
        if key in FOREIGN_CLAUSES:
            return following.kind == "end" or following.key in {",", ")", ";", "AS"} | (RESERVED - {"BY", "SELECT"})
        return True

    def _column_names(self) -> None:
        self.parenthesised(lambda: self.listed(self.identifier))

    def _group_by(self) -> None:
        self.expect("GROUP", "BY")
        whole = self.token
        if self.key in ("ALL", "DISTINCT", "AUTO") and not self._begins_group(1):
            self.fault("group-by-all", whole)
            self.at += 1
            return
        if self.key in ("ALL", "DISTINCT"):
            self.at += 1
        self.listed(self._grouping_element)
        if self.key == "WITH" and self.ahead().key in ("ROLLUP", "CUBE"):
            self.fault("with-rollup")
            self.at += 2

    def _begins_group(self, count: int) -> bool:
        token = self.ahead(count)
        if token.key == "(" or token.kind not in ("word", "sign", "end"):
            return True
        if token.key in _CLAUSES or token.key == "WINDOW" or token.kind in ("sign", "end"):
            return False
        return token.key not in (CONNECTING | {"ORDER", "HAVING"})

    def _grouping_element(self) -> None:
        if self.take_all("GROUPING", "SETS"):
            self.parenthesised(lambda: self.listed(self._grouping_element))
        elif self.key in ("ROLLUP", "CUBE") and self.ahead().key == "(":
            self.at += 1
            self.parenthesised(lambda: self.listed(self._grouping_set))
        else:
            self._grouping_set()

    def _grouping_set(self) -> None:
        if self.follows("(", ")"):
            self.at += 2
        else:
            self.expression()

    def _named_window(self) -> None:
        self.identifier()
        self.expect("AS", "(")
        self.window()
        self.expect(")")

    def relation(self) -> None:
        raise NotImplementedError
