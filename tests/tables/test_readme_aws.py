"""The README's commands on AWS, run on the local one; `FLOWSQL_WRITE_GOLDEN=1` writes what was printed into it."""

import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowsql.cli.app import run
from flowsql.cli.interruption import Interruption
from flowsql.sample.writer import write_sample

pytestmark = pytest.mark.trino

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"```console aws\n(?P<commands>.*?)```", re.DOTALL)
_BUCKETS = ("my-flow-logs", "my-results")


def test_the_commands_print_what_the_readme_shows(
    local_aws: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sample(tmp_path / "logs", until=datetime(2026, 11, 22, 12, tzinfo=UTC), hours=3)
    client = local_aws.client("s3")
    for bucket in _BUCKETS:
        client.create_bucket(Bucket=bucket)
    for path in (tmp_path / "logs").rglob("*_vpcflowlogs_*"):
        key = path.relative_to(tmp_path / "logs").as_posix()
        client.put_object(Bucket=_BUCKETS[0], Key=key, Body=path.read_bytes())
    client.close()
    text = written = README.read_text("utf-8")
    for block in _BLOCK.finditer(text):
        (command,) = (line[2:] for line in block["commands"].splitlines() if line.startswith("$ "))
        capsys.readouterr()
        code = run(shlex.split(command)[1:], Interruption())
        out, err = capsys.readouterr()
        assert code == 0, err
        printed = f"```console aws\n$ {command}\n{out}{err}```"
        written = written.replace(block[0], printed)
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        README.write_text(written, "utf-8")
    assert README.read_text("utf-8") == written
