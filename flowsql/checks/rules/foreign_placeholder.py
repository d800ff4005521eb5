"""A value is left to another tool to fill in.

Why: Placeholders such as :port, @port, $1 or %(port)s mean nothing to Athena. A saved query declares its parameters
and writes them in double braces; Athena itself knows ? only, for which nobody gives a value where flowsql asks.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = :port

Right:

    SELECT srcaddr FROM {{ flows }} WHERE dstport = 22
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ325", "foreign-placeholder", "error", needs="sql")

_SAID = {
    "foreign-placeholder": (
        "{text} begins a placeholder of another tool",
        "{{{{ name }}}} with the parameter in the header, or the value",
    ),
    "template-braces": ("{text} begins a placeholder that was not filled", "the value"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way, and each ? in what flowsql asks."""
    yield from told(subject, _SAID)
    for token in subject.tokens if subject.templated else ():
        if token.token_type.name == "PLACEHOLDER":
            hint = "{{ name }} with the parameter in the header, or the value"
            yield subject.fault("? is a placeholder, and nothing fills it", token, hint)
