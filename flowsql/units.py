"""Sizes and lengths of time as people read them."""

import math
import re
from datetime import timedelta
from fractions import Fraction

from flowsql.errors import UsageError

_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,6})?)\s*([kmgtp]?)(i?)b?", re.IGNORECASE | re.ASCII)


def counted(number: int, thing: str) -> str:
    """`1 object`, `1,234 objects`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def human_bytes(count: int) -> str:
    """1536 → `1.5 KiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def human_time(length: timedelta) -> str:
    """90 seconds → `1 min 30 s`."""
    seconds = int(length.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def parse_bytes(text: str) -> int:
    """`10GB` → 10,000,000,000, `10GiB` → 10,737,418,240, `512` → 512, rounded up to a byte; raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise UsageError(
            f"{text!r} is not a size", hint="a number and a unit: 500MB, 10GB, 1.5TB, 10GiB, or plain bytes"
        )
    number, unit, binary = found.groups()
    power = " kmgtp".index(unit.lower() or " ")
    factor: int = (1024 if binary else 1000) ** power
    return math.ceil(Fraction(number) * factor)
