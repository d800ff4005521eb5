"""A column that several of the joined relations have, without saying which.

Why: Athena refuses the query.

Wrong:

    SELECT srcaddr FROM {{ flows }} AS a INNER JOIN {{ records }} AS b ON a.interface_id = b.interface_id

Right:

    SELECT a.srcaddr FROM {{ flows }} AS a INNER JOIN {{ records }} AS b ON a.interface_id = b.interface_id
"""

from collections.abc import Iterator

from flowsql.checks.names import has_patterns
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ419", "ambiguous-column", "error")


def check(subject: Subject) -> Iterator[Fault]:
    """Each bare column that two relations are known to offer."""
    for scope in subject.scopes.all():
        if has_patterns(subject, scope.select):
            continue
        for clause in ("expressions", "where", "group", "having", "order", "joins"):
            for column in scope.columns(clause):
                name = column.name.lower()
                owner, offering = scope.owner(column)
                sure = [source for source in offering if source.columns is not None]
                steps = [step for step in owner.sources.steps if name in step.using]
                merged = frozenset[str]().union(*(step.left | step.right for step in steps))
                renamed = clause == "order" and name in scope.aliases
                twice = next((each for each in sure if each.columns and each.columns.count(name) > 1), None)
                if len(sure) == 1 and twice is not None and not renamed:
                    message = f"{column.name} is the name of several columns of {twice.alias or 'the subquery'}"
                    yield subject.fault(message, column, "give each column there a name of its own")
                apart = [source.alias for source in sure if source.alias not in merged]
                if column.table or renamed or (merged and clause == "joins"):
                    continue  # ON sees what is to its left and right only
                if merged and apart:
                    message = f"{column.name} is a column of {apart[0]} and of what USING merges"
                    yield subject.fault(message, column, f"{apart[0]}.{column.name}, or ON … = … in place of USING")
                elif len(apart) > 1:
                    message = f"{column.name} is a column of both {' and '.join(apart[:2])}"
                    yield subject.fault(message, column, f"{apart[0]}.{column.name}")
