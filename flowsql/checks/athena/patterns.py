"""Athena's windows and row patterns: OVER (…), MATCH_RECOGNIZE (…)."""

from flowsql.checks.athena.queries import Queries


class Patterns(Queries):
    """The specification of a window, and of a pattern over rows."""

    def window(self) -> None:
        if self.is_identifier() and self.key not in ("PARTITION", "RANGE", "ROWS", "GROUPS", "MEASURES"):
            self.identifier()
        if self.take_all("PARTITION", "BY"):
            self.listed(self.expression)
        if self.key == "ORDER":
            self.order_by()
        if self.key in ("RANGE", "ROWS", "GROUPS", "MEASURES"):
            self._frame()

    def _frame(self) -> None:
        self._measures()
        if not self.take("RANGE", "ROWS", "GROUPS"):
            raise self.refused("ROWS")
        if self.take("BETWEEN"):
            self._bound()
            self.expect("AND")
        self._bound()
        if self.key == "EXCLUDE":
            self.fault("frame-exclude")
            self.at += 1
            if not self.take_all("CURRENT", "ROW") and not self.take_all("NO", "OTHERS"):
                self.take("GROUP", "TIES")
        self._pattern_clauses()

    def _bound(self) -> None:
        if self.take_all("CURRENT", "ROW"):
            return
        if not self.take("UNBOUNDED"):
            self.expression()
        if not self.take("PRECEDING", "FOLLOWING"):
            raise self.refused("PRECEDING or FOLLOWING")

    def match_recognize(self) -> None:
        """`MATCH_RECOGNIZE ( … )` behind a table."""
        self.expect("MATCH_RECOGNIZE", "(")
        if self.take_all("PARTITION", "BY"):
            self.listed(self.expression)
        if self.key == "ORDER":
            self.order_by()
        self._measures()
        self._rows_per_match()
        if self._pattern_clauses() != {"PATTERN", "DEFINE"}:
            raise self.refused("PATTERN and DEFINE")
        self.expect(")")

    def _measures(self) -> None:
        if self.take("MEASURES"):
            self.listed(self._measure)

    def _measure(self) -> None:
        self.expression()
        self.expect("AS")
        self.identifier()

    def _rows_per_match(self) -> None:
        if self.take_all("ONE", "ROW", "PER", "MATCH"):
            return
        if self.take_all("ALL", "ROWS", "PER", "MATCH"):
            if self.take("SHOW", "OMIT"):
                self.expect("EMPTY", "MATCHES")
            elif self.take("WITH"):
                self.expect("UNMATCHED", "ROWS")

    def _pattern_clauses(self) -> set[str]:
        """AFTER MATCH, PATTERN, SUBSET, DEFINE in this order; which of the needed two were there."""
        seen = set()
        if self.take_all("AFTER", "MATCH"):
            self._skip_to()
        self.take("INITIAL", "SEEK")
        if self.take("PATTERN"):
            seen.add("PATTERN")
            self.parenthesised(self._alternatives)
        if self.take("SUBSET"):
            self.listed(self._subset)
        if self.take("DEFINE"):
            seen.add("DEFINE")
            self.listed(self._definition)
        return seen

    def _skip_to(self) -> None:
        self.expect("SKIP")
        if self.take_all("PAST", "LAST", "ROW"):
            return
        self.expect("TO")
        if self.take_all("NEXT", "ROW"):
            return
        if self.key in ("FIRST", "LAST") and self.is_identifier(1):
            self.at += 1
        self.identifier()

    def _alternatives(self) -> None:
        self._concatenation()
        while self.take("|"):
            self._concatenation()

    def _concatenation(self) -> None:
        if self.key in (")", "|", "-}"):
            raise self.refused("a pattern")
        while self.key not in (")", "|", "-}", ","):
            self._factor()

    def _factor(self) -> None:
        if self.follows("(", ")"):
            self.at += 2
        elif self.key == "(":
            self.parenthesised(self._alternatives)
        elif self.take("{-"):
            self._alternatives()
            self.expect("-}")
        elif self.follows("PERMUTE", "("):
            self.at += 1
            self.parenthesised(lambda: self.listed(self._alternatives))
        elif not self.take("^", "$"):
            self.identifier("a pattern")
        self._quantifier()

    def _quantifier(self) -> None:
        if self.take("*", "+", "?"):
            self.take("?")
        elif self.take("{"):
            if self.token.kind == "integer":
                self.at += 1
            if self.take(",") and self.token.kind == "integer":
                self.at += 1
            self.expect("}")
            self.take("?")

    def _subset(self) -> None:
        self.identifier()
        self.expect("=")
        self._column_names()

    def _definition(self) -> None:
        self.identifier()
        self.expect("AS")
        self.expression()
