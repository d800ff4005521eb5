"""What kind of statement a text is: who executes it, and what the API calls it."""

import re
from dataclasses import dataclass

from tests.stack.athena.errors import invalid

LONGEST = 262_144
"""Bytes a statement may have, as UTF-8."""

_SKIPPED = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`)|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_DML = ("SELECT", "WITH", "VALUES", "TABLE", "(", "INSERT", "DELETE", "UPDATE", "MERGE", "UNLOAD", "EXECUTE")
_UTILITY = ("SHOW", "DESCRIBE", "DESC", "EXPLAIN")
_HIVE = re.compile(
    r"(CREATE\s+(EXTERNAL|TABLE(?!.*\bAS\b\s*\(?\s*(SELECT|WITH)\b)|DATABASE|SCHEMA)|ALTER|DROP\s+(TABLE|DATABASE|SCHEMA)"
    r"|MSCK|SHOW\s+(PARTITIONS|TABLES|DATABASES|SCHEMAS|CREATE\s+TABLE|TBLPROPERTIES|COLUMNS)|DESCRIBE|DESC)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How Athena sees a statement."""

    type: str
    """DML, DDL or UTILITY."""
    substatement: str
    """`SELECT`, `UNLOAD`, `CREATE_TABLE`, …"""
    hive: bool
    """Whether Hive's grammar reads it, not Trino's."""

    @property
    def table_like(self) -> bool:
        """Whether the result is a CSV with a header; the others are plain text."""
        return self.type == "DML" and self.substatement != "UNLOAD"


def kind_of(sql: str) -> Kind:
    """The kind of a statement; raises ApiError when it is empty or too long."""
    if len(sql.encode()) > LONGEST:
        raise invalid(
            f"1 validation error detected: Value at 'queryString' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LONGEST}"
        )
    text = _LEADING.sub("", sql, count=1).rstrip().rstrip(";")
    if not text:
        raise invalid("Queries of this type are not supported", "MALFORMED_QUERY")
    words = [word.upper() for word in re.findall(r"\(|[A-Za-z]+", text)[:3]]
    first = words[0] if words else ""
    if first in _DML:
        return Kind("DML", "SELECT" if first in ("WITH", "VALUES", "TABLE", "(") else first, False)
    hive = bool(_HIVE.match(text))
    if first in _UTILITY:
        return Kind("UTILITY", "_".join(words[:2]) if first == "SHOW" else first, hive)
    return Kind("DDL", _ddl_name(text, words), hive)


def _ddl_name(text: str, words: list[str]) -> str:
    if words[:1] == ["MSCK"]:
        return "MSCK_REPAIR"
    name = "_".join(word for word in words if word not in ("EXTERNAL", "OR", "IF"))
    if words[:2] == ["CREATE", "TABLE"] and not _HIVE.match(text):
        return "CREATE_TABLE_AS_SELECT"
    return "_".join(name.split("_")[:2])


def body_of(sql: str) -> str:
    """The statement without the semicolon that may end it."""
    return sql.rstrip().removesuffix(";") if sql.rstrip().endswith(";") else sql


def with_parameters(sql: str, parameters: list[str]) -> str:
    """The statement for Trino; each execution parameter is a literal as text, as Athena takes them."""
    if not parameters:
        return sql
    quoted = sql.replace("'", "''")
    return f"EXECUTE IMMEDIATE '{quoted}' USING {', '.join(parameters)}"


def normalised(sql: str) -> str:
    """A statement without comments and differences of white space, as result reuse compares them (below 100 KB)."""
    if len(sql.encode()) > 100_000:
        return sql
    return " ".join(_SKIPPED.sub(lambda match: match[1] or " ", sql).split())


def repeatable(sql: str) -> bool:
    """Whether Athena would reuse its result: only SELECT, nothing random, no LIMIT without ORDER BY."""
    text = _SKIPPED.sub(" ", sql).upper()
    if kind_of(sql).substatement not in ("SELECT", "EXECUTE") or re.search(r"\b(RAND|RANDOM|SHUFFLE|UUID)\s*\(", text):
        return False
    return "LIMIT" not in text.split() or re.search(r"\bORDER\s+BY\b", text) is not None
