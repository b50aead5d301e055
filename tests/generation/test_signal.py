from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import make_background, make_motion, make_noise, make_plan

from gtview.generation.plan import PlanMotion
from gtview.generation.signal import SignalMaker, find_spike_entries, make_chunk
from gtview.generation.sources import RepeatedTraces

SILENT = make_noise(6, "none")


def real_traces(n=700):
    return RepeatedTraces(np.random.default_rng(9).normal(0, 30, (n, 6)).astype(np.float32))


PLANS = {
    "noise": make_plan(1, n_spikes=2),
    "spikes": make_plan(2),
    "floats": make_plan(3, dtype="float32"),
    "background": make_plan(4, background=make_background(4)),
    "real": make_plan(5, parent=real_traces()),
    "pink": make_plan(6, noise=make_noise(6, "pink")),
    "band": make_plan(7, noise=make_noise(6, "band", band_hz=(300.0, 3000.0))),
    "silent": make_plan(8, noise=SILENT),
}
MAKERS = {
    (name, drifting): SignalMaker(plan, drifting=drifting)
    for name, plan in PLANS.items()
    for drifting in (False, True)
}
WHOLE = {key: maker.make(0, maker.n_samples) for key, maker in MAKERS.items()}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(MAKERS)), st.data())
def test_that_any_chunk_is_a_part_of_the_whole(key, data):
    maker = MAKERS[key]
    start = data.draw(st.integers(0, maker.n_samples))
    stop = data.draw(st.integers(start, min(maker.n_samples, start + 1500)))
    chunk = maker.make(start, stop)
    assert chunk.dtype == maker.dtype
    np.testing.assert_array_equal(chunk, WHOLE[key][start:stop])


@pytest.mark.parametrize("n_chunk", [1, 255, 256, 257, 1000, 5000])
def test_that_the_length_of_chunks_does_not_matter(n_chunk):
    maker = MAKERS["background", True]
    n = 2000 if n_chunk == 1 else maker.n_samples
    chunks = [maker.make(i, min(i + n_chunk, n)) for i in range(0, n, n_chunk)]
    np.testing.assert_array_equal(np.concatenate(chunks), WHOLE["background", True][:n])


@pytest.mark.parametrize("order", [(False, True), (True, False)])
def test_that_it_does_not_matter_which_recording_is_made_first(order):
    for drifting in order:
        chunk = make_chunk(PLANS["spikes"], 100, 900, drifting=drifting)
        np.testing.assert_array_equal(chunk, WHOLE["spikes", drifting][100:900])


@pytest.mark.parametrize("name", list(PLANS))
def test_that_both_are_equal_where_nothing_moves(name):
    plan = PLANS[name]
    still = dataclasses.replace(
        plan.displacement, vectors_um=np.zeros_like(plan.displacement.vectors_um)
    )
    background = plan.background
    if background is not None:
        none = np.zeros_like(background.motion.vectors_um)
        motion = dataclasses.replace(background.motion, vectors_um=none)
        background = dataclasses.replace(background, motion=motion)
    plan = dataclasses.replace(plan, displacement=still, background=background)
    moved = SignalMaker(plan, drifting=True).make(0, plan.n_samples)
    np.testing.assert_array_equal(moved, WHOLE[name, False])


def test_that_both_have_the_same_noise():
    plan = make_plan(2, amplitude_factors=np.zeros(300, np.float32))
    noise = make_chunk(plan, 0, plan.n_samples, drifting=True)
    np.testing.assert_array_equal(noise, make_chunk(plan, 0, plan.n_samples, drifting=False))
    assert noise.std() * plan.gain_uv == pytest.approx(7, rel=0.05)
    assert (WHOLE["spikes", True] != WHOLE["spikes", False]).any()


def slow_displacement_um(motion, unit, sample, rate_hz):
    row = int(np.floor((sample / rate_hz - motion.start_s) * motion.sampling_hz))
    row = min(max(row, 0), len(motion.vectors_um) - 1)
    return float(np.sum(motion.vectors_um[row] * motion.unit_factors[unit]))


def slow_traces(plan, drifting):
    """Every spike's dense template, at the nearest step, added one after the other."""
    traces = np.zeros((plan.n_samples, plan.n_channels), np.float32)
    for injection in plan.injections:
        bank = injection.templates
        spikes = zip(
            injection.spike_samples,
            injection.spike_units,
            injection.amplitude_factors,
            strict=True,
        )
        for sample, unit, factor in spikes:
            moved = slow_displacement_um(injection.motion, unit, sample, plan.sample_rate_hz)
            step = round(moved / bank.step_um) if drifting else 0
            first = sample - bank.n_before
            begin, end = max(0, first), min(plan.n_samples, first + bank.n_samples)
            template = bank.dense(unit, step)[begin - first : end - first]
            traces[begin:end] += factor * template
    return traces


@pytest.mark.parametrize("drifting", [False, True])
def test_that_every_spike_is_injected_at_its_place(drifting):
    plan = make_plan(
        11, noise=SILENT, dtype="float32", background=make_background(11), n_samples=8000
    )
    made = make_chunk(plan, 0, plan.n_samples, drifting=drifting)
    np.testing.assert_allclose(made, slow_traces(plan, drifting), atol=1e-3)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.floats(-0.2, 0.2), st.floats(0.5, 200))
def test_that_the_place_of_a_spike_is_that_of_its_moment(seed, start_s, sampling_hz):
    rng = np.random.default_rng(seed)
    motion = make_motion(rng, 4, 1.5, n_motions=3, sampling_hz=sampling_hz)
    motion = dataclasses.replace(motion, start_s=start_s)
    plan = make_plan(seed, displacement=motion)
    entries = find_spike_entries(plan.injections[0], plan.sample_rate_hz, drifting=True)
    steps = plan.templates.steps[entries]
    for sample, unit, step in zip(plan.spike_samples, plan.spike_units, steps, strict=True):
        moved = slow_displacement_um(motion, unit, sample, plan.sample_rate_hz)
        assert abs(np.clip(moved, -3, 3) - step) <= 0.5 + 1e-5


def test_that_it_is_what_spikeinterface_injects():
    from spikeinterface.core import NumpySorting, Templates
    from spikeinterface.core.base import minimum_spike_dtype
    from spikeinterface.generation import DriftingTemplates, InjectDriftingTemplatesRecording

    plan = make_plan(21, noise=SILENT, dtype="float32")
    bank, motion = plan.templates, plan.displacement
    moved = np.array([[bank.dense(u, s) for u in range(4)] for s in range(-3, 4)])
    drifting = DriftingTemplates.from_precomputed_templates(
        moved,
        np.stack([np.zeros(7), np.arange(-3.0, 4.0)], axis=1),
        plan.sample_rate_hz,
        bank.n_before,
        plan.probe,
    )
    assert isinstance(drifting, Templates)
    spikes = np.zeros(len(plan.spike_samples), minimum_spike_dtype)
    spikes["sample_index"], spikes["unit_index"] = plan.spike_samples, plan.spike_units
    # SpikeInterface wants rows until the last sample; ours stays at the last one.
    n_rows = int(np.ceil(plan.duration_s * motion.sampling_hz)) + 1
    rows = np.minimum(np.arange(n_rows), len(motion.vectors_um) - 1)
    vectors = motion.vectors_um[rows][:, None, :] * np.array([0.0, 1.0])[None, :, None]
    theirs = InjectDriftingTemplatesRecording(
        sorting=NumpySorting(spikes, plan.sample_rate_hz, np.arange(4)),
        drifting_templates=drifting,
        displacement_vectors=[vectors],
        displacement_sampling_frequency=motion.sampling_hz,
        displacement_unit_factor=motion.unit_factors,
        num_samples=[plan.n_samples],
        amplitude_factor=plan.amplitude_factors,
    )
    made = make_chunk(plan, 0, plan.n_samples, drifting=True)
    np.testing.assert_allclose(made, theirs.get_traces(), atol=1e-3)


def test_that_real_traces_are_kept_under_noise_and_spikes():
    quiet = make_plan(5, parent=real_traces(), noise=SILENT, dtype="float32")
    spikes = dataclasses.replace(quiet, parent=None)
    noise = make_plan(5, dtype="float32", amplitude_factors=np.zeros(300, np.float32))
    whole = make_plan(5, parent=real_traces(), dtype="float32")
    added = sum(make_chunk(plan, 0, 9000, drifting=True) for plan in (spikes, noise))
    expected = added + real_traces().read_uv(0, 9000)
    np.testing.assert_allclose(make_chunk(whole, 0, 9000, drifting=True), expected, atol=1e-3)


class _ChangingTraces:
    """Like a lazy filter: the values depend a little on what is asked for around them."""

    def read_uv(self, start, stop):
        return real_traces().read_uv(start, stop) + np.float32(0.1 * (start % 7 + stop % 5))


def test_that_chunks_do_not_matter_where_the_real_recording_is_lazy():
    maker = SignalMaker(make_plan(5, parent=_ChangingTraces()), drifting=True)
    whole = maker.make(0, 9000)
    for start, stop in ((1, 900), (4000, 4200), (4096, 8192), (8191, 9000)):
        np.testing.assert_array_equal(maker.make(start, stop), whole[start:stop])


def test_that_integers_of_a_real_recording_come_back_exactly():
    stored = np.random.default_rng(0).integers(-32768, 32767, (9000, 6)).astype(np.int16)
    source = RepeatedTraces((stored * np.float32(2.34375)).astype(np.float32))
    plan = make_plan(
        0, parent=source, noise=SILENT, gain_uv=2.34375, amplitude_factors=np.zeros(300, "f4")
    )
    np.testing.assert_array_equal(make_chunk(plan, 0, 9000, drifting=True), stored)


def test_that_integers_are_the_rounded_microvolts():
    plan = PLANS["spikes"]
    exact = make_chunk(dataclasses.replace(plan, dtype="float32"), 0, 9000, drifting=True)
    error = WHOLE["spikes", True] * plan.gain_uv - exact
    assert np.abs(error).max() <= plan.gain_uv * 0.501
    assert abs(error.mean()) < 0.01 * plan.gain_uv


def test_that_memory_that_is_given_is_used():
    maker = MAKERS["spikes", True]
    out = np.zeros((500, 6), np.int16)
    assert maker.make(1000, 1500, out=out) is out
    np.testing.assert_array_equal(out, WHOLE["spikes", True][1000:1500])


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (10, 5), (0, 9001), (9001, 9001)])
def test_that_samples_outside_are_refused(start, stop):
    with pytest.raises(ValueError, match="are not in 0 to 9000"):
        MAKERS["noise", False].make(start, stop)


def test_that_a_plan_without_spikes_is_noise():
    plan = make_plan(1, n_spikes=2)
    empty = dataclasses.replace(
        plan,
        spike_samples=np.empty(0, np.int64),
        spike_units=np.empty(0, np.int32),
        amplitude_factors=np.empty(0, np.float32),
    )
    still = dataclasses.replace(plan, amplitude_factors=np.zeros(2, np.float32))
    for drifting in (False, True):
        made = make_chunk(empty, 0, 9000, drifting=drifting)
        np.testing.assert_array_equal(made, make_chunk(still, 0, 9000, drifting=drifting))


_CHECKSUM = """
import sys, zlib
sys.path.insert(0, "tests")
from small_plans import make_plan
from gtview.generation.signal import make_chunk
print(zlib.crc32(make_chunk(make_plan(2), 0, 9000, drifting=True)))
"""


@pytest.mark.parametrize("kind", ["Haswell", "Nehalem"])
def test_that_other_linear_algebra_gives_the_same_bytes(kind):
    done = subprocess.run(
        [sys.executable, "-c", _CHECKSUM],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"OPENBLAS_CORETYPE": kind},
        check=True,
        capture_output=True,
    )
    assert int(done.stdout) == zlib.crc32(WHOLE["spikes", True])


def test_that_motion_without_motions_is_none():
    motion = PlanMotion(
        5.0, np.zeros((1, 0), np.float32), np.zeros((4, 0), np.float32), np.eye(2)[1]
    )
    plan = make_plan(2, displacement=motion)
    np.testing.assert_array_equal(make_chunk(plan, 0, 9000, drifting=True), WHOLE["spikes", False])
