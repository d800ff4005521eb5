"""A comment silences a rule that has nothing to say on its line.

Why: what it excused is gone, and it would hide the next fault on this line.

Wrong:

    SELECT srcaddr FROM {{ flows }}  -- flowsql: ignore FQ601 a preview shows every field

Right:

    SELECT srcaddr FROM {{ flows }}
"""

from collections.abc import Collection, Iterable, Iterator

from flowsql.checks.finding import Finding
from flowsql.checks.ignores import Ignore
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ002", "unused-ignore", "warning", needs="text", kinds=("query", "sql", "ddl"), of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """Nothing: it is judged when all other rules have spoken, by `unused`."""
    return iter(())


def unused(ignores: Iterable[Ignore], silenced: Iterable[Finding], answered: Collection[str]) -> Iterator[Fault]:
    """The comments that silenced nothing, of rules that were asked."""
    used = {(finding.line, finding.code) for finding in silenced}
    for ignore in ignores:
        for code in ignore.codes:
            if ignore.reason and code in answered and (ignore.covers, code) not in used:
                what = "the comment" if len(ignore.codes) == 1 else f"{code} and its comma"
                yield Fault(f"{code} has nothing to say here", ignore.line, ignore.column, f"take {what} out")
