"""Hive's own grammar, kept running: a statement's syntax tree, or where and why it is refused, in a millisecond."""

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from filelock import FileLock

from tests.stack.parts import Parts, cache_folder

_SOURCE = Path(__file__).with_name("HiveGrammar.java")


class HiveSyntaxError(Exception):
    """Hive's grammar refuses a statement."""

    def __init__(self, message: str, line: int, column: int) -> None:
        """`message` is Hive's own; lines count from 1, columns from 0, as Hive counts them."""
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Node:
    """A node of Hive's syntax tree: a `TOK_…` name or the text of a name or literal, and what is below it."""

    text: str
    children: tuple["Node", ...]

    def find(self, text: str) -> "Node | None":
        """The first child with this text."""
        return next(self.all(text), None)

    def all(self, text: str) -> Iterator["Node"]:
        """Every child with this text."""
        return (child for child in self.children if child.text == text)

    @property
    def value(self) -> str:
        """The text of a name without its backticks, of a literal without its quotes and escapes."""
        if self.text.startswith("`"):
            return self.text[1:-1].replace("``", "`")
        return unquoted(self.text) if self.text[:1] in ("'", '"') else self.text


def unquoted(literal: str) -> str:
    """What one or more adjacent Hive string literals stand for."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0", "Z": "\x1a", "%": "\\%", "_": "\\_"}
    text, quote, position = [], "", 0
    while position < len(literal):
        letter = literal[position]
        if letter == "\\" and quote:
            digits = literal[position + 1 : position + 4]
            if len(digits) == 3 and digits.isdecimal():
                text.append(chr(int(digits, 8)))
                position += 3
            else:
                position += 1
                text.append(escapes.get(literal[position], literal[position]))
        elif letter == quote:
            quote = ""
        elif not quote:
            quote = letter
        else:
            text.append(letter)
        position += 1
    return "".join(text)


class HiveGrammar:
    """A Java process that reads statements; safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        """Compile the bridge if this version was not yet, and start it."""
        classes = _compiled(parts)
        class_path = os.pathsep.join(map(str, (classes, *parts.hive_jars)))
        self._lock = Lock()
        # It ends when its stdin does, so it never outlives us.
        self._process = subprocess.Popen(
            [parts.java, "-Xmx128m", "-XX:+UseSerialGC", "-cp", class_path, "HiveGrammar"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def parse(self, statement: str) -> Node:
        """The syntax tree of one statement; raises HiveSyntaxError."""
        verdict = self._ask(statement)
        if "message" in verdict:
            raise HiveSyntaxError(verdict["message"], verdict["line"], verdict["column"])
        return _node(verdict["tree"])

    def _ask(self, statement: str) -> dict[str, Any]:
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        with self._lock:
            asks.write(base64.b64encode(statement.encode()) + b"\n")
            asks.flush()
            answer = answers.readline()
        if not answer:
            raise RuntimeError("the Hive grammar process ended")
        verdict: dict[str, Any] = json.loads(answer)
        return verdict

    def stop(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()


def _node(tree: list[Any]) -> Node:
    text, *children = tree
    return Node(text, tuple(_node(child) for child in children))


def _compiled(parts: Parts) -> Path:
    """The folder with the bridge's classes, by the digest of its source."""
    digest = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]
    place = cache_folder() / f"hive-grammar-{digest}"
    with FileLock(f"{place}.lock"):
        if not (place / "HiveGrammar.class").is_file():
            class_path = os.pathsep.join(map(str, parts.hive_jars))
            compiler = str(parts.java_home / "bin" / "javac")
            command = [compiler, "-nowarn", "-cp", class_path, "-d", str(place), str(_SOURCE)]
            subprocess.run(command, check=True, capture_output=True)
    return place
