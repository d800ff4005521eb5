"""What Athena's FROM reads: tables, subqueries, joins, UNNEST, samples, and the frames of windows."""

from flowsql.checks.athena.patterns import Patterns

_SIDES = ("LEFT", "RIGHT", "FULL")


class Relations(Patterns):
    """`relation`, and the window specification."""

    def relation(self) -> None:
        self._sampled()
        while self._join():
            pass

    def _join(self) -> bool:
        """One join behind what is read already; False when none follows."""
        if self.take_all("CROSS", "JOIN"):
            self._sampled()
            return True
        if self.key == "NATURAL":
            self.fault("natural-join")
            self.at += 1
            self._join_type()
            self.expect("JOIN")
            self._sampled()
            return True
        foreign = self.key == "STRAIGHT_JOIN" or self.follows("ASOF", "JOIN") or self._is_semi(0)
        if foreign or (self.key in _SIDES and self._is_semi(1)):
            self.fault("foreign-join", self.ahead() if self.key in _SIDES else None)
            self.take("LEFT", "RIGHT")
            self.take("STRAIGHT_JOIN", "ASOF", "SEMI", "ANTI")
            self.take("JOIN")
        elif self.key in ("JOIN", "INNER", *_SIDES):
            self._join_type()
            self.expect("JOIN")
        elif self.follows("LATERAL", "VIEW"):
            self._lateral_view()
            return True
        else:
            return False
        self.relation()
        self._criteria()
        return True

    def _is_semi(self, count: int) -> bool:
        return self.ahead(count).key in ("SEMI", "ANTI") and self.ahead(count + 1).key == "JOIN"

    def _join_type(self) -> None:
        if not self.take("INNER") and self.take(*_SIDES):
            self.take("OUTER")

    def _criteria(self) -> None:
        if self.take("ON"):
            self.expression()
        elif self.take("USING"):
            self._column_names()
        else:
            raise self.refused("ON or USING")

    def _lateral_view(self) -> None:
        self.fault("lateral-view")
        self.at += 2
        self.take("OUTER")
        self.primary()
        self.identifier()
        if self.take("AS"):
            self.listed(self.identifier)

    def _sampled(self) -> None:
        self._aliased()
        if self.follows("MATCH_RECOGNIZE", "("):
            self.match_recognize()
            self._alias()
        if self.key == "TABLESAMPLE":
            self.at += 1
            if not self.take("BERNOULLI", "SYSTEM"):
                raise self.refused("BERNOULLI or SYSTEM")
            self.parenthesised(self.expression)

    def _aliased(self) -> None:
        self._relation_primary()
        self._alias()

    def _alias(self) -> None:
        if self.take("AS") or self.is_alias():
            self.identifier()
            if self.key == "(":
                self._column_names()

    def _relation_primary(self) -> None:
        key, opened = self.key, self.ahead().key == "("
        if key == "(":
            if self.is_query() and self.try_subquery():
                return
            self.parenthesised(self.relation)
        elif key == "UNNEST" and opened:
            self.at += 1
            self.parenthesised(lambda: self.listed(self.expression))
            self.take_all("WITH", "ORDINALITY")
        elif key == "LATERAL" and opened:
            self.at += 1
            self.subquery()
        elif key == "TABLE" and opened:
            self.at += 1
            self.parenthesised(self._table_function)
        elif key == "JSON_TABLE" and opened:
            self.at += 1
            self.parenthesised(self._json_table)
        elif self.token.kind == "string":
            self.fault("text-as-name")
            self.at += 1
        else:
            self._table()

    def _table(self) -> None:
        self.qualified()
        if self.key == "FOR" and self.ahead().key in ("TIMESTAMP", "VERSION", "SYSTEM_TIME", "SYSTEM_VERSION"):
            self.at += 2
            self.expect("AS", "OF")
            self.value()

    def _table_function(self) -> None:
        self.qualified()
        self.expect("(")
        if self.key not in (")", "COPARTITION"):
            self.listed(self._table_argument)
        self.expect(")")

    def _table_argument(self) -> None:
        if self.is_identifier() and self.ahead().key == "=>":
            self.at += 2
        if self.key == "TABLE" and self.ahead().key == "(":
            self.at += 1
            if self.is_query():
                self.subquery()
            else:
                self.parenthesised(self.qualified)
            self._alias_of_argument()
        elif self.key == "DESCRIPTOR" and self.ahead().key == "(":
            self.at += 1
            self._column_names()
        else:
            self.expression()

    def _alias_of_argument(self) -> None:
        if self.key not in ("PARTITION", "ORDER", "PRUNE", "KEEP"):
            self._alias()
        if self.take_all("PARTITION", "BY"):
            self.expression()
        if self.take("PRUNE", "KEEP"):
            self.expect("WHEN", "EMPTY")
        if self.take_all("ORDER", "BY"):
            self.sort_item()

    def _json_table(self) -> None:
        self._json_path()
        self.expect("COLUMNS")
        self.parenthesised(lambda: self.listed(self._json_column))
        if self.take("ERROR", "EMPTY"):
            self.expect("ON", "ERROR")

    def _json_column(self) -> None:
        if self.take("NESTED"):
            self.take("PATH")
            self.text()
            if self.take("AS"):
                self.identifier()
            self.expect("COLUMNS")
            self.parenthesised(lambda: self.listed(self._json_column))
            return
        self.identifier()
        if self.take_all("FOR", "ORDINALITY"):
            return
        self.type()
        if self.take("FORMAT"):
            self._json_format()
        if self.take("PATH"):
            self.text()
        for event in ("EMPTY", "ERROR"):
            self._on(event, "ERROR", "NULL", "DEFAULT", "EMPTY")
