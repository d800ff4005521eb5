"""Ask the rules: a file, a question or a text → findings, in the order of the file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowsql.checks.finding import Finding
from flowsql.checks.ignores import ignores_of
from flowsql.checks.registry import all_rules
from flowsql.checks.rule import Fault, Kind, Loaded, Rule
from flowsql.checks.subject import Subject
from flowsql.errors import QueryError, Refused
from flowsql.query import Rendered

__all__ = ["Finding", "Report", "Subject", "ask", "guard"]

_SHALLOWER = "a chain of operators nests as deep as it is long: split it into CTEs; IN (…) for a chain of OR"


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


def ask(subjects: Sequence[Subject]) -> Report:
    """Ask every rule about one file, given as its subjects (one for each way its template may render)."""
    found: dict[Finding, None] = {}
    answered, wanted = set(), set()
    last: str | None = None
    for subject in subjects:
        is_same, last = subject.source == last, subject.source
        for each in all_rules():
            rule = each.rule
            if subject.kind not in rule.kinds or (subject.asked and rule.of_file):
                continue
            if rule.needs == "engine" and subject.judgement is None:
                continue
            wanted.add(rule.code)
            if is_same and rule.needs in ("text", "query"):
                continue
            for one in subject.statements if rule.needs == "tree" else (subject,):
                if one.has(rule.needs):
                    answered.add(rule.code)
                    found.update(dict.fromkeys(_asked(each, one)))
    findings = _without_echoes(list(_excused(found, subjects[0], answered)))
    return Report(tuple(sorted(findings, key=_by_place)), tuple(sorted(wanted - answered)))


def guard(rendered: Rendered, undocumented: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Ask the rules about a question that is about to run; what they warn of, a line each.

    `undocumented` are columns of the flow logs that AWS documents nowhere. Raises Refused with every error.
    """
    query = rendered.query
    kind: Kind = "query" if query.columns else "sql"
    subject = Subject(query.place, query.body, kind, query, rendered, asked=True, undocumented=undocumented)
    report = ask((subject,))
    if report.errors:
        raise Refused(report.findings, [_refusal(finding, subject.source) for finding in report.errors])
    return tuple(map(_note, report.warnings))


def _note(finding: Finding) -> str:
    hint = f"; hint: {finding.hint}" if finding.hint else ""
    return f"{finding.path}:{finding.line}: {finding.message} ({finding.code}){hint}"


def _refusal(finding: Finding, source: str) -> QueryError:
    refusal = QueryError(f"{finding.message} ({finding.code})", where=finding.where, hint=finding.hint)
    refusal.excerpt = finding.excerpt(source)
    return refusal


def _by_place(finding: Finding) -> tuple[int, int, str, str]:
    return finding.line, finding.column, finding.code, finding.message


def _asked(each: Loaded, subject: Subject) -> Iterator[Finding]:
    try:
        yield from [_finding(each.rule, fault, subject) for fault in each.check(subject)]
    except RecursionError:
        (general,) = (other.rule for other in all_rules() if other.rule.name == "not-sql")
        yield _finding(general, Fault("flowsql cannot read this: nested too deeply", 1, 1, _SHALLOWER), subject)


def _finding(rule: Rule, fault: Fault, subject: Subject) -> Finding:
    place = (subject.path, fault.line, fault.column)
    return Finding(*place, rule.code, rule.name, fault.message, rule.severity, fault.hint)


def _without_echoes(found: Sequence[Finding]) -> list[Finding]:
    """Leave out what only follows from an error that another rule tells, in the file or at the same place."""
    rules = {each.rule.code: each.rule for each in all_rules()}
    errors = [finding for finding in found if finding.severity == "error"]
    codes = tuple({finding.code for finding in errors})

    def is_echo(finding: Finding) -> bool:
        rule = rules[finding.code]
        beside = (other.code for other in errors if (other.line, other.column) == (finding.line, finding.column))
        return any(code.startswith(rule.follows) and code != rule.code for code in codes) or any(
            code.startswith(rule.follows_here) for code in beside
        )

    return [finding for finding in found if not is_echo(finding)]


def _excused(findings: Iterable[Finding], subject: Subject, answered: set[str]) -> Iterator[Finding]:
    """The findings no comment silences, and the comments that silence nothing."""
    from flowsql.checks.rules import unused_ignore

    ignores = list(ignores_of(subject.source))
    protecting = {each.rule.code for each in all_rules() if each.rule.protects}
    excused = {(ignore.covers, code) for ignore in ignores if ignore.reason for code in ignore.codes}
    silenced = []
    for finding in findings:
        if (finding.line, finding.code) in excused and finding.code not in protecting:
            silenced.append(finding)
        else:
            yield finding
    if not subject.asked:
        for fault in unused_ignore.unused(ignores, silenced, answered - protecting):
            yield _finding(unused_ignore.RULE, fault, subject)
