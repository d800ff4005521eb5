"""A function is called with too few or too many arguments.

Why: Athena refuses the whole query, after it has been sent.

Wrong:

    SELECT date_diff(start_time, end_time) AS seconds FROM {{ flows }}

Right:

    SELECT date_diff('second', start_time, end_time) AS seconds FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.functions import functions
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ412", "wrong-arity", "error", needs="tokens", follows_here=("FQ3",))


def check(subject: Subject) -> Iterator[Fault]:
    """Each call whose arguments are not as many as the function takes."""
    for call in subject.calls:
        function = functions().get(call.name)
        if function is not None and not function.takes(call.arguments):
            given = "no argument" if not call.arguments else f"{call.arguments} argument{'s' * (call.arguments > 1)}"
            takes = f"{call.name} takes {function.shown} of them"
            hint = "values together are one in parentheses: COUNT(DISTINCT (a, b))" if call.name == "count" else takes
            yield subject.fault(f"{call.name} is given {given}", call.token, hint)
