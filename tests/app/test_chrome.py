"""What stands around every view: settings, help, pictures, more of a kind, full screen."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import double_click
from opening_in_tests import open_in
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.qt.form import describe_fields
from gtview.views import VIEWS, load_view


@pytest.fixture
def opened(window, export_with_truth):
    open_in(window, export_with_truth)
    ids = window.session.clustering.cluster_ids
    window.session.select_clusters(ids[:2])
    assert wait_until_drawn(window)
    return window


def settle(window):
    assert wait_until_drawn(window, 30)


def saved(window, instance_id, path):
    flow = window.host.chrome[instance_id].pictures
    flow.save(path)
    assert wait_until(window, lambda: not flow.is_busy, 30)
    return path


# Settings ------------------------------------------------------------------------------------


def test_that_a_form_changes_its_view_at_once_and_follows_it(opened):
    view = opened.host.view("correlogram")
    form = opened.host.chrome["correlogram"].show_settings()
    form.editor("window_ms").setValue(50.0)
    assert view.settings.window_ms == 50.0
    settle(opened)
    view.toggle_uniform()
    assert form.editor("is_uniform").isChecked() == view.settings.is_uniform


def test_that_a_form_goes_back_to_the_defaults(opened):
    view = opened.host.view("correlogram")
    view.change(window_ms=20.0, bin_ms=0.5)
    form = opened.host.chrome["correlogram"].show_settings()
    form.reset_asked.emit()
    assert view.settings == type(view.settings)()
    assert form.editor("window_ms").value() == type(view.settings)().window_ms


def test_that_the_form_lies_in_the_window_blocks_nothing_and_closes_again(opened, qtbot):
    chrome = opened.host.chrome["waveform"]
    chrome.show_settings()
    popup = chrome.popups["settings"]
    assert opened.rect().contains(popup.geometry())
    assert QApplication.activeModalWidget() is None
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not chrome.popups
    chrome.show_settings()
    chrome.show_settings()
    assert not chrome.popups, "the same key closes it"


@pytest.mark.parametrize("view_id", VIEWS)
def test_that_every_setting_of_every_view_has_a_name_and_takes_its_default(view_id):
    for field in describe_fields(load_view(view_id).Settings):
        assert field.label
        if field.choices:
            assert field.default in [value for value, _ in field.choices], field.name
        elif isinstance(field.default, float | int):
            assert field.lowest is None or field.lowest <= field.default, field.name
            assert field.highest is None or field.default <= field.highest, field.name


def test_that_every_view_opens_its_form_and_its_help(opened):
    for instance_id in opened.host.ids:
        opened.host.open_view(instance_id)
        chrome = opened.host.chrome[instance_id]
        form = chrome.show_settings()
        assert form.isVisible(), instance_id
        chrome.popups["settings"].close()
        chrome.show_help()
        page = chrome.popups["help"].content.toPlainText()
        for _, text in opened.host.view(instance_id).gestures:
            assert text in page
        for action in opened.host.view(instance_id).actions_declared:
            assert action.text in page
        chrome.show_help()
        assert "help" not in chrome.popups


# Pictures ------------------------------------------------------------------------------------


def test_that_every_view_is_saved_in_every_format_on_white(opened, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for instance_id in opened.host.ids:
        opened.host.open_view(instance_id)
        settle(opened)
        for ending in ("png", "svg", "pdf"):
            path = saved(opened, instance_id, folder / f"a.{ending}")
            assert path.stat().st_size > 300, (instance_id, ending)
            assert not opened.notice.isVisible(), opened.notice.sentence
            if ending == "svg":
                assert "<svg" in path.read_text(encoding="utf-8")
        image = QImage(str(folder / "a.png"))
        edge = [image.pixelColor(x, image.height() - 2).lightness() for x in range(image.width())]
        assert np.median(edge) > 200, f"{instance_id} is not on white"
        for path in folder.iterdir():
            path.unlink()


def test_that_a_view_without_content_is_saved_as_its_sentence(opened, tmp_path):
    opened.host.open_view("history")
    settle(opened)
    svg = saved(opened, "history", tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "nothing was done yet" in svg
    image = QImage(str(saved(opened, "history", tmp_path / "a.png")))
    assert image.pixelColor(5, 5).lightness() > 240


def test_that_texts_of_a_plot_are_texts_in_svg(opened, tmp_path):
    svg = saved(opened, "correlogram", tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<text" in svg
    assert "lag (ms)" in svg
    assert "<image" not in svg


def test_that_the_view_looks_as_before_when_its_picture_is_made(opened, tmp_path):
    view = opened.host.view("waveform")
    before = view.grab().toImage()
    saved(opened, "waveform", tmp_path / "a.png")
    settle(opened)
    assert view.theme is opened.themes.theme
    assert view.updatesEnabled()
    assert view.grab().toImage() == before


def test_that_a_picture_is_copied(opened):
    flow = opened.host.chrome["agreement"].pictures
    QApplication.clipboard().clear()
    flow.copy()
    assert wait_until(opened, lambda: not flow.is_busy, 30)
    assert not QApplication.clipboard().image().isNull()


def test_that_a_table_is_saved_as_csv(opened, tmp_path):
    text = saved(opened, "clusters", tmp_path / "a.csv").read_text()
    header, *rows = text.splitlines()
    assert header.startswith("id,")
    assert len(rows) == opened.session.clustering.n_clusters
    assert {int(row.split(",")[0]) for row in rows} == set(opened.session.clustering.cluster_ids)


def test_that_saving_asks_where_and_remembers_the_folder(opened, tmp_path):
    opened.dialogs.answers["new file"] = tmp_path / "picture.svg"
    chrome = opened.host.chrome["correlogram"]
    chrome.save()
    assert wait_until(opened, lambda: not chrome.pictures.is_busy, 30)
    assert (tmp_path / "picture.svg").exists()
    assert opened.settings.get("picture.folder") == str(tmp_path)


def test_that_a_place_that_cannot_be_written_is_told(opened, tmp_path):
    (tmp_path / "file").write_text("")
    saved(opened, "correlogram", tmp_path / "file" / "a.png")
    assert "cannot be written" in opened.notice.sentence


# More of a kind ------------------------------------------------------------------------------


def test_that_one_more_view_has_settings_of_its_own(opened):
    opened.host.view("correlogram").change(window_ms=20.0)
    second = opened.host.add_view("correlogram")
    assert second == "correlogram#2"
    settle(opened)
    view = opened.host.view(second)
    assert view.isVisible()
    assert view.n_drawn > 0
    assert view.settings.window_ms == 20.0, "it begins with those of the first"
    view.change(window_ms=200.0)
    assert opened.host.view("correlogram").settings.window_ms == 20.0


def test_that_more_views_are_remembered_with_the_layout_and_forgotten_when_closed(
    opened, export_with_truth
):
    first = opened.host.add_view("correlogram")
    second = opened.host.add_view("correlogram")
    settle(opened)
    opened.host.view(second).change(window_ms=500.0)
    opened.host.chrome[first].close()
    assert first not in opened.host.ids
    opened.close_dataset()
    open_in(opened, export_with_truth)
    assert first not in opened.host.ids
    assert opened.host.view(second).settings.window_ms == 500.0
    assert opened.host.docks.is_open(second)
    opened.look.use_layout("drift")
    assert second not in opened.host.ids, "it belongs to the other layout"
    opened.look.use_layout("ground truth")
    assert second in opened.host.ids


def test_that_a_view_closed_by_the_views_menu_is_forgotten_too(opened):
    second = opened.host.add_view("waveform")
    settle(opened)
    opened.host.docks.toggle_action(second).trigger()
    assert wait_until(opened, lambda: second not in opened.host.ids, 5)
    assert opened.settings.get(f"view.{second}") is None


def test_that_a_view_that_nobody_sees_is_not_made(window, export_with_truth):
    open_in(window, export_with_truth)
    made = set(window.host.views)
    seen = {view.instance_id for view in window.host.visible_views()}
    assert made == seen
    assert len(made) < len(window.host.ids)


def test_that_a_view_that_cannot_be_made_says_so_and_the_others_go_on(
    window, export_with_truth, monkeypatch
):
    def fail(self):
        raise ZeroDivisionError

    monkeypatch.setattr(load_view("correlogram"), "build", fail)
    open_in(window, export_with_truth)
    window.host.docks.set_open("correlogram", True)
    settle(window)
    assert window.host.slot("correlogram").error is not None
    assert window.host.view("clusters").n_drawn > 0


# Full screen ---------------------------------------------------------------------------------


def test_that_a_double_click_on_a_title_fills_the_screen_and_esc_goes_back(opened, qtbot):
    view = opened.host.view("waveform")
    size = opened.size()
    tab = opened.host.docks._entries["waveform"].dock.tabWidget()
    double_click(tab, (10, 8))
    settle(opened)
    assert opened.look.full_id == "waveform"
    assert [v.instance_id for v in opened.host.visible_views()] == ["waveform"]
    assert not opened.host.docks._entries["waveform"].dock.isFloating()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    settle(opened)
    assert opened.look.full_id == ""
    assert not opened.isFullScreen()
    assert opened.size() == size
    assert view.isVisible()
    assert opened.host.view("clusters").isVisible()


def test_that_a_double_click_on_the_large_title_goes_back_too(opened):
    opened.host.chrome["correlogram"].toggle_full()
    double_click(opened.look.solo._head, (40, 8))
    assert opened.look.full_id == ""


def test_that_closing_the_dataset_or_the_view_leaves_full_screen(opened, export_with_truth):
    opened.host.chrome["correlogram"].toggle_full()
    opened.host.chrome["correlogram"].close()
    assert opened.look.full_id == ""
    assert not opened.host.docks.is_open("correlogram")
    opened.host.chrome["waveform"].toggle_full()
    opened.close_dataset()
    assert opened._start.isVisible()
    open_in(opened, export_with_truth)
    assert opened.host.view("waveform").isVisible()
