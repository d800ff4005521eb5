"""The README's console blocks run in one folder and print what they show; its Python runs after them.

`FLOWSQL_WRITE_GOLDEN=1` writes what was printed into the README.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"```(console|python)\n(.*?)```", re.DOTALL)


def commands(block: str) -> list[tuple[str, str, str]]:
    """(prompt lines as written, command, shown output) of each command of a console block."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(([line], []))
        elif line.startswith("> ") or line == ">":
            found[-1][0].append(line)
        else:
            found[-1][1].append(line)
    return [("\n".join(prompt), "\n".join(line[2:] for line in prompt), "\n".join(output)) for prompt, output in found]


def _masked(text: str) -> str:
    """Output without what differs from run to run: elapsed time and the width of trailing blanks."""
    text = re.sub(r"\d+\.\d\d s\b", "0.00 s", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_readme_commands_print_what_the_readme_shows(tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("FLOWSQL_", "AWS_"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "FLOWSQL_CACHE": str(tmp_path / "cache"),
        "LC_ALL": "C.UTF-8",
    }
    readme = written = README.read_text("utf-8")
    python, differences = [], []
    for kind, block in _BLOCK.findall(readme):
        if kind == "python":
            python.append(block)
            continue
        printed = []
        for prompt, command, shown in commands(block):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            output = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
            printed.append(f"{prompt}\n{output}\n" if output else prompt)
            if _masked(output) != _masked(shown):
                differences.append(f"$ {command}\n--- shown\n{_masked(shown)}\n--- printed\n{_masked(output)}")
        written = written.replace(f"```console\n{block}```", "```console\n" + "\n".join(printed).strip() + "\n```")
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        README.write_text(written, "utf-8")
    else:
        assert not differences, "\n\n".join(differences)
    program = subprocess.run(
        [sys.executable, "-c", "\n".join(python)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert program.returncode == 0, program.stderr
    assert "203.0.113.99" in program.stdout


def test_readme_make_targets_exist() -> None:
    makefile = (README.parent / "Makefile").read_text("utf-8")
    for target in re.findall(r"`?make ([a-z]+)`?", README.read_text("utf-8")):
        assert target in ("and",) or f"\n{target}:" in makefile
