"""A value is cast with a double colon.

Why: PostgreSQL, Redshift and DuckDB read x::bigint; Athena does not.

Wrong:

    SELECT bytes::double / packets FROM {{ flows }}

Right:

    SELECT CAST(bytes AS double) / packets FROM {{ flows }}
"""

from collections.abc import Iterator

from flowsql.checks.athena.telling import told
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject

RULE = Rule("FQ306", "cast-sign", "error", needs="sql")

_SAID = {
    "cast-sign": ("Athena does not cast with ::", "CAST(x AS type), or TRY_CAST where a value may not fit"),
}


def check(subject: Subject) -> Iterator[Fault]:
    """Each place where the grammar is left this way."""
    return told(subject, _SAID)
