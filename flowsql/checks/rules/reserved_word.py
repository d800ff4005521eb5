"""A reserved word of Athena stands as a name without double quotes.

Why: Flow logs have a field called end, and END closes a CASE: Athena stops at the word. In SELECT a reserved word
is a name only in double quotes; the backticks of DDL do not work there.

Wrong:

    SELECT srcaddr, MAX(end) AS last_seen FROM vpc_flow_logs GROUP BY srcaddr

Right:

    SELECT srcaddr, MAX("end") AS last_seen FROM vpc_flow_logs GROUP BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ301", "reserved-word", "error", needs="sql", follows_here=("FQ201",))

_SAID = {
    "reserved-word": ("{text} is a reserved word of Athena", '"{text}" in double quotes names a column'),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
