"""Names as people type them: the nearest to a wrong one, and a query's name in Python."""

from collections.abc import Iterable


def nearest(wrong: str, names: Iterable[str], likeness: float = 0.6) -> str | None:
    """The name a person most likely meant, or None when nothing is close; a likeness of 1 is the name itself."""
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in names}
    found = get_close_matches(wrong.lower(), by_lower, 1, likeness)
    return by_lower[found[0]] if found else None


def did_you_mean(wrong: str, names: Iterable[str], otherwise: str) -> str:
    """A hint with the nearest name, or `otherwise` when nothing is close."""
    found = nearest(wrong, names)
    return f"did you mean {found!r}?" if found else otherwise


def python_name(name: str) -> str:
    """`connectivity/rejected-ssh` → `rejected_ssh`."""
    return name.rpartition("/")[2].replace("-", "_")
