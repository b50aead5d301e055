"""The spike spray: what it draws, what a click picks, keys, states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import CTRL, click
from showing import session_of

from gtview.data.dataset import Gain
from gtview.data.ground_truth import GroundTruth
from gtview.data.phy_reader import read_export
from gtview.qt.canvas import Viewport
from gtview.scoring.states import SpikeState
from gtview.session.scoring import score, scoring_query
from gtview.session.session import Session
from gtview.views.match_view import NO_TRUTH
from gtview.views.spray import SprayView
from gtview.views.spray_scene import find_waveform, largest_value
from gtview.views.wording import TRUTH_IS_HIDDEN


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    made = make_phy_folder(
        tmp_path_factory.mktemp("export") / "phy", n_spikes=1200, n_clusters=4, n_channels=12,
        n_raw_channels=12, with_raw=True, with_features=False, seed=6,
    )  # fmt: skip
    return read_export(made.path, gain=Gain(0.2, "the test"), raw_path=made.raw_path)


@pytest.fixture
def session(dataset):
    """A unit for each cluster; a tenth of what is sorted is false, a sixth of the truth lost."""
    trains = []
    for k in range(4):
        own = dataset.spike_samples[dataset.spike_clusters == k]
        kept = own[np.arange(len(own)) % 10 > 0]
        trains.append(np.unique(np.concatenate([kept, kept[::5] + 2000])))
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in trains])]).astype(np.int64)
    truth = GroundTruth(
        Path("truth"), tuple("abcd"), dataset.sample_rate_hz,
        np.concatenate(trains).astype(np.int64), offsets,
    )  # fmt: skip
    made = session_of(dataset, truth)
    made.set_scores(score(scoring_query(made)))
    return made


@pytest.fixture
def view(shower, session):
    session.select_unit("b")
    return shower(SprayView, session)


def group_of(view, state):
    return next(g for g in view.picture.spray.groups if g.state == state)


def test_that_groups_have_counts_in_the_title_bar(view):
    spray = view.picture.spray
    assert f"unit b, cluster {spray.cluster_id}" in view.status
    assert f"{group_of(view, SpikeState.FOUND).n_spikes:,} found" in view.status
    assert f"{group_of(view, SpikeState.MISSED).n_spikes:,} missed" in view.status
    assert "300 Hz high-pass" in view.status


def test_that_every_group_is_drawn_in_its_column(view):
    picture = view.picture
    alpha = picture.image[:, :, 3].sum(axis=0)
    ratio = picture.surface.ratio
    for column, group in enumerate(picture.spray.groups):
        start = picture.layout.left(column)
        part = alpha[round(start * ratio) : round((start + picture.layout.column_px) * ratio)]
        assert (part.max() > 0) == bool(len(group.waveforms))


def test_that_waveforms_fit_into_their_rows(view):
    layout, spray = view.picture.layout, view.picture.spray
    largest = largest_value(spray)
    for group in spray.groups:
        y = layout.y(0, group.mean[:, 0])
        assert (np.abs(y - layout.middle(0)) <= 0.56 * layout.row_px).all()
        assert np.abs(group.mean).max() <= largest


def test_that_a_click_shows_the_spike_of_the_nearest_waveform(view, session):
    picture = view.picture
    column = [g.state for g in picture.spray.groups].index(SpikeState.MISSED)
    group = picture.spray.groups[column]
    n_samples = group.waveforms.shape[1]
    # The largest deviation is of one waveform alone.
    i, k = np.unravel_index(
        np.abs(group.waveforms[:, :, 0]).argmax(), (len(group.samples), n_samples)
    )
    at = picture.layout.x(column, n_samples)[k], picture.layout.y(0, group.waveforms[i, k, 0])
    click(view.canvas, (float(at[0]), float(at[1])))
    assert view.picked == (column, i)
    start, stop = session.selection.state.trace_s
    time_s = group.samples[i] / session.dataset.sample_rate_hz
    assert start <= time_s <= stop
    assert view.status == f"missed at {time_s:,.4f} s, shown in the trace view"
    assert session.selection.state.unit_id == "b"


def test_that_a_click_far_from_all_picks_none(view, session):
    click(view.canvas, (float(view.canvas.width()) - 2, 2.0))
    assert view.picked is None
    assert session.selection.state.trace_s is None
    click(view.canvas, (100.0, 100.0), modifiers=CTRL)
    assert session.selection.state.trace_s is None


def test_that_it_is_found_where_the_drawing_was_moved_to(view):
    picture, viewport = view.picture, Viewport(2.0, 3.0, -40.0, 25.0)
    group, layout = picture.spray.groups[0], picture.layout
    k = 20
    x = viewport.x(layout.x(0, group.waveforms.shape[1])[k])
    y = viewport.y(layout.y(1, group.waveforms[4, k, 1]))
    column, i = find_waveform(picture, viewport, float(x), float(y))
    off = (layout.y(1, group.waveforms[i, k, 1]) - layout.y(1, group.waveforms[4, k, 1])) * 3
    assert column == 0
    assert abs(off) <= 10


def test_that_zooming_reads_nothing_again(view, shower):
    spray = view.picture.spray
    view.canvas.set_viewport(Viewport(2.0, 2.0, -100.0, -100.0))
    shower.settle(view)
    assert view.picture.spray is spray
    assert view.picture.surface.viewport.scale_x == 2.0
    view.fit()
    shower.settle(view)
    assert view.canvas.viewport.is_home


def test_that_keys_change_the_channels(view, shower):
    assert len(view.picture.spray.channel_ids) == 4
    view.show_more_channels()
    shower.settle(view)
    assert len(view.picture.spray.channel_ids) == 5
    for _ in range(9):
        view.show_fewer_channels()
    shower.settle(view)
    assert len(view.picture.spray.channel_ids) == 1


def test_that_another_unit_is_another_spray_and_none_is_none(view, session, shower):
    view.picked = (0, 1)
    session.select_unit("c")
    shower.settle(view)
    assert view.picture.spray.query.unit_id == "c"
    assert view.picked is None
    session.selection.update(unit_id=None, cluster_ids=())
    shower.settle(view)
    assert view.picture is None
    assert view._message.text() == SprayView.empty_text


def test_that_the_unit_of_a_selected_cluster_is_shown(session, shower):
    session.select_clusters((2,))
    view = shower(SprayView, session)
    assert view.picture.spray.query.unit_id == "c"
    assert view.picture.spray.cluster_id == 2


def test_that_it_says_what_is_missing(session, dataset, shower):
    assert SprayView.missing(session_of(dataset)) == NO_TRUTH
    without = Session(replace(session._opened, dataset=replace(dataset, raw=None)))
    assert "raw file, which is missing" in SprayView.missing(without)
    view = shower(SprayView, session)
    session.set_blind(True)
    shower.settle(view)
    assert view._message.text() == TRUTH_IS_HIDDEN


@pytest.mark.parametrize("size", [(300, 200), (120, 90), (1400, 900)])
def test_that_any_size_is_painted(session, shower, size):
    session.select_unit("a")
    view = shower(SprayView, session, size)
    assert not view.grab().isNull()
    assert view.error is None
