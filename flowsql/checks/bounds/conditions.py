"""Conditions: a boolean expression as what it leaves of each column, in a form that follows columns inward."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from flowsql.checks.bounds.constants import fold
from flowsql.checks.bounds.hull import EVERYTHING, Constant, Hull, joined, met, of_values

if TYPE_CHECKING:
    from sqlglot import exp

Ref = tuple[str, str]
"""The alias of a relation, and its column; both lower case."""

_LAST = "\U0010ffff"
_VOLATILE = frozenset(("rand", "random", "uuid", "shuffle"))


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition and its parts. A leaf has neither parts nor a reason."""

    node: "exp.Expr"
    parts: tuple["Condition", ...] = ()
    any_of: bool = False
    """Whether one part is enough (OR); all of them hold otherwise."""
    refs: frozenset[Ref | None] = frozenset()
    """The columns it is about; None for one of elsewhere, with which nothing can be pushed inward."""
    column: Ref | None = None
    """Of a leaf: the column that the hull bounds."""
    hull: Hull = EVERYTHING
    reason: str = ""
    """Why a part bounds nothing."""
    blocked: str = ""
    """Why Trino does not bring it to the scan."""
    negated: bool = False
    """Whether the node, itself no connector, has to be false."""

    def of(self, name: str) -> Hull:
        """What it leaves of a column of the relation it has been brought to."""
        if self.parts or self.any_of:
            return (joined if self.any_of else met)(part.of(name) for part in self.parts)
        return self.hull if self.column is not None and self.column[1] == name else EVERYTHING

    def mentions(self, name: str) -> bool:
        """Whether it is about a column of the relation it has been brought to."""
        return any(ref is not None and ref[1] == name for ref in self.refs)

    def leaves(self) -> "Iterator[Condition]":
        """The comparisons with constants in it."""
        for part in self.parts:
            yield from part.leaves()
        if self.column is not None:
            yield self

    def conjuncts(self) -> Iterator["Condition"]:
        """The conditions that all hold."""
        if self.parts and not self.any_of:
            for part in self.parts:
                yield from part.conjuncts()
        else:
            yield self

    def renamed(self, names: Mapping[Ref, Ref]) -> "Condition":
        """The same about other columns; those without a new name are of elsewhere."""
        refs = frozenset(names.get(ref) if ref else None for ref in self.refs)
        column = names.get(self.column) if self.column else None
        return replace(self, parts=tuple(part.renamed(names) for part in self.parts), refs=refs, column=column)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads expressions as conditions; `resolve` says which column of which relation a name is."""

    resolve: "Callable[[exp.Column], Ref | None]"
    now: datetime
    known: Mapping[Ref, Constant] = field(default_factory=dict)
    """The columns that have one value in all rows, which stands for them in comparisons with another relation."""

    def read(self, node: "exp.Expr", negated: bool = False) -> Condition:
        """An expression that must be true (or with `negated`, false)."""
        from sqlglot import exp

        match node:
            case exp.Paren():
                return self.read(node.this, negated)
            case exp.Not():
                return self.read(node.this, not negated)
            case exp.And() | exp.Or():
                parts = tuple(self.read(part, negated) for part in _flat(node))
                return _together(node, parts, any_of=isinstance(node, exp.Or) != negated)
            case exp.Boolean():
                return Condition(node, any_of=bool(node.this) == negated)
        if _is_volatile(node) or node.find(exp.Query) is not None:
            return Condition(node, refs=self._refs(node) | {None}, reason=_asked(node), negated=negated)
        return replace(self._leaf(self._put_in(node), negated), node=node, negated=negated)

    def _put_in(self, node: "exp.Expr") -> "exp.Expr":
        """The comparison with values for columns that are known; the same where none is, or all are of one relation."""
        from sqlglot import exp

        refs = self._refs(node)
        operands = [part.unnest() for part in node.iter_expressions()]
        is_pair = isinstance(node, exp.EQ) and all(isinstance(each, exp.Column) for each in operands)
        if is_pair or not self.known.keys() & refs or len({ref[0] for ref in refs if ref}) < 2:
            return node  # of two equal columns the one tells of the other already
        if any(isinstance(each, (exp.Func, exp.Condition)) and not isinstance(each, _whole()) for each in node.walk()):
            return node  # Trino puts no value into what may fail, such as CAST

        def value(part: "exp.Expr") -> "exp.Expr":
            ref = self.resolve(part) if isinstance(part, exp.Column) else None
            return _literal(self.known[ref]) if ref is not None and ref in self.known else part

        return node.transform(value)

    def _leaf(self, node: "exp.Expr", negated: bool) -> Condition:
        from sqlglot import exp

        refs = self._refs(node)
        column = node.this.unnest() if isinstance(node.this, exp.Expr) else None
        flipped = False
        negated = negated != bool(node.args.get("negate"))  # NOT LIKE is one node
        if isinstance(node, exp.Binary) and not isinstance(column, exp.Column):
            column, flipped = node.expression.unnest(), True
        if not isinstance(column, exp.Column):
            return Condition(node, refs=refs, reason=self._why(node))
        found = self._bounds(node, negated, flipped)
        ref = self.resolve(column)
        if isinstance(found, str) or ref is None:
            return Condition(node, refs=refs, reason=found if isinstance(found, str) else self._why(node))
        if isinstance(found, Hull):
            return Condition(node, refs=refs, column=ref, hull=found)
        below, above = (Condition(node, refs=refs, column=ref, hull=hull) for hull in found)
        return _together(node, (below, above), any_of=True)

    def _bounds(self, node: "exp.Expr", negated: bool, flipped: bool) -> "Hull | tuple[Hull, Hull] | str":
        """The hull of a comparison with constants, two of which one holds, or why there is none."""
        from sqlglot import exp

        match node:
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                value = fold(node.this if flipped else node.expression, self.now)
                if value is None:
                    return self._why(node)
                return _compared(node.key, value, negated, flipped)
            case exp.NullSafeEQ() | exp.NullSafeNEQ():
                value = fold(node.this if flipped else node.expression, self.now)
                key = "eq" if isinstance(node, exp.NullSafeEQ) else "neq"
                return self._why(node) if value is None else _compared(key, value, negated, flipped)
            case exp.Between():
                low, high = fold(node.args["low"], self.now), fold(node.args["high"], self.now)
                if low is None or high is None:
                    return self._why(node)
                return (Hull(high=low), Hull(low=high)) if negated else Hull(low, high)
            case exp.In() if not node.args.get("unnest") and not node.args.get("query"):
                values = [fold(item, self.now) for item in node.expressions]
                if negated:
                    return "NOT IN leaves all other values"
                if None in values:
                    return self._why(node)
                return of_values(value for value in values if value is not None)
            case exp.Like():
                return "NOT LIKE leaves all other values" if negated else _prefix(fold(node.expression, self.now))
            case exp.Is():
                return "IS NULL bounds nothing"
        return self._why(node)

    def _refs(self, node: "exp.Expr") -> frozenset[Ref | None]:
        from sqlglot import exp

        return frozenset(self.resolve(column) for column in node.find_all(exp.Column))

    def _why(self, node: "exp.Expr") -> str:
        """Why an expression about columns bounds none of them."""
        from sqlglot import exp

        columns = list(node.find_all(exp.Column))
        if isinstance(node.this, exp.Tuple):
            return "a comparison of rows bounds no column"
        operands = [part.unnest() for part in node.iter_expressions()]
        for part in operands:
            if not isinstance(part, exp.Column) and part.find(exp.Column) is not None:
                return f"{part.find(exp.Column).name} stands inside an expression, which hides it from the partitions"  # type: ignore[union-attr]
        if len(columns) > 1:
            return f"{columns[1].name} is not known before the query runs"
        return "what it is compared with is not a constant that can be told before the query runs"


def _together(node: "exp.Expr", parts: tuple[Condition, ...], *, any_of: bool) -> Condition:
    refs: frozenset[Ref | None] = frozenset().union(*(part.refs for part in parts))
    return Condition(node, parts, any_of, refs)


def _flat(node: "exp.Expr") -> "Iterator[exp.Expr]":
    """The parts of a chain of one connector, however long."""
    todo = [node]
    kind = type(node)
    while todo:
        part = todo.pop()
        if type(part) is kind:
            todo.extend((part.args["expression"], part.args["this"]))
        else:
            yield part


def _whole() -> "tuple[type[exp.Expr], ...]":
    """What may stand in a comparison that a value is put into: nothing that fails for some values."""
    from sqlglot import exp

    comparisons = (exp.Predicate, exp.In, exp.Between, exp.Like, exp.Paren, exp.Not)
    texts = (exp.Concat, exp.DPipe, exp.Substring, exp.TimeToStr, exp.Greatest, exp.Least, exp.Coalesce)
    return (*comparisons, *texts, exp.Column, exp.Literal, exp.Add, exp.Sub, exp.Interval, exp.DateAdd)


def _literal(value: Constant) -> "exp.Expr":
    from sqlglot import exp

    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value)


def _compared(key: str, value: Constant, negated: bool, flipped: bool) -> Hull | str:
    """The hull of `column <key> value`."""
    if negated:
        key = {"eq": "neq", "neq": "eq", "lt": "gte", "lte": "gt", "gt": "lte", "gte": "lt"}[key]
    if flipped:
        key = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}.get(key, key)
    match key:
        case "eq":
            return of_values((value,))
        case "neq":
            return "<> leaves all other values"
        case "lt" | "lte":
            return Hull(high=value)
    return Hull(low=value)


def _prefix(pattern: object) -> Hull | str:
    """The hull of `column LIKE pattern`."""
    if not isinstance(pattern, str):
        return "LIKE bounds only with a text that is known before the query runs"
    start = pattern.replace("_", "%").partition("%")[0]
    if start == pattern:
        return of_values((pattern,))
    return Hull(start, start + _LAST) if start else "LIKE bounds nothing when a wildcard comes first"


def _is_volatile(node: "exp.Expr") -> bool:
    """Whether it may give another value for each row, so that Trino keeps the whole condition from the scan."""
    from sqlglot import exp

    return any(
        isinstance(each, (exp.Rand, exp.Uuid)) or (isinstance(each, exp.Func) and each.name.lower() in _VOLATILE)
        for each in node.walk()
    )


def _asked(node: "exp.Expr") -> str:
    from sqlglot import exp

    if node.find(exp.Query) is not None:
        return "a subquery's answer is not known before the query runs"
    return "a value that is different for each row bounds nothing"
