"""The stores on this machine: every file once, whatever way a person names the place."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowsql.errors import SourceError
from flowsql.layout import object_key, place
from flowsql.reading.store import LocalStore, MemoryStore, StoredObject, Wanted
from flowsql.window import Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON.replace(hour=13))
EVERYTHING = Wanted((Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)),))


def names(store: LocalStore, wanted: Wanted = EVERYTHING) -> list[str]:
    return [Path(item.name).name for item in store.listing(wanted).objects]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b/2.log",
        "a/1.log",
        "a/deep/er/0.log",
        "3.log.gz",
        ".hidden",
        "_SUCCESS",
        ".git/x.log",
        "_tmp/y.log",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_a_folder_in_name_order_without_hidden_files(folder: Path) -> None:
    listing = LocalStore(str(folder)).listing(EVERYTHING)
    found = [Path(item.name).relative_to(folder).as_posix() for item in listing.objects]
    assert found == ["3.log.gz", "a/1.log", "a/deep/er/0.log", "b/2.log"]
    assert listing.listed == 4
    assert [item.size for item in listing.objects] == [8, 7, 15, 7]


def test_a_file_a_glob_and_a_relative_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names(LocalStore("a/1.log")) == ["1.log"]
    assert names(LocalStore("a")) == ["1.log", "0.log"]
    assert names(LocalStore(".")) == names(LocalStore(str(folder)))
    assert names(LocalStore("*/*.log")) == ["1.log", "2.log"]
    assert names(LocalStore("./?/*.log")) == ["1.log", "2.log"]
    monkeypatch.setenv("HOME", str(folder))
    assert names(LocalStore("~/b")) == ["2.log"]


def test_a_glob_that_matches_a_folder_and_its_files_finds_each_once(folder: Path) -> None:
    assert names(LocalStore(f"{folder}/**")) == ["3.log.gz", "1.log", "0.log", "2.log"]
    assert names(LocalStore(f"{folder}/[ab]*")) == ["1.log", "0.log", "2.log"]


def test_links_lead_to_no_file_twice_and_into_no_circle(folder: Path) -> None:
    (folder / "latest").symlink_to(folder / "a")
    (folder / "c.log").symlink_to(folder / "b" / "2.log")
    (folder / "a" / "up").symlink_to(folder)
    (folder / "nowhere").symlink_to(folder / "gone")
    found = LocalStore(str(folder)).listing(EVERYTHING).objects
    assert len(found) == 4
    assert len({os.path.realpath(item.name) for item in found}) == 4


def test_a_file_named_itself_is_read_whatever_its_slot_and_one_of_a_glob_is_not(tmp_path: Path) -> None:
    keys = [
        object_key("000000000042", "us-east-1", "fl-0a", NOON.replace(hour=hour), "0a0a0a0a", prefix=str(tmp_path)[1:])
        for hour in (3, 12)
    ]
    for key in keys:
        path = Path("/", key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    wanted = Wanted((WINDOW,))
    assert len(names(LocalStore("/" + keys[0]), wanted)) == 1
    assert names(LocalStore(f"{tmp_path}/**/*.gz"), wanted) == [Path(keys[1]).name]
    assert names(LocalStore(str(tmp_path)), wanted) == [Path(keys[1]).name]
    assert names(LocalStore(str(tmp_path)), Wanted((WINDOW,), regions=("eu-west-1",))) == []


def test_nothing_there_is_said(tmp_path: Path) -> None:
    for location in (tmp_path / "gone", tmp_path / "*.log"):
        with pytest.raises(SourceError, match="there is nothing at") as raised:
            LocalStore(str(location)).listing(EVERYTHING)
        assert raised.value.hint is not None
    assert LocalStore(str(tmp_path)).listing(EVERYTHING).objects == []
    assert LocalStore(str(tmp_path)).newest() is None


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    gone = StoredObject(str(tmp_path / "gone.log"), 5, place("gone.log"))
    for reading in (lambda: store.read(gone), lambda: store.head(gone, 10)):
        with pytest.raises(SourceError, match="cannot be read: No such file") as raised:
            reading()
        assert raised.value.where == gone.name


def test_an_empty_file_has_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.log").touch()
    store = LocalStore(str(tmp_path))
    [item] = store.listing(EVERYTHING).objects
    assert store.read(item) == b""
    assert store.head(item, 10) == b""


def test_the_newest_object_is_that_of_the_latest_slot(tmp_path: Path) -> None:
    moments = [NOON, NOON.replace(day=23), NOON.replace(month=2)]
    for account, moment in zip(("000000000003", "000000000001", "000000000002"), moments, strict=True):
        path = tmp_path / object_key(account, "us-east-1", "fl-0a", moment, "0a0a0a0a", hourly=True)
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "undated.log").touch()
    newest = LocalStore(str(tmp_path)).newest()
    assert newest is not None
    assert newest.place.slot == NOON.replace(day=23)


def test_objects_in_memory() -> None:
    key = object_key("000000000042", "us-east-1", "fl-0a", NOON, "0a0a0a0a")
    store = MemoryStore({key: b"12345", "bare": b""})
    assert [item.name for item in store.listing(Wanted((WINDOW,))).objects] == [key, "bare"]
    later = Window(NOON.replace(day=25), NOON.replace(day=26))
    listing = store.listing(Wanted((later,)))
    assert ([item.name for item in listing.objects], listing.listed) == (["bare"], 2)
    assert store.head(StoredObject(key, 5, place(key)), 2) == b"12"
    newest = store.newest()
    assert newest is not None
    assert newest.name == "bare"
    assert MemoryStore({}).newest() is None
