"""A query asks the clock or chance.

Why: The window is given from outside, as constants: the same question gives the same answer, on every engine, and
Athena can reuse its result. With now() or rand() none of this holds; engines differ in time zone and in what a
statement calls now.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE start_time > NOW() - INTERVAL '1' HOUR

Right:

    SELECT srcaddr FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ903", "clock", "warning")

_NAMES = ("now", "random", "rand", "uuid", "shuffle")


def check(subject: Subject) -> Iterator[Fault]:
    """Each call of a clock or of chance, where flowsql gives the window."""
    from sqlglot import exp

    clocks = (
        exp.CurrentTimestamp,
        exp.CurrentDate,
        exp.CurrentTime,
        exp.Localtimestamp,
        exp.Localtime,
        exp.Rand,
        exp.Uuid,
    )
    for node in subject.nodes(exp.Anonymous, *clocks) if subject.templated else ():
        called = isinstance(node, exp.Anonymous) and node.name.lower() in _NAMES
        if called or isinstance(node, clocks):
            name = subject.as_written(node.sql(dialect="athena")).lower()
            place = subject.token_before(node, name.upper()) or node
            yield subject.fault(
                f"{name} gives another answer each time", place, "--last, --since and --until give the window"
            )
