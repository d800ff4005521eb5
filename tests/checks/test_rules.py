"""Every rule: its cases, its manual page, its place in the registry."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowsql.checks import Finding, ask
from flowsql.checks.known import Known
from flowsql.checks.opening import subjects_of
from flowsql.checks.registry import RULES, all_rules
from flowsql.checks.rule import Loaded
from flowsql.checks.subject import Extent, Judgement
from flowsql.errors import QueryError

CASES = Path(__file__).parent / "cases"
RULES_FOLDER = Path(__file__).parents[2] / "flowsql" / "checks" / "rules"
_TABLES = {"injected-column": "injected", "many-partitions": "many"}
"""What the examples of rules are about that must know the table."""
_KEYS = {"pass", "fail", "at", "says", "hint", "kind", "table", "cases", "refused", "reads", "plain"}


@dataclass(frozen=True)
class Case:
    """One SQL text and where a rule finds something in it: nowhere when it passes."""

    rule: Loaded
    place: str
    sql: str
    at: tuple[str, ...]
    says: str
    hint: str
    kind: Any
    table: str | None
    cases: str | None
    judgement: Judgement | None
    plain: str
    """The name of a table that is known to hold no flow logs."""

    def findings(self) -> list[Finding]:
        """What its rule says."""
        others = (Known((self.plain,), None),) if self.plain else ()
        given = {"kind": self.kind, "table": self.table, "others": others}
        return found(self.rule, self.sql, cases=self.cases, judged=self.judgement, **given)


def found(
    rule: Loaded, sql: str, cases: str | None = None, judged: Judgement | None = None, **given: Any
) -> list[Finding]:
    """What one rule says of a text, which lies in a file of the working directory, its cases beside it.

    `judged` is what an engine said of it: tests/engines/test_check_source.py holds that against a real one.
    """
    Path("the.cases.yaml").unlink(missing_ok=True)
    if cases:
        Path("the.cases.yaml").write_text(cases)
    if given.get("table"):
        from tests.checks.tables import TABLES  # type: ignore[import-not-found]

        given["table"] = TABLES[given["table"]]
    subjects = subjects_of(sql, "the.sql", file=Path("the.sql"), **given)
    report = ask([replace(subject, judgement=judged) for subject in subjects])
    return [finding for finding in report.findings if finding.code == rule.rule.code]


def judgement(item: dict[str, Any]) -> Judgement | None:
    """What a case says that an engine said: `refused: [line, message]`, `reads: [table, column, low, high]`."""
    if "refused" in item:
        line, message = item["refused"]
        return Judgement("prod", QueryError(message, where=f"the.sql:{line}"))
    if "reads" in item:
        table, column, low, high = item["reads"]
        return Judgement("prod", extents=(Extent(table, column, (low, high), low == "0000"),))
    return None


def case_file(rule: Loaded) -> Path:
    """Where a rule's cases are."""
    return CASES / f"{rule.rule.code}-{rule.rule.name}.yaml"


def cases_of(rule: Loaded) -> Iterator[Case]:
    """The cases of a rule."""
    path = case_file(rule)
    for number, item in enumerate(yaml.load(path.read_text("utf-8"), yaml.BaseLoader) if path.exists() else [], 1):
        assert set(item) <= _KEYS, f"{path.name}: {set(item) - _KEYS}"
        at = item.get("at", ())
        yield Case(
            rule,
            f"{path.stem}:{number}",
            item.get("pass") or item["fail"],
            (at,) if isinstance(at, str) else tuple(at),
            item.get("says", ""),
            item.get("hint", ""),
            item.get("kind"),
            item.get("table"),
            item.get("cases"),
            judgement(item),
            item.get("plain", ""),
        )


ALL = [case for rule in all_rules() for case in cases_of(rule)]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.place)
def test_a_rule_finds_what_its_cases_say_where_they_say(case: Case) -> None:
    findings = case.findings()
    assert [f"{finding.line}:{finding.column}" for finding in findings] == list(case.at), findings
    assert all(case.says in finding.message for finding in findings), findings
    assert all(case.hint in (finding.hint or "") for finding in findings), findings


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.rule.name)
def test_every_rule_has_cases_that_pass_and_cases_that_fail(rule: Loaded) -> None:
    cases = list(cases_of(rule))
    assert any(case.at for case in cases), f"{case_file(rule).name} has no failing case"
    assert any(not case.at for case in cases), f"{case_file(rule).name} has no passing case"


@pytest.mark.parametrize(
    "rule", [rule for rule in all_rules() if rule.rule.needs != "engine"], ids=lambda rule: rule.rule.name
)
def test_the_examples_of_the_manual_page_hold(rule: Loaded) -> None:
    page = rule.page
    table = _TABLES.get(rule.rule.name)
    assert found(rule, page.wrong, table=table), "the wrong example passes"
    beside = "- {name: one, expect: none}" if rule.rule.name == "no-cases" else None
    assert not found(rule, page.right, cases=beside, table=table), "the right example is found wrong"


def test_code_name_module_and_cases_share_one_name() -> None:
    modules = [path.stem for path in RULES_FOLDER.glob("*.py") if path.stem != "__init__"]
    assert sorted(RULES) == sorted(modules)
    assert sorted(rule.rule.name.replace("-", "_") for rule in all_rules()) == sorted(modules)
    codes = [rule.rule.code for rule in all_rules()]
    assert len(set(codes)) == len(codes)
    assert {path.stem for path in CASES.glob("*.yaml")} == {
        f"{rule.rule.code}-{rule.rule.name}" for rule in all_rules()
    }


def test_the_readme_lists_the_rules() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    text = readme.read_text("utf-8")
    head, mark, rest = text.partition("pytest tests/checks/test_rules.py -->\n")
    _, end, tail = rest.partition("<!-- end of rules -->")
    rows = [
        f"| {each.rule.code} | {each.rule.name} | {each.rule.severity} | {each.page.summary.replace('|', ' ')} |"
        for each in all_rules()
    ]
    table = ["| code | name | | what it finds |", "|---|---|---|---|", *rows]
    wanted = "\n".join((f"{head}{mark}", *table, "", f"{end}{tail}"))
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        readme.write_text(wanted, "utf-8")
    else:
        assert text == wanted, "FLOWSQL_WRITE_GOLDEN=1 pytest tests/checks/test_rules.py writes the table"
