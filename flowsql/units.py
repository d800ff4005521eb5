"""Sizes and lengths of time as people read them."""

from datetime import timedelta


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
