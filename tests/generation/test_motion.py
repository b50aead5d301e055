from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.base.errors import UsageError
from gtview.generation.displacement import make_one_displacement_vector
from gtview.generation.motion import resolve_motion
from gtview.generation.recipe import read_recipe
from gtview.generation.seeds import Seeds

PLACES = np.array([[0, 0, 10], [10, 50, 10], [0, 100, 20]], np.float32)


def moved(motion, duration_s=100.0, seed=0, places=PLACES):
    wish = read_recipe({"duration_s": duration_s, "motion": motion}).motion
    contacts = np.array([[0, -10], [0, 200]], np.float32)
    tissue = resolve_motion(wish, duration_s, places, contacts, Seeds(seed))
    return tissue, tissue.of_units(places)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"drift_mode": "zigzag", "duration": 100.0, "period_s": 30, "t_start_drift": 7.3},
        {"drift_mode": "zigzag", "duration": 100.0, "t_start_drift": 7, "t_end_drift": 60},
        {"drift_mode": "bump", "seed": 3},
        {"drift_mode": "bump", "seed": 4, "t_start_drift": 60, "bump_interval_s": (10, 20)},
        {"drift_mode": "random_walk", "seed": 5, "t_start_drift": 50.0, "t_end_drift": 300},
        {"drift_mode": "random_walk", "seed": 6, "displacement_sampling_frequency": 10},
    ],
)
def test_that_shapes_are_those_of_spikeinterface(arguments):
    from spikeinterface.generation import make_one_displacement_vector as theirs

    ours = make_one_displacement_vector(**arguments)
    np.testing.assert_allclose(ours, theirs(**arguments), atol=1e-6)


def test_that_the_loop_of_the_documentation_runs():
    for mode in ("zigzag", "bump", "bumps", "random_walk"):
        vector = make_one_displacement_vector(drift_mode=mode, duration=600.0)
        assert vector.shape == (3000,)
        assert np.abs(vector).max() == pytest.approx(0.5, abs=0.01)


@given(
    mode=st.sampled_from(["zigzag", "bump", "random_walk"]),
    duration=st.floats(1, 500),
    rate=st.floats(1, 20),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_that_a_vector_has_its_length_and_stays_within_half(mode, duration, rate, seed):
    vector = make_one_displacement_vector(
        mode, duration, displacement_sampling_frequency=rate, bump_interval_s=(0.5, 2), seed=seed
    )
    assert len(vector) == int(np.ceil(rate * duration))
    assert np.abs(vector).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    "bad",
    [
        {"drift_mode": "up"},
        {"period_s": 0},
        {"drift_mode": "bump", "bump_interval_s": 3},
        {"drift_mode": "bump", "bump_interval_s": (9, 3)},
        {"t_start_drift": -1},
        {"t_start_drift": 700},
        {"t_start_drift": 5, "t_end_drift": 5},
        {"t_end_drift": 601},
        {"displacement_sampling_frequency": 0},
        {"duration": 0},
    ],
)
def test_that_an_impossible_vector_is_refused_in_a_sentence(bad):
    with pytest.raises(UsageError):
        make_one_displacement_vector(**bad)


def test_that_the_sum_is_that_of_spikeinterface():
    from spikeinterface.generation.drifting_generator import generate_displacement_vector

    units, _, factors, _, _ = generate_displacement_vector(
        300.0,
        PLACES[:, :2],
        drift_start_um=[0, 30],
        drift_stop_um=[0, -30],
        motion_list=[
            {"drift_mode": "zigzag", "amplitude_factor": 0.5, "non_rigid_gradient": 0.4},
            {"drift_mode": "zigzag", "amplitude_factor": 0.5, "period_s": 70.0},
        ],
    )
    _, motion = moved(
        {
            "range_um": {"range": [-30, 30]},
            "direction": [0, -1],
            "motions": [
                {"kind": "zigzag", "amplitude_factor": 0.5, "non_rigid_gradient": 0.4},
                {"kind": "zigzag", "amplitude_factor": 0.5, "period_s": 70},
            ],
        },
        300.0,
    )
    np.testing.assert_allclose(motion.unit_factors, factors, atol=1e-6)
    for unit in range(3):
        ours = motion.displacement_um(unit)[:, None] * motion.direction
        np.testing.assert_allclose(ours, units[:, unit], atol=1e-4)


def test_that_an_asymmetric_range_is_used_from_end_to_end_and_begins_at_rest():
    _, motion = moved(
        {
            "range_um": {"range": [-10, 40]},
            "motions": [
                {"kind": "zigzag", "amplitude_factor": 0.5, "period_s": 40, "t_start_s": 10},
                {"kind": "zigzag", "amplitude_factor": 0.5, "period_s": 40, "t_start_s": 10},
            ],
        }
    )
    along = motion.displacement_um(0)
    assert not along[:50].any()
    assert along.max() == pytest.approx(40, abs=1)
    assert along.min() == pytest.approx(-10, abs=1)


def test_that_every_motion_has_numbers_of_its_own():
    walk = {"kind": "random_walk", "amplitude_factor": 0.25}
    _, motion = moved({"motions": [walk, walk, {**walk, "seed": 5}, {**walk, "seed": 5}]})
    vectors = motion.vectors_um
    assert not np.array_equal(vectors[:, 0], vectors[:, 1])
    np.testing.assert_array_equal(vectors[:, 2], vectors[:, 3])
    _, again = moved({"motions": [walk]})
    np.testing.assert_array_equal(again.vectors_um[:, 0], vectors[:, 0])


def test_that_a_motion_goes_along_any_direction():
    _, motion = moved({"direction": [3, 4], "motions": [{"kind": "zigzag", "period_s": 20}]})
    np.testing.assert_allclose(motion.direction, [0.6, 0.8])


def test_that_a_listed_motion_is_interpolated_and_begins_and_ends_as_told():
    _, motion = moved(
        {
            "motions": [
                {"kind": "explicit", "values_um": [0, 10, 20], "values_hz": 0.1, "t_end_s": 15}
            ]
        },
        30.0,
    )
    along = motion.displacement_um(0)
    assert along[50] == pytest.approx(10)
    assert along[25] == pytest.approx(5)
    np.testing.assert_allclose(along[75:], along[74])


def test_that_one_unit_may_have_a_gradient():
    _, motion = moved(
        {"motions": [{"kind": "zigzag", "non_rigid_gradient": 0.5}]}, places=PLACES[:1]
    )
    assert np.isfinite(motion.unit_factors).all()
    assert 0.5 <= motion.unit_factors[0, 0] <= 1


def test_that_a_motion_of_spikeinterface_is_followed_between_its_depths(tmp_path):
    from spikeinterface.core.motion import Motion

    times = np.arange(0, 100, 0.5)
    depths = np.array([0.0, 100.0])
    truth = np.stack([np.sin(times / 9), 3 * np.cos(times / 7)], axis=1) * 5
    motion = Motion([truth], [times], depths)
    motion.save(tmp_path / "motion")
    choice = {"motions": [{"kind": "file", "path": str(tmp_path / "motion")}]}
    _, ours = moved(choice)
    for unit, depth in enumerate((0.0, 50.0, 100.0)):
        at = np.arange(0, 99, 0.2)
        theirs = motion.get_displacement_at_time_and_depth(at, np.full(len(at), depth))
        np.testing.assert_allclose(ours.displacement_um(unit)[: len(at)], theirs, atol=1e-3)
    _, down = moved({**choice, "direction": [0, -2]})
    np.testing.assert_allclose(down.displacement_um(1), -ours.displacement_um(1), atol=1e-5)


def test_that_bumps_that_find_no_time_are_told():
    bump = {"kind": "bump", "bump_interval_s": {"range": [20, 60]}, "seed": 3}
    found = [moved({"motions": [{**bump, "seed": s}]}, 80.0)[0].warnings for s in range(20)]
    assert any(found)
    assert not all(found)
