"""Layouts: those shipped, those of the user, and what is remembered of each."""

from __future__ import annotations

import pytest
from opening_in_tests import open_in

from gtview.app.layouts import LAYOUTS, LayoutStore, Places, read_layout
from gtview.app.waiting import wait_until_drawn
from gtview.base.settings import SettingsFile
from gtview.views import VIEWS


@pytest.fixture
def opened(window, export_with_truth):
    open_in(window, export_with_truth)
    return window


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("kind", ["wide", "compact"])
def test_that_a_shipped_layout_names_no_view_twice(name, kind):
    ids = list(getattr(read_layout(name), kind).ids())
    assert len(ids) == len(set(ids))
    assert {"clusters"} <= set(ids)


def test_that_every_view_has_its_place_in_some_layout():
    placed = {i for name in LAYOUTS for i in read_layout(name).wide.ids()}
    assert set(VIEWS) <= placed


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1200)])
def test_that_each_layout_fits_the_window(window, export_with_truth, name, size):
    window.resize(*size)
    open_in(window, export_with_truth)
    window.look.use_layout(name)
    assert wait_until_drawn(window, 60)
    assert (window.width(), window.height()) == size
    for view in window.host.visible_views():
        assert view.width() >= 200, view.id
        assert view.height() >= 120, view.id
        assert view.error is None, view.id


def test_that_ids_that_do_not_exist_are_left_out():
    tree = read_layout("curate").wide.only({"clusters", "waveform"})
    assert list(tree.ids()) == ["clusters", "waveform"]


def test_that_a_layout_of_the_user_is_saved_listed_used_and_deleted(opened):
    opened.host.docks.set_open("correlogram", False)
    opened.dialogs.answers["text"] = "My own"
    opened.look.save_layout()
    assert opened.host.layouts.own_names == ["My own"]
    opened.look.use_layout("curate")
    assert opened.host.docks.is_open("correlogram")
    opened.look.use_layout("My own")
    assert not opened.host.docks.is_open("correlogram")
    opened.host.docks.set_open("correlogram", True)
    opened.look.reset_layout()
    assert not opened.host.docks.is_open("correlogram"), "reset: as it was saved"
    opened.dialogs.answers["confirm"] = False
    opened.look.delete_layout()
    assert opened.host.layouts.own_names == ["My own"]
    opened.dialogs.answers["confirm"] = True
    opened.look.delete_layout()
    assert opened.host.layouts.own_names == []
    assert opened.host.layout.name == "ground truth"


@pytest.mark.parametrize("name", ["curate", "Ground truth", "  "])
def test_that_the_names_of_shipped_layouts_are_refused(opened, name):
    opened.dialogs.answers["text"] = name
    opened.look.save_layout()
    assert opened.host.layouts.own_names == []
    assert "another name" in opened.notice.sentence


def test_that_the_last_layout_comes_back(opened, export_with_truth):
    opened.look.use_layout("review")
    opened.close_dataset()
    open_in(opened, export_with_truth)
    assert opened.host.layout.name == "review"


def test_that_a_dataset_without_truth_begins_with_its_own_layout(window, export):
    open_in(window, export)
    assert window.host.layout.name == "curate"


@pytest.mark.parametrize("damaged", [{"My": 3}, 7, {"My": {"places": {"state": 3}}}])
def test_that_damaged_settings_are_no_layouts(damaged):
    settings = SettingsFile("test", persistent=False)
    settings.set("layouts", damaged)
    settings.set("places.curate.wide", "old")
    store = LayoutStore(settings)
    for name in store.names:
        layout = store.read(name)
        assert store.places(layout, 1900) is None


def test_that_places_are_kept_for_wide_and_narrow_windows_apart():
    store = LayoutStore(SettingsFile("test", persistent=False))
    layout = store.read("curate")
    store.remember(layout, 1900, Places("wide", ("waveform#2",)))
    assert store.places(layout, 1366) is None
    assert store.places(layout, 1700) == Places("wide", ("waveform#2",))
