"""The README's commands on AWS, run against the local AWS with a real Trino; they print what the README shows.

`FLOWSQL_WRITE_GOLDEN=1` writes what was printed into the README.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flowsql.sample import write_sample
from tests.cli.conftest import UNTIL
from tests.stack.aws import Stack
from tests.test_readme import README, commands

pytestmark = pytest.mark.trino

BUCKETS = ("my-flow-logs", "my-results")
_BLOCK = re.compile(r"```console aws\n(.*?)```", re.DOTALL)


def _masked(text: str, folder: str) -> str:
    """Output without what differs from run to run: times, ids, the folder."""
    text = text.replace(f"{folder}/", "")
    text = re.sub(r"\d+\.\d\d s\b", "0.00 s", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "QUERY_ID", text)
    text = re.sub(r"asked \S+Z", "asked NOW", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.fixture
def environment(local_aws: Stack, tmp_path: Path) -> dict[str, str]:
    """The environment of a person whose flow logs lie in a bucket of the local AWS."""
    write_sample(tmp_path / "logs", until=UNTIL)
    client = local_aws.client("s3")
    for bucket in BUCKETS:
        client.create_bucket(Bucket=bucket)
    for path in (tmp_path / "logs").rglob("*_vpcflowlogs_*"):
        key = path.relative_to(tmp_path / "logs").as_posix()
        client.put_object(Bucket=BUCKETS[0], Key=key, Body=path.read_bytes())
    client.close()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("FLOWSQL_", "AWS_"))},
        **local_aws.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "FLOWSQL_CACHE": str(tmp_path / "cache"),
        "FLOWSQL_STATE": str(tmp_path / "state"),
        "LC_ALL": "C.UTF-8",
    }


def test_readme_commands_on_aws_print_what_the_readme_shows(environment: dict[str, str], tmp_path: Path) -> None:
    readme = written = README.read_text("utf-8")
    work = tmp_path / "work"
    work.mkdir()
    differences = []
    for block in _BLOCK.findall(readme):
        printed = []
        for prompt, command, shown in commands(block):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=work,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == (5 if "--max-bytes 100KB" in command else 0), f"{command}\n{done.stdout}"
            output = "\n".join(line.rstrip() for line in done.stdout.replace(f"{work}/", "").strip().splitlines())
            printed.append(f"{prompt}\n{output}\n" if output else prompt)
            if _masked(output, str(work)) != _masked(shown, str(work)):
                differences.append(f"$ {command}\n--- shown\n{shown}\n--- printed\n{output}")
        written = written.replace(
            f"```console aws\n{block}```", "```console aws\n" + "\n".join(printed).strip() + "\n```"
        )
    if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
        README.write_text(written, "utf-8")
    else:
        assert not differences, "\n\n".join(differences)
