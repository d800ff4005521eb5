"""Mutated statements through every rule: none may crash, hang or be answered with a traceback.

`python -m tests.checks.fuzz 100000` runs as many and prints what it saw; a seeded slice of it is part of the tests.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from flowsql.checks import ask
from flowsql.checks.declared import declared_tables
from flowsql.checks.opening import subjects_of

ROOT = Path(__file__).parents[2]
PIECES = (
    *("'", '"', "`", "(", ")", ",", ";", "--", "/*", "*/", "{{", "}}", "{%", "%}", "{#"),
    *("\0", "\n", "\r", "\ufeff", "é", "🦆", "NULL", "1e999", "99999999999999999999", "''", "->", "::", "[1]"),
    *(" SELECT ", " FROM ", " WHERE ", " UNION ALL ", " GROUP BY ", " OR ", " NOT ", " IN ", " EXISTS ("),
    *("{{ flows }}", "{{ records }}", "{{ nope }}", "{% if x %}", " WITH a AS (", "((((((((("),
    *("CREATE EXTERNAL TABLE t (", "TBLPROPERTIES (", "/* ---\n", "--- */", "params:"),
    "-- flowsql: ignore FQ601 x",
)


@dataclass(slots=True)
class Seen:
    """What a run of the fuzzer saw."""

    statements: int = 0
    findings: int = 0
    slowest: float = 0.0
    slowest_text: str = ""


def texts() -> list[str]:
    """Shipped queries and the statements of all case files."""
    found = [path.read_text("utf-8") for path in sorted((ROOT / "queries").rglob("*.sql"))]
    for path in sorted((ROOT / "tests" / "checks" / "cases").glob("*.yaml")):
        for case in yaml.load(path.read_text("utf-8"), yaml.BaseLoader):
            found.append(case.get("pass") or case["fail"])
    return found


def mutated(random_: random.Random, corpus: list[str]) -> str:
    """A text with a few of its pieces cut, doubled, swapped with another's or replaced."""
    text = random_.choice(corpus)
    for _ in range(random_.randint(1, 4)):
        at = random_.randint(0, len(text))
        end = min(len(text), at + random_.randint(0, 12))
        match random_.randint(0, 4):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + random_.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + text[at:end] * random_.randint(2, 4) + text[end:]
            case 3:
                other = random_.choice(corpus)
                start = random_.randint(0, len(other))
                text = text[:at] + other[start : start + random_.randint(1, 60)] + text[end:]
            case _:
                text = text[:at] + random_.choice(PIECES) + text[end:]
    return text


def run(count: int, seed: int) -> Iterator[Seen]:
    """Check `count` mutated texts; what was seen so far after each."""
    random_, corpus, seen = random.Random(seed), texts(), Seen()
    for _ in range(count):
        text = mutated(random_, corpus)
        began = time.process_time()
        try:
            report = ask(subjects_of(text, "fuzz.sql"))
            declared_tables(text)
        except Exception:
            sys.stderr.write(f"--- crashed on\n{text!r}\n")
            raise
        spent = time.process_time() - began
        seen.statements, seen.findings = seen.statements + 1, seen.findings + len(report.findings)
        if spent > seen.slowest:
            seen.slowest, seen.slowest_text = spent, text
        lines = text.count("\n") + text.count("\r") + 2
        for finding in report.findings:
            assert 1 <= finding.line <= lines, (finding, text)
            assert finding.column >= 1, (finding, text)
            assert finding.message, text
        yield seen


if __name__ == "__main__":
    wanted, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for seen in run(wanted, seed):
        if seen.statements % 5000 == 0 or seen.statements == wanted:
            print(
                f"{seen.statements:,} statements, {seen.findings:,} findings, slowest {seen.slowest:.3f} s", flush=True
            )
            if seen.slowest > 0.5:
                print(f"slowest: {seen.slowest_text!r}", flush=True)
