"""What the parser of the command line refuses, in flowsql's words: the nearest name, and where to read on."""

from pathlib import Path
from typing import Any

import typer

from flowsql.cli.options import source_names
from flowsql.errors import UsageError
from flowsql.naming import nearest

_DASHES = ("–", "—", "−")
"""What word processors and chats make of two hyphens."""


def mistake(failure: typer.TyperException, context: Any) -> UsageError:
    """A parser's refusal of a command's arguments as a UsageError."""
    more = f"`{context.command_path} --help` shows what it takes"
    # Only the refusal of an unknown option carries what the parser thinks was meant.
    if not hasattr(failure, "possibilities"):
        if getattr(failure, "option_name", None) == "--source" and (names := source_names()):
            return UsageError("--source needs a name", hint=f"sources: {', '.join(names)}")
        return UsageError(_sentence(failure.format_message()), hint=more)
    wrong = str(getattr(failure, "option_name", ""))
    near = nearest(wrong, _options(context))
    if near is None and context.parent is None:
        return UsageError(f"no option {wrong}", hint=f"options follow the command: flowsql run NAME {wrong} …")
    return UsageError(f"no option {wrong}", hint=f"did you mean {near}?  {more}" if near else more)


def superfluous(arguments: list[str], context: Any) -> UsageError:
    """The error for arguments a command does not take."""
    first = arguments[0]
    more = f"`{context.command_path} --help` shows what it takes"
    if first.startswith(_DASHES):
        return UsageError(f"{first!r} begins with a dash that is no hyphen", hint="options begin with two hyphens: --")
    if "--logs" in _options(context) and (Path(first).exists() or "://" in first):
        return UsageError(f"{first!r} is one word too many", hint=f"did you mean --logs {first}?")
    return UsageError(f"{first!r} is one word too many", hint=more)


def _options(context: Any) -> list[str]:
    return [option for parameter in context.command.get_params(context) for option in parameter.opts]


def _sentence(text: str) -> str:
    """`Option '--last' requires an argument.` → as flowsql's own messages are written."""
    return f"{text[:1].lower()}{text[1:]}".removesuffix(".")
