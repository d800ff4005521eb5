"""Findings as text for people, JSON, SARIF 2.1.0 and GitHub annotations."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flowsql.checks.finding import Finding
from flowsql.checks.registry import all_rules

_NOTICES = {"hint": "notice"}
"""GitHub's words for ours."""
_LEVELS = {"hint": "note"}
"""SARIF's words for ours."""

FORMATS: tuple[str, ...] = ("text", "json", "sarif", "github")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Paint = Callable[[str, str], str]
"""A text and what it is (`error`, `warning`, `hint`, `code`) → the text as it is shown."""


def _plain(text: str, what: str) -> str:
    return text


def text(findings: Sequence[Finding], sources: Mapping[str, str], paint: Paint = _plain) -> Iterator[str]:
    """Lines for a person: place and message, the line of the file with a caret under the place, the hint."""
    for finding in findings:
        head = paint(f"{finding.severity} {finding.code} {finding.name}", finding.severity)
        yield f"{finding.where}: {head}: {finding.message}"
        for line in finding.excerpt(sources.get(finding.path, "")):
            yield f"{line[:-1]}{paint('^', finding.severity)}" if line.endswith(" ^") else line
        for position, line in enumerate((finding.hint or "").splitlines()):
            yield f"  {paint('hint:', 'hint')} {line}" if position == 0 else f"  {line}"


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects with the fields of Finding."""
    return json.dumps([finding.to_dict() for finding in findings], indent=2, ensure_ascii=False) + "\n"


def github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows at the lines of a pull request."""
    lines = []
    for finding in findings:
        message = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
        title = f"{finding.code} {finding.name}"
        place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(title)}"
        lines.append(f"::{_NOTICES.get(finding.severity, finding.severity)} {place}::{_data(message)}\n")
    return "".join(lines)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding], version: str, failures: Sequence[str] = ()) -> str:
    """A SARIF log of one run that carries every rule with its manual page; `failures` are what could not be checked."""
    rules = all_rules()
    index = {each.rule.code: number for number, each in enumerate(rules)}
    driver = {
        "name": "flowsql",
        "version": version,
        "rules": [
            {
                "id": each.rule.code,
                "name": each.rule.name,
                "shortDescription": {"text": each.page.summary},
                "fullDescription": {"text": each.page.why},
                "defaultConfiguration": {"level": _LEVELS.get(each.rule.severity, each.rule.severity)},
            }
            for each in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [{"level": "error", "message": {"text": each}} for each in failures],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.code]) for finding in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    from urllib.parse import quote

    message = finding.message if finding.hint is None else f"{finding.message} ({finding.hint})"
    location = {
        "artifactLocation": {"uri": quote(finding.path.replace("\\", "/"))},
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS.get(finding.severity, finding.severity),
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
    }
