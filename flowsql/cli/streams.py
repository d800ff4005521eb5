"""stdout and stderr: what they can show, and what becomes of text they cannot."""

import codecs
import errno
import locale
import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from flowsql.errors import SourceError

if TYPE_CHECKING:
    from flowsql.output.text import Terminal

_PLAIN = {"—": "-", "–": "-", "·": "-", "…": "...", "→": "->", "×": "x", "“": '"', "”": '"', "’": "'"}
"""What flowsql itself prints beyond ASCII; values of a person's own are spelled `\\xe9`."""


def prepare() -> None:
    """Make both streams take any text: where the locale has no UTF-8, in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            if stream.isatty() and not _is_utf8(stream):
                stream.reconfigure(encoding="ascii", errors="flowsql")
            else:
                stream.reconfigure(errors="flowsql")


def shown(text: str) -> str:
    """A text as stdout will show it, for those who write to stdout by ways of their own."""
    if sys.stdout is None:
        return text
    return text.encode(sys.stdout.encoding, "flowsql").decode(sys.stdout.encoding)


def _spelled(failure: UnicodeError) -> tuple[str, int]:
    if not isinstance(failure, UnicodeEncodeError):
        raise failure
    text = failure.object[failure.start : failure.end]
    return "".join(_PLAIN.get(char) or char.encode("unicode_escape").decode() for char in text), failure.end


codecs.register_error("flowsql", _spelled)


def _is_utf8(stream: TextIO) -> bool:
    """Whether a stream shows UTF-8. Python writes UTF-8 in the C locale too, where a terminal may not expect it."""
    expected = stream.encoding if os.name == "nt" else locale.getencoding()
    return all(codecs.lookup(name or "ascii").name == "utf-8" for name in (stream.encoding, expected))


def colored(stream: TextIO | None) -> bool:
    """Whether a stream may carry colour: it is a terminal, and NO_COLOR is not set."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether what stands on a line of the stream can be taken away again."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def width(stream: TextIO | None, otherwise: int) -> int:
    """The cells of a terminal's line; for a file or a pipe, `otherwise`."""
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else otherwise


def terminal() -> "Terminal | None":
    """What the terminal behind stdout can do; None when it is a file or a pipe."""
    from flowsql.output.text import Terminal

    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return Terminal(width(sys.stdout, 80), colored(sys.stdout), _is_utf8(sys.stdout))


def flush() -> None:
    """Hand what was printed to stdout to its reader, before stderr says something about it."""
    if sys.stdout is not None:
        sys.stdout.flush()


def failed(failure: OSError) -> SourceError:
    """The error for what the operating system refuses outside of flow logs and files that are written."""
    reason = failure.strerror or str(failure)
    if failure.filename is not None:
        return SourceError(reason, where=str(failure.filename))
    if failure.errno == errno.ENOENT:
        return SourceError("the working directory does not exist any more", hint="cd to one that does")
    return SourceError(f"stdout could not be written: {reason}", hint="-o FILE writes to a file")


def discard_stdout() -> None:
    """Send what is still to be written to stdout nowhere: there is nobody to read it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
