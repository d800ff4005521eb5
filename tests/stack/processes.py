"""Child processes that never outlive this one, however it ends."""

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

# The shell waits for its own stdin to end, which also happens when the process that holds it is killed.
_GUARD = '"$@" </dev/null & child=$!; read -r _; kill "$child" 2>/dev/null; wait "$child"'


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class GuardedProcess:
    """A server in a process of its own; it ends with `stop`, or with us."""

    def __init__(self, command: Sequence[str | Path], folder: Path, log: IO[bytes]) -> None:
        """Start `command` in `folder`, everything it says going to `log`."""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", *map(str, command)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us to handle
        )

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and wait until it is gone."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=60)
