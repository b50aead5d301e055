from __future__ import annotations

import numpy as np
import pytest

from gtview.data.diagnostics import DiagnosticLog
from gtview.data.gt_reader import read_ground_truth
from gtview.generation.recipe import read_recipe
from gtview.generation.resolution import resolve
from gtview.generation.truth import displacement_by_depth, write_truth

MOTION = {
    "range_um": {"range": [-6, 6]},
    "motions": [{"kind": "zigzag", "period_s": 10, "non_rigid_gradient": 0.3}],
}


@pytest.fixture(scope="module")
def plan():
    wish = {
        "duration_s": 20,
        "n_units": 9,
        "probe": {"kind": "named", "name": "Neuronexus-32"},
        "motion": MOTION,
        "amplitudes": {"std": 0.1},
    }
    return resolve(read_recipe(wish))


@pytest.fixture(scope="module")
def folder(plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("dataset") / "ground_truth"
    write_truth(plan, path)
    return path


def test_that_gtview_reads_what_it_wrote(plan, folder):
    log = DiagnosticLog()
    truth = read_ground_truth(folder, log=log)
    assert list(log.items) == []
    assert truth.unit_ids == tuple(range(9))
    assert not truth.is_partial
    for unit in range(9):
        own = plan.spike_samples[plan.spike_units == unit]
        np.testing.assert_array_equal(truth.train(unit), own)
    np.testing.assert_array_equal(truth.locations_um, plan.unit_locations_um[:, :2])
    np.testing.assert_array_equal(truth.templates.waveforms_uv, plan.templates.dense_at_rest())
    np.testing.assert_array_equal(truth.templates.channel_positions_um, plan.channel_positions_um)
    assert truth.templates.n_before == plan.n_before


def test_that_every_part_opens_in_spikeinterface(plan, folder):
    import spikeinterface as si

    sorting = si.load(folder / "sorting")
    assert sorting.count_total_num_spikes() == len(plan.spike_samples)
    np.testing.assert_array_equal(
        sorting.get_property("gt_unit_locations"), plan.unit_locations_um
    )
    templates = si.load(folder / "templates.zarr")
    np.testing.assert_array_equal(templates.get_dense_templates(), plan.templates.dense_at_rest())
    assert si.load(folder / "motion").displacement[0].shape[0] == 100


def test_that_the_motion_by_depth_is_that_of_the_units(plan, folder):
    truth = read_ground_truth(folder)
    moved, depths = displacement_by_depth(plan)
    np.testing.assert_allclose(truth.motion.displacement_um, moved)
    assert len(depths) > 2
    inside = (plan.unit_locations_um[:, 1] > depths[0]) & (
        plan.unit_locations_um[:, 1] < depths[-1]
    )
    for unit in np.flatnonzero(inside):
        own = plan.displacement.displacement_um(unit) * plan.displacement.direction[1]
        there = [np.interp(plan.unit_locations_um[unit, 1], depths, row) for row in moved]
        np.testing.assert_allclose(there, own, atol=0.5)


def test_that_spikes_and_units_are_described(plan, folder):
    with np.load(folder / "spikes.npz") as spikes:
        np.testing.assert_array_equal(spikes["amplitude_factors"], plan.amplitude_factors)
    with np.load(folder / "units.npz") as units:
        np.testing.assert_array_equal(units["alpha"], plan.unit_params["alpha"])
        assert units["locations_um"].shape == (9, 3)
        np.testing.assert_allclose(units["peak_uv"], [r.peak_uv for r in plan.reports])
