"""Whether every scan of a statement is bounded in time by its partition columns, proved on the tree."""

from flowsql.checks.bounds.judged import scans_of
from flowsql.checks.bounds.keys import TimeKey, guessed_keys, time_keys
from flowsql.checks.bounds.openings import example, opening
from flowsql.checks.bounds.scans import Relations, Scan, scans

__all__ = ["Relations", "Scan", "TimeKey", "example", "guessed_keys", "opening", "scans", "scans_of", "time_keys"]
