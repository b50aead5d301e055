"""Spikes coloured by state: which are drawn in which colour, the legend, missed spikes, hiding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from showing import session_of
from small_sessions import RATE_HZ, make_dataset, score

from gtview.data.ground_truth import GroundTruth, Motion
from gtview.scoring.states import SpikeState
from gtview.views.amplitude import AmplitudeView
from gtview.views.drift import DriftView
from gtview.views.drift_truth import find_bands, recall_color
from gtview.views.spike_marks import state_rgb
from gtview.views.state_colors import StateColors

FOUND = np.arange(1000, 90_000, 500)
FALSE = np.arange(1250, 20_000, 1000)
MISSED = np.arange(90_100, 99_000, 700)
AWAY = np.arange(600, 9000, 1700)


def made(*, factors=True, place=True):
    """Return a session: cluster 0 has most of unit 7, cluster 1 a few of its spikes."""
    dataset = make_dataset({0: [*FOUND, *FALSE], 1: [*AWAY, *range(50_100, 80_000, 330)]})
    n = dataset.n_spikes
    sizes = np.where(dataset.spike_clusters == 0, 30.0, 10.0).astype(np.float32)
    depths = np.where(dataset.spike_clusters == 0, 100.0, 300.0)
    dataset = replace(
        dataset,
        amplitudes=sizes,
        spike_positions_um=np.c_[np.zeros(n), depths].astype(np.float32),
    )
    train = np.sort(np.r_[FOUND, MISSED, AWAY]).astype(np.int64)
    amplitude = np.where(np.isin(train, MISSED), 0.5, 1.0)
    motion = Motion(np.array([0.0, 10.0]), np.array([100.0]), np.array([[0.0], [20.0]]))
    truth = GroundTruth(
        dataset.folder, (7,), RATE_HZ, train, np.array([0, len(train)], np.int64),
        locations_um=np.array([[0.0, 100.0]]) if place else None,
        amplitude_factors=amplitude if factors else None,
        motion=motion if place else None,
    )  # fmt: skip
    session = session_of(dataset, truth)
    score(session)
    session.select_clusters((0,))
    return session


def layers_of(layers, state):
    return [layer for layer in layers if layer.rgb == state_rgb(state) and layer.n_points]


def samples_of(layers, state):
    return np.sort(np.concatenate([[0], *(layer.x for layer in layers_of(layers, state))]))[1:]


def test_that_a_key_colours_amplitudes_by_state_and_back(shower):
    session = made()
    view = shower(AmplitudeView, session, has_background=False)
    assert not layers_of(view.plot.cloud.layers, SpikeState.FOUND)
    view.toggle_states()
    shower.settle(view)
    layers = view.plot.cloud.layers
    assert samples_of(layers, SpikeState.FOUND).tolist() == FOUND.tolist()
    assert samples_of(layers, SpikeState.FALSE).tolist() == FALSE.tolist()
    assert f"{len(FOUND):,} found" in view.status
    assert f"{len(AWAY)} of the unit in other clusters" in view.status
    assert view._legend.isVisible()
    assert f"{len(FALSE):,} false" in view._legend.text
    view.toggle_states()
    shower.settle(view)
    assert not layers_of(view.plot.cloud.layers, SpikeState.FOUND)
    assert view._legend.isHidden()


def test_that_t_is_the_key_where_there_is_a_truth(shower):
    session = made()
    keys = {a.keys: a for kind in (AmplitudeView, DriftView) for a in kind.actions_declared}
    assert keys[("T",)].slot == "toggle_states"
    assert shower(AmplitudeView, session).can_show_states
    session.set_blind(True)
    assert not shower(AmplitudeView, session).can_show_states


def test_that_missed_spikes_are_drawn_at_their_true_size(shower):
    view = shower(AmplitudeView, made(), by_state=True, has_background=False)
    (layer,) = layers_of(view.plot.cloud.layers, SpikeState.MISSED)
    assert layer.x.tolist() == MISSED.tolist()
    # Found ones have an amplitude of 30 at the size 1: half the size is 15.
    assert layer.y == pytest.approx(15.0)
    assert f"{len(MISSED):,} of them at their true size" in view.status


def test_that_missed_spikes_of_unknown_size_are_left_out_and_told(shower):
    view = shower(AmplitudeView, made(factors=False), by_state=True, has_background=False)
    assert not layers_of(view.plot.cloud.layers, SpikeState.MISSED)
    assert f"{len(MISSED):,} missed (not drawn" in view.status


def test_that_only_missed_spikes_of_the_time_window_count():
    session = made()
    window = (9.0, 9.3)
    colors = StateColors(session.truth_access.current, (0,), window)
    ((unit, at),) = colors.missed()
    times = session.truth.spike_samples[at] / RATE_HZ
    expected = MISSED[(MISSED >= 90_000) & (MISSED < 93_000)] / RATE_HZ
    assert unit == 0
    assert times.tolist() == expected.tolist()


def test_that_drift_draws_missed_spikes_where_their_unit_is(shower):
    view = shower(DriftView, made(), by_state=True)
    (layer,) = layers_of(view.foreground.layers, SpikeState.MISSED)
    # The tissue moves by 20 um in 10 s.
    assert layer.y == pytest.approx(100 + 2 * layer.x / RATE_HZ, abs=0.1)
    assert "at their true depth" in view.status


def test_that_drift_without_places_leaves_missed_spikes_out(shower):
    view = shower(DriftView, made(place=False), by_state=True)
    assert not layers_of(view.foreground.layers, SpikeState.MISSED)
    assert "not drawn" in view.status


def test_that_bands_tell_recall_along_the_way(shower):
    session = made()
    view = shower(DriftView, session)
    assert view.recall.bands == ()
    view.toggle_recall()
    shower.settle(view)
    (band,) = view.recall.bands
    assert band.is_chosen
    assert band.depths_um == pytest.approx(100 + 2 * band.edges_s, abs=1e-6)
    # All spikes of the last second are missed, none of the middle.
    assert band.recall[-1] == 0
    assert band.recall[len(band.recall) // 2] == 1
    assert recall_color(0.0).getRgb()[:3] == state_rgb(SpikeState.MISSED)
    assert recall_color(1.0).getRgb()[:3] == state_rgb(SpikeState.FOUND)


def test_that_units_without_a_place_have_no_band():
    assert find_bands(made(place=False).truth_access.current, (0,)) == ()


def test_that_a_hidden_truth_colours_nothing(shower):
    session = made()
    session.set_blind(True)
    view = shower(DriftView, session, by_state=True, recall_bands=True)
    assert view.recall.bands == ()
    assert not layers_of(view.foreground.layers, SpikeState.FOUND)
    assert "found" not in view.status


def test_that_new_states_are_shown_without_asking(shower):
    session = made()
    view = shower(AmplitudeView, session, by_state=True, has_background=False)
    before = samples_of(view.plot.cloud.layers, SpikeState.FOUND)
    session.curation.merge([0, 1])
    score(session)
    session.truth_access.tell_states()
    session.select_clusters((session.clustering.cluster_ids[-1],))
    shower.settle(view)
    now = samples_of(view.plot.cloud.layers, SpikeState.FOUND)
    assert len(now) == len(before) + len(AWAY)


def test_that_the_legend_of_a_small_view_has_no_names(shower):
    view = shower(AmplitudeView, made(), (260, 200), by_state=True, has_background=False)
    assert view._legend.text == f"{len(FOUND)}, 0, {len(FALSE)}, {len(MISSED)}"
    assert view._legend.width() <= view.width()


def test_that_the_legend_stays_at_the_right_when_the_view_is_resized(shower):
    view = shower(AmplitudeView, made(), (800, 500), by_state=True, has_background=False)
    named = view._legend.text
    view.resize(260, 200)
    shower.settle(view)
    assert view._legend.text != named
    assert view._legend.geometry().right() < view.content.width()
    view.resize(800, 500)
    shower.settle(view)
    assert view._legend.text == named
    assert view._legend.geometry().right() > 700
