"""Private networks are told by the first letters of an address.

Why: 10.0.0.0/8 is one of several private networks, 172.16.0.0/12 has no common first letters, and IPv6 has others;
addresses on the other side of the test pass for public.

Wrong:

    SELECT srcaddr FROM {{ flows }} WHERE srcaddr LIKE '10.%'

Right:

    SELECT srcaddr FROM {{ flows }} WHERE {{ is_private(srcaddr) }}
"""

import re
from collections.abc import Iterator

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.reads import is_column
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ709", "private-by-text", "warning")


_PREFIX = re.compile(r"(10|192\.168|172(\.[0-9]+)?|127|169\.254)\.?%?")


def check(subject: Subject) -> Iterator[Fault]:
    """LIKE or starts_with on an address with the beginning of a private network."""
    from sqlglot import exp

    for test in subject.nodes(exp.Like, exp.StartsWith):
        text = test.expression
        if is_column(test.this, ADDRESS_COLUMNS) and isinstance(text, exp.Literal) and _PREFIX.fullmatch(text.name):
            name = test.this.name.lower()
            hint = f"{{{{ is_private({name}) }}}}, or {{{{ in_cidr({name}, '10.0.0.0/8') }}}} for one network"
            yield subject.fault("an address is compared as text", test, hint)
