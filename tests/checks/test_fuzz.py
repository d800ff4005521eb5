"""A small slice of the fuzzer: the whole is `python -m tests.checks.fuzz 100000`."""

from tests.checks.fuzz import run


def test_mutated_statements_crash_nothing() -> None:
    *_, seen = run(300, seed=20261122)
    assert seen.statements == 300
    assert seen.slowest < 2
