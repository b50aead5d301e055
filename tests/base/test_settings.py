import json
from pathlib import Path

import pytest

from gtview.base import folders, resources
from gtview.base.settings import SettingsFile


def test_that_values_come_back_in_the_next_run():
    SettingsFile("window").set("recent", ["/a", "/\N{LATIN SMALL LETTER E WITH ACUTE}"])
    again = SettingsFile("window")
    assert again.get("recent") == ["/a", "/\N{LATIN SMALL LETTER E WITH ACUTE}"]
    assert again.get("other", 7) == 7


def test_that_files_of_two_names_do_not_mix():
    SettingsFile("one").set("key", 1)
    assert SettingsFile("two").get("key") is None


def test_that_the_settings_are_in_the_home_that_was_asked_for(own_folders):
    settings = SettingsFile("window")
    settings.set("key", 1)
    assert own_folders in settings.path.parents
    assert json.loads(settings.path.read_text(encoding="utf-8")) == {"key": 1}


def test_that_an_unchanged_value_writes_nothing():
    settings = SettingsFile("window")
    settings.set("key", [1, 2])
    settings.path.unlink()
    settings.set("key", [1, 2])
    assert not settings.path.exists()


def test_that_none_is_a_value_that_is_kept():
    settings = SettingsFile("window")
    settings.set("key", None)
    assert SettingsFile("window").get("key", "default") is None
    assert settings.path.exists()


@pytest.mark.parametrize("text", ["{", "[1, 2]", "", "\x00\x01", "7"])
def test_that_a_damaged_file_counts_as_empty_and_is_kept_aside(text):
    path = SettingsFile("window").path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    settings = SettingsFile("window")
    assert settings.get("key") is None
    settings.set("key", 1)
    assert SettingsFile("window").get("key") == 1
    assert (path.parent / "window.damaged.json").read_text(encoding="utf-8") == text


def test_that_settings_that_are_not_persistent_touch_no_file():
    SettingsFile("window").set("key", 1)
    passing = SettingsFile("window", persistent=False)
    assert passing.get("key") is None
    passing.set("key", 2)
    assert passing.get("key") == 2
    assert SettingsFile("window").get("key") == 1


def test_that_an_unwritable_folder_loses_a_preference_and_nothing_else(own_folders, caplog):
    (own_folders / "config").write_text("a file where the folder should be", encoding="utf-8")
    settings = SettingsFile("window")
    settings.set("key", 1)
    assert settings.get("key") == 1
    assert "cannot be written" in caplog.text


def test_that_a_value_that_json_cannot_hold_loses_nothing(caplog):
    settings = SettingsFile("window")
    settings.set("kept", 1)
    settings.set("bad", {1, 2})
    assert "cannot be written" in caplog.text
    assert SettingsFile("window").get("kept") == 1


def test_that_one_variable_moves_all_folders(own_folders):
    kinds = ("config", "data", "cache", "log")
    found = [getattr(folders, f"{kind}_folder")() for kind in kinds]
    assert found == [Path(own_folders, kind) for kind in kinds]


def test_that_without_it_the_folders_are_the_users_and_all_different(monkeypatch):
    monkeypatch.delenv("GTVIEW_HOME")
    found = {
        folders.config_folder(),
        folders.data_folder(),
        folders.cache_folder(),
        folders.log_folder(),
    }
    assert all(folder.is_absolute() for folder in found)
    assert all("gtview" in str(folder).lower() for folder in found)
    assert folders.cache_folder() != folders.data_folder()


def test_that_every_resource_of_the_checkout_is_found():
    root = Path(resources.__file__).resolve().parents[2] / "resources"
    files = [path for path in root.rglob("*") if path.is_file()] if root.is_dir() else []
    for path in files:
        found = resources.resource(*path.relative_to(root).parts)
        assert found.read_bytes() == path.read_bytes()


def test_that_a_missing_resource_is_named():
    with pytest.raises(FileNotFoundError, match=r"icons/nothing\.svg"):
        resources.resource("icons", "nothing.svg")
