"""The cache of fetched objects: bounded, shared, and never in the way."""

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsql.aws.cache import DEFAULT_BYTES, ObjectCache
from flowsql.errors import UsageError


def stored(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def total(directory: Path) -> int:
    return sum(path.stat().st_size for path in stored(directory))


def test_what_is_put_is_found_again_by_another_store(tmp_path: Path) -> None:
    ObjectCache(tmp_path).put("b", "k", '"1"', b"records")
    found = ObjectCache(tmp_path).get("b", "k", '"1"', 7)
    assert found is not None
    assert found[:] == b"records"


@pytest.mark.parametrize("other", [("c", "k", '"1"', 7), ("b", "l", '"1"', 7), ("b", "k", '"2"', 7), ("b", "k", "", 7)])
def test_another_bucket_key_or_etag_is_a_miss(tmp_path: Path, other: tuple[str, str, str, int]) -> None:
    cache = ObjectCache(tmp_path)
    cache.put("b", "k", '"1"', b"records")
    assert cache.get(*other) is None


@pytest.mark.parametrize("damage", ["truncated", "longer", "flipped", "empty"])
def test_a_damaged_entry_is_a_miss_and_goes_away(tmp_path: Path, damage: str) -> None:
    cache = ObjectCache(tmp_path)
    cache.put("b", "k", '"1"', b"records" * 100)
    (entry,) = stored(tmp_path)
    data = entry.read_bytes()
    flipped = bytes([data[0] ^ 1]) + data[1:]
    entry.write_bytes({"truncated": data[:-9], "longer": data + b"x", "flipped": flipped, "empty": b""}[damage])
    assert cache.get("b", "k", '"1"', 700) is None
    assert stored(tmp_path) == []


def test_the_one_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, 3 * 104)
    for n, key in enumerate("abc"):
        cache.put("b", key, "e", key.encode() * 100)
        for path in stored(tmp_path):
            if path.read_bytes()[:1] == key.encode():
                os.utime(path, (n, n))
    assert cache.get("b", "a", "e", 100) is not None  # used again: now the latest
    cache.put("b", "d", "e", b"d" * 100)
    assert [key for key in "abcd" if cache.get("b", key, "e", 100)] == ["a", "c", "d"]


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 400), max_size=40), limit=st.integers(0, 1000))
def test_the_bound_holds_after_every_put(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int
) -> None:
    directory = tmp_path_factory.mktemp("cache")
    cache = ObjectCache(directory, limit)
    for n, size in enumerate(sizes):
        cache.put("b", str(n), "e", b"x" * size)
        assert total(directory) <= limit


def test_an_object_larger_than_the_bound_is_not_kept(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, 100)
    cache.put("b", "small", "e", b"x" * 50)
    cache.put("b", "large", "e", b"x" * 100)
    assert cache.get("b", "large", "e", 100) is None
    assert cache.get("b", "small", "e", 50) is not None


def test_what_a_killed_process_left_behind_counts_and_goes(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    folder.mkdir()
    (folder / "tmpleft").write_bytes(b"x" * 900)
    os.utime(folder / "tmpleft", (1, 1))
    cache = ObjectCache(tmp_path, 1000)
    cache.put("b", "k", "e", b"x" * 500)
    assert not (folder / "tmpleft").exists()
    assert cache.get("b", "k", "e", 500) is not None


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ObjectCache(tmp_path / "file" / "objects")
    cache.put("b", "k", "e", b"records")
    assert cache.get("b", "k", "e", 7) is None


def test_entries_are_for_the_person_alone(tmp_path: Path) -> None:
    ObjectCache(tmp_path).put("b", "k", "e", b"records")
    (entry,) = stored(tmp_path)
    if os.name == "posix":
        assert entry.stat().st_mode & 0o077 == 0


def test_zero_turns_it_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("FLOWSQL_CACHE_BYTES", "0")
    cache = ObjectCache.from_environment()
    cache.put("b", "k", "e", b"records")
    assert cache.get("b", "k", "e", 7) is None
    assert stored(tmp_path) == []


@pytest.mark.parametrize("text", ["2GiB", "-1", "", "1e9"])
def test_a_wrong_size_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("FLOWSQL_CACHE_BYTES", text)
    with pytest.raises(UsageError, match=r"^FLOWSQL_CACHE_BYTES: .* is not a size"):
        ObjectCache.from_environment()


def test_without_a_variable_two_gibibytes_below_the_persons_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import platformdirs

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = ObjectCache.from_environment()
    cache.put("b", "k", "e", b"records")
    (entry,) = stored(Path(platformdirs.user_cache_dir("flowsql")) / "objects")
    assert entry.read_bytes().startswith(b"records")
    assert DEFAULT_BYTES == 2 << 30


def _fill(directory: str, process: int) -> None:
    cache = ObjectCache(Path(directory), 20_000)
    for n in range(150):
        key = f"{n % 30}"
        cache.put("b", key, "e", key.encode() * 500)
        found = cache.get("b", key, "e", len(key) * 500)
        assert found is None or found[:] == key.encode() * 500


def test_several_processes_share_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fill, args=(str(tmp_path), n)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    # Each process claims at most an eighth before it looks again.
    assert total(tmp_path) <= 20_000 * (1 + 3 / 8)
