"""Proposing splits in the window: by features, by template, by a line; accepting with K."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import SHIFT, click
from opening_in_tests import open_in


@pytest.fixture
def opened(window, tmp_path):
    """A window with an export of two larger clusters."""
    folder = tmp_path / "phy"
    make_phy_folder(folder, n_spikes=1200, n_clusters=3, n_channels=8, dialect="kilosort2")
    open_in(window, folder)
    return window


def idle(qtbot, window):
    qtbot.waitUntil(lambda: not window.splitting.is_busy and window.is_settled, timeout=120_000)


def trigger(window, action_id):
    window.menus.actions[action_id].trigger()


def test_that_parts_are_suggested_changed_in_number_and_accepted(qtbot, opened):
    window = opened
    session = window.session
    (cluster_id,) = session.selection.state.cluster_ids
    spikes = session.clustering.spikes_of(cluster_id)
    trigger(window, "split.suggest")
    idle(qtbot, window)
    n = len(session.splitting.proposal.parts)
    assert n >= 2
    trigger(window, "split.more")
    idle(qtbot, window)
    assert len(session.splitting.proposal.parts) == min(n + 1, 6)
    for _ in range(5):
        trigger(window, "split.fewer")
        idle(qtbot, window)
    parts = [part.tolist() for part in session.splitting.proposal.parts]
    assert len(parts) == 2
    trigger(window, "curate.split")
    made = [session.clustering.spikes_of(i).tolist() for i in session.selection.state.cluster_ids]
    assert made[:2] == parts
    assert sorted(sum(made, [])) == spikes.tolist()  # noqa: RUF017
    assert session.splitting.proposal is None
    trigger(window, "curate.undo")
    assert session.clustering.spikes_of(cluster_id).tolist() == spikes.tolist()


def test_that_templates_of_a_merged_cluster_are_suggested(qtbot, opened):
    window = opened
    session = window.session
    session.curation.merge([0, 1])
    trigger(window, "split.templates")
    templates = [
        np.unique(session.dataset.spike_templates[part]).tolist()
        for part in session.splitting.proposal.parts
    ]
    assert sorted(templates) == [[0], [1]]
    trigger(window, "split.forget")
    assert session.splitting.proposal is None
    session.select_clusters((2,))
    trigger(window, "split.templates")
    assert session.splitting.proposal is None
    assert "one template" in window.statusBar().currentMessage()


def test_that_a_line_changes_what_was_suggested(qtbot, opened):
    window = opened
    session = window.session
    session.curation.merge([0, 1])
    window.host.open_view("amplitude")
    idle(qtbot, window)
    trigger(window, "split.templates")
    view = window.host.view("amplitude")
    panel = view.plot.panel
    idle(qtbot, window)
    middle = float(np.median(session.dataset.amplitudes))
    (left, right), (low, _) = panel.x_range, panel.y_range
    for corner in ((left, low), (right, low), (right, middle), (left, middle)):
        at = panel.scene_position(*corner)
        inset = (min(max(at.x(), panel.box.sceneBoundingRect().left() + 1),
                     panel.box.sceneBoundingRect().right() - 1),
                 min(at.y(), panel.box.sceneBoundingRect().bottom() - 1))  # fmt: skip
        click(view.plot.viewport(), inset, modifiers=SHIFT)
    qtbot.waitUntil(lambda: not view.split.is_busy)
    parts = session.splitting.proposal.parts
    assert len(parts) == 3
    assert session.dataset.amplitudes[parts[2]].max() < middle * 1.1
    window.splitting.forget()


def test_that_nothing_selected_or_no_features_is_told(qtbot, opened):
    window = opened
    window.session.select_clusters(())
    for action in ("split.suggest", "split.templates"):
        trigger(window, action)
        assert "Select a cluster" in window.statusBar().currentMessage()
    assert window.session.splitting.proposal is None


def test_that_backspace_is_the_view_s_only_while_a_line_is_drawn(qtbot, opened):
    window = opened
    window.host.open_view("amplitude")
    idle(qtbot, window)
    view = window.host.view("amplitude")
    keys = window.host.keys_of(view)
    assert not keys["Backspace"].condition()
    click(view.plot.viewport(), (120, 60), modifiers=SHIFT)
    assert keys["Backspace"].condition()
    keys["Backspace"]()
    assert not view.lasso.is_there
