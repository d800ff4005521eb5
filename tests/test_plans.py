"""Plans are remembered; whatever happens to the folder they are in only costs time; none is ever stale."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

import flowsql
from flowsql import plans
from flowsql.errors import EngineError, QueryError
from flowsql.plans import Plans, cache_folder
from flowsql.query import Query, Relation, Rendered
from flowsql.statement import Statement
from flowsql.units import human_bytes, human_time
from flowsql.window import Window

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
WINDOW = Window(SINCE, SINCE + timedelta(hours=1))
SQL = "SELECT srcaddr, COUNT(*) AS n FROM flows WHERE dstport = 22 GROUP BY srcaddr\n"


def rendered(sql: str = SQL, relation: str = "flows", window: Window = WINDOW) -> Rendered:
    return Rendered(Query("q", "", "", (), (), (), sql), sql, window, {}, (Relation(relation, "flows", window),))


class Translations:
    """Counts how often a tree had to be translated."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, tree: exp.Expression) -> str:
        self.count += 1
        return tree.sql(dialect="duckdb")


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., tuple[Statement, int]]:
    """Plans a query in `tmp_path/plans`: the statement, and how many translations that took."""

    def ask(
        query: Rendered | None = None, dialect: str = "duckdb", folder: Path | None = None
    ) -> tuple[Statement, int]:
        translations = Translations()
        statement = Plans(folder or tmp_path / "plans").plan(query or rendered(), dialect, translations)
        return statement, translations.count

    return ask


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "plans").glob("*.json"))


def test_the_second_time_nothing_is_parsed(asked: Callable[..., tuple[Statement, int]]) -> None:
    first, made = asked()
    second, again = asked()
    assert (made, again) == (1, 0)
    assert first == second
    assert second.columns == {"srcaddr": 1, "dstport": 1}
    assert second.native == "SELECT srcaddr, COUNT(*) AS n FROM flows WHERE dstport = 22 GROUP BY srcaddr"
    assert (second.reads_all, second.scans) == (False, 1)
    assert second.tree.sql(dialect="athena") == second.native


def test_what_makes_another_plan(asked: Callable[..., tuple[Statement, int]], tmp_path: Path) -> None:
    asked()
    assert asked(rendered(SQL.replace("22", "23")))[1] == 1
    assert asked(dialect="trino")[1] == 1
    assert asked(rendered(f"{SQL}\n"))[1] == 1, "line numbers are part of a plan"
    assert len(kept(tmp_path)) == 4
    later = Window(WINDOW.until, WINDOW.until + timedelta(hours=1))
    statement, made = asked(rendered(window=later))
    assert made == 0, "another window of the same SQL is no other plan"
    assert statement.rendered.window == later


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"null", b"[]", b"5", b'"text"', b"\xff\xfe", b"{}", b'{"columns": {}}'),
        json.dumps({"columns": [], "reads_all": False, "scans": 1, "native": "x", "notes": []}).encode(),
        json.dumps({"columns": {}, "reads_all": False, "scans": "1", "native": "x", "notes": []}).encode(),
        json.dumps({"columns": {}, "reads_all": False, "scans": 1, "native": None, "notes": []}).encode(),
    ],
)
def test_a_damaged_plan_is_made_again(
    asked: Callable[..., tuple[Statement, int]], tmp_path: Path, content: bytes
) -> None:
    first, _ = asked()
    (path,) = kept(tmp_path)
    path.write_bytes(content)
    second, made = asked()
    assert made == 1
    assert second == first
    assert asked()[1] == 0


def test_a_folder_that_cannot_be_used_only_costs_time(
    asked: Callable[..., tuple[Statement, int]], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper", Path("/dev/null/plans"), Path("/proc/nowhere")):
        statement, made = asked(folder=folder)
        assert made == 1
        assert set(statement.columns) == {"srcaddr", "dstport"}
    asked()
    (path,) = kept(tmp_path)
    path.unlink()
    path.mkdir()
    assert asked()[1] == 1
    assert asked()[1] == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_only_costs_time(asked: Callable[..., tuple[Statement, int]], tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir(mode=0o500)
    assert asked()[1] == 1
    assert asked()[1] == 1


def test_a_full_disk_only_costs_time(
    asked: Callable[..., tuple[Statement, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert asked()[1] == 1
    assert kept(tmp_path) == []


def test_errors_are_not_remembered(tmp_path: Path) -> None:
    remembered = Plans(tmp_path / "plans")

    def refuse(tree: exp.Expression) -> str:
        raise EngineError("no")

    for _ in range(2):
        with pytest.raises(EngineError):
            remembered.plan(rendered(), "duckdb", refuse)
        with pytest.raises(QueryError):
            remembered.plan(rendered("DROP TABLE flows\n"), "duckdb", refuse)
    assert kept(tmp_path) == []


def test_only_the_newest_plans_are_kept(asked: Callable[..., tuple[Statement, int]], tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    for number in range(600):
        old = folder / f"{number:064}.json"
        old.write_text("{}", "utf-8")
        os.utime(old, (1_000_000 + number, 1_000_000 + number))
    asked()
    names = [path.name for path in kept(tmp_path)]
    assert len(names) == 500
    assert f"{100:064}.json" not in names
    assert f"{101:064}.json" in names
    assert asked()[1] == 0


def test_flowsql_cache_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWSQL_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    Plans().plan(rendered(), "duckdb", Translations())
    assert len(list((tmp_path / "mine" / "plans").glob("*.json"))) == 1
    monkeypatch.setenv("FLOWSQL_CACHE", "~/kept")
    assert cache_folder() == Path.home() / "kept"
    monkeypatch.setenv("FLOWSQL_CACHE", "")
    assert cache_folder().name == "flowsql"
    assert cache_folder().is_relative_to(Path.home())


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from flowsql import plans
assert Path(plans.__file__).is_relative_to(sys.argv[1])
from datetime import UTC, datetime, timedelta
from flowsql.query import Query, Relation, Rendered
from flowsql.window import Window
moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
window = Window(moment, moment + timedelta(hours=1))
for sql in ("SELECT srcaddr FROM flows", "SELECT dstaddr FROM flows"):
    query = Query("q", "", "", (), (), (), sql)
    print(plans._key(Rendered(query, sql, window, {}, (Relation("flows", "flows", window),)), "duckdb", ()))
"""


@pytest.mark.parametrize("changed", ["dialects/duckdb_text.py", "statement/__init__.py", "fields.py"])
def test_a_change_of_code_makes_other_plans_even_with_the_same_size_and_time(changed: str, tmp_path: Path) -> None:
    package = Path(flowsql.__file__).parent
    copied = tmp_path / "copied"
    shutil.copytree(package, copied / "flowsql", ignore=shutil.ignore_patterns("__pycache__", "queries"))

    def keys() -> list[str]:
        made = subprocess.run(
            [sys.executable, "-B", "-c", SCRIPT, str(copied)], check=True, capture_output=True, text=True, cwd=tmp_path
        )
        return made.stdout.split()

    before = keys()
    assert len(set(before)) == 2
    assert keys() == before
    path = copied / "flowsql" / changed
    stamp, text = path.stat(), path.read_text("utf-8")
    path.write_text(text.replace("e", "a", 1), "utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert path.stat().st_size == stamp.st_size
    assert not set(keys()) & set(before)


def test_everything_that_decides_a_plan_is_part_of_its_name() -> None:
    assert sqlglot.__version__ in plans._sqlglot().read_text("utf-8")
    package = Path(flowsql.__file__).parent
    covered = {Path(name).stem for name in plans._CODE} | {"errors", "naming", "statement", "dialects"}
    for path in (path for folder in ("statement", "dialects") for path in (package / folder).rglob("*.py")):
        imported = set(re.findall(r"^\s*from flowsql\.(\w+)", path.read_text("utf-8"), re.MULTILINE))
        assert imported <= covered, path.name


def test_sizes_and_lengths_of_time_as_people_read_them() -> None:
    assert [human_bytes(count) for count in (0, 1023, 1536, 5 * 1024**2, 3 * 1024**3, 2 * 1024**4)] == [
        *("0 B", "1023 B", "1.5 KiB", "5.0 MiB", "3.0 GiB", "2.0 TiB")
    ]
    lengths = (0, 59, 90, 3600, 3661, 200_000)
    assert [human_time(timedelta(seconds=seconds)) for seconds in lengths] == [
        *("0 s", "59 s", "1 min 30 s", "1 h", "1 h 1 min 1 s", "55 h 33 min 20 s")
    ]
