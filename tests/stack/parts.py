"""Where the stack's parts come from: a JDK of this machine, Trino and Hive from Maven Central."""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

TRINO_VERSION = "476"
OLDEST_JAVA = 24
"""Trino 476 refuses to start on an older one."""

HIVE_JARS = (
    "org.apache.hive:hive-exec:2.3.9",
    "org.antlr:antlr-runtime:3.5.2",
    "org.apache.hadoop:hadoop-common:3.3.6",
)
"""Athena's DDL is Hive's; these three are enough to run its grammar."""

_SERVER = f"io.trino:trino-server-core:{TRINO_VERSION}:tar.gz"
_HIVE_CONNECTOR = f"io.trino:trino-hive:{TRINO_VERSION}:zip"
_UNNEEDED = ("exchange-filesystem", "functions-python", "geospatial", "password-authenticators")
_JVM_FOLDERS = ("/usr/lib/jvm", "/opt/java", "/opt/jdk", "/Library/Java/JavaVirtualMachines")
_MINUTES = 15


class MissingPart(Exception):
    """Something the machine must bring is not there; the message says what and how to get it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a stack is started from."""

    java_home: Path
    trino: Path
    hive_jars: tuple[Path, ...]

    @property
    def java(self) -> Path:
        """The `java` program of the JDK."""
        return self.java_home / "bin" / "java"


def find_parts() -> Parts:
    """The parts, fetched and unpacked on first use (some 450 MB); raises MissingPart."""
    java_home = find_jdk()
    if shutil.which("mvn") is None:
        raise MissingPart("no `mvn` on the PATH: install Apache Maven 3.6 or newer (apt-get install maven)")
    return Parts(java_home, _unpacked_trino(), tuple(fetch(jar) for jar in HIVE_JARS))


def find_jdk() -> Path:
    """The home of the newest JDK that is new enough: JAVA_HOME, the system's JVM folders, then the PATH's `java`."""
    homes = {home.resolve() for home in _jdk_homes() if (home / "bin" / "java").is_file()}
    newest = max(homes, key=_java_version, default=None)
    if newest is None or _java_version(newest) < OLDEST_JAVA:
        found = ", ".join(f"{_java_version(home)} in {home}" for home in sorted(homes)) or "none"
        raise MissingPart(
            f"Trino {TRINO_VERSION} needs a JDK {OLDEST_JAVA} or newer, found {found}: "
            "install one (Eclipse Temurin 25, say) and let JAVA_HOME name its folder"
        )
    return newest


def _jdk_homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    for folder in (*map(Path, _JVM_FOLDERS), Path.home() / ".sdkman/candidates/java"):
        if folder.is_dir():
            for home in folder.iterdir():
                yield home
                yield home / "Contents" / "Home"
    if java := shutil.which("java"):
        yield Path(java).resolve().parent.parent


def _java_version(home: Path) -> int:
    """The feature release that the JDK's own `release` file states; 0 when it states none."""
    try:
        text = (home / "release").read_text()
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return int(match[1]) if match else 0


def fetch(coordinates: str) -> Path:
    """An artifact `group:name:version[:packaging]` in the local Maven repository, fetched when it is not there."""
    group, name, version, *packaging = coordinates.split(":")
    extension = packaging[0] if packaging else "jar"
    place = _local_repository() / group.replace(".", "/") / name / version / f"{name}-{version}.{extension}"
    if not place.is_file():
        command = ["mvn", "-q", "-B", "dependency:get", f"-Dartifact={coordinates}", "-Dtransitive=false"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_MINUTES * 60, check=False)
        if done.returncode or not place.is_file():
            reason = (done.stdout + done.stderr).strip()[-600:] or f"it is not in {place.parent}"
            raise MissingPart(f"mvn could not fetch {coordinates}: {reason}")
    return place


def _local_repository() -> Path:
    """Maven's default place, unless the person's settings name another."""
    settings = Path.home() / ".m2" / "settings.xml"
    if settings.is_file() and (
        match := re.search(r"<localRepository>\s*(.+?)\s*</localRepository>", settings.read_text())
    ):
        return Path(match[1].replace("${user.home}", str(Path.home())))
    return Path.home() / ".m2" / "repository"


def cache_folder() -> Path:
    """Where unpacked and compiled parts are kept between runs."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "flowsql-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _unpacked_trino() -> Path:
    """Trino's folder, complete or not there at all: unpacked beside its place, then renamed."""
    place = cache_folder() / f"trino-{TRINO_VERSION}"
    with FileLock(f"{place}.lock"):
        if not place.is_dir():
            archive, connector = fetch(_SERVER), fetch(_HIVE_CONNECTOR)
            with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
                _unpack(archive, connector, Path(scratch))
                (Path(scratch) / "trino").rename(place)
    return place


def _unpack(archive: Path, connector: Path, scratch: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="tar")
    (server,) = scratch.glob("trino-server-core-*")
    for name in _UNNEEDED:
        shutil.rmtree(server / "plugin" / name, ignore_errors=True)
    with zipfile.ZipFile(connector) as zipped:
        zipped.extractall(scratch / "connector")
    (plugin,) = (scratch / "connector").iterdir()
    plugin.rename(server / "plugin" / "hive")
    server.rename(scratch / "trino")
