"""Saved queries are found: by short name, full name and Python's spelling, packaged and a person's own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flowsql.errors import NotFound, QueryError, UsageError
from flowsql.library import Library, packaged_folder
from flowsql.naming import did_you_mean, nearest, python_name

ROOT = Path(__file__).parent.parent
QUERY = """\
/* ---
title: {title}
description: Counts records.
columns:
  n: int
--- */
SELECT COUNT(*) AS n
FROM {{{{ flows }}}}
ORDER BY n ASC
"""


def write(path: Path, title: str = "Mine") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(QUERY.format(title=title), "utf-8")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Three queries, as if they were the packaged ones."""
    for name in ("connectivity/rejected-ssh", "connectivity/rejected-traffic", "performance/top-talkers"):
        write(tmp_path / "packaged" / f"{name}.sql", "Packaged")
    return Library((tmp_path / "packaged",))


@pytest.mark.parametrize(
    "name",
    [
        *("rejected-ssh", "rejected_ssh", "connectivity/rejected-ssh", "connectivity/rejected-ssh.sql"),
        *("rejected-ssh.sql", "/connectivity/rejected-ssh"),
    ],
)
def test_the_spellings_of_a_name(library: Library, name: str) -> None:
    assert library.resolve(name) == "connectivity/rejected-ssh"
    assert library.find(name).name == "connectivity/rejected-ssh"


def test_the_third_shape_of_a_good_failure(library: Library) -> None:
    with pytest.raises(NotFound) as raised:
        library.find("rejected-shh")
    assert f"flowsql: {raised.value}" == (
        "flowsql: no query named 'rejected-shh'\n"
        "  hint: did you mean connectivity/rejected-ssh?  `flowsql list` shows all 3"
    )
    for typo in ("rejected_shh", "conectivity/rejected-ssh", "Rejected-SSH", "connectivity/rejected_ssh"):
        with pytest.raises(NotFound, match="did you mean connectivity/rejected-ssh"):
            library.find(typo)
    with pytest.raises(NotFound) as raised:
        library.find("zzz")
    assert raised.value.hint == "`flowsql list` shows all 3"


def test_a_short_name_of_two_topics_is_ambiguous(library: Library) -> None:
    write(library.folders[0] / "security" / "top-talkers.sql")
    with pytest.raises(NotFound) as raised:
        library.find("top-talkers")
    assert str(raised.value) == (
        "'top-talkers' names several queries\n  hint: say which: performance/top-talkers, security/top-talkers"
    )
    assert library.find("security/top-talkers").title == "Mine"


def test_own_queries_win_and_it_can_be_said(library: Library, tmp_path: Path) -> None:
    write(tmp_path / "own" / "connectivity" / "rejected-ssh.sql")
    write(tmp_path / "own" / "top-talkers.sql")
    write(tmp_path / "own" / "new" / "question.sql")
    both = Library((*library.folders, tmp_path / "own"))
    assert both.find("rejected-ssh").title == "Mine"
    assert both.find("top-talkers").title == "Mine"
    assert both.find("performance/top-talkers").title == "Packaged"
    assert both.overridden("connectivity/rejected-ssh") == "connectivity/rejected-ssh"
    assert both.overridden("top-talkers") == "performance/top-talkers"
    for name in ("new/question", "connectivity/rejected-traffic", "performance/top-talkers"):
        assert both.overridden(name) is None
    assert len(both) == 5


def test_a_short_name_means_ones_own_query_of_another_topic(library: Library, tmp_path: Path) -> None:
    write(tmp_path / "own" / "mine" / "rejected-ssh.sql")
    both = Library((*library.folders, tmp_path / "own"))
    assert both.find("rejected-ssh").name == both.find("rejected_ssh").name == "mine/rejected-ssh"
    assert both.find("connectivity/rejected-ssh").title == "Packaged"
    assert both.overridden("rejected-ssh") == "connectivity/rejected-ssh"
    assert both.overridden("mine/rejected-ssh") is None
    assert both.shortest("mine/rejected-ssh") == "rejected-ssh"
    assert both.shortest("connectivity/rejected-ssh") == "connectivity/rejected-ssh"
    write(tmp_path / "own" / "others" / "rejected-ssh.sql")
    both = Library((*library.folders, tmp_path / "own"))
    with pytest.raises(NotFound, match="say which: connectivity/rejected-ssh, mine/rejected-ssh, others/rejected-ssh"):
        both.find("rejected-ssh")
    assert both.named("rejected-ssh") == ("connectivity/rejected-ssh", "mine/rejected-ssh", "others/rejected-ssh")
    assert both.named("nothing") == ()


def test_the_last_of_several_own_folders_wins(library: Library, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        write(tmp_path / folder / "connectivity" / "rejected-ssh.sql", folder)
    both = Library((*library.folders, tmp_path / "first", tmp_path / "second"))
    assert both.find("rejected-ssh").title == "second"


def test_a_folder_must_exist_and_the_packaged_one_is_no_own_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder of queries at .*nowhere"):
        Library.of(tmp_path / "nowhere")
    assert Library.of(packaged_folder()).folders == (packaged_folder(),)
    assert Library.of(tmp_path).folders == (packaged_folder(), tmp_path)


def test_a_broken_file_harms_no_other(library: Library) -> None:
    (library.folders[0] / "connectivity" / "broken.sql").write_text("SELECT 1", "utf-8")
    (library.folders[0] / "connectivity" / "latin.sql").write_bytes(b"/* ---\ntitle: caf\xe9\n--- */\n")
    (library.folders[0] / "connectivity" / "folder.sql").mkdir()
    write(library.folders[0] / ".hidden" / "secret.sql")
    queries, problems = library.loaded
    assert [query.short_name for query in queries] == ["rejected-ssh", "rejected-traffic", "top-talkers"]
    assert [query.name for query in library] == [query.name for query in queries]
    assert [str(problem).splitlines()[0] for problem in problems] == [
        "packaged/connectivity/broken.sql:1: a saved query begins with its header",
        "packaged/connectivity/latin.sql: cannot be read: it is not UTF-8 text",
    ]
    with pytest.raises(QueryError, match=r"^packaged/connectivity/broken.sql:1: "):
        library.find("broken")


def test_a_place_is_named_from_where_the_person_is(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert library.find("rejected-ssh").place == "packaged/connectivity/rejected-ssh.sql"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert library.find("rejected-ssh").place == str(tmp_path / "packaged/connectivity/rejected-ssh.sql")


def test_names() -> None:
    assert python_name("connectivity/rejected-ssh") == "rejected_ssh"
    assert nearest("PROT", ["port", "limit"]) == "port"
    assert nearest("zzz", ["port"]) is None
    assert did_you_mean("prot", ["port"], "otherwise") == "did you mean 'port'?"
    assert did_you_mean("zzz", ["port"], "otherwise") == "otherwise"


def test_a_checkout_has_its_queries_beside_the_package() -> None:
    assert packaged_folder() == ROOT / "queries"
    assert "connectivity/rejected-ssh" in Library.of().paths


def test_a_wheel_carries_queries_cases_data_and_types(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("flowsql-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "installed")
    shipped = {f"flowsql/queries/{path.relative_to(ROOT / 'queries').as_posix()}" for path in sources()}
    assert shipped <= names
    assert {"flowsql/py.typed", "flowsql/data/services.tsv", "flowsql/__init__.py"} <= names
    assert not [name for name in names if name.endswith(".pyc") or name.startswith(("tests/", "queries/"))]
    code = "from flowsql.library import Library, packaged_folder; print(packaged_folder(), len(Library.of().loaded[0]))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == [str(tmp_path / "installed/flowsql/queries"), str(len(Library.of().paths))]


def sources() -> list[Path]:
    return [path for path in (ROOT / "queries").rglob("*") if path.suffix in (".sql", ".yaml")]
