"""IPADDRESS on DuckDB, which has no such type: networks become patterns, addresses a text that sorts as they do."""

import ipaddress
import re
from itertools import groupby
from typing import TYPE_CHECKING

from flowsql.addresses import IPV4, MAPPED, OCTET
from flowsql.addresses import IPV6_SCOPED as IPV6
from flowsql.dialects.duckdb_nodes import call, keep, refuse, text_of

if TYPE_CHECKING:
    from sqlglot import exp

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST_PREFIXES = 8
_EXAMPLE = "contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))"
_USES = (
    *("eq", "neq", "gt", "gte", "lt", "lte", "between", "in", "is", "nullsafeeq", "nullsafeneq"),
    *("ordered", "group", "window", "distinct", "count", "approxdistinct", "arraycontains"),
)


def is_address(node: "exp.Expr") -> bool:
    """Whether a node is a CAST or TRY_CAST to IPADDRESS."""
    return node.key in ("cast", "trycast") and node.args["to"].this.value == "IPADDRESS"


def join_networks(tree: "exp.Expr") -> None:
    """Tests of one address against several networks, joined by OR, become one test against all of them."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Or)):
        if isinstance(node.parent, exp.Or):
            continue
        leaves = list(node.flatten())
        tests = [leaf for leaf in leaves if _tests_network(leaf)]
        if len(tests) < 2:
            continue
        others = [leaf for leaf in leaves if not _tests_network(leaf)]
        joined = []
        for _, group in groupby(sorted(tests, key=_address_text), key=_address_text):
            first, *rest = group
            networks = [test.this for test in (first, *rest)]
            joined.append(
                keep(
                    exp.ArrayContains(this=exp.Tuple(expressions=networks), expression=first.expression),
                    first,
                )
            )
        node.replace(keep(exp.or_(*others, *joined, copy=False), node))


def _tests_network(node: "exp.Expr") -> bool:
    return node.key == "arraycontains" and text_of(node.this) is not None and is_address(node.expression)


def _address_text(node: "exp.Expr") -> str:
    return str(node.expression.sql(dialect="athena"))


def address(node: "exp.Expr") -> "exp.Expr":
    """CAST(x AS IPADDRESS) → a text of 32 hexadecimal digits, which compares and sorts as the address."""
    user = node.parent
    while user is not None and user.key in ("paren", "try"):
        user = user.parent
    if user is None or user.key not in _USES:
        raise refuse(
            node,
            "is compared, sorted and tested against a network on the embedded engine, nothing else",
            f"keep the text of the address, or write {_EXAMPLE}",
            "an IPADDRESS",
        )
    if user.key == "arraycontains":
        return node
    return call("athena_ip" if node.key == "trycast" else "athena_ip_or_fail", node.this)


def in_networks(node: "exp.Expr") -> "exp.Expr | None":
    """`contains(network, address)` → a test of the address's text; None when it is the `contains` of arrays."""
    texts = node.this.expressions if node.this.key == "tuple" else [node.this]
    if is_address(node.expression):
        if any(text_of(text) is None for text in texts):
            raise refuse(
                node,
                "needs a network that is written out",
                f"a constant such as {_EXAMPLE}",
                "contains(network, address)",
            )
        networks = [_network(node, text.name) for text in texts]
        return keep(_test(node.expression, networks, positive=_only_true_counts(node)), node)
    if text_of(node.this) is not None:
        raise refuse(node, "tests an IPADDRESS or an array, not text", f"write {_EXAMPLE}")
    return None


def _network(node: "exp.Expr", text: str) -> Network:
    base, _, length = text.partition("/")
    try:
        if not re.fullmatch(r"\+?[0-9]+", length):
            raise ValueError("no prefix length")
        if ":" in base:
            scopeless = ipaddress.IPv6Address(base.partition("%")[0])
            if scopeless in MAPPED:
                raise ValueError("Athena reads IPv4 there, and refuses its prefix length")
            return ipaddress.IPv6Network((scopeless, int(length)), strict=False)
        return ipaddress.IPv4Network((base, int(length)))
    except ValueError as failure:
        hint = "an address, a slash and a prefix length, such as 10.0.0.0/8 or fc00::/7"
        if "host bits" in str(failure):
            hint = f"write {ipaddress.IPv4Network((base, int(length)), strict=False)}"
        raise refuse(node, "is no network to Athena", hint, f"{text!r}") from failure


def _only_true_counts(node: "exp.Expr") -> bool:
    """Whether NULL and false mean the same here: a condition reached through AND and OR only."""
    child, parent = node, node.parent
    while parent is not None and parent.key in ("and", "or", "paren"):
        child, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.key == "if":
        return parent.this is child
    return parent.key in ("where", "having") or (parent.key == "join" and parent.args.get("on") is child)


def _test(node: "exp.Expr", networks: list[Network], *, positive: bool) -> "exp.Expr":
    """Whether the address that CAST or TRY_CAST `node` makes of a text lies in a network; NULL for no address."""
    from sqlglot import exp

    text, strict = node.this, node.key == "cast"
    dotted = sorted({made for network in networks if (made := _as_ipv4(network)) is not None})
    test = exp.Case().when(call("contains", text.copy(), ":"), _in_groups(text, networks, strict, positive))
    if positive and not strict:
        return exp.Paren(this=test.else_(_in_dotted(text, dotted)))
    test = test.when(_in_dotted(text, dotted), exp.true())
    test = test.when(call("regexp_full_match", text.copy(), IPV4), exp.false())
    return exp.Paren(this=test.else_(call("athena_not_an_ip", text.copy())) if strict else test)


def _in_groups(text: "exp.Expr", networks: list[Network], strict: bool, positive: bool) -> "exp.Expr":
    """Whether an IPv6 address lies in a network. How its text begins tells for most; few are written out in full.

    CASE and not AND: DuckDB computes both sides of an AND for every row.
    """
    from sqlglot import exp

    starts = [_start(network) for network in networks]
    sure = sorted({start for start, enough in starts if enough})
    maybe = sorted({start for start, enough in starts if not enough})
    test = exp.Case()
    if maybe:
        whole = call("athena_ip_or_fail" if strict else "athena_ip6", text.copy())
        match = call("regexp_full_match", whole, "|".join(_hex_pattern(network) for network in networks))
        test = test.when(_begins(text, maybe), match)
    if sure or strict or not positive:
        begins = _begins(text, sure) if sure else exp.false()
        test = test.when(call("regexp_full_match", text.copy(), IPV6), begins)
    return test.else_(call("athena_not_an_ip", text.copy())) if strict else test


def _begins(text: "exp.Expr", starts: list[str]) -> "exp.Expr":
    return call("regexp_matches", text.copy(), f"^(?i:{'|'.join(starts)})")


def _start(network: Network) -> tuple[str, bool]:
    """A pattern that the text of every address of a network begins with, and whether that is enough to be in it.

    Only groups that cannot be zero are sure to be written, and of those not the last two, which may be a dotted quad.
    """
    number, length = _number(network)
    digits = f"{number:032x}"
    groups = [digits[at : at + 4] for at in range(0, 32, 4)]
    parts: list[str] = []
    for index in range(min(6, -(-length // 16))):
        bits = min(16, length - 16 * index)
        if bits == 16 and int(groups[index], 16):
            short = groups[index].lstrip("0")
            parts.append(f"0{{0,{4 - len(short)}}}{short}")
        elif bits < 16 and groups[index][0] != "0":
            parts.append(_digits_pattern(groups[index], bits, "[0-9a-f]"))
        else:
            break
    if not parts:
        return ("[0:]" if length >= 16 else ".", False)
    enough = 16 * len(parts) >= length
    return (":".join(parts) + ("(?::|%|$)" if enough else ":"), enough)


def _as_ipv4(network: Network) -> ipaddress.IPv4Network | None:
    """The IPv4 addresses in a network, in which they stand as `::ffff:0:0/96`; None when there are none."""
    if isinstance(network, ipaddress.IPv4Network):
        return network
    return ipaddress.IPv4Network("0.0.0.0/0") if network.supernet_of(MAPPED) else None


def _in_dotted(text: "exp.Expr", networks: list[ipaddress.IPv4Network]) -> "exp.Expr":
    """Whether a dotted quad lies in a network: its first octets as text, then the whole as a pattern."""
    from sqlglot import exp

    if not networks:
        return exp.false()
    if all(network.prefixlen == 32 for network in networks):
        return exp.In(
            this=text.copy(),
            expressions=[exp.Literal.string(str(network.network_address)) for network in networks],
        )
    match = call("regexp_full_match", text.copy(), "|".join(_dotted_pattern(network) for network in networks))
    prefixes = sorted({_prefix(network) for network in networks})
    if "" in prefixes or len(prefixes) > _MOST_PREFIXES:
        return match
    starts = exp.or_(*(call("starts_with", text.copy(), prefix) for prefix in prefixes))
    return exp.Case().when(starts, match).else_(exp.false())


def _octets(network: ipaddress.IPv4Network) -> list[str]:
    return str(network.network_address).split(".")


def _prefix(network: ipaddress.IPv4Network) -> str:
    whole = network.prefixlen // 8
    return ".".join(_octets(network)[:whole]) + ("." if 0 < whole < 4 else "")


def _dotted_pattern(network: ipaddress.IPv4Network) -> str:
    whole, bits = divmod(network.prefixlen, 8)
    octets = _octets(network)
    parts = octets[:whole]
    if bits:
        first = int(octets[whole])
        parts.append(f"(?:{'|'.join(map(str, range(first, first + 2 ** (8 - bits))))})")
    return r"\.".join([*parts, *[OCTET] * (4 - len(parts))])


def _number(network: Network) -> tuple[int, int]:
    """The first address and the prefix length, with IPv4 in its IPv6 clothes."""
    if isinstance(network, ipaddress.IPv4Network):
        return int(network.network_address) | int(MAPPED.network_address), network.prefixlen + 96
    return int(network.network_address), network.prefixlen


def _hex_pattern(network: Network) -> str:
    """A network as a pattern of the 32 hexadecimal digits of its addresses."""
    number, length = _number(network)
    return _digits_pattern(f"{number:032x}", length, ".")


def _digits_pattern(digits: str, bits: int, anything: str) -> str:
    """The hexadecimal texts that share their first bits with `digits`."""
    whole, part = divmod(bits, 4)
    pattern = digits[:whole]
    if part:
        first = int(digits[whole], 16)
        pattern += f"[{''.join(f'{digit:x}' for digit in range(first, first + 2 ** (4 - part)))}]"
    rest = len(digits) - whole - bool(part)
    return pattern + (f"{anything}{{{rest}}}" if rest else "")
