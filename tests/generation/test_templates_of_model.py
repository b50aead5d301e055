from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.generation.bank import steps_of
from gtview.generation.motion import resolve_motion
from gtview.generation.probes import build_probe, probe_positions_um
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe
from gtview.generation.resolution import resolve
from gtview.generation.seeds import Seeds
from gtview.generation.templates import build_templates, draw_unit_params, report_units
from gtview.generation.waveforms import delay_table, make_waveform

N_UNITS = 12


def built(probe="Neuronexus-32", seed=0, **templates):
    motion = {"motions": [{"kind": "zigzag", "period_s": 20, "non_rigid_gradient": 0.3}]}
    recipe = read_recipe(
        {
            "n_units": N_UNITS,
            "duration_s": 40,
            "probe": {"kind": "named", "name": probe},
            "motion": {"range_um": {"range": [-6, 9]}, **motion},
            "templates": templates,
        }
    )
    positions = probe_positions_um(build_probe(recipe.probe))
    rng = np.random.default_rng(seed)
    low, high = positions.min(axis=0) - 20, positions.max(axis=0) + 20
    places = np.column_stack([rng.uniform(low, high, (N_UNITS, 2)), rng.uniform(5, 45, N_UNITS)])
    places = places.astype(np.float32)
    tissue = resolve_motion(recipe.motion, 40.0, places, positions, Seeds(seed))
    motion = tissue.of_units(places)
    params = draw_unit_params(recipe.templates.unit_params, N_UNITS, Seeds(seed))
    bank = build_templates(
        places, positions, params, recipe.templates, recipe.sample_rate_hz, motion
    )
    return recipe, positions, places, params, motion, bank


def theirs(recipe, positions, places, params):
    from spikeinterface.core.generate import generate_templates

    wish = recipe.templates
    return generate_templates(
        positions,
        places,
        recipe.sample_rate_hz,
        wish.ms_before,
        wish.ms_after,
        mode=wish.mode,
        spatial_profile=wish.spatial_profile,
        unit_params=dict(params),
    )


@pytest.mark.parametrize("mode", ["sphere", "ellipsoid"])
@pytest.mark.parametrize("profile", ["exponential", "power"])
@pytest.mark.parametrize("probe", ["Neuronexus-32", "Neuropixels1-128", "tetrode"])
def test_that_templates_are_those_of_spikeinterface_within_a_thousandth(mode, profile, probe):
    recipe, positions, places, params, motion, bank = built(
        probe, mode=mode, spatial_profile=profile
    )
    for step in (-3, 0, 4):
        there = places.copy()
        there[:, :2] += step * motion.direction.astype(np.float32)
        oracle = theirs(recipe, positions, there, params)
        for unit in range(N_UNITS):
            own = bank.steps[bank.unit_starts[unit] : bank.unit_starts[unit + 1]]
            if step in own:
                error = np.abs(bank.dense(unit, step) - oracle[unit]).max()
                assert error <= 1e-3 * np.abs(oracle[unit]).max()


def test_that_without_propagation_all_channels_see_a_spike_at_once():
    recipe, positions, places, params, _, bank = built(unit_params={"propagation_speed": None})
    oracle = theirs(recipe, positions, places, {**params, "propagation_speed": None})
    for unit in range(N_UNITS):
        error = np.abs(bank.dense(unit) - oracle[unit]).max()
        assert error <= 1e-3 * np.abs(oracle[unit]).max()
        assert (bank.dense(unit).argmin(axis=0)[np.ptp(bank.dense(unit), axis=0) > 0] == 45).all()


def test_that_each_unit_has_the_steps_that_it_visits_and_rest():
    _, _, _, _, motion, bank = built()
    for unit in range(N_UNITS):
        own = bank.steps[bank.unit_starts[unit] : bank.unit_starts[unit + 1]]
        visited = np.unique(np.append(steps_of(motion.displacement_um(unit), 1.0), 0))
        np.testing.assert_array_equal(own, visited)


def test_that_only_channels_that_see_a_unit_are_kept():
    _, _, _, _, _, bank = built("Neuropixels1-128")
    for entry in range(len(bank.steps)):
        rows = slice(bank.row_starts[entry], bank.row_starts[entry + 1])
        heights = np.abs(bank.waveforms[rows]).max(axis=1)
        assert (heights > 5e-4 * heights.max()).all()
        assert (np.diff(bank.channels[rows]) > 0).all()
    assert len(bank.channels) < 0.5 * len(bank.steps) * 128


@given(
    rate=st.sampled_from([20_000.0, 24_414.0625, 30_000.0, 32_000.0]),
    down=st.floats(0.06, 0.3),
    up=st.floats(0.2, 0.9),
    back=st.floats(0.5, 1.6),
    height=st.floats(0.0, 0.5),
    smooth=st.floats(0.01, 0.2),
)
@settings(max_examples=100, deadline=None)
def test_that_the_waveform_is_that_of_spikeinterface(rate, down, up, back, height, smooth):
    from spikeinterface.core.generate import generate_single_fake_waveform

    oracle = generate_single_fake_waveform(
        sampling_frequency=rate,
        ms_before=1.5,
        ms_after=3.0,
        positive_amplitude=height,
        depolarization_ms=down,
        repolarization_ms=up,
        recovery_ms=back,
        smooth_ms=smooth,
    )
    ours = make_waveform((1.5, 3.0), (down, up, back), height, smooth, rate)
    np.testing.assert_allclose(ours, oracle, atol=1e-6)


def test_that_a_waveform_without_room_is_refused():
    with pytest.raises(ValueError, match="window"):
        make_waveform((1.5, 2.0), (0.1, 0.8, 1.5), 0.1, 0.05, 30_000.0)


def test_that_the_table_of_delays_begins_at_none_and_ends_at_one_sample():
    wave = make_waveform((1.5, 3.0), (0.1, 0.6, 1.1), 0.2, 0.05, 30_000.0)
    table = delay_table(wave)
    np.testing.assert_allclose(table[0], wave, atol=1e-6)
    np.testing.assert_allclose(table[-1], np.roll(wave, 1), atol=1e-6)


def test_that_units_are_reported_with_peak_and_signal_to_noise():
    _, positions, _, _, _, bank = built()
    reports = report_units(bank, np.full(len(positions), 5.0, np.float32))
    dense = bank.dense_at_rest()
    for report in reports:
        heights = np.abs(dense[report.unit]).max(axis=0)
        assert report.peak_uv == pytest.approx(heights.max())
        assert report.peak_channel == heights.argmax()
        assert report.snr == pytest.approx(heights.max() / 5)


def far_recipe(**templates):
    return read_recipe(
        {
            "n_units": 2,
            "duration_s": 5,
            "probe": {"kind": "tetrode"},
            "locations": {
                "distribution": "explicit",
                "explicit_um": [[0, 0, 10], [0, 5000, 10]],
            },
            "motion": {"motions": []},
            "templates": templates,
        }
    )


def test_that_a_unit_that_no_channel_sees_is_reported_or_refused():
    plan = resolve(far_recipe())
    assert plan.reports[0].problem == ""
    assert plan.reports[1].peak_uv == 0
    assert "no channel" in plan.reports[1].problem
    assert any("1 of 2 units" in told for told in plan.warnings)
    with pytest.raises(RecipeError, match="1 of 2 units"):
        resolve(far_recipe(is_silent_unit_refused=True))
