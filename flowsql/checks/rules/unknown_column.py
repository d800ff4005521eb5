"""A column that nothing the SELECT reads has.

Why: Athena refuses the query. Which fields flow logs have depends on their log format: a field that exists only since a
later version is missing from those of an earlier one.

Wrong:

    SELECT scraddr, COUNT(*) AS flows FROM {{ flows }} GROUP BY scraddr

Right:

    SELECT srcaddr, COUNT(*) AS flows FROM {{ flows }} GROUP BY srcaddr
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowsql.checks.bounds.sources import Source
from flowsql.checks.functions import functions
from flowsql.checks.names import Scope, Scopes, duplicate_ctes, has_patterns, own_columns
from flowsql.checks.reads import given_names
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.fields import known
from flowsql.naming import did_you_mean
from flowsql.table import Table

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ410", "unknown-column", "error")

_VALUES = ("ACCEPT", "REJECT", "OK", "NODATA", "SKIPDATA", "INGRESS", "EGRESS")
"""What fields hold that look like names."""
_LISTED = 20
"""Columns named in a hint; more are a wall."""
_PARTITIONS = ("region", "account_id")
"""Fields that a table may have as partitions, whatever its log format."""
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_CLAUSES = ("expressions", "where", "group", "having", "order", "joins")
_RENAMING = ("where", "group", "having")


def check(subject: Subject) -> Iterator[Fault]:
    """Each column that no relation in sight offers."""
    scopes = subject.scopes
    if any(True for _ in duplicate_ctes(subject)):
        return  # of two relations of one name nobody knows which is meant
    yield from _behind_sets(subject)
    for scope in scopes.all():
        if has_patterns(subject, scope.select):
            continue
        yield from _stars(subject, scope)
        for clause in _CLAUSES:
            for column in scope.columns(clause):
                if not _is_known(scope, column, clause) and not _is_unit(column):
                    yield _fault(subject, scope, scopes, column)
                elif subject.table is not None and _is_lacking(subject, subject.table, scope, column):
                    yield _lacks(subject, subject.table, column)


_MEANT = {
    **dict.fromkeys(("source_ip", "src_ip", "sourceip", "source_address", "src", "source", "sip"), "srcaddr"),
    **dict.fromkeys(("dest_ip", "dst_ip", "destination_ip", "destination_address", "dst", "destination"), "dstaddr"),
    **dict.fromkeys(("source_port", "src_port", "sport"), "srcport"),
    **dict.fromkeys(("destination_port", "dest_port", "dst_port", "dport"), "dstport"),
    **dict.fromkeys(("timestamp", "event_time", "time", "ts"), "start_time"),
    **dict.fromkeys(("eni", "eni_id", "network_interface_id"), "interface_id"),
    **dict.fromkeys(("status", "logstatus"), "log_status"),
    **dict.fromkeys(("flags", "tcpflags"), "tcp_flags"),
    **dict.fromkeys(("direction", "flowdirection"), "flow_direction"),
}
"""What fields are called elsewhere → the column."""


def _behind_sets(subject: Subject) -> Iterator[Fault]:
    """Columns in the ORDER BY of a UNION and its like that its first SELECT does not give."""
    from sqlglot import exp

    for node in subject.nodes(exp.SetOperation):
        order, names = node.args.get("order"), [name.lower() for name in given_names(node)]
        if order is None or not names or "*" in names or "" in names:
            continue
        for column in own_columns(order):
            if not column.table and column.name.lower() not in names:
                message = f"ORDER BY knows the columns of the first SELECT only, and {column.name} is none of them"
                yield subject.fault(message, column, f"columns: {', '.join(names)}")


def _is_unit(column: "exp.Column") -> bool:
    """Whether it is a unit of time that another engine's function takes without quotes."""
    from sqlglot import exp

    call = column.parent
    is_foreign = isinstance(call, exp.Anonymous) and call.name.lower() not in functions()
    return (is_foreign or isinstance(call, (exp.DateDiff, exp.DateAdd))) and column.name.lower().removesuffix(
        "s"
    ) in _UNITS


def _stars(subject: Subject, scope: Scope) -> Iterator[Fault]:
    """The stars of relations that there are not."""
    for item in scope.select.expressions:
        if item.is_star and (table := item.text("table").lower()) and not scope.sees(table):
            yield subject.fault(f"there is no relation {table}", item, _relations(scope, table))


def _relations(scope: Scope, wanted: str) -> str:
    aliases = [source.alias for source in scope.sources.items if source.alias]
    known = f"the FROM clause has {', '.join(aliases)}" if aliases else "there is no FROM"
    return did_you_mean(wanted, aliases, known)


def _is_known(scope: Scope, column: "exp.Column", clause: str) -> bool:
    name, table = column.name.lower(), column.table.lower()
    if scope.owner(column)[1]:
        return True
    if table:
        return _is_part(scope, column)
    if clause in ("order", *_RENAMING) and name in scope.aliases:
        return True  # for ORDER BY a column; elsewhere another rule's matter
    return name in _outer_aliases(scope)


def _is_lacking(subject: Subject, table: Table, scope: Scope, column: "exp.Column") -> bool:
    """Whether it is a field that the log format lacks, of a real table of which nothing else is known."""
    from sqlglot import exp

    owner, offering = scope.owner(column)
    if table.name or subject.templated or len(offering) != 1 or len(owner.sources.items) != 1:
        return False  # beside another table, which of them the log format is about is not told
    (source,) = offering
    is_real = isinstance(source.node, exp.Table) and source.named is None and source.columns is None
    name = column.name.lower()
    may_be = is_real and name not in (*table.columns, *_PARTITIONS) and name not in scope.aliases
    return may_be and known(name, table.kind) is not None


def _lacks(subject: Subject, table: Table, column: "exp.Column") -> Fault:
    lacks = table.lacks(column.name.lower())
    return subject.fault(f"{lacks.message}{_version(table)}", column, lacks.hint)


def _is_part(scope: Scope, column: "exp.Column") -> bool:
    """Whether it may be the part of a row: `column.part`."""
    table = column.table.lower()
    if any(source.alias == table for source in scope.sources.items):
        return False
    return scope.sees(table) and not any(source.alias == table for source in _all_sources(scope))


def _all_sources(scope: Scope) -> Iterator[Source]:
    at: Scope | None = scope
    while at is not None:
        yield from at.sources.items
        at = at.outer


def _outer_aliases(scope: Scope) -> set[str]:
    """Columns that the ORDER BY of a query around it may name."""
    at, found = scope.outer, set[str]()
    while at is not None:
        found.update(at.aliases)
        at = at.outer
    return found


def _fault(subject: Subject, scope: Scope, scopes: Scopes, column: "exp.Column") -> Fault:
    name, table = column.name.lower(), column.table.lower()
    if table and all(source.alias != table for source in scope.sources.items):
        return subject.fault(f"there is no relation {table}", column, _relations(scope, table))
    if column.this.args.get("quoted") and _looks_like_text(column.name):
        quoted = column.name.replace("'", "''")
        return subject.fault(f'"{column.name}" is the name of a column, and there is none', column, f"text: '{quoted}'")
    offered = [
        each for source in scope.sources.items if not table or source.alias == table for each in source.columns or ()
    ]
    reads_logs = any(source.named is None and scopes.is_flows(source.node) for source in scope.sources.items)
    if reads_logs and subject.table is not None and known(name, subject.table.kind) is not None:
        return _lacks(subject, subject.table, column)
    if column.name.upper() in _VALUES:
        return subject.fault(f"there is no column {column.name}", column, f"text stands in quotes: '{column.name}'")
    listed = f"columns: {', '.join(offered)}" if len(offered) <= _LISTED else "`flowsql fields` lists the columns"
    hint = did_you_mean(name, offered, listed if offered else "nothing is read here")
    if (meant := _MEANT.get(name)) in offered:
        hint = f"did you mean {meant!r}?"
    return subject.fault(f"there is no column {column.name}", column, hint)


def _looks_like_text(name: str) -> bool:
    return name.upper() == name or not name.replace("_", "").isalnum()


def _version(table: Table) -> str:
    """What the table has, where it can be told from its columns."""
    versions = [field.version for column in table.columns if (field := known(column, table.kind))]
    return f"; this table has version {max(versions)}" if versions else ""
