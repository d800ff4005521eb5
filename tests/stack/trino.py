"""A real Trino over the local AWS: its settings, its start, its end."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.stack.parts import Parts
from tests.stack.processes import GuardedProcess, free_port

CATALOG = "awsdatacatalog"
"""Athena's name for the Glue catalogue, so that qualified names are the same."""

UNLOAD_CATALOG = "unload"
"""A catalogue of its own for the tables by which UNLOAD writes files: none of them is ever seen in Glue."""

ACCESS_KEY = "trino"
"""The access key Trino signs with, by which the local AWS knows its requests."""

_START_SECONDS = 120
_JVM = (
    "-server",
    "-Xmx1G",
    "-XX:+UseG1GC",
    "-XX:TieredStopAtLevel=1",  # small queries run once: compiling them well costs twice what it saves
    "-XX:+ExitOnOutOfMemoryError",
    "-Djdk.attach.allowAttachSelf=true",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


class TrinoServer:
    """One coordinator that is its own worker; its log is `trino.log` in its folder."""

    def __init__(self, parts: Parts, folder: Path, aws_endpoint: str, region: str) -> None:
        """Write its settings below `folder` and start it; `ready` waits until it answers."""
        self.port = free_port()
        self._log = folder / "trino.log"
        etc = folder / "etc"
        (etc / "catalog").mkdir(parents=True)
        _write(etc / "node.properties", _node(folder))
        _write(etc / "config.properties", _config(self.port))
        _write(etc / f"catalog/{CATALOG}.properties", _glue(aws_endpoint, region) | _s3(aws_endpoint, region))
        _write(etc / f"catalog/{UNLOAD_CATALOG}.properties", _local(folder) | _s3(aws_endpoint, region))
        (etc / "log.properties").write_text("io.trino=WARN\n")
        command: list[str | Path] = [
            parts.java,
            "-cp",
            f"{parts.trino}/lib/*",
            *_JVM,
            *(f"-D{line}" for line in (etc / "node.properties").read_text().split()),
            f"-Dplugin.dir={parts.trino}/plugin",
            f"-Dcatalog.config-dir={etc}/catalog",
            f"-Dconfig={etc}/config.properties",
            f"-Dlog.levels-file={etc}/log.properties",
            "io.trino.server.TrinoServer",
        ]
        with self._log.open("wb") as log:
            self._process = GuardedProcess(command, folder, log)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> None:
        """Wait until it takes queries; raises RuntimeError with the end of its log when it does not come up."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.running():
            if self._started():
                return
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"Trino did not start: {self._log}\n{self._log.read_text()[-4000:]}")

    def _started(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/v1/info", timeout=5) as answer:
                return json.load(answer)["starting"] is False
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> None:
        """End it; queries that run are lost."""
        self._process.stop()


def _write(path: Path, properties: dict[str, object]) -> None:
    path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))


def _node(folder: Path) -> dict[str, object]:
    return {"node.environment": "test", "node.id": "stack", "node.data-dir": folder / "data"}


def _config(port: int) -> dict[str, object]:
    return {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "http-server.http.port": port,
        "discovery.uri": f"http://127.0.0.1:{port}",
        "node.internal-address": "127.0.0.1",
        "query.max-memory": "512MB",
        "query.max-memory-per-node": "512MB",
    }


def _glue(aws_endpoint: str, region: str) -> dict[str, object]:
    return {
        "connector.name": "hive",
        "hive.metastore": "glue",
        "hive.metastore.glue.endpoint-url": aws_endpoint,
        "hive.metastore.glue.region": region,
        "hive.metastore.glue.aws-access-key": ACCESS_KEY,
        "hive.metastore.glue.aws-secret-key": ACCESS_KEY,
        # Athena's own behaviour: projection is on, folders are read with all below them.
        "hive.partition-projection-enabled": "true",
        "hive.recursive-directories": "true",
        # The local Glue keeps no statistics, and Trino would ask ten times for them.
        "hive.table-statistics-enabled": "false",
        "hive.collect-column-statistics-on-write": "false",
    }


def _local(folder: Path) -> dict[str, object]:
    return {
        "connector.name": "hive",
        "hive.metastore": "file",
        "hive.metastore.catalog.dir": "local:///metastore",
        "fs.native-local.enabled": "true",
        "local.location": folder,
    }


def _s3(aws_endpoint: str, region: str) -> dict[str, object]:
    return {
        "fs.native-s3.enabled": "true",
        "s3.endpoint": aws_endpoint,
        "s3.region": region,
        "s3.path-style-access": "true",
        "s3.aws-access-key": ACCESS_KEY,
        "s3.aws-secret-key": ACCESS_KEY,
        "hive.non-managed-table-writes-enabled": "true",
    }
