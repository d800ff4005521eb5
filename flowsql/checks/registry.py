"""The rules: one line a rule. Each is a module of `flowsql.checks.rules`, imported when rules are first asked for."""

from functools import cache
from importlib import import_module

from flowsql.checks.rule import Loaded

RULES: tuple[str, ...] = (
    # 6xx cost
    "select_star",
)
"""Module names, by code."""


@cache
def all_rules() -> tuple[Loaded, ...]:
    """All rules, in the order of their codes."""
    modules = [import_module(f"flowsql.checks.rules.{name}") for name in RULES]
    loaded = [Loaded(module.RULE, module.check, module.__doc__ or "") for module in modules]
    return tuple(sorted(loaded, key=lambda each: each.rule.code))
