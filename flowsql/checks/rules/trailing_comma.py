"""A list ends with a comma.

Why: Some engines forgive a comma behind the last item; Athena expects another item and stops at the next clause.

Wrong:

    SELECT srcaddr, dstaddr, FROM {{ flows }}

Right:

    SELECT srcaddr, dstaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ304", "trailing-comma", "error", needs="sql")

_SAID = {
    "trailing-comma": ("nothing follows this comma", "leave the comma out"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
