"""How this package says that an object is broken."""

from flowsql.errors import DamagedObject


def damaged(reason: str, name: str) -> DamagedObject:
    """The error for a broken object; `reason` is a sentence without its name."""
    return DamagedObject(reason, where=name, hint="--skip-damaged answers without it, and says so")
