"""How a text that is compared with a partition column of time is written: how far it tells a date."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.dates import UNITS, DatePattern, Unit

if TYPE_CHECKING:
    from sqlglot import exp

    from flowsql.checks.bounds import TimeKey
    from flowsql.checks.bounds.conditions import Condition

_NEED: dict[str, Unit] = {
    **dict.fromkeys(("day", "date", "event_date", "log_date"), "day"),
    **dict.fromkeys(("hour", "datehour"), "hour"),
}
"""What columns of these names tell at least, where their table is not known."""
_ONE_LETTER = re.compile(r"(?<![A-Za-z])[MdH](?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Written:
    """A text as the beginning of a date."""

    pattern: DatePattern
    units: tuple[Unit, ...]
    """What it tells whole."""
    is_cut: bool
    """Whether it ends within a number."""
    is_short: bool
    """Whether every value of the column is longer."""


def written(key: "TimeKey", text: str) -> Written | None:
    """How a text begins a date of a column; None where it does not, or is compared otherwise than letter by letter."""
    ways = key.ways(text)
    pattern = next((each for each in key.patterns if each.pattern in ways and each.is_ordered), None)
    if pattern is None or key.sql_type != "string":
        return None
    units, left, is_cut = list[Unit](), text, False
    for piece in pattern.pieces:
        part, left = left[: len(piece.text)], left[len(piece.text) :]
        if piece.unit is not None and part:
            is_cut = len(part) < len(piece.text)
            units += [] if is_cut else [piece.unit]
    need = _NEED.get(key.name) if key.is_guessed else pattern.unit
    short = need is not None and (not units or UNITS.index(units[-1]) < UNITS.index(need))
    return Written(pattern, tuple(units), is_cut, short)


def is_prefix(leaf: "Condition") -> bool:
    """Whether a comparison is LIKE with a wildcard behind a text."""
    from sqlglot import exp

    return isinstance(leaf.node, exp.Like) and leaf.hull.values is None


def misses(leaf: "Condition", value: object) -> bool:
    """Whether a bound is `<=` or `>`, of which a beginning takes what begins so for greater."""
    from sqlglot import exp

    node, hull = leaf.node, leaf.hull
    if isinstance(node, exp.Between):
        return hull.high == value if hull.low is not None and hull.high is not None else hull.low == value
    if not isinstance(node, (exp.LT, exp.LTE, exp.GT, exp.GTE)):
        return False
    is_upper = hull.high == value
    is_on_left = isinstance(node.this.unnest(), exp.Column)
    negated = is_upper != (isinstance(node, (exp.LT, exp.LTE)) == is_on_left)
    takes_equal = isinstance(node, (exp.LTE, exp.GTE)) != negated
    return takes_equal == is_upper


def unpadded(node: "exp.Expr") -> str | None:
    """The pattern with which a comparison writes months, days or hours without their zero."""
    from sqlglot import exp

    for call in node.find_all(exp.TimeToStr, exp.Anonymous):
        if isinstance(call, exp.TimeToStr):
            pattern, is_unpadded = call.text("format"), "%-" in call.text("format")
            shown = pattern.replace("%-m", "%c").replace("%-d", "%e").replace("%-H", "%k")
        else:
            is_joda = call.name.lower() == "format_datetime" and len(call.expressions) == 2
            shown = call.expressions[1].name if is_joda else ""
            is_unpadded = bool(_ONE_LETTER.search(shown))
        if is_unpadded:
            return shown
    return None
