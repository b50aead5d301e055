"""What may be selected next is read ahead, and changes nothing of what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in

from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.base.errors import CancelledError
from gtview.session.session import ClusterSpikes


@pytest.fixture
def opened(window, tmp_path):
    make_phy_folder(tmp_path / "phy", n_spikes=4000, n_clusters=6, n_channels=8, with_raw=True)
    open_in(window, tmp_path / "phy")
    window.background.stop()
    return window


def read_now(window, view, ids):
    session = window.session
    clusters = tuple(ClusterSpikes(i, session.spikes_in_window(i)) for i in ids)
    read = view.read_ahead(clusters)
    if read is not None:
        read(lambda: None)
    return read is not None


def pictures(view):
    picture = view.picture
    if hasattr(picture, "scatter"):
        return [one.pixels for one in picture.scatter.pictures]
    return [picture.scene.raster]


@pytest.mark.parametrize("view_id", ["feature", "template_feature", "waveform"])
@pytest.mark.parametrize("ids", [(3,), (2, 4)])
def test_that_what_was_read_ahead_is_drawn_the_same(opened, view_id, ids, monkeypatch):
    session = opened.session
    opened.host.open_view(view_id)
    view = opened.host.view(view_id)
    # Twice: scales follow what was seen before.
    for chosen in ((1,), ids, (1,), ids):
        session.select_clusters(chosen)
        assert wait_until_drawn(opened)
    expected = pictures(view)
    session.select_clusters((1,))
    assert wait_until_drawn(opened)
    assert read_now(opened, view, ids)
    assert not read_now(opened, view, ids), "it is known already"
    known = []
    compute = type(view).compute

    def watched(query):
        ahead = getattr(query, "ahead", None) or query.known
        known.append(ahead.asked.key == query.asked.key)
        return compute(query)

    monkeypatch.setattr(view, "compute", watched)
    session.select_clusters(ids)
    assert wait_until_drawn(opened)
    assert known[0], "nothing is read a second time"
    for got, wanted in zip(pictures(view), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_that_reading_ahead_stops_when_it_is_not_wanted_any_more(opened):
    view = opened.host.view("feature")
    session = opened.session
    read = view.read_ahead((ClusterSpikes(2, session.spikes_in_window(2)),))

    def pause():
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        read(pause)
    assert view._ahead.n_bytes == 0


def test_that_the_window_reads_the_next_cluster_ahead(window, tmp_path):
    make_phy_folder(tmp_path / "phy", n_spikes=4000, n_clusters=6, n_channels=8)
    open_in(window, tmp_path / "phy")
    window.host.open_view("feature")
    wait_until_drawn(window)
    view = window.host.view("feature")
    assert wait_until(window, lambda: view._ahead.n_bytes > 0, 30)
    window.session.wizard.go_best(1)
    key = view.query().known.asked.key
    assert key[2] == window.session.selection.state.cluster_ids
