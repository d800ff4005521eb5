"""What the values of partition projection say."""

import re
from datetime import datetime, timedelta

from flowsql.dates import DatePattern

_RELATIVE = re.compile(r"NOW(?:\s*(?P<sign>[+-])\s*(?P<count>\d{1,6})\s*(?P<unit>[A-Z]+))?", re.IGNORECASE)
_DAYS = {"YEAR": 365.25, "MONTH": 30.44, "WEEK": 7, "DAY": 1, "HOUR": 1 / 24, "MINUTE": 1 / 1440, "SECOND": 1 / 86400}
_FARTHEST = 3_000_000
"""Days that are surely before or after every date that is meant, and that Python still reaches."""


def end_of(text: str, form: DatePattern, now: datetime) -> datetime | None:
    """An end of a date range as an instant, of `NOW-3YEARS` about; None for what Athena does not read."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return form.parse(text)
    if found["count"] is None:
        return now
    days = _DAYS.get(found["unit"].upper().removesuffix("S"))
    if days is None:
        return None
    away = min(int(found["count"]) * days, _FARTHEST, now.toordinal() - 2 if found["sign"] == "-" else _FARTHEST)
    return now - timedelta(days=away) if found["sign"] == "-" else now + timedelta(days=away)
