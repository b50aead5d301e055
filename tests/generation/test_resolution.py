from __future__ import annotations

import numpy as np
import pytest

from gtview.generation.dataset import make_extra_infos, make_sorting, make_templates
from gtview.generation.given import take_sorting
from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe
from gtview.generation.resolution import Given, resolve
from gtview.generation.seeds import Seeds
from gtview.generation.unit_checks import refuse_doubled

SMALL = {
    "duration_s": 20,
    "n_units": 8,
    "seed": 3,
    "probe": {"kind": "named", "name": "Neuronexus-32"},
    "motion": {
        "range_um": {"range": [-5, 8]},
        "motions": [{"kind": "zigzag", "period_s": 10, "non_rigid_gradient": 0.4}],
    },
    "spikes": {"synchrony": {"ratio": 0.1}, "bursts": {}},
    "amplitudes": {"std": 0.1},
    "noise": {"far_units": {"n_units": 5}},
}


def arrays(plan):
    far = plan.background
    return {
        "samples": plan.spike_samples,
        "units": plan.spike_units,
        "factors": plan.amplitude_factors,
        "locations": plan.unit_locations_um,
        "vectors": plan.displacement.vectors_um,
        "waveforms": plan.templates.waveforms,
        "channels": plan.templates.channels,
        "noise": plan.noise.levels_uv,
        "noise_seed": plan.noise.seed,
        "far_samples": far.spike_samples,
        "far_waveforms": far.templates.waveforms,
    }


def test_that_the_same_recipe_gives_the_same_bytes():
    first, second = (arrays(resolve(read_recipe(SMALL))) for _ in range(2))
    for name, values in first.items():
        assert values.tobytes() == second[name].tobytes(), name


def test_that_another_seed_gives_another_recording():
    first = arrays(resolve(read_recipe(SMALL)))
    second = arrays(resolve(read_recipe({**SMALL, "seed": 4})))
    for name in ("samples", "locations", "waveforms", "noise", "noise_seed", "far_samples"):
        assert first[name].tobytes() != second[name].tobytes(), name


def test_that_one_part_does_not_change_what_is_drawn_for_another():
    first = arrays(resolve(read_recipe(SMALL)))
    other = {**SMALL, "spikes": {"rates_hz": 3}, "amplitudes": {}}
    second = arrays(resolve(read_recipe(other)))
    for name in ("locations", "waveforms", "noise", "noise_seed", "vectors"):
        assert first[name].tobytes() == second[name].tobytes(), name
    listed = {"unit_params": {"alpha": {"values": [100] * 8}}}
    third = resolve(read_recipe({**SMALL, "templates": listed}))
    assert third.spike_samples.tobytes() == first["samples"].tobytes()


def test_that_what_is_drawn_in_two_stages_is_not_correlated():
    # In SpikeInterface one seed feeds all stages: rates and amplitudes correlate at 0.99.
    n = 1500
    many = {
        "duration_s": 1,
        "n_units": n,
        "probe": {"kind": "named", "name": "Neuropixels1-384"},
        "locations": {"minimum_distance_um": None},
        "noise": {"levels_uv": {"range": [6, 8]}},
        "motion": {"motions": []},
    }
    plan = resolve(read_recipe(many))
    columns = [plan.rates_hz, *plan.unit_locations_um.T]
    columns += [values for values in plan.unit_params.values() if values is not None]
    found = np.corrcoef(np.stack(columns)) - np.eye(len(columns))
    assert np.abs(found).max() < 5 / np.sqrt(n)
    levels = plan.noise.levels_uv
    assert abs(np.corrcoef(levels, plan.rates_hz[:384])[0, 1]) < 0.25


def test_that_stages_and_motions_have_streams_of_their_own():
    seeds = Seeds(5)
    first = seeds.rng("alpha").random(1000)
    assert abs(np.corrcoef(first, seeds.rng("rates").random(1000))[0, 1]) < 0.15
    assert seeds.child("motion", 0).generate_state(1) != seeds.child("motion", 1).generate_state(1)
    np.testing.assert_array_equal(first, Seeds(5).rng("alpha").random(1000))
    assert (first != seeds.part("far_units").rng("alpha").random(1000)).any()
    assert seeds.words("noise").dtype == np.uint64
    with pytest.raises(KeyError):
        seeds.rng("weather")


def test_that_spikes_are_in_order_and_within_the_recording():
    plan = resolve(read_recipe(SMALL))
    assert (np.diff(plan.spike_samples) >= 0).all()
    assert plan.spike_samples[0] >= 0
    assert plan.spike_samples[-1] < plan.n_samples == 600_000
    assert len(plan.injections) == 2
    for injection in plan.injections:
        n = len(injection.spike_samples)
        assert len(injection.spike_units) == len(injection.amplitude_factors) == n
        assert injection.spike_units.max() < injection.templates.n_units
        assert len(injection.motion.unit_factors) == injection.templates.n_units


def test_that_given_spikes_are_used_as_they_are():
    from spikeinterface.core import NumpySorting

    sorting = NumpySorting.from_unit_dict(
        [{"a": np.array([5, 100]), "b": np.array([50])}], 30_000.0
    )
    recipe = read_recipe({**SMALL, "n_units": 2, "spikes": {}})
    plan = resolve(recipe, Given(spikes=take_sorting(sorting)))
    np.testing.assert_array_equal(plan.spike_samples, [5, 50, 100])
    np.testing.assert_array_equal(plan.spike_units, [0, 1, 0])
    assert sorting.get_property("gt_unit_locations") is None
    late = NumpySorting.from_unit_dict([{0: np.array([600_000])}], 30_000.0)
    with pytest.raises(RecipeError, match="outside of the recording"):
        resolve(recipe, Given(spikes=take_sorting(late)))
    other = NumpySorting.from_unit_dict([{0: np.array([5])}], 25_000.0)
    with pytest.raises(RecipeError, match="samples a second"):
        resolve(recipe, Given(spikes=take_sorting(other)))
    two = NumpySorting.from_unit_dict([{0: np.array([5])}] * 2, 30_000.0)
    with pytest.raises(RecipeError, match="one segment"):
        take_sorting(two)


def test_that_amplitudes_stay_with_their_spikes_whatever_the_order():
    from spikeinterface.core import NumpySorting
    from spikeinterface.core.base import minimum_spike_dtype

    spikes = np.zeros(4, minimum_spike_dtype)
    spikes["sample_index"] = [900, 100, 500, 500]
    spikes["unit_index"] = [0, 1, 1, 0]
    sorting = NumpySorting(spikes, 30_000.0, np.arange(2))
    recipe = read_recipe({**SMALL, "n_units": 2, "spikes": {}})
    factors = np.array([0.9, 0.1, 0.6, 0.5], np.float32)
    plan = resolve(recipe, Given(spikes=take_sorting(sorting), amplitude_factors=factors))
    np.testing.assert_array_equal(plan.spike_samples, [100, 500, 500, 900])
    np.testing.assert_array_equal(plan.spike_units, [1, 0, 1, 0])
    np.testing.assert_allclose(plan.amplitude_factors, [0.1, 0.5, 0.6, 0.9])


def test_that_spikes_may_be_given_as_a_folder(tmp_path):
    np.save(tmp_path / "spike_times.npy", np.array([5, 100, 3000]))
    np.save(tmp_path / "spike_units.npy", np.array([7, 9, 7]))
    recipe = read_recipe({**SMALL, "spikes": {"given": str(tmp_path)}})
    plan = resolve(recipe)
    np.testing.assert_array_equal(plan.unit_ids, [7, 9])
    np.testing.assert_array_equal(plan.spike_samples, [5, 100, 3000])
    assert plan.n_units == 2


def test_that_extra_infos_have_the_form_of_spikeinterface():
    from probeinterface import generate_tetrode
    from spikeinterface.generation import generate_drifting_recording as theirs

    oracle = theirs(
        num_units=8,
        duration=20.0,
        probe=wired(generate_tetrode()),
        extra_outputs=True,
        seed=0,
        generate_displacement_vector_kwargs={
            "displacement_sampling_frequency": 5.0,
            "drift_start_um": [0, 5],
            "drift_stop_um": [0, -5],
            "drift_step_um": 1,
            "motion_list": [{"drift_mode": "zigzag", "period_s": 10}],
        },
        generate_unit_locations_kwargs={"minimum_distance": None},
    )[3]
    recipe = read_recipe({**SMALL, "probe": {"kind": "tetrode"}})
    plan = resolve(recipe)
    ours = make_extra_infos(recipe, plan, make_templates(plan))
    assert ours.keys() == oracle.keys()
    for name in ("displacement_vectors", "displacement_unit_factor", "unit_displacements"):
        assert ours[name].shape == oracle[name].shape
        assert ours[name].dtype == oracle[name].dtype
    assert ours["unit_locations"].shape == oracle["unit_locations"].shape
    assert ours["displacement_sampling_frequency"] == 5.0
    assert ours["templates"].templates_array.shape == oracle["templates"].templates_array.shape
    assert ours["templates"].nbefore == oracle["templates"].nbefore
    shapes, expected = (
        infos["generate_templates_kwargs"]["unit_params"] for infos in (ours, oracle)
    )
    assert shapes.keys() == expected.keys()
    total = (
        ours["displacement_vectors"][:, None] * ours["displacement_unit_factor"][None, :, None]
    ).sum(axis=3)
    np.testing.assert_allclose(total, ours["unit_displacements"], atol=1e-5)


def wired(probe):
    probe.set_device_channel_indices(np.arange(probe.get_contact_count()))
    return probe


def test_that_the_sorting_is_the_truth_with_its_properties():
    plan = resolve(read_recipe(SMALL))
    sorting = make_sorting(plan)
    spikes = sorting.to_spike_vector()
    np.testing.assert_array_equal(spikes["sample_index"], plan.spike_samples)
    np.testing.assert_array_equal(spikes["unit_index"], plan.spike_units)
    np.testing.assert_array_equal(
        sorting.get_property("gt_unit_locations"), plan.unit_locations_um
    )
    assert len(sorting.get_property("max_channel_index")) == 8


def test_that_two_contacts_at_one_place_are_refused():
    with pytest.raises(RecipeError, match="two contacts at one place"):
        refuse_doubled(np.zeros((2, 2), np.float32))
    with pytest.raises(RecipeError, match="without a place"):
        refuse_doubled(np.array([[0, np.nan]], np.float32))


def test_that_a_probe_without_wires_is_wired_and_not_changed():
    from probeinterface import generate_linear_probe

    probe = generate_linear_probe(16)
    plan = resolve(read_recipe(SMALL), Given(probe=probe))
    assert probe.device_channel_indices is None
    np.testing.assert_array_equal(plan.probe.device_channel_indices, np.arange(16))
