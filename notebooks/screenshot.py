"""Draws `first-question.svg`: the first question asked of a sample, as a terminal shows it.

Run from anywhere: `python notebooks/screenshot.py`. Needs a Unix terminal (pty).
"""

import os
import pty
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 108
COMMAND = ["flowsql", "run", "rejected-ssh", "--last", "1h", "--until", "2026-11-22T12:00Z", "--limit", "6"]


def shown(command: list[str]) -> str:
    """What a command prints on a terminal, stdout and stderr together."""
    pieces: list[bytes] = []

    def read(descriptor: int) -> bytes:
        pieces.append(os.read(descriptor, 65536))
        return pieces[-1]

    os.environ.update(COLUMNS=str(WIDTH), TERM="xterm-256color", LC_ALL="C.UTF-8")
    with Path(os.devnull).open("w") as silent:
        kept = os.dup(1)
        os.dup2(silent.fileno(), 1)
        pty.spawn(command, read)
        os.dup2(kept, 1)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def main() -> None:
    """Write the picture beside this file."""
    here = Path(__file__).parent
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shown(["flowsql", "sample", "logs", "--until", "2026-11-22T12:00Z"])
        console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"))  # noqa: SIM115
        console.print(Text(f"$ {' '.join(COMMAND)} --logs logs", style="bold"))
        console.print(Text.from_ansi(shown([*COMMAND, "--logs", "logs"])))
        # Without the web fonts, so that the picture needs nothing from elsewhere.
        picture = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="flowsql"), flags=re.DOTALL)
        (here / "first-question.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
