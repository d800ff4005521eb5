"""A window function without OVER.

Why: rank, row_number, lag and their like look at a row among others; Athena refuses them without an OVER that says
which others. lag and lead need an ORDER BY there, and a window that is named has to stand behind WINDOW.

Wrong:

    SELECT srcaddr, row_number() AS place FROM {{ flows }}

Right:

    SELECT srcaddr, row_number() OVER (ORDER BY bytes DESC) AS place FROM {{ flows }}
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.grouping import is_over_window, is_window_only, name_of
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ427", "window-without-over", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each function that lacks OVER, also behind IGNORE NULLS, an order, or the window it names."""
    from sqlglot import exp

    for node in subject.nodes(exp.Func):
        if is_window_only(node) and not is_over_window(node):
            name = name_of(node)
            hint = f"{name} OVER (PARTITION BY interface_id ORDER BY start_time), as the question wants"
            yield subject.fault(f"{name} stands without OVER", node, hint)
    for window in subject.nodes(exp.Window):
        select = window.find_ancestor(exp.Select)
        if select is not None:
            yield from _of_window(subject, window, select)


def _of_window(subject: Subject, window: "exp.Window", select: "exp.Select") -> Iterator[Fault]:
    from sqlglot import exp

    named = {each.name.lower(): each for each in select.args.get("windows") or ()}
    if window in named.values():
        return
    wanted = window.alias.lower()
    base = named.get(wanted)
    if wanted and base is None:
        hint = f"behind FROM and WHERE: WINDOW {window.alias} AS (PARTITION BY … ORDER BY …)"
        yield subject.fault(f"there is no WINDOW {window.alias}", window.args["alias"], hint)
        return
    call = next((node for node in (window.this, window.this.this) if isinstance(node, (exp.Lag, exp.Lead))), None)
    if call is not None and not window.args.get("order") and not (base and _is_ordered(base, named)):
        hint = f"{name_of(call)} OVER (PARTITION BY interface_id ORDER BY start_time), as the question wants"
        yield subject.fault(f"{name_of(call)} needs an ORDER BY in its window", call, hint)


def _is_ordered(window: "exp.Window", named: "dict[str, exp.Window]") -> bool:
    """Whether a named window has an order, of its own or of the one it is made of."""
    seen: list[exp.Window] = []
    at: exp.Window | None = window
    while at is not None and at not in seen:
        if at.args.get("order"):
            return True
        seen.append(at)
        at = named.get(at.alias.lower())
    return False
