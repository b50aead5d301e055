import json
import os

import pytest

from gtview.base.errors import UsageError
from gtview.jobs import partial
from gtview.jobs.partial import partial_path, remove_partial, whole_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_that_the_folder_appears_whole_and_alone(tmp_path):
    target = tmp_path / "sub" / "result"
    with whole_folder(target) as folder:
        (folder / "a.txt").write_text("a", encoding="utf-8")
        assert folder == tmp_path / "sub" / "result.partial"
        assert not target.exists()
    assert names(target.parent) == ["result"]
    assert names(target) == ["a.txt"]


def test_that_an_error_leaves_nothing(tmp_path):
    def write_half():
        with whole_folder(tmp_path / "result") as folder:
            (folder / "a.txt").write_text("a", encoding="utf-8")
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert names(tmp_path) == []


def test_that_an_existing_result_is_refused_and_kept(tmp_path):
    target = tmp_path / "result"
    target.mkdir()
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"), whole_folder(target):
        pass
    assert names(tmp_path) == ["result"]
    assert names(target) == ["mine.txt"]


def test_that_a_result_that_appeared_meanwhile_is_kept(tmp_path):
    target = tmp_path / "result"

    def write_beside():
        with whole_folder(target) as folder:
            (folder / "a.txt").write_text("a", encoding="utf-8")
            target.mkdir()
            (target / "mine.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(OSError, match="result"):
        write_beside()
    assert names(tmp_path) == ["result"]
    assert names(target) == ["mine.txt"]


@pytest.mark.parametrize("writer", ["", '{"pid": 4194000, "started": 0}', "[]", None])
def test_that_the_rest_of_an_interrupted_run_is_replaced(tmp_path, writer):
    rest = partial_path(tmp_path / "result")
    rest.mkdir()
    (rest / "old.txt").write_text("old", encoding="utf-8")
    if writer is not None:
        (rest / "writer.json").write_text(writer, encoding="utf-8")
    with whole_folder(tmp_path / "result") as folder:
        assert names(folder) == ["writer.json"]
    assert names(tmp_path / "result") == []


def test_that_two_writers_of_one_result_do_not_mix(tmp_path):
    with whole_folder(tmp_path / "result") as folder:
        (folder / "first.txt").write_text("1", encoding="utf-8")
        with pytest.raises(UsageError, match="being written"), whole_folder(tmp_path / "result"):
            pass
        assert (folder / "first.txt").exists()
    assert names(tmp_path / "result") == ["first.txt"]


def test_that_a_process_with_a_used_again_id_is_not_taken_for_the_writer(tmp_path):
    rest = partial_path(tmp_path / "result")
    rest.mkdir()
    writer = {"pid": os.getpid(), "started": 1.0}
    (rest / "writer.json").write_text(json.dumps(writer), encoding="utf-8")
    with whole_folder(tmp_path / "result"):
        pass
    assert names(tmp_path) == ["result"]


def test_that_the_partial_folder_is_announced_before_it_is_made(tmp_path, monkeypatch):
    heard = []
    monkeypatch.setattr(partial, "_announcers", [])
    partial.announce_partials(lambda path: heard.append((path, path.exists())))
    with whole_folder(tmp_path / "result") as folder:
        assert heard == [(folder, False)]


@pytest.mark.parametrize("name", ["data", "partial", "a.partial.txt"])
def test_that_only_partial_folders_are_ever_removed(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    assert not remove_partial(folder)
    assert folder.exists()


def test_that_a_link_is_not_followed_when_removing(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.partial"
    link.symlink_to(tmp_path / "real", target_is_directory=True)
    assert not remove_partial(link)
    assert (tmp_path / "real").exists()
