"""A branch of a template that no value shows.

Why: a saved query is checked in every way its template renders, with the values its conditions name; what no value that
was tried shows is not checked at all, and most often can never be.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE {% if 1 == 2 %} action = 'REJECT' {% else %} action = 'ACCEPT' {% endif %}

Right:

    SELECT srcaddr FROM {{ flows }} WHERE action = 'ACCEPT'
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.template.environment import body_of

RULE = Rule("FQ118", "unreached-branch", "warning", needs="query", of_file=True)


def check(subject: Subject) -> Iterator[Fault]:
    """The first word of each such piece of SQL."""
    if subject.query is None:
        return
    body = body_of(subject.query)
    for offset in subject.unreached:
        start = offset + len(body[offset:]) - len(body[offset:].lstrip())
        place = body.count("\n", 0, start) + 1, start - body.rfind("\n", 0, start)
        message = "no parameter value that was tried takes this branch, so it was not checked"
        yield Fault(message, *place, "compare a parameter with a constant: {% if name == 'value' %}")
