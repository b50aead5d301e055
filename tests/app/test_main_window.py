from __future__ import annotations

import hashlib

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent

from gtview.app.actions import ACTIONS
from gtview.app.opening import Opening, OpenRequest
from gtview.app.view_chrome import COMMON_ACTIONS
from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.qt.keys import portable
from gtview.views import VIEWS, load_view


def hashes(folder):
    return {
        path.relative_to(folder): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_that_a_window_without_a_dataset_shows_what_one_can_do(window):
    assert window._start.isVisible()
    assert window._start.open_button.isEnabled()
    assert not window.has_dataset


def test_that_opening_draws_every_visible_view_and_selects_the_largest_cluster(window, export):
    open_in(window, export)
    assert window.has_dataset
    assert all(view.n_drawn for view in window.host.visible_views())
    assert all(view.error is None for view in window.host.views.values())
    (chosen,) = window.session.selection.state.cluster_ids
    sizes = {
        i: window.session.clustering.n_spikes_of(i) for i in window.session.clustering.cluster_ids
    }
    assert sizes[chosen] == max(sizes.values())


@pytest.mark.parametrize(
    ("asked", "selected", "told"),
    [
        ((3, 999), (3,), "There is no cluster 999 to select."),
        ((3, 2), (3, 2), ""),
        ((999, 998), None, "There are no clusters 998, 999 to select."),
    ],
)
def test_that_clusters_to_select_that_do_not_exist_are_told(window, export, asked, selected, told):
    window.follow(Opening(OpenRequest(export, select=asked)).start())
    assert wait_until(window, lambda: window.is_at_rest, 60)
    chosen = window.session.selection.state.cluster_ids
    assert chosen == selected if selected else len(chosen) == 1
    assert told in window.notice.sentence
    assert bool(told) == ("to select" in window.notice.sentence)
    window.reload()
    assert wait_until_drawn(window, 60)
    assert "to select" not in window.notice.sentence


def test_that_opening_looking_and_closing_change_no_byte_of_the_folder(window, export):
    before = hashes(export.parent)
    open_in(window, export)
    for cluster_id in window.session.clustering.cluster_ids:
        window.session.select_clusters((cluster_id,))
    window.close_dataset()
    assert hashes(export.parent) == before


def test_that_a_truth_beside_the_export_is_found_and_scored(window, export_with_truth):
    open_in(window, export_with_truth)
    scores = window.session.scores
    assert {unit.category for unit in scores.units} == {"well_detected"}
    n_found = sum(unit.tp for unit in scores.units)
    n_true = sum(unit.n_spikes for unit in scores.units)
    assert n_found / n_true == pytest.approx(10 / 11, abs=0.01)
    assert "well detected" in window.status.selection_text.text()


def test_that_a_part_of_time_is_told_at_the_bottom_while_it_is_chosen(window, export):
    open_in(window, export)
    window.session.selection.update(time_window_s=(0.25, 1.5))
    assert "only 0.25 to 1.5 s" in window.status.selection_text.text()
    window.session.selection.update(time_window_s=None)
    assert "only" not in window.status.selection_text.text()


def test_that_a_folder_that_is_no_export_is_refused_in_one_sentence(window, tmp_path):
    (tmp_path / "nothing").mkdir()
    window.open_path(tmp_path / "nothing")
    assert wait_until(window, lambda: window.is_at_rest, 30)
    assert "params.py" in window.notice.sentence
    assert "Traceback" not in window.notice.sentence
    assert not window.has_dataset
    assert window._start.isVisible()


def test_that_a_failed_opening_leaves_the_open_dataset_as_it_was(window, export, tmp_path):
    open_in(window, export)
    session = window.session
    window.open_path(tmp_path / "not there")
    assert wait_until(window, lambda: window.is_at_rest, 30)
    assert window.session is session
    assert window._dock_page.isVisible()


def test_that_another_dataset_takes_the_place_of_the_first(window, export, tmp_path):
    open_in(window, export)
    first = window.session
    make_phy_folder(tmp_path / "other", n_spikes=300, n_clusters=3, n_channels=8)
    open_in(window, tmp_path / "other")
    assert window.session is not first
    assert window.session.clustering.n_clusters == 3
    # Views of the first one must not hear of it any more.
    first.select_clusters(())


def test_that_a_dropped_folder_is_opened(window, export):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(export))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert wait_until(window, lambda: window.has_dataset, 30)


def test_that_recent_datasets_are_listed_newest_first(window, export, tmp_path):
    make_phy_folder(tmp_path / "second", n_spikes=200, n_clusters=2, n_channels=4)
    open_in(window, export)
    open_in(window, tmp_path / "second")
    window.close_dataset()
    listed = [window._start.recent.item(k).toolTip() for k in range(window._start.recent.count())]
    assert listed == [str(tmp_path / "second"), str(export)]


def test_that_a_missing_raw_file_is_told_and_can_be_located(window, export):
    raw = export.parent / "raw.bin"
    elsewhere = export.parent.parent / "elsewhere.bin"
    raw.rename(elsewhere)
    open_in(window, export)
    assert "raw.bin was not found: templates are shown" in window.notice.sentence
    window.dialogs.answers["file"] = elsewhere
    window.notice.press("Locate it")
    assert wait_until(window, lambda: window.session.dataset.raw is not None, 30)
    assert wait_until_drawn(window)
    window.close_dataset()
    open_in(window, export)
    assert window.session.dataset.raw is not None, "it is remembered"


def test_that_templates_are_not_promised_where_there_are_none(window, export):
    (export.parent / "raw.bin").unlink()
    (export / "templates.npy").unlink()
    open_in(window, export)
    assert "raw.bin was not found: raw waveforms and traces are not shown." in (
        window.notice.sentence
    )


def test_that_a_gain_set_by_the_user_gives_microvolts_and_is_remembered(window, export):
    params = export / "params.py"
    lines = [line for line in params.read_text().splitlines() if "gain" not in line]
    params.write_text("\n".join(lines))
    open_in(window, export)
    assert window.session.dataset.amplitude_unit == "arb."
    window.dialogs.answers["number"] = 0.5
    window.files.ask_gain()
    assert wait_until(window, lambda: window.session.dataset.gain is not None, 30)
    assert window.session.dataset.uv_per_bit == 0.5
    window.close_dataset()
    open_in(window, export)
    assert window.session.dataset.uv_per_bit == 0.5


def test_that_the_theme_is_switched_and_remembered(window, export):
    open_in(window, export)
    assert not window.look.is_light
    window.look.toggle_theme()
    assert wait_until_drawn(window)
    assert window.look.is_light
    assert window.settings.get("theme") == "light"


def test_that_layout_changes_are_remembered_and_reset(window, export):
    open_in(window, export)
    window.host.docks.set_open("correlogram", False)
    window.close_dataset()
    open_in(window, export)
    assert not window.host.docks.is_open("correlogram")
    window.look.reset_layout()
    assert window.host.docks.is_open("correlogram")


def test_that_a_reload_keeps_what_is_selected(window, export):
    open_in(window, export)
    window.session.select_clusters((2, 1))
    window.reload()
    assert wait_until(window, lambda: window.is_at_rest, 30)
    assert window.session.selection.state.cluster_ids == (2, 1)


def test_that_no_key_is_declared_twice_in_one_context():
    contexts = {"window": ACTIONS}
    contexts |= {
        view_id: (*load_view(view_id).actions_declared, *COMMON_ACTIONS) for view_id in VIEWS
    }
    for name, actions in contexts.items():
        keys = [portable(k) for action in actions for k in action.keys]
        assert all(keys), f"{name} has a key that Qt does not know"
        assert len(keys) == len(set(keys)), f"{name} declares a key twice: {sorted(keys)}"


def test_that_every_declared_action_can_be_called(window, export):
    for action in window.menus.actions.values():
        assert action.text()
    open_in(window, export)
    for view in map(window.host.view, window.host.ids):
        for action in view.actions_declared:
            assert callable(getattr(view, action.slot)), f"{view.id}: {action.slot}"


def test_that_diagnostics_are_listed_in_words(window, export):
    np.save(export / "spike_times.npy", np.load(export / "spike_times.npy")[::-1].copy())
    open_in(window, export)
    assert "warning" in window.status.diagnostics_button.text()
    window.help.show_diagnostics()
    assert "spike_times.npy" in window.dialogs.shown[-1][2]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1200)])
def test_that_the_layout_fits_the_window(qtbot, window, export, size):
    window.resize(*size)
    open_in(window, export)
    for view in window.host.visible_views():
        assert view.width() >= 200, view.id
        assert view.height() >= 120, view.id
