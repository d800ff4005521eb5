"""What functions take and give: as Trino says, and in sqlglot's nodes where it is looked for."""

import os
import re
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from flowsql.checks.functions import functions
from flowsql.checks.signatures import signature_of, signatures, values_given
from tests.stack.aws import Stack

DATA = Path(__file__).parents[2] / "flowsql" / "data" / "athena-signatures.tsv"
HEAD = """# What the functions of Athena engine version 3 take and give: SHOW FUNCTIONS of Trino 476.
# name, its forms: the kinds it takes > the kind it gives (any: whatever, other: none of them).
"""
KINDS = {
    "text": ("varchar", "char", "joniregexp", "jsonpath", "codepoints"),
    "number": ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"),
    "time": ("date", "time", "timestamp"),
    "truth": ("boolean",),
    "span": ("interval",),
    "address": ("ipaddress",),
    "bytes": ("varbinary",),
    "any": ("unknown", "color"),
}
GRAMMAR = ("like", "extract")
"""Of Athena's grammar, not among its functions."""
LEFT_OUT = ("concat", "listagg")
"""SHOW FUNCTIONS shows them otherwise than they are called."""


def kind(declared: str) -> str:
    """A Trino type as a kind of value; one letter stands for any type."""
    word = re.split(r"[( ]", declared)[0]
    found = next((name for name, types in KINDS.items() if word in types), "other")
    return "any" if re.fullmatch(r"[A-Za-z]\d?", declared) else found


@pytest.mark.trino
def test_the_signatures_are_trinos(stack: Stack) -> None:
    forms: dict[str, set[str]] = {}
    for name, made, taken, *_ in stack.trino("SHOW FUNCTIONS").rows:
        form = ",".join(kind(each) for each in re.split(r", (?![^(]*\))", taken)) if taken else ""
        forms.setdefault(name, set()).add(f"{form}>{kind(made)}")
    lines = []
    for name in sorted(set(forms) & set(functions()) - set(LEFT_OUT)):
        if {*re.split(r"[,|>]", "|".join(forms[name]))} - {"any", "other", ""}:
            lines.append(f"{name}\t{'|'.join(sorted(forms[name]))}\n")
    text = HEAD + "".join(lines)
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        DATA.write_text(text, "utf-8")
    assert DATA.read_text("utf-8") == text


def test_nodes_keep_the_values_where_they_are_looked_for() -> None:
    seen = set()
    for name, signature in signatures().items():
        if name in GRAMMAR:
            continue
        for form in (taken for taken, _ in signature.forms if taken):
            given = ["a", "b", "c", "d", "e"][: len(form)]
            (call,) = parse_one(f"SELECT {name}({', '.join(given)})", dialect="athena").selects
            found = signature_of(call)
            if found is None:
                continue
            values = [value.name if isinstance(value, exp.Column) else None for value in values_given(call)]
            assert form in [taken for taken, _ in found.forms], name
            if len(values) == len(given):
                assert all(value in (None, letter) for value, letter in zip(values, given, strict=True)), name
                seen.add(name)
    assert len(seen) > 150
