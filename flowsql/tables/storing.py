"""Whether a column's declared type holds every value that its field can have."""

import re

from flowsql.fields import RecordKind, column_type
from flowsql.table import FileFormat

_LARGEST = {"tinyint": 2**7 - 1, "smallint": 2**15 - 1, "int": 2**31 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_EXACT = {"double": 2**53, "float": 2**24, "real": 2**24}
"""The whole numbers that a type of fractions has all of."""

_NEEDED = {"srcport": 2**16 - 1, "dstport": 2**16 - 1, "protocol": 2**8 - 1, "start": 2**31 - 1, "end": 2**31 - 1}
_SMALL, _LARGE, _ACCOUNT = 100, 2**40, 10**12 - 1
"""The most that is to be expected of codes, of counters, and of account ids."""

_DECIMAL = re.compile(r"decimal(?:\((\d+)(?:,(\d+))?\))?")


def holds(column: str, declared: str, kind: RecordKind, file_format: FileFormat) -> bool:
    """Whether a declared type holds the values of a field, so that none is read as NULL or refused."""
    wanted = column_type(column, kind)
    have = declared.lower().replace(" ", "")
    if have.partition("(")[0] in ("string", "varchar", "char"):
        # As text a number can be read from text, but not from Parquet.
        return wanted == "string" or file_format == "text"
    if wanted == "string":
        is_account = column.endswith("account_id") and file_format == "text"
        return is_account and _LARGEST.get(have, 0) >= _ACCOUNT
    needed = _NEEDED.get(column, _LARGE if wanted == "bigint" else _SMALL)
    if found := _DECIMAL.fullmatch(have):
        return int(found[1] or 10) - int(found[2] or 0) >= len(str(needed))
    return max(_LARGEST.get(have, 0), _EXACT.get(have, 0)) >= needed


def largest(declared: str) -> int | None:
    """The largest value of a type of whole numbers; None for another type."""
    return _LARGEST.get(declared.lower())
