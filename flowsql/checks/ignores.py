"""`-- flowsql: ignore CODE reason`: which lines an author has excused from which rules, and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flowsql.checks.registry import all_rules

_LEXEME = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\{#.*?#\}|(?P<header>\A/\* ---.*?--- \*/)"""
    r"""|/\*(?P<block>.*?)\*/|--(?P<text>[^\n]*)""",
    re.DOTALL,
)
_WORD = r"[A-Za-z]+[A-Za-z0-9-]*"
_IGNORE = re.compile(rf"\s*flowsql:\s*ignore\b[ \t]*(?:(?P<codes>{_WORD}(?:\s*,\s*{_WORD})*)(?![^\s:]))?(?P<reason>.*)")
_CODE = re.compile(r"[A-Z]+[0-9]+")
_IN_HEADER = re.compile(r"#(\s*flowsql:\s*ignore\b[^\n]*)")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment."""

    line: int
    column: int
    """Of the comment's first character, from 1."""
    codes: tuple[str, ...]
    reason: str
    covers: int
    """The line it speaks of: its own, or the next one when it stands alone on its line."""


def ignores_of(source: str) -> Iterator[Ignore]:
    """The comments of a file that ask to be ignored; in a header they are YAML's: `# flowsql: ignore …`."""
    for found in _LEXEME.finditer(source):
        if found["header"] is not None:
            for inner in _IN_HEADER.finditer(found["header"]):
                yield from _read(source, found.start() + inner.start(), inner[1])
        elif found["text"] is not None:
            yield from _read(source, found.start(), found["text"])
        elif found["block"] is not None:
            yield from _read(source, found.start(), found["block"].rstrip())


def _read(source: str, start: int, text: str) -> Iterator[Ignore]:
    said = _IGNORE.fullmatch(text)
    if said is None:
        return
    line_start = source.rfind("\n", 0, start) + 1
    line = source.count("\n", 0, start) + 1
    alone = not source[line_start:start].strip()
    words, reason = (said["codes"] or "").split(","), said["reason"]
    codes = tuple(code for word in words if (code := _code(word.strip())))
    if len(codes) < len(words):
        codes, reason = (), f"{said['codes'] or ''}{reason}"
    yield Ignore(line, start - line_start + 1, codes, reason.strip(" \t:"), line + alone)


def _code(word: str) -> str | None:
    """The code of a rule, given as such or by the rule's name; None for any other word."""
    if _CODE.fullmatch(word.upper()):
        return word.upper()
    return next((each.rule.code for each in all_rules() if each.rule.name == word.lower()), None)
