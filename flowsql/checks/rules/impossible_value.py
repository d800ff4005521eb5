"""A field is compared with a value that it never holds.

Why: nothing refuses `action = 'reject'`, but records say REJECT, so no row is found; `<>` finds all of them. Text is
compared letter by letter: a network is no address, and a value in another case is another value.

Wrong:

    SELECT srcaddr, dstaddr FROM {{ flows }} WHERE action = 'reject' AND srcaddr = '10.0.0.0/8'

Right:

    SELECT srcaddr, dstaddr FROM {{ flows }} WHERE action = 'REJECT' AND {{ in_cidr(srcaddr, '10.0.0.0/8') }}
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from flowsql.addresses import ADDRESS_COLUMNS
from flowsql.checks.origins import Origins
from flowsql.checks.reads import number
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.fields import RecordKind, known
from flowsql.naming import nearest
from flowsql.services import PROTOCOL_NUMBERS

if TYPE_CHECKING:
    from sqlglot import exp

RULE = Rule("FQ710", "impossible-value", "warning")

_CLOSED = ("action", "log_status", "type", "flow_direction")
"""Fields that hold what AWS lists and nothing else."""
_GROWING = ("sublocation_type", "interface_type", "next_hop_interface_type", "reject_reason", "resource_type")
"""Fields of which AWS lists values and adds to them: only another spelling of a listed one is told."""
_SERVICES = ("pkt_src_aws_service", "pkt_dst_aws_service")
_PREFIX = re.compile(r"([a-z-]+[-:])\.\.\.")
_RANGE = re.compile(r"(\d+)-(\d+)")
_ACCOUNT = re.compile(r"[0-9]{12}|[^0-9].*", re.DOTALL | re.ASCII)
_MEANT = {
    **dict.fromkeys(("allow", "allowed", "permit", "permitted", "pass", "accepted"), "ACCEPT"),
    **dict.fromkeys(("deny", "denied", "block", "blocked", "drop", "dropped", "refused", "rejected"), "REJECT"),
    **dict.fromkeys(("in", "inbound", "incoming"), "ingress"),
    **dict.fromkeys(("out", "outbound", "outgoing"), "egress"),
    **dict.fromkeys(("4", "v4", "ip4"), "IPv4"),
    **dict.fromkeys(("6", "v6", "ip6"), "IPv6"),
}
"""What people call values → the value."""


@dataclass(frozen=True, slots=True)
class _Side:
    """The side of a comparison that is a field, or one made upper or lower case."""

    column: str
    kind: RecordKind
    shown: str
    changed: Callable[[str], str]
    templated: bool
    supplied: bool
    """Whether flowsql supplies the records, which have NULL for `-`."""

    def legal(self) -> tuple[str, ...]:
        return tuple(self.changed(word) for word in _words(self.column, self.kind))


def check(subject: Subject) -> Iterator[Fault]:
    """Each =, <>, IN, LIKE and CASE of a field with constants of which one is none of its values."""
    from sqlglot import exp

    origins: Origins | None = None
    kinds = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Like, exp.Case)
    for scope, test in subject.scopes.expressions(*kinds):
        field, values = _sides(test)
        own = [value for value in values if _is_own(subject, value)]
        if field is None or not own:
            continue
        column, changed = _bare(field)
        origins = origins or Origins(subject.scopes)
        found = origins.field(scope, column)
        if found is None:
            continue
        side = _Side(*found, field.sql("athena"), changed, subject.templated, bool(subject.relations))
        is_like = isinstance(test, exp.Like)
        reader = _pattern if is_like else _value
        hints = {_shown(value): hint for value in own if (hint := reader(side, value)) is not None}
        if hints:
            message = f"{side.shown} is never {'like ' if is_like else ''}{' or '.join(hints)}"
            yield subject.fault(message, field, "; ".join(dict.fromkeys(hints.values())))


def _sides(test: "exp.Expr") -> "tuple[exp.Expr | None, list[exp.Expr]]":
    """The side that may be a field, and the constants beside it."""
    from sqlglot import exp

    if isinstance(test, exp.Case):
        sides = [test.this, *(arm.this for arm in test.args["ifs"])] if test.this is not None else []
    elif isinstance(test, exp.In):
        sides = [test.this, *test.expressions]
    elif isinstance(test, exp.Like) and isinstance(test.parent, exp.Escape):
        sides = []
    else:
        sides = [test.this, test.args["expression"]]
    bare = [side.unnest() for side in sides]
    if len(bare) == 2 and isinstance(bare[0], exp.Literal) and not isinstance(test, exp.Like):
        bare.reverse()
    field = bare[0] if bare and isinstance(_bare(bare[0])[0], exp.Column) else None
    return field, [each for each in bare[1:] if isinstance(each, exp.Literal)]


def _bare(node: "exp.Expr") -> "tuple[exp.Column, Callable[[str], str]]":
    """A column, and what is made of its text."""
    from sqlglot import exp

    if isinstance(node, exp.Upper | exp.Lower):
        return node.this, str.upper if isinstance(node, exp.Upper) else str.lower
    return node, str  # type: ignore[return-value]


def _is_own(subject: Subject, value: "exp.Expr") -> bool:
    """Whether the author wrote a constant, and no parameter or macro did."""
    spans = subject.rendered.spans if subject.rendered else ()
    at = value.meta.get("start", subject.offset_of(value))
    return not spans or any(span.rendered <= at < span.rendered + span.length for span in spans)


@cache
def _words(column: str, kind: RecordKind) -> tuple[str, ...]:
    """The values that AWS lists of a field, without what it says of them."""
    field = known(column, kind)
    return tuple(re.sub(r"\s*\(.*", "", word) for word in field.values.split("|") if field) if field else ()


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _shown(value: "exp.Expr") -> str:
    return repr(value.name) if value.args.get("is_string") else value.name


def _pattern(side: _Side, value: "exp.Expr") -> str | None:
    """What to write instead of a pattern that no value of a field of few values is like; None where one is."""
    text = value.name
    if side.column in ADDRESS_COLUMNS and not set(text) & set("%_"):
        return _value(side, value)
    if side.column not in _CLOSED or text == "-" or not text.isprintable():
        return None
    like = re.compile("".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in text), re.DOTALL)
    if any(like.fullmatch(word) for word in side.legal()):
        return None
    return _instead(side, text.strip("%_"))


def _value(side: _Side, value: "exp.Expr") -> str | None:
    """What to write instead of a value that the field never holds; None for one that it may."""
    text = value.name
    if not value.args.get("is_string"):
        return _outside(side, number(value))
    if text == "-":
        return f"NULL stands for '-' here: {side.shown} IS NULL, or IS NOT NULL" if side.supplied else None
    if not text or not text.isprintable():
        return None
    if side.changed(text) != text:
        return _quoted(side.changed(text))
    if side.column in ADDRESS_COLUMNS:
        return _address(side, text)
    if side.column in _CLOSED:
        return None if text in side.legal() else _instead(side, text)
    if side.column in _SERVICES and side.changed is str:
        return None if text == text.upper() else _quoted(text.upper())
    if side.column in _GROWING:
        meant = next((word for word in side.legal() if _plain(word) == _plain(text)), text)
        return None if meant == text else f"'{meant}'"
    if side.column == "account_id" and not _ACCOUNT.fullmatch(text):
        return f"'{digits}'" if len(digits := text.replace("-", "")) == 12 else "an account has 12 digits"
    return _begins(side, text)


def _outside(side: _Side, value: float | None) -> str | None:
    field = known(side.column, side.kind)
    found = _RANGE.fullmatch(field.values) if field else None
    if value is None or found is None or int(found[1]) <= value <= int(found[2]):
        return None
    return f"from {found[1]} to {found[2]}"


def _begins(side: _Side, text: str) -> str | None:
    """With what the names of resources in a field begin, where this one does not."""
    prefixes = [side.changed(found[1]) for word in _words(side.column, side.kind) if (found := _PREFIX.fullmatch(word))]
    if side.column == "resource_id" or not prefixes or text.startswith(tuple(prefixes)):
        return None
    return f"it begins with {' or '.join(prefixes)}"


def _instead(side: _Side, text: str) -> str:
    legal = [word for word in side.legal() if word != "-"]
    if side.column == "type" and text.lower() in PROTOCOL_NUMBERS and text.lower() not in ("ipv4", "ipv6"):
        return f"protocol = {PROTOCOL_NUMBERS[text.lower()]}"
    same = next((word for word in legal if _plain(word) == _plain(text)), None)
    meant = same or side.changed(_MEANT.get(text.lower(), "")) or nearest(text, legal)
    return f"'{meant}'" if meant in legal else f"it is {', '.join(legal[:-1])} or {legal[-1]}"


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _address(side: _Side, text: str) -> str | None:
    """What to write instead of a text that is no address."""
    try:
        ip_address(text)
    except ValueError:
        pass
    else:
        return None
    if "%" in text or "*" in text:
        return f"LIKE compares with a pattern: {side.shown} LIKE {_quoted(text.replace('*', '%'))}"
    try:
        ip_network(text, strict=False)
    except ValueError:
        return "an address, such as '10.0.0.1'"
    if side.templated:
        shown = _quoted(side.shown) if "." in side.shown else side.shown
        return f"{{{{ in_cidr({shown}, '{text}') }}}} tests whether a network has an address"
    return f"contains('{text}', TRY_CAST({side.shown} AS ipaddress)) tests whether a network has an address"
