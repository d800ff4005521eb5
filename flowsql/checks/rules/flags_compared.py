"""tcp_flags is compared with one value, where a bit is meant.

Why: A record holds every flag of its aggregation interval together: a SYN whose connection also ended in that minute
is 3, not 2, and is missed by `= 2`.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE tcp_flags = 2

Right:

    SELECT srcaddr FROM {{ flows }} WHERE {{ has_flag(tcp_flags, 'SYN') }}
"""

from collections.abc import Iterator

from flowsql.checks.reads import equals, number
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ703", "flags-compared", "warning")


_FLAGS = frozenset(("tcp_flags",))


def check(subject: Subject) -> Iterator[Fault]:
    """tcp_flags equal to a number other than 0, also in a list."""
    from sqlglot import exp

    for test in subject.nodes(exp.EQ, exp.In):
        if any(number(value) for value in equals(test, _FLAGS)):
            hint = "{{ has_flag(tcp_flags, 'SYN') }} tests one flag, whatever else happened in that interval"
            yield subject.fault("tcp_flags is the OR of all flags of an interval", test, hint)
