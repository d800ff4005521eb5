"""Ask the rules: a file, a question or a text → findings, in the order of the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowsql.checks.finding import Finding
from flowsql.checks.registry import all_rules
from flowsql.checks.rule import Loaded
from flowsql.checks.subject import Subject

__all__ = ["Finding", "Report", "Subject", "ask"]


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules said of one file or question."""

    findings: tuple[Finding, ...]
    unasked: tuple[str, ...] = ()
    """The codes of rules that could not be asked, since the file could not be read so far."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a question."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings to know of."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")


def ask(subjects: Iterable[Subject]) -> Report:
    """Ask every rule about one file, given as its subjects (one for each way its template may render)."""
    found: dict[Finding, None] = {}
    answered, wanted = set(), set()
    for number, subject in enumerate(subjects):
        for each in all_rules():
            rule = each.rule
            if subject.kind not in rule.kinds or (subject.asked and rule.of_file):
                continue
            wanted.add(rule.code)
            if not subject.has(rule.needs):
                continue
            answered.add(rule.code)
            if number == 0 or rule.needs not in ("text", "query"):
                found.update(dict.fromkeys(_asked(each, subject)))
    return Report(tuple(sorted(_without_fallbacks(found))), tuple(sorted(wanted - answered)))


def _asked(each: Loaded, subject: Subject) -> Iterator[Finding]:
    rule = each.rule
    for fault in each.check(subject):
        yield Finding(
            subject.path, fault.line, fault.column, rule.code, rule.name, fault.message, rule.severity, fault.hint
        )


def _without_fallbacks(found: Iterable[Finding]) -> list[Finding]:
    """Leave out what a general rule says where a particular one of its family says more."""
    general = {each.rule.code for each in all_rules() if each.rule.fallback}
    told = {finding.code[:3] for finding in found if finding.severity == "error" and finding.code not in general}
    return [finding for finding in found if finding.code not in general or finding.code[:3] not in told]
