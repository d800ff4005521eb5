"""A comment that silences a rule names the rule and says why.

Why: whoever reads the query next must be able to judge whether the exception still holds, and a code that no rule has
silences nothing.

Wrong:

    SELECT * FROM {{ flows }}  -- flowsql: ignore FQ601

Right:

    SELECT * FROM {{ flows }}  -- flowsql: ignore FQ601 a preview shows every field
"""

from collections.abc import Iterator

from flowsql.checks.ignores import ignores_of
from flowsql.checks.registry import all_rules
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ001", "bad-ignore", "error", needs="text", kinds=("query", "sql", "ddl"))
_SHAPE = "-- flowsql: ignore {} why this line may do it"


def check(subject: Subject) -> Iterator[Fault]:
    """Comments without code, without reason, with a code that does not exist or that may not be silenced."""
    known = {each.rule.code: each.rule for each in all_rules()}
    for ignore in ignores_of(subject.source):
        at = (ignore.line, ignore.column)
        if not ignore.codes:
            yield Fault("this comment does not say which rule to ignore", *at, _SHAPE.format("FQ601"))
        elif not ignore.reason:
            yield Fault("this comment does not say why", *at, _SHAPE.format(", ".join(ignore.codes)))
        elif (second := ignore.reason.split()[0].upper()) in known:
            yield Fault(
                f"{second} is read as the reason", *at, f"commas stand between rules: {ignore.codes[0]}, {second}"
            )
        for code in ignore.codes:
            if code not in known:
                yield Fault(f"there is no rule {code}", *at, "`flowsql check --rules` lists them")
            elif known[code].protects:
                yield Fault(
                    f"{code} {known[code].name} protects the account: no comment silences it",
                    *at,
                    f"`flowsql check --explain {code}` says how to write the query",
                )
