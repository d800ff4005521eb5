"""A file is at every moment the old one or the whole new one, and a path that cannot be a file says why."""

import os
import stat
from pathlib import Path

import pytest

from flowsql.errors import SourceError, UsageError
from flowsql.output.formats import write_atomically


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "made.csv", b"a\n1\n")
    (tmp_path / "other").touch()
    assert (tmp_path / "made.csv").read_bytes() == b"a\n1\n"
    assert mode_of(tmp_path / "made.csv") == mode_of(tmp_path / "other")
    assert len(list(tmp_path.iterdir())) == 2


def test_an_existing_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    before = path.stat().st_ino
    write_atomically(path, b"new")
    assert (path.read_bytes(), mode_of(path)) == (b"new", 0o640)
    assert path.stat().st_ino != before


@pytest.mark.parametrize("existing", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, existing: bool) -> None:
    (tmp_path / "deep").mkdir()
    target = tmp_path / "deep" / "target.csv"
    if existing:
        target.write_bytes(b"old")
    link = tmp_path / "link.csv"
    link.symlink_to(Path("deep") / "target.csv")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_path_that_cannot_be_a_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)there is no directory .*mkdir -p .*nowhere"):
        write_atomically(tmp_path / "nowhere" / "a.csv", b"")
    with pytest.raises(UsageError, match=r"(?s)is a directory.*name a file in it"):
        write_atomically(tmp_path, b"")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="lies under a file"):
        write_atomically(tmp_path / "file" / "a.csv", b"")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot be a file"):
        write_atomically(tmp_path / "loop", b"")
    with pytest.raises(UsageError, match="cannot be a file"):
        write_atomically(tmp_path / ("a" * 300), b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_device_is_written_to_and_never_replaced() -> None:
    with pytest.raises(SourceError, match=r"(?s)No space left.*free some space"):
        write_atomically(Path("/dev/full"), b"x")
    assert Path("/dev/full").is_char_device()


def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "made.csv"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(SourceError, match="could not be written"):
            write_atomically(path, b"x" * 4096)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_protected_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_bytes(b"old")
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write to protected files")
    with pytest.raises(SourceError, match="write-protected"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
