"""What every test stands on: a machine without the developer's own settings, and golden files."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ("tests.stack.plugin",)

# How long an example takes says more of what else the machine does.
settings.register_profile("flowsql", deadline=None)
settings.load_profile("flowsql")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As a shell starts what runs in its background: the programs that tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    # As nohup starts what it runs: this goes on, and the programs do not inherit it.
    signal.signal(signal.SIGHUP, lambda number, frame: None)

GOLDEN = Path(__file__).parent / "golden"
_OURS = ("FLOWSQL_", "AWS_")
_TERMINAL = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Iterator[int]]:
    """A folder that stands for the home of whoever runs the tests, and numbers for what each test keeps in it."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "home").mkdir()
    return folder, itertools.count()


@pytest.fixture(autouse=True)
def clean_machine(machine: tuple[Path, Iterator[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, credentials, proxies or caches of the developer's; every test works in its own empty folder."""
    folder, numbers = machine
    for name in list(os.environ):
        if (name.startswith(_OURS) and name != "FLOWSQL_WRITE_GOLDEN") or name in _TERMINAL or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    home = str(folder / "home")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, home)
    number = next(numbers)
    monkeypatch.setenv("FLOWSQL_CACHE", str(folder / f"cache-{number}"))
    monkeypatch.setenv("FLOWSQL_STATE", str(folder / f"state-{number}"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with `tests/golden/NAME`, byte by byte; `FLOWSQL_WRITE_GOLDEN=1 pytest` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("FLOWSQL_WRITE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"tests/golden/{name} is missing: FLOWSQL_WRITE_GOLDEN=1 pytest writes it"
        assert text.encode() == path.read_bytes(), f"tests/golden/{name} differs: see FLOWSQL_WRITE_GOLDEN"

    return compare
