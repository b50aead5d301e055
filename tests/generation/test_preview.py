"""What the panel shows is what the recording will be."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.generation import preview_traces
from gtview.generation.presets import read_preset
from gtview.generation.preview import LENGTH_S, choose_samples, make_preview
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe
from gtview.generation.resolution import resolve
from gtview.generation.signal import SignalMaker

CHANGES = {
    "quick": {},
    "no motion": {"motion.motions": []},
    "several motions": {
        "motion.motions": [
            {"kind": "zigzag", "amplitude_factor": 0.5, "period_s": 20},
            {"kind": "random_walk", "amplitude_factor": 0.3, "non_rigid_gradient": -0.4},
        ],
        "motion.range_um": {"range": [-10, 30]},
    },
    "sideways": {"motion.direction": [1.0, -1.0]},
    "sphere": {"templates.mode": "sphere", "templates.unit_params.propagation_speed": None},
    "pink": {"noise.kind": "pink", "output.dtype": "float32"},
    "synchrony": {"spikes.synchrony": {"ratio": 0.5}, "amplitudes.fading": {}},
    "bursts": {"spikes.bursts": {"probability": 0.3}, "spikes.modulation": {"kind": "steps"}},
    "far units": {"noise.far_units": {"n_units": 30}},
    "per unit": {"spikes.rates_hz": {"values": list(range(2, 14))}},
}


def recipe_of(name):
    return read_preset("quick").changed({"duration_s": 60.0, **CHANGES[name]})


@pytest.mark.parametrize("name", list(CHANGES))
def test_that_units_rates_and_motion_are_those_of_the_plan(name):
    recipe = recipe_of(name)
    preview, plan = make_preview(recipe), resolve(recipe)
    np.testing.assert_array_equal(preview.positions_um, plan.channel_positions_um)
    np.testing.assert_array_equal(preview.locations_um, plan.unit_locations_um)
    np.testing.assert_array_equal(preview.rates_hz, plan.rates_hz)
    np.testing.assert_array_equal(preview.noise_uv, plan.noise.levels_uv)
    motion = plan.displacement
    for column, unit in enumerate(preview.motion.units):
        moved = motion.displacement_um(int(unit)) * motion.direction[1]
        expected = plan.unit_locations_um[unit, 1] + moved
        np.testing.assert_allclose(preview.motion.depths_um[:, column], expected, atol=1e-3)
    n_motions = len(recipe.motion.motions)
    assert preview.motion.vectors_um.shape[1] == n_motions
    if n_motions:
        np.testing.assert_array_equal(preview.motion.vectors_um, motion.vectors_um)
        total = motion.vectors_um.sum(axis=1)
        np.testing.assert_allclose(preview.motion.total_um, total, atol=1e-4)


@pytest.mark.parametrize("name", list(CHANGES))
def test_that_amplitudes_and_templates_are_those_of_the_plan(name):
    recipe = recipe_of(name)
    preview, plan = make_preview(recipe), resolve(recipe)
    peaks = [report.peak_uv for report in plan.reports]
    np.testing.assert_allclose(preview.peaks_uv, peaks, rtol=0.08)
    assert len(preview.samples) == 6
    for sample in preview.samples:
        rest = plan.templates.dense(sample.unit)
        np.testing.assert_allclose(sample.rest_uv, rest[:, sample.channels].T, atol=1e-4)
        assert sample.peak_uv == pytest.approx(peaks[sample.unit], rel=1e-5)
        assert sample.peak_channel == plan.reports[sample.unit].peak_channel


@pytest.mark.parametrize("name", list(CHANGES))
def test_that_traces_are_those_of_the_recordings(name):
    recipe = recipe_of(name)
    preview, plan = make_preview(recipe), resolve(recipe)
    traces = preview.traces
    assert traces.is_exact
    start = round(traces.start_s * recipe.sample_rate_hz)
    stop = start + round(LENGTH_S * recipe.sample_rate_hz)
    for values, drifting in ((traces.static_uv, False), (traces.drifting_uv, True)):
        made = SignalMaker(plan, drifting=drifting).make(start, stop)[:, traces.channels]
        scale = plan.gain_uv if plan.dtype == "int16" else 1.0
        # Units that no shown channel sees well are left out.
        np.testing.assert_allclose(values, made * scale, atol=1.5)
        assert np.mean(np.abs(values - made * scale)) < 0.1
    first, last = np.searchsorted(plan.spike_samples, [start, stop])
    own = np.isin(plan.spike_units[first:last], traces.spike_units)
    np.testing.assert_array_equal(
        traces.spike_samples, plan.spike_samples[first:last][own] - start
    )


def test_that_of_large_recipes_the_shown_units_fire_as_in_the_recording(monkeypatch):
    recipe = recipe_of("quick").changed({"amplitudes.std": 0.0})
    whole = make_preview(recipe)
    monkeypatch.setattr(preview_traces, "MOST_SPIKES", 0)
    some = make_preview(recipe)
    assert some.traces.is_exact
    np.testing.assert_array_equal(some.traces.spike_samples, whole.traces.spike_samples)
    np.testing.assert_array_equal(some.traces.drifting_uv, whole.traces.drifting_uv)
    assert not make_preview(recipe.changed({"amplitudes.std": 0.1})).traces.is_exact


def test_that_traces_begin_where_the_tissue_is_farthest_or_when_it_is_asked():
    recipe = recipe_of("quick")
    preview = make_preview(recipe)
    rows = np.abs(preview.motion.total_um)
    at = int(np.searchsorted(preview.motion.times_s, preview.traces.start_s + 1e-9)) - 1
    assert rows[at] == pytest.approx(rows.max())
    assert make_preview(recipe, 12.5).traces.start_s == 12.5
    assert make_preview(recipe, 1e9).traces.start_s == pytest.approx(60 - LENGTH_S)


def test_that_samples_go_from_the_largest_to_the_smallest():
    peaks = np.array([5.0, 100.0, 20.0, 50.0])
    assert choose_samples(peaks, 2).tolist() == [1, 0]
    assert choose_samples(peaks, 9).tolist() == [1, 3, 2, 0]
    assert choose_samples(np.array([3.0])).tolist() == [0]


def test_that_impossible_recipes_are_refused_with_their_field():
    recipe = read_preset("quick").changed({"probe": {"kind": "named", "name": "no such probe"}})
    with pytest.raises(RecipeError) as caught:
        make_preview(recipe)
    assert caught.value.problems[0].field == "probe.name"


def test_that_given_spikes_decide_the_units(tmp_path):
    np.save(tmp_path / "spike_times.npy", np.arange(1000, 1_000_000, 1000))
    np.save(tmp_path / "spike_units.npy", np.arange(999) % 3)
    recipe = read_preset("quick").changed({"spikes.given": str(tmp_path)})
    preview = make_preview(recipe)
    assert preview.n_units == 3
    np.testing.assert_allclose(preview.rates_hz, 333 / 60)


def test_that_a_curve_that_is_listed_is_shown():
    data = read_preset("quick").to_json()
    data["motion"]["motions"] = [{"kind": "explicit", "values_um": [0, 4, 8], "values_hz": 0.1}]
    preview = make_preview(read_recipe(data))
    assert preview.motion.total_um.max() == pytest.approx(8)
    assert preview.traces.start_s == pytest.approx(20.0)
