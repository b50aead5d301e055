from __future__ import annotations

import numpy as np
import pytest

from gtview.generation import generate_drifting_recording
from gtview.generation.values import Range, Values

SHORT = {"duration": 12.0, "num_units": 6, "probe_name": "Neuronexus-32", "seed": 2205}
MOTION = {
    "displacement_sampling_frequency": 5.0,
    "drift_start_um": [0, 30],
    "drift_stop_um": [0, -30],
    "drift_step_um": 1,
    "motion_list": [
        {
            "drift_mode": "zigzag",
            "non_rigid_gradient": 0.5,
            "t_start_drift": 1.0,
            "t_end_drift": None,
            "period_s": 4,
            "amplitude_factor": 0.5,
        },
        {
            "drift_mode": "bumps",
            "non_rigid_gradient": None,
            "t_start_drift": 1.0,
            "t_end_drift": None,
            "bump_interval_s": (1, 3.0),
            "amplitude_factor": 0.5,
        },
    ],
}


def test_that_the_call_of_the_documentation_gives_its_four_outputs():
    static, drifting, sorting, extra = generate_drifting_recording(
        **SHORT,
        sampling_frequency=30000.0,
        generate_unit_locations_kwargs={
            "margin_um": 20.0,
            "minimum_z": 5.0,
            "maximum_z": 45.0,
            "minimum_distance": 18.0,
            "max_iteration": 100,
            "distance_strict": False,
            "distribution": "multimodal",
            "num_modes": 3,
        },
        generate_displacement_vector_kwargs=MOTION,
        generate_templates_kwargs={
            "ms_before": 1.5,
            "ms_after": 3.0,
            "mode": "ellipsoid",
            "unit_params": {"alpha": (150.0, 500.0), "spatial_decay": (10, 45)},
        },
        generate_sorting_kwargs={"firing_rates": (2.0, 8.0), "refractory_period_ms": 4.0},
        generate_noise_kwargs={"noise_levels": (12.0, 15.0), "spatial_decay": 25.0},
        extra_outputs=True,
    )
    for recording in (static, drifting):
        assert recording.get_num_channels() == 32
        assert recording.get_num_samples() == 360_000
        assert recording.get_traces(start_frame=0, end_frame=300, return_in_uV=True).shape == (
            300,
            32,
        )
    assert sorting.get_num_units() == 6
    params = extra["generate_templates_kwargs"]["unit_params"]
    assert params["alpha"].min() >= 150
    assert params["spatial_decay"].max() <= 45
    assert extra["unit_displacements"].shape == (60, 6, 2)
    assert np.abs(extra["unit_displacements"]).max() <= 30


def test_that_static_and_drifting_differ_by_the_spikes_that_moved_only():
    static, drifting, sorting = generate_drifting_recording(
        **SHORT, generate_displacement_vector_kwargs=MOTION
    )
    still = [r.get_traces(start_frame=0, end_frame=20_000) for r in (static, drifting)]
    np.testing.assert_array_equal(*still)
    first, second = (r.get_traces(start_frame=120_000) for r in (static, drifting))
    is_same = (first == second).all(axis=1)
    near = np.zeros(len(is_same), bool)
    for sample in sorting.to_spike_vector()["sample_index"]:
        near[max(0, sample - 120_000 - 45) : max(0, sample - 120_000 + 90)] = True
    assert is_same[~near].all()
    assert not is_same[near].all()


def test_that_dictionaries_are_merged_into_the_defaults():
    extra = generate_drifting_recording(
        **SHORT,
        generate_templates_kwargs={"unit_params": {"alpha": 200.0}},
        generate_unit_locations_kwargs={"minimum_distance": None},
        extra_outputs=True,
    )[3]
    shapes = extra["generate_templates_kwargs"]
    assert shapes["ms_before"] == 1.5
    np.testing.assert_array_equal(shapes["unit_params"]["alpha"], 200.0)
    assert np.ptp(shapes["unit_params"]["spatial_decay"]) > 0
    assert extra["unit_locations"][:, 2].max() <= 45


def test_that_a_tuple_is_a_range_and_a_list_one_value_for_each_unit():
    rates = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    extra = generate_drifting_recording(
        **SHORT,
        generate_sorting_kwargs={"firing_rates": rates},
        generate_templates_kwargs={"unit_params": {"alpha": rates}},
        extra_outputs=True,
    )[3]
    np.testing.assert_array_equal(
        extra["generate_templates_kwargs"]["unit_params"]["alpha"], rates
    )
    assert Range(1, 2) != Values((1, 2))


def test_that_a_short_recording_moves_with_the_defaults():
    extra = generate_drifting_recording(**SHORT, extra_outputs=True)[3]
    assert np.ptp(extra["unit_displacements"]) > 0


def test_that_displacements_that_were_made_elsewhere_are_used():
    from spikeinterface.generation.drifting_generator import generate_displacement_vector

    places = np.column_stack([np.zeros(6), 50.0 * np.arange(6), np.full(6, 10.0)])
    data = generate_displacement_vector(
        12.0,
        places[:, :2],
        motion_list=[{"drift_mode": "zigzag", "period_s": 5, "non_rigid_gradient": 0.5}],
    )
    extra = generate_drifting_recording(
        **SHORT, unit_locations=places, displacement_data=data, extra_outputs=True
    )[3]
    np.testing.assert_allclose(extra["unit_displacements"], data[0], atol=1e-4)
    np.testing.assert_allclose(extra["unit_locations"], places)


def test_that_a_sorting_a_probe_and_a_noise_are_used():
    from probeinterface import generate_linear_probe
    from spikeinterface.core import NumpyRecording, NumpySorting

    sorting = NumpySorting.from_unit_dict(
        [{10: np.array([3000, 9000]), 20: np.array([6000])}], 30_000.0
    )
    still = NumpyRecording([np.zeros((60_000, 8), np.float32)], 30_000.0)
    noise = still
    static, _, truth = generate_drifting_recording(
        duration=2.0,
        probe=generate_linear_probe(8),
        sorting=sorting,
        noise=noise,
        amplitude_factor=np.array([1.0, 2.0, 3.0]),
        unit_locations=np.array([[0, 30, 10], [0, 100, 10]], np.float32),
        seed=1,
    )
    assert list(truth.unit_ids) == [10, 20]
    traces = static.get_traces()
    assert not traces[100:2000].any()
    one, three = (np.abs(traces[s - 40 : s + 80]).max() for s in (3000, 9000))
    assert three == pytest.approx(3 * one, rel=1e-4)


def test_that_the_same_seed_gives_the_same_recording():
    first = generate_drifting_recording(**SHORT)
    second = generate_drifting_recording(**SHORT)
    for k in range(2):
        np.testing.assert_array_equal(
            first[k].get_traces(end_frame=3000), second[k].get_traces(end_frame=3000)
        )
    np.testing.assert_array_equal(first[2].to_spike_vector(), second[2].to_spike_vector())
