"""Answers kept on this machine: exact, bounded, private, and never in the way."""

import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from flowsql.answers import Answers
from flowsql.errors import UsageError

ROWS = pa.table(
    {
        "n": pa.array([1, None], pa.int64()),
        "list": pa.array([["a", None], None], pa.list_(pa.string())),
        "map": pa.array([[("x", 1)], []], pa.map_(pa.string(), pa.int64())),
        "at": pa.array([0, None], pa.timestamp("us", "UTC")),
        "d": pa.array([None, None], pa.decimal128(38, 2)),
        "nothing": pa.nulls(2),
    }
)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "answers")
    assert answers.find("q-1") is None
    assert answers.keep("q-1", ROWS)
    assert answers.has("q-1")
    assert answers.find("q-1").equals(ROWS)
    twice = pa.Table.from_arrays([ROWS["n"], ROWS["n"]], names=["n", "n"])
    assert answers.keep("q-2", twice)
    assert answers.find("q-2").equals(twice)
    (file, _) = sorted((tmp_path / "answers").iterdir())
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_the_answers_not_asked_for_longest_make_room(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    assert answers.keep("q-0", ROWS)
    (file,) = tmp_path.iterdir()
    small = Answers(tmp_path, 3 * file.stat().st_size)
    for number in range(4):
        assert small.keep(f"q-{number}", ROWS)
        os.utime(tmp_path / f"q-{number}.arrow", (number, number))
        if number == 2:
            assert small.find("q-0") is not None
    assert [small.has(f"q-{number}") for number in range(4)] == [True, False, True, True]
    assert not Answers(tmp_path, 10).keep("q-9", ROWS)
    assert not Answers(tmp_path, 0).keep("q-9", ROWS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["q-0.arrow", "q-2.arrow", "q-3.arrow"]


def test_half_of_a_file_is_no_answer(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    answers.keep("q-1", ROWS)
    path = tmp_path / "q-1.arrow"
    path.write_bytes(path.read_bytes()[:-40])
    assert answers.find("q-1") is None
    assert not answers.has("q-1")


def test_a_name_that_is_no_query_id_is_no_path(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "answers")
    for name in ("../q", "a/b", "", "q.1"):
        assert not answers.keep(name, ROWS)
        assert answers.find(name) is None
    assert not list(tmp_path.rglob("*.arrow"))


def test_a_place_that_cannot_be_a_folder_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answers = Answers(tmp_path / "file" / "answers")
    assert not answers.keep("q-1", ROWS)
    assert answers.find("q-1") is None


def test_a_size_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWSQL_ANSWERS_BYTES", "1GB")
    with pytest.raises(UsageError, match="'1GB' is not a size"):
        Answers.own()
