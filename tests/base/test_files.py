import os
import stat
import sys

import pytest

from gtview.base.files import write_text_whole, written_whole

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_that_a_file_is_written_with_its_folders_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a" / "b" / "text.txt"
    write_text_whole(path, "\N{MICRO SIGN}V\n")
    assert path.read_bytes() == "\N{MICRO SIGN}V\n".encode()
    assert names(path.parent) == ["text.txt"]


def test_that_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("old", encoding="utf-8")

    def write_half():
        with written_whole(path) as partial:
            partial.write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["text.txt"]


def test_that_the_old_file_stands_until_the_block_ends(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("old", encoding="utf-8")
    with written_whole(path) as partial:
        partial.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"


@posix
def test_that_permissions_are_kept_and_new_files_are_not_private(tmp_path):
    kept, new = tmp_path / "kept.txt", tmp_path / "new.txt"
    kept.write_text("old", encoding="utf-8")
    kept.chmod(0o640)
    umask = os.umask(0o022)
    try:
        write_text_whole(kept, "1")
        write_text_whole(new, "1")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o644


@posix
def test_that_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "sub" / "link.txt"
    link.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    write_text_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert names(link.parent) == ["link.txt"]


def test_that_an_unwritable_place_raises_an_os_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        write_text_whole(blocked / "below.txt", "x")
