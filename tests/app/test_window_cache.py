"""The menu's commands about the copies of features."""

from __future__ import annotations

import pytest

from gtview.app.window_cache import SETTING
from gtview.data.copy_store import DEFAULT_MAX_BYTES, CopyStore


@pytest.fixture
def copies():
    """Three copies of 1 kB, in the user's cache folder."""
    store = CopyStore.of_user()
    store.folder.mkdir(parents=True)
    for k in range(3):
        store.path_of(f"copy{k}").write_bytes(bytes(1000))
    return store


def test_that_the_size_is_asked_remembered_and_used_at_once(window, copies):
    assert window.background.copies_max_bytes == DEFAULT_MAX_BYTES
    window.dialogs.answers["number"] = 1500e-9
    window.cache.ask_size()
    assert window.settings.get(SETTING) == 1500e-9
    assert window.background.copies_max_bytes == 1500
    assert copies.size_bytes() == 1000


def test_that_nothing_changes_when_the_question_is_cancelled(window, copies):
    window.dialogs.answers["number"] = None
    window.cache.ask_size()
    window.dialogs.answers["confirm"] = False
    window.cache.clear()
    assert window.background.copies_max_bytes == DEFAULT_MAX_BYTES
    assert copies.size_bytes() == 3000


def test_that_all_copies_are_deleted(window, copies):
    window.dialogs.answers["confirm"] = True
    window.cache.clear()
    assert copies.size_bytes() == 0


@pytest.mark.parametrize("stored", ["much", -1, None, True])
def test_that_a_damaged_setting_counts_as_none(window, stored):
    window.settings.set(SETTING, stored)
    size_gb = window.cache._size_gb()
    assert size_gb in (DEFAULT_MAX_BYTES / 1e9, 1.0)
