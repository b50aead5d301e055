from __future__ import annotations

import csv

import numpy as np
import pytest

from gtview.generation.problems import RecipeError
from gtview.generation.recipe import read_recipe
from gtview.generation.relocation import Mover, RealTemplate, resampled, same_window
from gtview.generation.resolution import Given, resolve
from gtview.generation.signal import make_chunk
from gtview.generation.waveforms import make_waveform

RATE_HZ = 30_000.0
WAVE = make_waveform((1.5, 3.0), (0.12, 0.6, 1.1), 0.2, 0.06, RATE_HZ)


def contacts(kind):
    from probeinterface import (
        generate_linear_probe,
        generate_multi_columns_probe,
        generate_tetrode,
    )

    probes = {
        "linear": generate_linear_probe(24, 20),
        "columns": generate_multi_columns_probe(2, 16, 32, 20, [0, 10]),
        "tetrode": generate_tetrode(10),
    }
    probe = probes[kind]
    probe.set_device_channel_indices(np.arange(probe.get_contact_count()))
    return probe


def real(positions, place, size=100.0, decay=35.0, name=""):
    """A template as a probe would record it of a unit at x, depth, distance."""
    offsets = positions - np.array(place[:2])
    distances = np.sqrt((offsets**2).sum(axis=1) + place[2] ** 2)
    heights = size * np.exp(-(distances - place[2]) / decay)
    return RealTemplate(
        (WAVE[:, None] * heights).astype(np.float32),
        positions.astype(np.float32),
        45,
        RATE_HZ,
        name,
    )


def energy(waveforms):
    return float(np.square(waveforms.astype(np.float64)).sum())


@pytest.mark.parametrize("kind", ["linear", "columns", "tetrode"])
def test_that_at_rest_a_template_is_what_was_recorded(kind):
    positions = contacts(kind).contact_positions
    template = real(positions, [*positions.mean(axis=0), 20.0])
    mover = Mover(template, positions.astype(np.float32), np.zeros(2))
    np.testing.assert_allclose(mover.at(np.zeros(2)), template.waveforms_uv, atol=0.1)


@pytest.mark.parametrize("kind", ["linear", "columns", "tetrode"])
def test_that_the_energy_is_kept_within_the_probe(kind):
    positions = contacts(kind).contact_positions
    middle = positions.mean(axis=0)
    template = real(positions, [*middle, 20.0])
    mover = Mover(template, positions.astype(np.float32), np.zeros(2))
    centre = template.centre_um
    for shift in range(-100, 101, 7):
        if positions[:, 1].min() <= centre[1] + shift <= positions[:, 1].max():
            moved = mover.at(np.array([0.0, shift]))
            assert energy(moved) == pytest.approx(energy(template.waveforms_uv), rel=0.05)


@pytest.mark.parametrize("kind", ["linear", "columns"])
def test_that_a_moved_template_is_that_of_the_moved_unit(kind):
    positions = contacts(kind).contact_positions
    middle = positions.mean(axis=0)
    mover = Mover(real(positions, [*middle, 25.0]), positions.astype(np.float32), np.zeros(2))
    for shift in (-37.0, -10.0, 5.0, 20.0, 44.0):
        expected = real(positions, [middle[0], middle[1] + shift, 25.0]).waveforms_uv
        moved = mover.at(np.array([0.0, shift]))
        assert np.abs(moved - expected).max() < 0.1 * np.abs(expected).max()
        centre = np.square(moved).sum(axis=0) @ positions / energy(moved)
        assert centre[1] == pytest.approx(middle[1] + shift, abs=3)


def test_that_a_unit_that_leaves_the_probe_fades():
    positions = contacts("linear").contact_positions
    mover = Mover(real(positions, [0, 230, 20.0]), positions.astype(np.float32), np.zeros(2))
    sizes = [energy(mover.at(np.array([0.0, shift]))) for shift in (230, 260, 300, 400)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.01 * sizes[0]


def test_that_a_template_is_resampled_around_its_spike():
    positions = contacts("tetrode").contact_positions
    template = real(positions, [0, 0, 20.0])
    faster = resampled(template, 40_000.0)
    assert faster.n_before == 60
    assert abs(faster.waveforms_uv[:, 0].argmin() - 60) <= 1
    np.testing.assert_allclose(faster.waveforms_uv[60], template.waveforms_uv[45], rtol=1e-5)
    both = same_window([template, faster])
    assert both[0].waveforms_uv.shape == both[1].waveforms_uv.shape
    assert both[0].n_before == both[1].n_before == 60


def library(folder, probe, n=6):
    from spikeinterface.core import Templates

    rng = np.random.default_rng(0)
    positions = probe.contact_positions
    low, high = positions.min(axis=0), positions.max(axis=0)
    made = [real(positions, [*rng.uniform(low, high), 20.0], 60 + 20 * i) for i in range(n)]
    Templates(
        np.stack([template.waveforms_uv for template in made]),
        RATE_HZ,
        45,
        probe=probe,
        is_in_uV=True,
    ).to_zarr(folder / "first.zarr")
    with (folder / "templates.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["dataset", "template_index", "amplitude_uv", "brain_area"])
        writer.writerows([["first.zarr", i, 60 + 20 * i, "CA1"] for i in range(n)])
    return made


def background(probe, n_samples=90_000, dtype=np.int16, gain=0.5, offset=0.0):
    from spikeinterface.core import NumpyRecording

    rng = np.random.default_rng(1)
    traces = rng.normal(0, 20, (n_samples, probe.get_contact_count()))
    if np.dtype(dtype).kind == "u":
        traces += 32768
    recording = NumpyRecording([traces.astype(dtype)], RATE_HZ)
    recording.set_probe(probe)
    if np.dtype(dtype).kind in "iu":
        recording.set_channel_gains(gain)
        recording.set_channel_offsets(offset)
    return recording


def hybrid(probe, recording, **wish):
    recipe = {
        "n_units": 3,
        "seed": 2,
        "motion": {"motions": []},
        "hybrid": {"recording": "given", **wish},
        "spikes": {"rates_hz": 10},
        "locations": {"minimum_distance_um": 5},
    }
    return resolve(read_recipe(recipe), Given(recording=recording))


@pytest.mark.parametrize("kind", ["linear", "columns", "tetrode"])
def test_that_templates_of_a_library_are_put_into_a_recording(kind, tmp_path):
    probe = contacts(kind)
    library(tmp_path, probe)
    recording = background(probe)
    before = recording.get_traces().copy()
    plan = hybrid(
        probe,
        recording,
        templates={"kind": "library", "folder": str(tmp_path)},
        scale_to="uv",
        scale_range={"range": [200, 300]},
    )
    assert plan.is_partial
    assert plan.n_samples == 90_000
    for report in plan.reports:
        assert 200 <= report.peak_uv <= 300.01
        assert report.snr == pytest.approx(report.peak_uv / 10, rel=0.1)
    made = make_chunk(plan, 0, plan.n_samples, drifting=True)
    assert made.dtype == np.int16
    np.testing.assert_array_equal(recording.get_traces(), before)
    changed = (made != before).any(axis=1)
    near = np.zeros(len(changed), bool)
    for sample in plan.spike_samples:
        near[max(0, sample - 45) : sample + 90] = True
    assert changed.any()
    assert not changed[~near].any()
    spike, unit = plan.spike_samples[5], plan.spike_units[5]
    report = plan.reports[unit]
    difference = (made[spike] - before[spike].astype(int))[report.peak_channel] * 0.5
    assert abs(difference) >= 0.9 * report.peak_uv


@pytest.mark.parametrize(
    ("dtype", "gain", "offset"), [(np.int16, 2.34, -1000.0), (np.uint16, 0.195, 0.0)]
)
def test_that_gain_and_offset_of_the_recording_are_handled(dtype, gain, offset):
    probe = contacts("tetrode")
    recording = background(probe, dtype=dtype, gain=gain, offset=offset)
    plan = hybrid(probe, recording, scale_to="uv", scale_range={"range": [150, 150]})
    made = make_chunk(plan, 0, plan.n_samples, drifting=False).astype(float) * plan.gain_uv
    stored = recording.get_traces().astype(float)
    expected = (stored - (32768 if dtype == np.uint16 else 0)) * gain + offset
    far = np.ones(len(made), bool)
    for sample in plan.spike_samples:
        far[max(0, sample - 45) : sample + 90] = False
    np.testing.assert_allclose(made[far], expected[far], atol=0.51 * gain)
    for report in plan.reports:
        assert report.peak_uv == pytest.approx(150, rel=1e-3)


def test_that_a_float_recording_stays_one():
    probe = contacts("tetrode")
    plan = hybrid(probe, background(probe, dtype=np.float32))
    assert make_chunk(plan, 0, 100, drifting=False).dtype == np.float32


def test_that_units_follow_the_motion_of_the_recording(tmp_path):
    from spikeinterface.core.motion import Motion

    probe = contacts("linear")
    library(tmp_path, probe)
    times = np.arange(0, 3, 0.2)
    moved = np.linspace(0, 30, len(times))
    Motion([moved[:, None]], [times], np.array([200.0])).save(tmp_path / "motion")
    plan = hybrid(
        probe,
        background(probe),
        templates={"kind": "library", "folder": str(tmp_path)},
        is_relocated=False,
        motion_path=str(tmp_path / "motion"),
    )
    last = plan.displacement.displacement_um(0)[-1]
    assert last == pytest.approx(30, abs=2.5)
    bank = plan.templates
    for unit in range(3):
        own = bank.steps[bank.unit_starts[unit] : bank.unit_starts[unit + 1]]
        assert own[0] == 0
        assert own[-1] >= 27


def test_that_relocated_units_keep_their_distance(tmp_path):
    probe = contacts("linear")
    library(tmp_path, probe)
    recipe = {
        "n_units": 6,
        "motion": {"motions": []},
        "hybrid": {
            "recording": "given",
            "templates": {"kind": "library", "folder": str(tmp_path)},
        },
        "locations": {"minimum_distance_um": 40},
    }
    for seed in range(5):
        plan = resolve(read_recipe({**recipe, "seed": seed}), Given(recording=background(probe)))
        depths = np.sort(plan.unit_locations_um[:, 1])
        assert np.diff(depths).min() >= 40
        assert depths[0] >= 0
        assert depths[-1] <= 460


def test_that_synthetic_units_may_be_put_in_by_signal_to_noise():
    probe = contacts("columns")
    plan = hybrid(probe, background(probe), scale_to="snr", scale_range={"range": [8, 12]})
    for report in plan.reports:
        assert 7.99 <= report.snr <= 12.01


def test_that_a_library_is_filtered_and_its_limits_are_told(tmp_path):
    probe = contacts("linear")
    library(tmp_path, probe)
    source = {"kind": "library", "folder": str(tmp_path)}
    plan = hybrid(
        probe, background(probe), templates={**source, "amplitude_uv": {"range": [100, 150]}}
    )
    assert plan.n_units == 3
    for bad in (
        {"amplitude_uv": {"range": [150, 200]}},
        {"brain_areas": ["VISp"]},
        {"min_snr": 3},
    ):
        with pytest.raises(RecipeError, match=r"hybrid.templates has \d templates"):
            hybrid(probe, background(probe), templates={**source, **bad})


def test_that_what_cannot_be_used_is_refused_in_a_sentence(tmp_path):
    from spikeinterface.core import NumpyRecording

    probe = contacts("tetrode")
    source = {"kind": "library", "folder": str(tmp_path)}
    with pytest.raises(RecipeError, match=r"templates\.csv"):
        hybrid(probe, background(probe), templates=source)
    with pytest.raises(RecipeError, match=r"hybrid\.templates\.path"):
        hybrid(probe, background(probe), templates={"kind": "export", "path": str(tmp_path)})
    bare = NumpyRecording([np.zeros((100, 4), np.float32)], RATE_HZ)
    with pytest.raises(RecipeError, match="has no probe"):
        hybrid(probe, bare)
    two = NumpyRecording([np.zeros((100, 4), np.float32)] * 2, RATE_HZ)
    with pytest.raises(RecipeError, match="one segment"):
        hybrid(probe, two)
    counts = NumpyRecording([np.zeros((100, 4), np.int16)], RATE_HZ)
    with pytest.raises(RecipeError, match="without a gain"):
        hybrid(probe, counts)


def test_that_real_noise_is_played_forth_and_back(tmp_path):
    probe = contacts("tetrode")
    background(probe, n_samples=3000).save(folder=tmp_path / "real", verbose=False)
    wish = {
        "duration_s": 1,
        "n_units": 2,
        "probe": {"kind": "tetrode"},
        "motion": {"motions": []},
        "spikes": {"rates_hz": 0.001},
        "noise": {"kind": "none", "real": {"path": str(tmp_path / "real")}},
        "output": {"dtype": "float32"},
        "locations": {"minimum_distance_um": 5},
    }
    plan = resolve(read_recipe(wish))
    traces = make_chunk(plan, 0, 9000, drifting=False)
    np.testing.assert_array_equal(traces[2999 : 2999 + 2999], traces[2999:0:-1])
    np.testing.assert_array_equal(traces[5998 : 5998 + 3000], traces[:3000])
    assert traces.std() == pytest.approx(10, rel=0.05)
