"""A reload leaves everything where it was."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in

from gtview.app.waiting import wait_until, wait_until_drawn


@pytest.fixture
def opened(window, tmp_path):
    make_phy_folder(tmp_path / "phy", n_spikes=3000, n_clusters=60, n_channels=8)
    open_in(window, tmp_path / "phy")
    return window


def reload(window):
    session = window.session
    window.reload()
    assert wait_until(window, lambda: window.is_at_rest and window.session is not session, 60)
    assert wait_until_drawn(window, 60)


def test_that_order_and_colors_of_the_selection_survive(opened):
    session = opened.session
    session.select_clusters((7, 3, 12))
    session.select_clusters((3, 12, 5), (9,))
    session.selection.update(channel_ids=(2,), time_window_s=(0.5, 2.0))
    before = session.selection.state
    assert before.color_of(3) == 1
    reload(opened)
    assert opened.session is not session
    assert opened.session.selection.state == before
    table = opened.host.view("clusters")
    assert table.color_of(5) is not None
    assert table.color_of(9) is not None
    assert table.color_of(7) is None


def test_that_clusters_that_are_gone_are_left_out(opened):
    session = opened.session
    session.select_clusters((7, 3, 12))
    folder = opened.session.dataset.folder
    clusters = np.load(folder / "spike_clusters.npy")
    clusters[clusters == 3] = 12
    np.save(folder / "spike_clusters.npy", clusters)
    reload(opened)
    state = opened.session.selection.state
    assert state.cluster_ids == (7, 12)
    assert state.color_ids == (0, 2)


def test_that_filter_order_and_place_of_a_table_survive(opened):
    view = opened.host.view("clusters")
    view.filter_line.setText("id > 5")
    view.table.sort_by("id", descending=True)
    bar = view.table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    across = view.table.horizontalScrollBar()
    across.setValue(across.maximum() // 2)
    top, shown, right = view.table.top_id, view.table.rows.shown_ids, across.value()
    assert top is not None
    reload(opened)
    again = opened.host.view("clusters")
    assert again is not view
    assert again.filter_line.text() == "id > 5"
    assert again.table.rows.shown_ids == shown
    assert again.table.top_id == top
    assert again.table.horizontalScrollBar().value() == right


def test_that_more_views_and_their_settings_survive(opened):
    second = opened.host.add_view("correlogram")
    assert wait_until_drawn(opened)
    opened.host.view(second).change(window_ms=500.0)
    reload(opened)
    assert opened.host.view(second).settings.window_ms == 500.0


def test_that_what_was_zoomed_to_survives_in_every_view_with_axes(opened):
    opened.host.use_layout("Review" if "Review" in opened.host.layouts.names else "Curate", 1600)
    ids = [i for i in opened.host.ids if opened.host.view(i).missing(opened.session) is None]
    chosen = {}
    for instance_id in ids:
        opened.host.open_view(instance_id)
        assert wait_until_drawn(opened)
        view = opened.host.view(instance_id)
        for k, panel in enumerate(getattr(view.content, "panels", ())):
            x0, x1 = panel.x_range
            panel.show_range((x0 + 0.25 * (x1 - x0), x0 + 0.75 * (x1 - x0)))
            if not panel.is_at_home:
                chosen[instance_id, k] = (panel.x_range, panel.y_range)
    assert len({instance_id for instance_id, _ in chosen}) >= 4
    reload(opened)
    for instance_id, k in chosen:
        opened.host.open_view(instance_id)
        assert wait_until_drawn(opened)
        panel = opened.host.view(instance_id).content.panels[k]
        before = chosen[instance_id, k]
        assert panel.x_range == pytest.approx(before[0], abs=1e-6 * (before[0][1] - before[0][0]))
