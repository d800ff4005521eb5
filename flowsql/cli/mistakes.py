"""What the parser of the command line refuses, in flowsql's words: the nearest name, and where to read on."""

from pathlib import Path
from typing import Any

import typer

from flowsql.errors import UsageError
from flowsql.naming import nearest

_DASHES = ("–", "—", "−")
"""What word processors and chats make of two hyphens."""


def mistake(failure: typer.TyperException) -> UsageError:
    """A parser's refusal as a UsageError."""
    context: Any = getattr(failure, "ctx", None)
    more = f"`{context.command_path} --help` shows what it takes" if context is not None else "`flowsql --help`"
    wrong = getattr(failure, "option_name", None)
    if wrong is None:
        return UsageError(_sentence(failure.format_message()), hint=more)
    options = _options(context)
    if wrong in options:
        return UsageError(_sentence(failure.format_message()), hint=more)
    near = nearest(wrong, options)
    if near is None and context is not None and context.parent is None:
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
    if context is None:
        return []
    return [option for parameter in context.command.get_params(context) for option in parameter.opts]


def _sentence(text: str) -> str:
    """`Option '--last' requires an argument.` → as flowsql's own messages are written."""
    return f"{text[:1].lower()}{text[1:]}".removesuffix(".")
