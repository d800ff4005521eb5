"""A tag field is compared as it is stored: percent-encoded.

Why: AWS writes tag values percent-encoded, `web-1` as `web%2D1`; compared with a plain text they never match. `{{
flows }}` decodes them.

Wrong:

    SELECT srcaddr FROM vpc_flow_logs WHERE day = '2026/11/22' AND instance_tag = 'web-1'

Right:

    SELECT srcaddr FROM vpc_flow_logs WHERE day = '2026/11/22' AND url_decode(instance_tag) = 'web-1'
"""

from collections.abc import Iterator

from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ706", "tag-not-decoded", "warning")


def check(subject: Subject) -> Iterator[Fault]:
    """Tag columns of real tables without url_decode around them."""
    from sqlglot import exp

    if subject.templated:
        return
    for test in subject.nodes(exp.EQ, exp.NEQ, exp.In, exp.Like):
        name = test.this.name.lower() if isinstance(test.this, exp.Column) else ""
        if name.removesuffix("_2").endswith("_tag"):
            yield subject.fault(f"{name} is stored percent-encoded", test.this, f"url_decode({name})")
