"""Joins: which conditions of a SELECT limit one of the relations it joins."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from flowsql.checks.bounds.conditions import Condition, Reader, Ref
from flowsql.checks.bounds.hull import EVERYTHING, Constant, Hull
from flowsql.checks.bounds.sources import Source, Sources, Step

_KEPT = "the ON of a {} JOIN does not limit the side whose rows are all kept"


class Joined:
    """What is said of the relations of one SELECT: by itself, by the ON of its joins, and of equal columns."""

    def __init__(
        self, sources: Sources, conditions: Sequence[Condition], reader: Reader, facts: Sequence[Condition] = ()
    ) -> None:
        """`facts` hold of the rows of one relation each, before the joins."""
        steps = [_narrowed(step, conditions) for step in sources.steps]
        self._conditions = conditions
        self._ons = [(step, [] if step.on is None else list(reader.read(step.on).conjuncts())) for step in steps]
        self.is_inner = not any(step.side for step in steps)
        """Whether no outer join is left."""
        self._filled = frozenset[str]().union(*(_filled(step) for step in steps))
        self._facts = [each for each in facts if each.column is not None and each.column[0] not in self._filled]
        ons = (each for _, on in self._ons for each in on if self.is_inner)
        everywhere = [*conditions, *ons, *self._facts]
        self._equal: dict[Ref, set[Ref]] = {}
        for origin, to in _equals(sources, self._ons, conditions, reader):
            self._equal.setdefault(origin, set()).add(to)
        self._reached: dict[Ref, set[Ref]] = {}
        telling = (each for each in everywhere if not each.blocked and next(each.leaves(), None) is not None)
        self._telling = list(telling)
        self._passed = [(each, self._elsewhere(each)) for each in self._telling]

    def told_of(self, ref: Ref) -> Iterator[Condition]:
        """What is said of one column alone, or of one that it equals, as said of it."""
        for condition in self._telling:
            if len(condition.refs) == 1:
                (other,) = condition.refs
                if other is not None and ref in self._same(other):
                    yield condition.renamed({other: ref})

    def keeps(self, ref: Ref) -> bool:
        """Whether no join fills a column with NULL."""
        return ref[0] not in self._filled

    def known(self) -> dict[Ref, Constant]:
        """The columns that have one value in all rows; where an outer join is left, those that had it before."""
        hulls: dict[Ref, Hull] = {}
        for condition in self._telling if self.is_inner else self._facts:
            if len(condition.refs) == 1 and (ref := next(iter(condition.refs))) is not None:
                for same in self._same(ref) if self.is_inner else {ref}:
                    hulls[same] = hulls.get(same, EVERYTHING).meet(condition.of(ref[1]))
        values = {ref: hull.constants for ref, hull in hulls.items() if hull.values is not None}
        return {ref: each[0] for ref, each in values.items() if len(each) == 1 and not isinstance(each[0], datetime)}

    def about(self, source: Source) -> list[Condition]:
        """The conditions about a relation. One about several at once limits none of them and is marked so."""
        found = []
        for step, on in self._ons:
            if not step.side or source.alias in _limited(step):
                found += on
            else:
                found += [replace(each, blocked=_KEPT.format(step.side)) for each in on]
        found += self._conditions
        found += self._passed_on(source)
        return [_alone(each, source) for each in found]

    def _passed_on(self, source: Source) -> Iterator[Condition]:
        """What is said of columns that all have equals in this relation, said of those."""
        for condition, elsewhere in self._passed:
            names = elsewhere.get(source.alias, {})
            if names and len(names) == len(condition.refs):
                yield condition.renamed(names)

    def _elsewhere(self, condition: Condition) -> dict[str, dict[Ref, Ref]]:
        """The equals of a condition's columns, by relations that it is not about."""
        refs = [ref for ref in condition.refs if ref]
        found: dict[str, dict[Ref, Ref]] = {}
        for ref in refs:
            for same in self._same(ref):
                found.setdefault(same[0], {})[ref] = same
        return {alias: names for alias, names in found.items() if alias not in {ref[0] for ref in refs}}

    def _same(self, ref: Ref) -> set[Ref]:
        """The columns that have a column's value, it among them."""
        if ref not in self._reached:
            reached, todo = {ref}, [ref]
            while todo:
                new = self._equal.get(todo.pop(), set()) - reached
                reached |= new
                todo += new
            self._reached[ref] = reached
        return self._reached[ref]


def _narrowed(step: Step, conditions: Sequence[Condition]) -> Step:
    """The join as Trino makes it of an outer one, when the rows it would fill with NULL cannot pass."""
    if not step.side:
        return step
    usable = [each for each in conditions if not each.blocked and None not in each.refs]
    left, right = (any(_rejects_null(each, side) for each in usable) for side in (step.left, step.right))
    match step.side:
        case "LEFT":
            side = "" if right else "LEFT"
        case "RIGHT":
            side = "" if left else "RIGHT"
        case _:
            side = "" if left and right else "LEFT" if left else "RIGHT" if right else "FULL"
    return replace(step, side=side)


def _rejects_null(condition: Condition, aliases: frozenset[str]) -> bool:
    """Whether it fails where all columns of these relations are NULL."""
    if condition.parts:
        return (all if condition.any_of else any)(_rejects_null(part, aliases) for part in condition.parts)
    return condition.column is not None and condition.column[0] in aliases


def _limited(step: Step) -> frozenset[str]:
    """The side of an outer join that its ON limits."""
    return {"LEFT": step.right, "RIGHT": step.left}.get(step.side, frozenset())


def _alone(condition: Condition, source: Source) -> Condition:
    """Mark a condition that needs other relations too."""
    others = any(ref is None or ref[0] != source.alias for ref in condition.refs)
    if others and not condition.blocked and condition.any_of:
        return replace(condition, blocked="it is about several relations at once")
    return condition


def _filled(step: Step) -> frozenset[str]:
    """The side of an outer join that it fills with NULL: both of a full one."""
    return step.left | step.right if step.side == "FULL" else _limited(step)


def _equals(
    sources: Sources, ons: Sequence[tuple[Step, list[Condition]]], conditions: Sequence[Condition], reader: Reader
) -> Iterator[tuple[Ref, Ref]]:
    """Pairs of columns: where the first has a value, the second has the same.

    Trino takes IS NOT DISTINCT FROM so only where no outer join is left, whose missing rows it would match.
    """
    is_inner = not any(step.side for step, _ in ons)
    for condition in conditions:
        pair = _pair(condition, reader, null_safe=is_inner)
        if pair is not None and not condition.blocked and condition.refs == frozenset(pair):
            yield from _both(pair)
    for step, on in ons:
        pairs = [_pair(each, reader, null_safe=is_inner) for each in on]
        for name in step.using:
            left, right = sources.offering(name, step.left), sources.offering(name, step.right)
            if left and len(right) == 1:
                pairs.append(((left[0].alias, name), (right[0].alias, name)))
        for pair in pairs:
            yield from _directed(step, pair)


def _directed(step: Step, pair: tuple[Ref, Ref] | None) -> Iterator[tuple[Ref, Ref]]:
    for origin, to in _both(pair):
        if not step.side or (to[0] in _limited(step) and origin[0] not in _limited(step)):
            yield origin, to


def _both(pair: tuple[Ref, Ref] | None) -> Iterator[tuple[Ref, Ref]]:
    if pair is not None:
        yield pair
        yield pair[1], pair[0]


def _pair(condition: Condition, reader: Reader, *, null_safe: bool) -> tuple[Ref, Ref] | None:
    """The two columns that an equality compares."""
    from sqlglot import exp

    node = condition.node
    if condition.negated or not isinstance(node, (exp.EQ, exp.NullSafeEQ) if null_safe else exp.EQ):
        return None
    left, right = node.this.unnest(), node.expression.unnest()
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Column):
        return None
    one, other = reader.resolve(left), reader.resolve(right)
    return (one, other) if one is not None and other is not None else None
